//! A value that goes everywhere but into records.

use std::fmt;

use crate::field::{ToValue, Value};

/// What stands in place of a secret.
pub(crate) const REDACTED: &str = "[redacted]";

/// A value that no record shows: as a field, with `%` and with `?` it is `[redacted]`, and so it is wherever else its
/// `Display` or `Debug` is written.
///
/// ```
/// use tachograph::{Sensitive, timed};
///
/// #[timed(slow = "0", fields(user, card))]
/// fn pay(user: u64, card: &Sensitive<String>) -> usize {
///     card.expose().len()
/// }
///
/// let card = Sensitive::new("4111 1111 1111 1111".to_owned());
/// assert_eq!(pay(7, &card), 19);
/// assert_eq!(format!("{card} {card:?}"), "[redacted] [redacted]");
/// assert_eq!(card.into_inner(), "4111 1111 1111 1111");
/// ```
///
/// It keeps a value out of text, not out of memory: nothing is wiped when it drops.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Sensitive<T: ?Sized>(T);

impl<T> Sensitive<T> {
    /// Wraps a value.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value, no longer kept.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T: ?Sized> Sensitive<T> {
    /// The value, for those who need it.
    pub const fn expose(&self) -> &T {
        &self.0
    }
}

impl<T> From<T> for Sensitive<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl<T: ?Sized> fmt::Debug for Sensitive<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(REDACTED)
    }
}

impl<T: ?Sized> fmt::Display for Sensitive<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(REDACTED)
    }
}

impl<T: ?Sized> ToValue for Sensitive<T> {
    fn to_value(&self) -> Value {
        Value::Text(REDACTED.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A type that could not be written at all.
    struct Key;

    #[test]
    fn nothing_shows_a_sensitive_value() {
        let redacted = Value::Text(REDACTED.to_owned());
        let pin = Sensitive::from(1234);
        for value in [pin.to_value(), Value::display(&pin), Value::debug(&pin), Some(&pin).to_value()] {
            assert_eq!(value, redacted);
        }
        let (digits, of_any_length): (_, &Sensitive<[u8]>) = (pin, &Sensitive::new([1, 2]));
        assert_eq!(format!("{:?} {:#?}", Some(digits), Sensitive::new(Key)), "Some([redacted]) [redacted]");
        assert_eq!((of_any_length.to_value(), of_any_length.expose()), (redacted, &[1, 2][..]));
        assert_eq!(pin.into_inner(), 1234);
    }
}
