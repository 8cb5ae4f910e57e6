//! The names of fields: encoded once, and told apart by a number.

use std::borrow::Cow;

use super::escape::escape;
use super::redact::is_secret;

/// A field's name as it stands in a record, with what is to be known of it before its value is written.
#[derive(Clone, Debug)]
pub(crate) struct Name<'a> {
    /// `,"name":`
    encoded: Cow<'a, [u8]>,
    hash: u64,
    is_secret: bool,
    is_error: bool,
}

/// The longest name, in bytes: a longer one is cut.
const MAX_NAME_BYTES: usize = 4 * 1024;

impl Name<'static> {
    /// A name of this crate's own, `,"name":`, which is no secret.
    pub(super) const fn fixed(encoded: &'static [u8]) -> Self {
        Self { encoded: Cow::Borrowed(encoded), hash: hash(encoded), is_secret: false, is_error: false }
    }

    pub(super) fn of(text: &str) -> Self {
        let mut encoded = Vec::new();
        let Name { hash, is_secret, is_error, .. } = Name::within(text, &mut encoded);
        Self { encoded: Cow::Owned(encoded), hash, is_secret, is_error }
    }
}

impl<'a> Name<'a> {
    /// The same in a buffer that is there already.
    pub(super) fn within(text: &str, buffer: &'a mut Vec<u8>) -> Self {
        buffer.clear();
        buffer.extend_from_slice(b",\"");
        escape(buffer, text, MAX_NAME_BYTES);
        buffer.extend_from_slice(b"\":");
        let encoded = Cow::Borrowed(buffer.as_slice());
        Self { hash: hash(&encoded), encoded, is_secret: is_secret(text), is_error: text == "error" }
    }

    pub(super) fn encoded(&self) -> &[u8] {
        &self.encoded
    }

    pub(super) const fn hash(&self) -> u64 {
        self.hash
    }

    /// Whether its value is never to be written.
    pub(super) const fn is_secret(&self) -> bool {
        self.is_secret
    }

    /// Whether it is `error`, which some formats have a key for.
    pub(super) const fn is_error(&self) -> bool {
        self.is_error
    }
}

/// Which names there are, by their hashes: what is not in it is not there, what is in it may be.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    mask: u64,
    hashes: Vec<u64>,
}

impl Names {
    pub(super) fn add(&mut self, hash: u64) {
        self.mask |= bit(hash);
        self.hashes.push(hash);
    }

    pub(super) fn extend(&mut self, others: &Self) {
        self.mask |= others.mask;
        self.hashes.extend_from_slice(&others.hashes);
    }

    pub(super) fn may_have(&self, hash: u64) -> bool {
        self.mask & bit(hash) != 0 && self.hashes.contains(&hash)
    }

    /// Whether some name may be in both.
    pub(super) fn may_share(&self, others: &Self) -> bool {
        self.mask & others.mask != 0 && others.hashes.iter().any(|hash| self.may_have(*hash))
    }

    pub(super) fn clear(&mut self) {
        self.mask = 0;
        self.hashes.clear();
    }

    pub(super) fn shrink_to(&mut self, bytes: usize) {
        self.hashes.shrink_to(bytes / size_of::<u64>());
    }
}

const fn bit(hash: u64) -> u64 {
    1 << (hash >> 58)
}

/// FNV-1a (<http://www.isthe.com/chongo/tech/comp/fnv/>), its high bits mixed. Equal hashes are looked into, so that names
/// made up to collide gain nothing.
const fn hash(bytes: &[u8]) -> u64 {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    let mut at = 0;
    while at < bytes.len() {
        hash = (hash ^ bytes[at] as u64).wrapping_mul(0x0100_0000_01b3);
        at += 1;
    }
    (hash ^ (hash >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_encoded_and_hashed_alike_however_it_is_made() {
        let (fixed, owned) = (Name::fixed(b",\"operation\":"), Name::of("operation"));
        let mut buffer = b"left over".to_vec();
        let within = Name::within("operation", &mut buffer);
        assert_eq!((fixed.encoded(), fixed.hash()), (owned.encoded(), owned.hash()));
        assert_eq!((within.encoded(), within.hash()), (owned.encoded(), owned.hash()));
        assert_eq!(Name::of("a\"\n").encoded(), br#","a\"\n":"#);
        assert!(Name::of("password").is_secret() && !owned.is_secret());
    }

    #[test]
    fn names_that_are_not_there_are_never_shared() {
        let names = |texts: &[&str]| {
            let mut names = Names::default();
            texts.iter().for_each(|text| names.add(Name::of(text).hash()));
            names
        };
        let ours = names(&["user", "shop", "path"]);
        assert!(ours.may_share(&names(&["other", "shop"])));
        for number in 0..1_000 {
            assert!(!ours.may_share(&names(&[&format!("field{number}")])));
        }
    }
}
