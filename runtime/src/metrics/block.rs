//! The cells of one series in one thread: sums, and the counts of those buckets that were ever hit.
//!
//! A histogram has hundreds of buckets, and a function hits those of three or four octaves. Counts are therefore kept in
//! lines of eight neighbouring buckets, a cache line each, made at their first touch.

use super::atomic::{AtomicU16, AtomicU64, Ordering};
use super::leaked::Leaked;
use super::recent::{Counters, Recent, USUAL_ROOM};

/// Counts of neighbouring buckets.
#[derive(Debug)]
#[repr(align(64))]
pub(crate) struct Line([AtomicU64; Line::BUCKETS]);

impl Line {
    pub(crate) const BUCKETS: usize = 8;

    pub(crate) fn new() -> Self {
        Self(std::array::from_fn(|_| AtomicU64::new(0)))
    }
}

/// The number of outcomes that are told apart.
pub(crate) const OUTCOMES: usize = 4;

/// A line's name in a block: its outcome and its group of buckets, and never 0.
type Key = u16;

/// More groups than any histogram has.
const GROUPS: usize = 133;

const fn key(outcome: usize, bucket: usize) -> Key {
    (outcome * GROUPS + bucket / Line::BUCKETS) as Key + 1
}

/// The most buckets that a histogram may have.
pub(crate) const MAX_BUCKETS: usize = GROUPS * Line::BUCKETS;

#[derive(Debug)]
#[repr(C, align(64))]
pub(crate) struct Block<const ROOM: usize = USUAL_ROOM> {
    /// Ticks, or the bits of an `f64`.
    pub(crate) sum: AtomicU64,
    pub(crate) recent: Recent<ROOM>,
    /// Ticks within polls.
    pub(crate) busy: AtomicU64,
    /// How many calls were not timed since the last turn to be timed was given.
    pub(crate) skipped: AtomicU64,
    /// Calls begun and ended, where somebody wants to know how many are under way.
    pub(crate) started: AtomicU64,
    pub(crate) ended: AtomicU64,
    /// Calls that were not timed, by outcome.
    pub(crate) untimed: [AtomicU64; OUTCOMES],
    lines: Lines,
}

impl<const ROOM: usize> Block<ROOM> {
    pub(crate) fn new() -> Self {
        Self {
            sum: AtomicU64::new(0),
            busy: AtomicU64::new(0),
            skipped: AtomicU64::new(0),
            recent: Recent::new(),
            started: AtomicU64::new(0),
            ended: AtomicU64::new(0),
            untimed: std::array::from_fn(|_| AtomicU64::new(0)),
            lines: Lines::new(),
        }
    }

    /// The counter of a bucket, if its line is there.
    #[inline]
    pub(crate) fn counter(&self, outcome: usize, bucket: usize) -> Option<&'static AtomicU64> {
        let line = self.lines.find(key(outcome, bucket))?;
        Some(&line.0[bucket % Line::BUCKETS])
    }

    /// The same, unless its line has to be searched for.
    #[inline]
    #[allow(
        dead_code,
        reason = "only histograms of the facade ask, which are a feature; the models know no features"
    )]
    pub(crate) fn usual_counter(&self, outcome: usize, bucket: usize) -> Option<&'static AtomicU64> {
        let line = self.lines.usual(key(outcome, bucket))?;
        Some(&line.0[bucket % Line::BUCKETS])
    }

    /// The counter of a bucket, whose line is made where it is not there. One thread at a time.
    pub(crate) fn add(
        &self,
        outcome: usize,
        bucket: usize,
        make: impl FnOnce() -> &'static Line,
    ) -> &'static AtomicU64 {
        let key = key(outcome, bucket);
        let line = self.lines.find(key).unwrap_or_else(|| self.lines.add(key, make()));
        &line.0[bucket % Line::BUCKETS]
    }

    /// Reads the number of calls by outcome and bucket, those that are not sorted yet among them. One may stand in
    /// several parts.
    pub(crate) fn read(&self, counts: &mut Vec<(usize, usize, u64)>) {
        self.recent.read(counts, &self.lines);
    }
}

impl Counters for Lines {
    #[inline]
    fn each(&self, mut show: impl FnMut(usize, usize, &AtomicU64)) {
        self.each_line(|key, line| {
            let (outcome, group) = (usize::from(key - 1) / GROUPS, usize::from(key - 1) % GROUPS);
            for (within, counter) in line.0.iter().enumerate() {
                show(outcome, group * Line::BUCKETS + within, counter);
            }
        });
    }
}

