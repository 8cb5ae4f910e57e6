//! Counters that belong to a thread.
//!
//! A thread adds to cells of its own by a plain load and a plain store: no lock prefix, no cache line that moves
//! between processors. Whoever reads adds up the cells of all threads. The cells of a thread that ended go to the
//! next thread that starts and are never set back, so that every sum only grows and memory follows the largest
//! number of threads there ever was at once.

use std::cell::Cell;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use crate::reentry::MAKING_ROOM;

/// The cells of one series in one thread.
pub(crate) type Cells = [AtomicU64];

const FIRST_CHUNK: usize = 64;
const CHUNKS: usize = 11;

/// The number of series that a slab has room for: each chunk has twice the room of the one before.
pub(crate) const CAPACITY: usize = FIRST_CHUNK * ((1 << CHUNKS) - 1);

type Slot = OnceLock<Box<Cells>>;

/// All cells of one thread. It grows chunk by chunk and nothing in it ever moves, so that it can be read meanwhile.
#[derive(Debug)]
struct Slab {
    /// How many threads have owned it.
    leases: AtomicU32,
    chunks: [OnceLock<Box<[Slot]>>; CHUNKS],
}

impl Slab {
    const fn new() -> Self {
        Self { leases: AtomicU32::new(0), chunks: [const { OnceLock::new() }; CHUNKS] }
    }

    #[inline]
    fn get(&self, series: u32) -> Option<&Cells> {
        let (chunk, slot) = place(series);
        self.chunks.get(chunk)?.get()?.get(slot)?.get().map(|cells| &**cells)
    }

    /// The cells of a series, added where it has none; none beyond the capacity.
    fn touch(&self, series: u32, length: usize) -> Option<&Cells> {
        let (chunk, slot) = place(series);
        let slots = || (0..FIRST_CHUNK << chunk).map(|_| Slot::new()).collect();
        let cells = || (0..length).map(|_| AtomicU64::new(0)).collect();
        Some(self.chunks.get(chunk)?.get_or_init(slots).get(slot)?.get_or_init(cells))
    }
}

/// The chunk of a series and its slot in there.
#[inline]
fn place(series: u32) -> (usize, usize) {
    let at = series as usize + FIRST_CHUNK;
    let chunk = (at / FIRST_CHUNK).ilog2();
    (chunk as usize, at - (FIRST_CHUNK << chunk))
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
        slab.leases.fetch_add(1, Ordering::Relaxed);
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

/// Where the calling thread adds to a series.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Place {
    /// Cells that no other thread writes: add with [`add_owned`].
    Owned(&'static Cells),
    /// Cells that other threads write as well: add with [`add_shared`].
    Shared(&'static Cells),
}

/// The calling thread's cells of a series, if it has touched it.
#[inline]
pub(crate) fn owned(series: u32) -> Option<&'static Cells> {
    OWNED.try_with(Cell::get).ok().flatten()?.get(series)
}

/// Tells the calling thread apart from those that owned its cells before.
#[inline]
pub(crate) fn lease() -> u32 {
    OWNED.try_with(Cell::get).ok().flatten().map_or(0, |slab| slab.leases.load(Ordering::Relaxed))
}

/// The cells of a series for the calling thread, made at its first touch; none for a number beyond the capacity.
/// It allocates and takes a lock: only within [`MAKING_ROOM`](crate::reentry::MAKING_ROOM).
#[cold]
pub(crate) fn touch(series: u32, length: usize) -> Option<Place> {
    let leased = LEASE.try_with(|lease| {
        let _ = OWNED.try_with(|owned| owned.set(Some(lease.0)));
        lease.0
    });
    match leased {
        Ok(slab) => slab.touch(series, length).map(Place::Owned),
        Err(_) => SHARED.touch(series, length).map(Place::Shared),
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
    pub(crate) fn cells(&self, series: u32) -> impl Iterator<Item = &'static Cells> {
        self.0.iter().filter_map(move |slab| slab.get(series))
    }
}

#[cfg(test)]
mod tests {
    use super::super::registry::REGISTRY;
    use super::*;

    fn add_one(series: u32) {
        match owned(series).map(Place::Owned).or_else(|| touch(series, 1)) {
            Some(Place::Owned(cells)) => add_owned(&cells[0], 1),
            Some(Place::Shared(cells)) => add_shared(&cells[0], 1),
            None => panic!("series {series} has no place"),
        }
    }

    fn total(series: u32) -> u64 {
        Reader::new().cells(series).map(|cells| cells[0].load(Ordering::Relaxed)).sum()
    }

    #[test]
    fn every_series_has_a_place_of_its_own() {
        let mut expected = (0, 0);
        for series in 0..CAPACITY as u32 {
            assert_eq!(place(series), expected);
            expected.1 += 1;
            if expected.1 == FIRST_CHUNK << expected.0 {
                expected = (expected.0 + 1, 0);
            }
        }
        assert_eq!(expected, (CHUNKS, 0));
        assert!(Slab::new().touch(CAPACITY as u32, 1).is_none());
        assert!(Slab::new().touch(u32::MAX, 1).is_none());
        assert!(Slab::new().get(u32::MAX).is_none());
    }

    #[test]
    fn counts_survive_their_threads_and_slabs_are_reused() {
        let series = REGISTRY.number().expect("room for a series");
        for _ in 0..2_000 {
            std::thread::spawn(move || add_one(series)).join().expect("the thread ends well");
        }
        assert_eq!(total(series), 2_000);
        // Other tests hold slabs of their own meanwhile; without reuse there would be one for each thread above.
        assert!(Reader::new().cells(series).count() < 100);
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
        let shared = SHARED.get(series).map(|cells| cells[0].load(Ordering::Relaxed));
        assert!(shared.is_some_and(|shared| shared > 0), "no destructor ran after the lease's end");
    }
}
