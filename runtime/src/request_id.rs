//! The name of a request, the same in every record that the request causes.

pub(crate) mod made;

use std::borrow::Cow;
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;

use crate::context;

/// A request's id: a UUIDv7 made here, or a text that came with the request.
///
/// ```
/// use tachograph::RequestId;
/// let id = RequestId::new();
/// assert_eq!(id.to_string().len(), 36);
/// assert_eq!(RequestId::parse("order-17").unwrap().to_string(), "order-17");
/// assert!(RequestId::parse("two\nlines").is_none());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RequestId(Repr);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Repr {
    /// The upper and the lower half: a `u128` would make all that has an id larger.
    Uuid([u64; 2]),
    Text(Arc<str>),
}

/// The longest text that is taken as a request id, in bytes.
pub const MAX_REQUEST_ID_LENGTH: usize = 128;

impl RequestId {
    /// A new UUIDv7 (RFC 9562, section 5.7): 48 bits of Unix milliseconds; 12 bits of the fraction of that millisecond, so that
    /// ids are in the order in which they were made, to a quarter of a microsecond, whichever thread made them (section 6.2,
    /// method 3); 62 random bits.
    #[expect(clippy::new_without_default, reason = "no two are equal, so none is the default")]
    #[inline]
    pub fn new() -> Self {
        Self(Repr::Uuid(made::uuid_v7()))
    }

    /// The id of the request that the running code belongs to. One that was made here is copied; nothing is allocated.
    ///
    /// ```
    /// use tachograph::RequestId;
    /// assert_eq!(RequestId::current(), None);
    /// let id = RequestId::new();
    /// tachograph::with_request_id(&id, || assert_eq!(RequestId::current(), Some(id.clone())));
    /// ```
    #[inline]
    pub fn current() -> Option<Self> {
        context::with_current(|context| context.request_id().cloned())
    }

    /// Takes a text that came from outside, if it is fit to stand in logs, headers and labels: one to 128 ASCII
    /// letters, digits and `-_.:/+=@`.
    pub fn parse(text: &str) -> Option<Self> {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:/+=@".contains(&byte);
        let valid = (1..=MAX_REQUEST_ID_LENGTH).contains(&text.len()) && text.bytes().all(fits);
        valid.then(|| Self(Repr::Text(text.into())))
    }
}

#[cfg(any(feature = "http", feature = "serde", feature = "workers"))]
impl RequestId {
    /// The number of one that was made here.
    pub(crate) const fn as_uuid(&self) -> Option<u128> {
        match self.0 {
            Repr::Uuid([high, low]) => Some((high as u128) << 64 | low as u128),
            Repr::Text(_) => None,
        }
    }

    /// Gives what `Display` shows to `reader`.
    #[cfg(feature = "http")]
    pub(crate) fn with_text<T>(&self, reader: impl FnOnce(&[u8]) -> T) -> T {
        match &self.0 {
            Repr::Text(text) => reader(text.as_bytes()),
            Repr::Uuid(uuid) => reader(&hyphenated(*uuid)),
        }
    }
}

#[cfg(feature = "telemetry")]
impl RequestId {
    /// Appends what `Display` shows, which needs no escape in any format.
    pub(crate) fn append_to(&self, out: &mut Vec<u8>) {
        match &self.0 {
            Repr::Text(text) => out.extend_from_slice(text.as_bytes()),
            Repr::Uuid(uuid) => out.extend_from_slice(&hyphenated(*uuid)),
        }
    }
}

/// The form of RFC 9562, section 4.
fn hyphenated([high, low]: [u64; 2]) -> [u8; 36] {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let mut text = [b'-'; 36];
    let mut at = 0;
    for byte in high.to_be_bytes().into_iter().chain(low.to_be_bytes()) {
        if matches!(at, 8 | 13 | 18 | 23) {
            at += 1;
        }
        text[at] = HEX[usize::from(byte >> 4)];
        text[at + 1] = HEX[usize::from(byte & 15)];
        at += 2;
    }
    text
}