/// Lines by their keys. What was added stays where it is; a table that is full is followed by another one.
#[derive(Debug)]
#[repr(C)]
struct Lines {
    keys: [AtomicU16; Lines::PLACES],
    lines: [Leaked<Line>; Lines::PLACES],
    more: Leaked<Lines>,
}

impl Lines {
    const PLACES: usize = 16;

    fn new() -> Self {
        Self {
            keys: std::array::from_fn(|_| AtomicU16::new(0)),
            lines: std::array::from_fn(|_| Leaked::none()),
            more: Leaked::none(),
        }
    }

    /// A line is in the place that its key chooses, or in the next that was free, here or in a later table.
    #[inline]
    fn find(&self, key: Key) -> Option<&'static Line> {
        self.usual(key).or_else(|| self.search(key))
    }

    /// The line of a key, if it is in the place that the key chooses.
    #[inline]
    fn usual(&self, key: Key) -> Option<&'static Line> {
        let place = usize::from(key) % Self::PLACES;
        // A key is seen only after its line was set.
        if self.keys[place].load(Ordering::Acquire) == key { self.lines[place].get() } else { None }
    }

    fn search(&self, key: Key) -> Option<&'static Line> {
        let mut table = self;
        loop {
            for place in Self::places(key) {
                match table.keys[place].load(Ordering::Acquire) {
                    found if found == key => return table.lines[place].get(),
                    0 => return None,
                    _ => {}
                }
            }
            table = table.more.get()?;
        }
    }

    /// Adds a line whose key is not there. One thread at a time.
    fn add(&self, key: Key, line: &'static Line) -> &'static Line {
        let mut table = self;
        loop {
            for place in Self::places(key) {
                if table.keys[place].load(Ordering::Relaxed) == 0 {
                    table.lines[place].set(line);
                    table.keys[place].store(key, Ordering::Release);
                    return line;
                }
            }
            table = match table.more.get() {
                Some(more) => more,
                None => {
                    let more: &'static Self = Box::leak(Box::new(Self::new()));
                    table.more.set(more);
                    more
                }
            };
        }
    }

    fn places(key: Key) -> impl Iterator<Item = usize> {
        (0..Self::PLACES).map(move |step| (usize::from(key) + step) % Self::PLACES)
    }

    #[inline]
    fn each_line(&self, mut show: impl FnMut(Key, &'static Line)) {
        let mut table = Some(self);
        while let Some(lines) = table {
            for (key, line) in lines.keys.iter().zip(&lines.lines) {
                let key = key.load(Ordering::Acquire);
                if let Some(line) = line.get().filter(|_| key != 0) {
                    show(key, line);
                }
            }
            table = lines.more.get();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line() -> &'static Line {
        Box::leak(Box::new(Line::new()))
    }

    fn counts(block: &Block) -> Vec<(usize, usize, u64)> {
        let mut counts = Vec::new();
        block.read(&mut counts);
        counts.retain(|&(.., count)| count != 0);
        counts.sort_unstable();
        counts
    }

    #[test]
    fn a_block_is_six_cache_lines_and_the_usual_call_needs_the_first() {
        assert_eq!((size_of::<Block>(), align_of::<Block>(), size_of::<Line>()), (384, 64, 64));
        assert_eq!(Recent::<USUAL_ROOM>::END_OF_ENTRIES + std::mem::offset_of!(Block, recent), 64);
    }

    #[test]
    fn every_bucket_of_every_outcome_has_a_counter_of_its_own() {
        let block: Block = Block::new();
        let mut expected = Vec::new();
        for outcome in 0..OUTCOMES {
            for bucket in (0..MAX_BUCKETS).rev() {
                let count = (outcome * MAX_BUCKETS + bucket) as u64 + 1;
                block.add(outcome, bucket, line).store(count, Ordering::Relaxed);
                expected.push((outcome, bucket, count));
            }
        }
        expected.sort_unstable();
        assert_eq!(counts(&block), expected);
        for (outcome, bucket, count) in expected {
            let counter = block.counter(outcome, bucket).expect("a counter");
            assert_eq!(counter.load(Ordering::Relaxed), count);
        }
    }

    #[test]
    fn a_line_is_made_once_for_eight_buckets() {
        let block: Block = Block::new();
        assert!(block.counter(0, 17).is_none());
        let made = block.add(0, 17, line);
        assert!(std::ptr::eq(made, block.add(0, 17, || unreachable!())));
        assert!(block.counter(0, 16).is_some() && block.counter(0, 23).is_some());
        assert!(block.counter(0, 24).is_none() && block.counter(1, 17).is_none());
    }
}
