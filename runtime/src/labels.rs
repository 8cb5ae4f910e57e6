//! Labels whose values are known at run time only: a call site with such labels has a child for each set of values.
//!
//! Children are only ever added, and a set that is known is found without a lock, an allocation or a write.

use std::fmt::{self, Display, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use crate::call_site::CallSite;
use crate::measurement::REGISTRY;
use crate::reentry::MAKING_ROOM;

/// The value of every label of the child that stands for all sets beyond the limit.
const OVERFLOW: &str = "__overflow__";

impl CallSite {
    /// The call site for these values of the labels that [`CallSite::labelled_by`] announced. Beyond `max_series` sets,
    /// as the first call has it, it is the one whose values are `__overflow__`; each such call is counted.
    #[inline]
    pub fn labelled<V: Display, const LEN: usize>(
        &'static self,
        max_series: usize,
        labels: [(&'static str, V); LEN],
    ) -> &'static CallSite {
        let mut key = Key::default();
        for (name, value) in &labels {
            key.push(name, value);
        }
        self.child(max_series, &key)
    }

    fn child(&'static self, max_series: usize, key: &Key) -> &'static CallSite {
        if let Some(children) = self.children().get() {
            if let Some(child) = children.find(key) {
                return child;
            }
            if let Some(overflow) = children.overflow_if_full() {
                REGISTRY.refuse();
                return overflow;
            }
        }
        let made = MAKING_ROOM.run(|| Children::of(self, max_series).add(self, key));
        // An annotated allocator while room is made: the call goes uncounted but for this.
        made.unwrap_or_else(|| {
            REGISTRY.refuse();
            self
        })
    }
}

/// The children of one call site.
#[derive(Debug)]
pub(crate) struct Children {
    /// Chains of children, by their hash.
    slots: Box<[Slot]>,
    max_series: usize,
    /// How many there are, without the one for the overflow.
    made: Mutex<usize>,
    is_full: AtomicBool,
    overflow: &'static Child,
}

type Slot = OnceLock<&'static Child>;

#[derive(Debug)]
struct Child {
    /// What its labels have beyond those of the parent.
    key: &'static [u8],
    site: CallSite,
    next: Slot,
}

impl Child {
    fn new(parent: &CallSite, key: &Key) -> &'static Self {
        let labels = [parent.labels().as_bytes(), key.bytes()].concat();
        // Both halves were written as text.
        let labels: &'static str = String::from_utf8_lossy(&labels).into_owned().leak();
        let key = &labels.as_bytes()[parent.labels().len()..];
        Box::leak(Box::new(Self { key, site: parent.child_of(labels), next: Slot::new() }))
    }
}

impl Children {
    /// Those of a call site; its first call makes room for them.
    #[cold]
    fn of(parent: &'static CallSite, max_series: usize) -> &'static Self {
        static MAKING: Mutex<()> = Mutex::new(());
        let _making = MAKING.lock().unwrap_or_else(PoisonError::into_inner);
        parent.children().get().unwrap_or_else(|| {
            let children = Box::leak(Box::new(Self::new(parent, max_series)));
            parent.children().set(children);
            children
        })
    }

    fn new(parent: &'static CallSite, max_series: usize) -> Self {
        let slots = max_series.clamp(16, 4096).next_power_of_two();
        let mut key = Key::default();
        parent.label_names().iter().for_each(|name| key.push(name, &OVERFLOW));
        Self {
            slots: (0..slots).map(|_| Slot::new()).collect(),
            max_series,
            made: Mutex::new(0),
            is_full: AtomicBool::new(false),
            overflow: Child::new(parent, &key),
        }
    }

    fn find(&self, key: &Key) -> Option<&'static CallSite> {
        let mut slot = self.slot(key)?;
        while let Some(child) = slot.get() {
            if child.key == key.bytes() {
                return Some(&child.site);
            }
            slot = &child.next;
        }
        None
    }

    fn slot(&self, key: &Key) -> Option<&Slot> {
        self.slots.get(key.hash() as usize & (self.slots.len() - 1))
    }

    fn overflow_if_full(&self) -> Option<&'static CallSite> {
        self.is_full.load(Ordering::Acquire).then_some(&self.overflow.site)
    }

    /// The child for a set of values that was not found. It allocates and takes a lock.
    #[cold]
    fn add(&self, parent: &'static CallSite, key: &Key) -> &'static CallSite {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(child) = self.find(key) {
            return child;
        }
        if key.bytes() == self.overflow.key {
            REGISTRY.register(&self.overflow.site);
            return &self.overflow.site;
        }
        if *made < self.max_series {
            let child = Child::new(parent, key);
            if REGISTRY.register(&child.site) {
                self.append(key, child);
                *made += 1;
                return &child.site;
            }
        } else {
            REGISTRY.refuse();
        }
        REGISTRY.register(&self.overflow.site);
        self.is_full.store(true, Ordering::Release);
        &self.overflow.site
    }

    fn append(&self, key: &Key, child: &'static Child) {
        let mut slot = self.slot(key);
        while let Some(taken) = slot {
            slot = taken.set(child).err().and_then(|_| taken.get()).map(|before| &before.next);
        }
    }
}

/// Labels as they stand on the page, each after a comma. Short ones need no allocation.
#[derive(Debug)]
struct Key {
    short: [u8; Self::SHORT],
    length: usize,
    long: String,
}

impl Default for Key {
    fn default() -> Self {
        Self { short: [0; Self::SHORT], length: 0, long: String::new() }
    }
}

impl Key {
    const SHORT: usize = 128;

    fn push(&mut self, name: &str, value: &impl Display) {
        for part in [",", name, "=\""] {
            self.write(part);
        }
        // A `Display` that fails has written what it could; ours does not fail.
        let _ = write!(Escaping(self), "{value}");
        self.write("\"");
    }

    fn write(&mut self, text: &str) {
        let end = self.length + text.len();
        match self.short.get_mut(self.length..end) {
            Some(room) if self.long.is_empty() => {
                room.copy_from_slice(text.as_bytes());
                self.length = end;
            }
            _ => self.write_long(text),
        }
    }

    #[cold]
    fn write_long(&mut self, text: &str) {
        if self.long.is_empty() {
            self.long.push_str(&String::from_utf8_lossy(&self.short[..self.length]));
        }
        self.long.push_str(text);
    }

    fn bytes(&self) -> &[u8] {
        if self.long.is_empty() { &self.short[..self.length] } else { self.long.as_bytes() }
    }

    /// Spreads keys over slots. How well matters little: a chain is never longer than the limit on series.
    fn hash(&self) -> u64 {
        let mix = |hash: u64, word: u64| (hash ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(29);
        let (words, rest) = self.bytes().as_chunks::<8>();
        let hash = words.iter().fold(0, |hash, word| mix(hash, u64::from_le_bytes(*word)));
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        let hash = mix(hash, u64::from_le_bytes(last));
        hash ^ hash >> 32
    }
}

/// Escapes a value for the page.
struct Escaping<'a>(&'a mut Key);

impl Write for Escaping<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut rest = text;
        while let Some(at) = rest.bytes().position(|byte| matches!(byte, b'\\' | b'"' | b'\n')) {
            let (plain, special) = rest.split_at(at);
            self.0.write(plain);
            self.0.write(match special.as_bytes()[0] {
                b'\\' => "\\\\",
                b'"' => "\\\"",
                _ => "\\n",
            });
            rest = &special[1..];
        }
        self.0.write(rest);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measurement::functions;
    use crate::outcome::Outcome;

    /// Every child of the function with the value of its label and the number of its calls.
    fn children(function: &str, label: &str) -> Vec<(String, u64)> {
        let of_function = functions().into_iter().filter(|stats| stats.function() == function);
        of_function.map(|stats| (stats.label(label).unwrap_or_default(), stats.count())).collect()
    }

    fn call(site: &'static CallSite, kind: &str) {
        site.labelled(3, [("kind", kind)]).start().finish(Outcome::Ok);
    }

    #[test]
    fn each_set_of_values_is_a_series_and_the_parent_is_none() {
        static SITE: CallSite = CallSite::function("function=\"by_kind\"", 1).labelled_by(&["kind"]);
        for kind in ["zip", "tar", "zip", "a\"b\\c\nd"] {
            call(&SITE, kind);
        }
        let expected = [("a\"b\\c\nd", 1), ("tar", 1), ("zip", 2)];
        assert_eq!(children("by_kind", "kind"), expected.map(|(kind, calls)| (kind.to_owned(), calls)));
        let site = SITE.labelled(3, [("kind", "a\"b\\c\nd")]);
        assert_eq!(site.labels(), "function=\"by_kind\",kind=\"a\\\"b\\\\c\\nd\"");
    }

    #[test]
    fn sets_beyond_the_limit_fold_into_one_and_each_call_is_counted() {
        static SITE: CallSite = CallSite::function("function=\"crowded\"", 1).labelled_by(&["kind"]);
        call(&SITE, OVERFLOW);
        let refused = REGISTRY.refused();
        (0..10).for_each(|kind| call(&SITE, &kind.to_string()));
        (0..10).for_each(|kind| call(&SITE, &kind.to_string()));
        assert!(REGISTRY.refused() >= refused + 14);
        let expected = [("0", 2), ("1", 2), ("2", 2), (OVERFLOW, 15)];
        assert_eq!(children("crowded", "kind"), expected.map(|(kind, calls)| (kind.to_owned(), calls)));
    }

    #[test]
    fn a_child_has_the_settings_of_its_parent() {
        static SITE: CallSite = CallSite::future("function=\"inheriting\"", 7)
            .labelled_by(&["a", "b"])
            .in_flight()
            .buckets(&[1, 2]);
        let child = SITE.labelled(1, [("a", 1), ("b", 2)]);
        assert_eq!((child.line(), child.is_async(), child.own_buckets()), (7, true, Some(&[1, 2][..])));
        assert!(child.has_gauge() && !child.is_labelled());
        let overflow = SITE.labelled(1, [("a", 3), ("b", 4)]);
        assert_eq!(overflow.labels(), "function=\"inheriting\",a=\"__overflow__\",b=\"__overflow__\"");
    }

    #[test]
    fn a_value_of_any_length_is_a_key() {
        static SITE: CallSite = CallSite::function("function=\"long\"", 1).labelled_by(&["kind"]);
        for length in 0..300 {
            let (kind, shifted) = ("x".repeat(length), "é".repeat(length));
            for value in [&kind, &shifted] {
                let site = SITE.labelled(1_000, [("kind", value)]);
                assert_eq!(site.labels(), format!("function=\"long\",kind=\"{value}\""));
                assert!(std::ptr::eq(site, SITE.labelled(1_000, [("kind", value)])));
            }
        }
    }

    #[test]
    fn threads_that_ask_at_once_get_one_child_and_no_more_than_the_limit() {
        static SITE: CallSite = CallSite::function("function=\"asked_at_once\"", 1).labelled_by(&["kind"]);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for call in 0..4_000 {
                        SITE.labelled(50, [("kind", call % 100)]).start().finish(Outcome::Ok);
                    }
                });
            }
        });
        let children = children("asked_at_once", "kind");
        assert_eq!(children.len(), 51);
        assert_eq!(children.iter().map(|(_, calls)| calls).sum::<u64>(), 16_000);
        let kept = children.iter().filter(|(kind, _)| kind != OVERFLOW);
        kept.for_each(|(kind, calls)| assert_eq!(*calls, 160, "{kind}"));
    }
}
