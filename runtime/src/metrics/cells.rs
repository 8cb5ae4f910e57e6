//! Counters that belong to a thread.
//!
//! A thread adds to cells of its own by a plain load and a plain store: no lock prefix, no cache line that moves
//! between processors. Whoever reads adds up the cells of all threads. The cells of a thread that ended go to the
//! next thread that starts and are never set back, so that every sum only grows and memory follows the largest
//! number of threads there ever was at once.

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::block::{Block, Line};
use super::leaked::Leaked;
use crate::reentry::MAKING_ROOM;

/// The blocks of 256 neighbouring series.
type Page = [Leaked<Block>; 1 << PAGE_BITS];

const PAGE_BITS: u32 = 8;
const PAGES: usize = 400;

/// The number of series that a slab has room for.
pub(crate) const CAPACITY: usize = PAGES << PAGE_BITS;

/// How many lines are made at once.
const LINES: usize = 64;

/// All cells of one thread. It grows block by block and line by line, and nothing in it ever moves or goes, so that it
/// can be read meanwhile.
#[derive(Debug)]
pub(crate) struct Slab {
    pages: [Leaked<Page>; PAGES],
    spare: Mutex<&'static [Line]>,
}

impl Slab {
    const fn new() -> Self {
        Self { pages: [const { Leaked::none() }; PAGES], spare: Mutex::new(&[]) }
    }

    /// The cells of a series, if it has any here.
    #[inline]
    pub(crate) fn get(&self, series: u32) -> Option<&'static Block> {
        let page = self.pages.get((series >> PAGE_BITS) as usize)?.get()?;
        page[slot(series)].get()
    }

    /// The same, made where there are none; none beyond the capacity.
    fn touch(&self, series: u32) -> Option<&'static Block> {
        // Several threads may come here at once for the shared slab.
        let _alone = self.spare.lock().unwrap_or_else(PoisonError::into_inner);
        let page = self.pages.get((series >> PAGE_BITS) as usize)?;
        let page = page.get().unwrap_or_else(|| {
            page.set(Box::leak(Box::new([const { Leaked::none() }; 1 << PAGE_BITS])));
            page.get().unwrap_or_else(|| unreachable!("it was set"))
        });
        let place = &page[slot(series)];
        Some(place.get().unwrap_or_else(|| {
            let block: &'static Block = Box::leak(Box::new(Block::new()));
            place.set(block);
            block
        }))
    }

    /// The counter of a group of buckets in a block of this slab, made where there is none.
    fn grow(&self, block: &'static Block, outcome: usize, bucket: usize) -> &'static AtomicU64 {
        let mut spare = self.spare.lock().unwrap_or_else(PoisonError::into_inner);
        block.add(outcome, bucket, || {
            if spare.is_empty() {
                *spare = Box::leak(Box::new(std::array::from_fn::<_, LINES, _>(|_| Line::new())));
            }
            let (line, rest) = spare.split_first().unwrap_or_else(|| unreachable!("it was filled"));
            *spare = rest;
            line
        })
    }
}

const fn slot(series: u32) -> usize {
    series as usize & ((1 << PAGE_BITS) - 1)
}

/// Every slab, and those that no thread owns at present.
struct Slabs {
    all: Vec<&'static Slab>,
    free: Vec<&'static Slab>,
}

static SLABS: Mutex<Slabs> = Mutex::new(Slabs { all: Vec::new(), free: Vec::new() });

/// For calls on a thread whose locals are gone: destructors of other locals, after its slab was given back.
static SHARED: Slab = Slab::new();

fn slabs() -> MutexGuard<'static, Slabs> {
    SLABS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A thread's right to its slab; its end gives the slab to the next thread.
struct Lease(&'static Slab);

impl Lease {
    fn new() -> Self {
        let mut slabs = slabs();
        let slab = slabs.free.pop().unwrap_or_else(|| {
            let slab: &'static Slab = Box::leak(Box::new(Slab::new()));
            slabs.all.push(slab);
            slab
        });
        Self(slab)
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let _ = OWNED.try_with(|owned| owned.set(None));
        // The lock hands all that this thread stored on to the thread that takes the slab.
        MAKING_ROOM.run(|| slabs().free.push(self.0));
    }
}

thread_local! {
    /// Needs neither initialisation nor destructor: to read it is one instruction.
    static OWNED: Cell<Option<&'static Slab>> = const { Cell::new(None) };
    static LEASE: Lease = Lease::new();
}

/// Where the calling thread counts the calls of a series.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) block: &'static Block,
    slab: &'static Slab,
}

/// The calling thread's cells of a series, if it has touched it.
#[inline]
pub(crate) fn owned(series: u32) -> Option<&'static Block> {
    OWNED.try_with(Cell::get).ok().flatten()?.get(series)
}

/// The same, made at the first touch; none for a number beyond the capacity. It allocates and takes a lock: only
/// within [`MAKING_ROOM`](crate::reentry::MAKING_ROOM).
#[cold]
pub(crate) fn touch(series: u32) -> Option<Place> {
    let leased = LEASE.try_with(|lease| {
        let _ = OWNED.try_with(|owned| owned.set(Some(lease.0)));
        lease.0
    });
    let slab = leased.unwrap_or(&SHARED);
    Some(Place { block: slab.touch(series)?, slab })
}

