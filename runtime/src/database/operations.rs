//! The durations of operations, by name: found without a lock and without an allocation, once they were seen.

use std::sync::{Mutex, OnceLock, PoisonError};

use metrics::Histogram;

use super::error_type::ErrorType;
use super::keyword::{KEYWORDS, Keyword};
use super::series::PoolSeries;
use crate::measurement::REGISTRY;
use crate::names::{DB_ERROR_TYPES, DB_OPERATION_DURATION};

/// The name of all beyond the limit.
const OVERFLOW: &str = "__overflow__";
/// How many names of a program's own are kept apart in a pool.
const MAX_NAMES: usize = 1_000;
const CHAINS: usize = 256;

/// The handles of one operation of one pool.
#[derive(Debug)]
pub(super) struct Operation {
    name: &'static str,
    durations: [OnceLock<Histogram>; DB_ERROR_TYPES.len()],
}

impl Operation {
    const fn new(name: &'static str) -> Self {
        Self { name, durations: [const { OnceLock::new() }; DB_ERROR_TYPES.len()] }
    }

    pub(super) fn duration(&self, pool: &PoolSeries, end: ErrorType) -> &Histogram {
        self.durations[end as usize].get_or_init(|| {
            DB_OPERATION_DURATION.histogram([pool.system, pool.name, self.name, end.as_str()])
        })
    }
}

/// The operations of one pool. They are only ever added.
#[derive(Debug)]
pub(super) struct Operations {
    by_keyword: [OnceLock<Box<Operation>>; KEYWORDS.len()],
    /// Chains of those with names of the program, by the hash of the name.
    by_name: [Link; CHAINS],
    /// How many names there are. Only who adds one takes the lock.
    names: Mutex<usize>,
    overflow: Operation,
}

#[derive(Debug, Default)]
struct Link(OnceLock<Box<Named>>);

#[derive(Debug)]
struct Named {
    operation: Operation,
    next: Link,
}

impl Operations {
    pub(super) const fn new() -> Self {
        Self {
            by_keyword: [const { OnceLock::new() }; KEYWORDS.len()],
            by_name: [const { Link(OnceLock::new()) }; CHAINS],
            names: Mutex::new(0),
            overflow: Operation::new(OVERFLOW),
        }
    }

    pub(super) fn by_keyword(&self, keyword: Keyword) -> &Operation {
        self.by_keyword[keyword.index()].get_or_init(|| Box::new(Operation::new(keyword.as_str())))
    }

    pub(super) fn by_name(&self, name: &'static str) -> &Operation {
        let mut link = &self.by_name[chain_of(name)];
        loop {
            let Some(named) = link.0.get().map(Box::as_ref).or_else(|| self.add(link, name)) else {
                REGISTRY.refuse();
                return &self.overflow;
            };
            if named.operation.name == name {
                return &named.operation;
            }
            link = &named.next;
        }
    }

    /// Adds a name at the end of a chain, unless another thread was faster, with this name or another.
    #[cold]
    fn add<'a>(&self, end: &'a Link, name: &'static str) -> Option<&'a Named> {
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        if end.0.get().is_none() && *names < MAX_NAMES {
            *names += 1;
            return Some(
                end.0.get_or_init(|| {
                    Box::new(Named { operation: Operation::new(name), next: Link::default() })
                }),
            );
        }
        end.0.get().map(Box::as_ref)
    }
}

/// FNV-1a, which is short and good enough for a few names that no stranger chooses: <http://www.isthe.com/chongo/tech/comp/fnv/>
fn chain_of(name: &str) -> usize {
    let hash =
        name.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    hash as usize % CHAINS
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(number: usize) -> &'static str {
        format!("operation_{number}").leak()
    }

    #[test]
    fn a_name_is_one_operation_in_all_threads() {
        let operations = Operations::new();
        let names: Vec<_> = (0..MAX_NAMES).map(name).collect();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope
                    .spawn(|| names.iter().for_each(|name| assert_eq!(operations.by_name(name).name, *name)));
            }
        });
        assert_eq!(*operations.names.lock().unwrap(), MAX_NAMES);
        assert!(std::ptr::eq(operations.by_name(names[7]), operations.by_name(name(7))));
    }

    #[test]
    fn names_beyond_the_limit_are_one_and_each_is_counted() {
        let operations = Operations::new();
        for number in 0..MAX_NAMES {
            operations.by_name(name(number));
        }
        let refused = REGISTRY.refused();
        for number in 0..10 {
            assert_eq!(operations.by_name(name(MAX_NAMES + number)).name, OVERFLOW);
            assert_eq!(operations.by_name(name(number)).name, name(number));
        }
        assert!(REGISTRY.refused() >= refused + 10);
    }
}
