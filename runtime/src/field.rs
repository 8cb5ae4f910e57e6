//! Named values that a call or a request carries into its records.

use std::borrow::Cow;
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

/// A value as it will stand in a record, kept typed until it is encoded.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// Nothing, written as `null`.
    Null,
    /// A truth value.
    Bool(bool),
    /// A signed integer.
    Signed(i64),
    /// An unsigned integer.
    Unsigned(u64),
    /// A floating-point number; one that is not finite is written as a string.
    Float(f64),
    /// A text.
    Text(String),
}

impl Value {
    /// The text that `Display` gives.
    pub fn display(value: &(impl fmt::Display + ?Sized)) -> Self {
        Self::Text(value.to_string())
    }

    /// The text that `Debug` gives.
    pub fn debug(value: &(impl fmt::Debug + ?Sized)) -> Self {
        Self::Text(format!("{value:?}"))
    }
}

/// What can be a field without `%` (its `Display`) or `?` (its `Debug`) before it.
///
/// ```
/// use tachograph::{ToValue, Value};
/// assert_eq!(7_u32.to_value(), Value::Unsigned(7));
/// assert_eq!(Some("eu").to_value(), Value::Text("eu".into()));
/// assert_eq!(None::<u8>.to_value(), Value::Null);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a field as it is",
    note = "put `%` before the expression to record its `Display`, or `?` to record its `Debug`"
)]
pub trait ToValue {
    /// The value to record.
    fn to_value(&self) -> Value;
}

macro_rules! to_value {
    ($($type:ty => |$value:ident| $converted:expr;)*) => {$(
        impl ToValue for $type {
            fn to_value(&self) -> Value {
                let $value = self;
                $converted
            }
        }
    )*};
}

to_value! {
    bool => |value| Value::Bool(*value);
    i8 => |value| Value::Signed((*value).into());
    i16 => |value| Value::Signed((*value).into());
    i32 => |value| Value::Signed((*value).into());
    i64 => |value| Value::Signed(*value);
    isize => |value| Value::Signed(*value as i64);
    u8 => |value| Value::Unsigned((*value).into());
    u16 => |value| Value::Unsigned((*value).into());
    u32 => |value| Value::Unsigned((*value).into());
    u64 => |value| Value::Unsigned(*value);
    usize => |value| Value::Unsigned(*value as u64);
    i128 => |value| i64::try_from(*value).map_or_else(|_| Value::display(value), Value::Signed);
    u128 => |value| u64::try_from(*value).map_or_else(|_| Value::display(value), Value::Unsigned);
    f32 => |value| Value::Float((*value).into());
    f64 => |value| Value::Float(*value);
    char => |value| Value::display(value);
    str => |value| Value::Text(value.into());
    String => |value| Value::Text(value.clone());
    Cow<'_, str> => |value| Value::Text(value.to_string());
    Duration => |value| Value::Float(value.as_secs_f64());
    () => |_value| Value::Null;
    Value => |value| value.clone();
}

macro_rules! to_value_through {
    ($($type:ty),*) => {$(
        impl<T: ToValue + ?Sized> ToValue for $type {
            fn to_value(&self) -> Value {
                (**self).to_value()
            }
        }
    )*};
}

to_value_through!(&T, &mut T, Box<T>, Rc<T>, Arc<T>);

impl<T: ToValue> ToValue for Option<T> {
    fn to_value(&self) -> Value {
        self.as_ref().map_or(Value::Null, ToValue::to_value)
    }
}

/// Named values in the order they were given; a name given twice keeps its last value.
///
/// ```
/// let mut fields = tachograph::Fields::new();
/// fields.add("file_size", 104_857_600_u64).add("url", "https://example.com/file.zip");
/// assert_eq!(fields.iter().count(), 2);
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fields(Vec<(Cow<'static, str>, Value)>);

impl Fields {
    /// No field yet; allocates nothing.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Adds a field, or replaces the one of the same name.
    pub fn add(&mut self, name: impl Into<Cow<'static, str>>, value: impl ToValue) -> &mut Self {
        let (name, value) = (name.into(), value.to_value());
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some((_, old)) => *old = value,
            None => self.0.push((name, value)),
        }
        self
    }

    /// The names and values, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_ref(), value))
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<N: Into<Cow<'static, str>>, V: ToValue, const LEN: usize> From<[(N, V); LEN]> for Fields {
    fn from(pairs: [(N, V); LEN]) -> Self {
        let mut fields = Self::new();
        for (name, value) in pairs {
            fields.add(name, value);
        }
        fields
    }
}