impl fmt::Display for RequestId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::Text(text) => formatter.write_str(text),
            Repr::Uuid(uuid) => {
                let text = hyphenated(*uuid);
                formatter.write_str(str::from_utf8(&text).map_err(|_| fmt::Error)?)
            }
        }
    }
}

/// What can name a request: texts, request ids, and options of them.
///
/// ```
/// use tachograph::{RequestId, ToRequestId};
/// assert_eq!("order-17".to_request_id(), RequestId::parse("order-17"));
/// assert_eq!(Some("not valid").to_request_id(), None);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a request id",
    note = "a request id is a string, a `RequestId` or an `Option` of one: convert the value with `to_string()`"
)]
pub trait ToRequestId {
    /// The id; none where there is none, or where what there is does not fit.
    fn to_request_id(&self) -> Option<RequestId>;
}

macro_rules! texts {
    ($($type:ty),*) => {$(
        impl ToRequestId for $type {
            fn to_request_id(&self) -> Option<RequestId> {
                RequestId::parse(self)
            }
        }
    )*};
}

texts!(str, String, Cow<'_, str>, Box<str>, Arc<str>, Rc<str>);

impl<T: ToRequestId + ?Sized> ToRequestId for &T {
    fn to_request_id(&self) -> Option<RequestId> {
        (**self).to_request_id()
    }
}

impl<T: AsRef<str>> ToRequestId for Option<T> {
    fn to_request_id(&self) -> Option<RequestId> {
        RequestId::parse(self.as_ref()?.as_ref())
    }
}

impl ToRequestId for RequestId {
    fn to_request_id(&self) -> Option<RequestId> {
        Some(self.clone())
    }
}

impl ToRequestId for Option<RequestId> {
    fn to_request_id(&self) -> Option<RequestId> {
        self.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock;

    #[test]
    fn a_new_id_is_a_uuid_of_version_7_and_of_now() {
        let before = clock::unix_time().as_millis() as u64;
        let text = RequestId::new().to_string();
        let after = clock::unix_time().as_millis() as u64;
        let millis = u64::from_str_radix(&text.replace('-', "")[..12], 16).unwrap();
        assert!((before..=after).contains(&millis));
        assert_eq!(&text[14..15], "7");
        assert!("89ab".contains(&text[19..20]));
    }

    #[test]
    fn a_uuid_has_its_groups() {
        let uuid = [0x018e_4f2a_7c1b_7d3e, 0x9f00_5a6b_7c8d_9e0f];
        assert_eq!(RequestId(Repr::Uuid(uuid)).to_string(), "018e4f2a-7c1b-7d3e-9f00-5a6b7c8d9e0f");
    }

    #[test]
    fn ids_of_many_threads_differ() {
        let make = || (0..10_000).map(|_| RequestId::new()).collect::<Vec<_>>();
        let threads: Vec<_> = (0..4).map(|_| std::thread::spawn(make)).collect();
        let ids: Vec<_> = threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
        let distinct: std::collections::HashSet<_> = ids.iter().collect();
        assert_eq!(distinct.len(), ids.len());
    }

    #[test]
    fn hostile_ids_are_refused() {
        let long = "a".repeat(MAX_REQUEST_ID_LENGTH + 1);
        for hostile in ["", "a b", "a\"b", "a\\b", "a\nb", "a\u{7f}b", "ä", "a{b}", long.as_str()] {
            assert_eq!(RequestId::parse(hostile), None, "{hostile:?}");
        }
    }

    #[test]
    fn absent_and_invalid_options_give_no_id() {
        assert_eq!(None::<&str>.to_request_id(), None);
        assert_eq!(Some("a b").to_request_id(), None);
        assert_eq!(Some("a").to_request_id(), RequestId::parse("a"));
    }
}