impl Place {
    /// The counter of a bucket, made at its first touch. It allocates and takes a lock: only within
    /// [`MAKING_ROOM`](crate::reentry::MAKING_ROOM).
    #[cold]
    pub(crate) fn counter(self, outcome: usize, bucket: usize) -> &'static AtomicU64 {
        self.slab.grow(self.block, outcome, bucket)
    }

    /// Whether other threads write these cells as well.
    pub(crate) fn is_shared(self) -> bool {
        std::ptr::eq(self.slab, &raw const SHARED)
    }
}

/// Adds to a cell of the calling thread.
#[inline]
pub(crate) fn add_owned(cell: &AtomicU64, amount: u64) {
    cell.store(cell.load(Ordering::Relaxed).wrapping_add(amount), Ordering::Relaxed);
}

/// Adds to a cell that several threads write.
pub(crate) fn add_shared(cell: &AtomicU64, amount: u64) {
    cell.fetch_add(amount, Ordering::Relaxed);
}

/// The cells of all threads, as they stand.
pub(crate) struct Reader(Vec<&'static Slab>);

impl Reader {
    pub(crate) fn new() -> Self {
        let all = MAKING_ROOM.run(|| {
            let mut all = slabs().all.clone();
            all.push(&SHARED);
            all
        });
        // Nobody reads while this thread makes room: that runs no code but the allocator's.
        Self(all.unwrap_or_default())
    }

    /// The cells of a series, those of each thread that touched it.
    pub(crate) fn blocks(&self, series: u32) -> impl Iterator<Item = &'static Block> {
        self.0.iter().filter_map(move |slab| slab.get(series))
    }
}

#[cfg(test)]
mod tests {
    use super::super::registry::REGISTRY;
    use super::*;

    fn add_one(series: u32) {
        match owned(series) {
            Some(block) => add_owned(&block.sum, 1),
            None => {
                let place = touch(series).expect("a place");
                let add = if place.is_shared() { add_shared } else { add_owned };
                add(&place.block.sum, 1);
            }
        }
    }

    fn total(series: u32) -> u64 {
        Reader::new().blocks(series).map(|block| block.sum.load(Ordering::Relaxed)).sum()
    }

    #[test]
    fn every_series_has_a_place_of_its_own() {
        let slab: &'static Slab = Box::leak(Box::new(Slab::new()));
        let series = (0..CAPACITY as u32).step_by(97).chain([CAPACITY as u32 - 1]);
        for series in series.clone() {
            slab.touch(series).expect("room").sum.store(u64::from(series), Ordering::Relaxed);
        }
        for series in series {
            let kept = slab.get(series).map(|block| block.sum.load(Ordering::Relaxed));
            assert_eq!(kept, Some(u64::from(series)));
        }
        assert!(slab.get(1).is_none());
        assert!(slab.touch(CAPACITY as u32).is_none() && slab.touch(u32::MAX).is_none());
        assert!(slab.get(u32::MAX).is_none());
    }

    #[test]
    fn counts_survive_their_threads_and_slabs_are_reused() {
        let series = REGISTRY.number().expect("room for a series");
        for _ in 0..2_000 {
            std::thread::spawn(move || add_one(series)).join().expect("the thread ends well");
        }
        assert_eq!(total(series), 2_000);
        // Other tests hold slabs of their own meanwhile; without reuse there would be one for each thread above.
        assert!(Reader::new().blocks(series).count() < 100);
    }

    #[test]
    fn a_slab_is_read_while_it_grows() {
        let all: Vec<u32> = (0..3_000).map(|_| REGISTRY.number().expect("room for a series")).collect();
        let sum = |all: &[u32]| all.iter().map(|&series| total(series)).sum::<u64>();
        std::thread::scope(|scope| {
            let writer = scope.spawn(|| all.iter().for_each(|&series| add_one(series)));
            let mut last = 0;
            while !writer.is_finished() {
                let now = sum(&all);
                assert!(now >= last, "{now} after {last}");
                last = now;
            }
        });
        assert_eq!(sum(&all), 3_000);
    }

    #[test]
    fn a_thread_without_locals_adds_to_shared_cells() {
        struct Late(u32);
        impl Drop for Late {
            fn drop(&mut self) {
                // Twice, in whatever order the destructors run: before the lease's end, and after.
                add_one(self.0);
            }
        }
        thread_local! {
            static FIRST: Cell<Option<Late>> = const { Cell::new(None) };
            static LAST: Cell<Option<Late>> = const { Cell::new(None) };
        }
        let series = REGISTRY.number().expect("room for a series");
        let thread = std::thread::spawn(move || {
            FIRST.set(Some(Late(series)));
            add_one(series);
            LAST.set(Some(Late(series)));
        });
        thread.join().expect("the thread ends well");
        assert_eq!(total(series), 3);
        let shared = SHARED.get(series).map(|block| block.sum.load(Ordering::Relaxed));
        assert!(shared.is_some_and(|shared| shared > 0), "no destructor ran after the lease's end");
    }
}
