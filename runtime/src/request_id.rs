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

/// Its tag is a whole word: ids are moved right after they were made, and a processor waits where bytes that were stored
/// apart are loaded together.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[repr(u64)]
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

    /// A new one, at a moment that was just read.
    #[cfg(feature = "http")]
    pub(crate) fn at(ticks: u64) -> Self {
        Self(Repr::Uuid(made::uuid_v7_at(ticks)))
    }
}

#[cfg(any(feature = "http", feature = "telemetry"))]
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
    let [a, b, c, d] = [high >> 32, high, low >> 32, low].map(|half| digits(half as u32));
    let mut text = [b'-'; 36];
    text[..8].copy_from_slice(&a);
    text[9..13].copy_from_slice(&b[..4]);
    text[14..18].copy_from_slice(&b[4..]);
    text[19..23].copy_from_slice(&c[..4]);
    text[24..28].copy_from_slice(&c[4..]);
    text[28..].copy_from_slice(&d);
    text
}

/// Eight hexadecimal digits, all at once: each has a byte of a word.
const fn digits(number: u32) -> [u8; 8] {
    const EACH: u64 = 0x0101_0101_0101_0101;
    let mut apart = number as u64;
    apart = (apart | apart << 16) & 0x0000_ffff_0000_ffff;
    apart = (apart | apart << 8) & 0x00ff_00ff_00ff_00ff;
    apart = (apart | apart << 4) & 0x0f0f_0f0f_0f0f_0f0f;
    let is_letter = (apart + 6 * EACH) >> 4 & EACH;
    (apart + b'0' as u64 * EACH + is_letter * (b'a' - b'0' - 10) as u64).to_be_bytes()
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

    // Contexts are swapped with every poll.
    const _: () = assert!(size_of::<Option<RequestId>>() == 24);

    #[test]
    fn every_digit_is_written_in_every_place() {
        for digit in 0..16_u32 {
            for place in 0..8 {
                let number = digit << (4 * place) | 0x1000_0000;
                assert_eq!(digits(number), *format!("{number:08x}").as_bytes());
            }
        }
        for number in [0, u32::MAX, 0x0123_4567, 0x89ab_cdef, 0x9a9a_9a9a] {
            assert_eq!(digits(number), *format!("{number:08x}").as_bytes());
        }
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
