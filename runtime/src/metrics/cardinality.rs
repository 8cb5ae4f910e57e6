//! How many sets of labels a metric of the facade may have. One label with a value for each user is not to take the room
//! of all other metrics, nor all memory.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::names::{Refusal, Sanitized};

/// The sets of labels of one metric that are kept apart.
pub(crate) const MAX_SETS: usize = 10_000;

/// What each label says of the series that further sets fold into.
const OVERFLOW: &str = "__overflow__";

/// The metrics with labels, by name.
#[derive(Debug, Default)]
pub(crate) struct Cardinality(HashMap<String, Metric>);

#[derive(Debug)]
struct Metric {
    /// As they were asked for: two spellings of one set are two.
    sets: usize,
    /// Room for the series of all further sets. It is taken with the first set: later there may be none.
    spare: u32,
    /// The labels of that series, once it is there. All further sets have those of the first.
    overflow: Option<Vec<(String, String)>>,
}

/// Finds room for one series more: its number.
pub(crate) type Room<'a> = &'a dyn Fn() -> Option<u32>;
/// Makes a series. It asks for room where the series is not there yet, and makes nothing without.
pub(crate) type Make<'a, H> = &'a dyn Fn(Sanitized, Room<'_>) -> Option<H>;

/// A series that was made, and why it is not the one asked for.
#[derive(Debug)]
pub(crate) enum Made<H> {
    Own(H),
    Overflow(H, Refusal),
}

impl Cardinality {
    /// Makes the series of a set of labels, or else the one of all further sets.
    pub(crate) fn make<H>(
        &mut self,
        asked: Sanitized,
        room: Room<'_>,
        make: Make<'_, H>,
    ) -> Result<Made<H>, Refusal> {
        if asked.labels.is_empty() {
            return make(asked, room).map(Made::Own).ok_or(Refusal::TooMany);
        }
        let metric = match self.0.entry(asked.name.clone()) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => {
                let spare = room().ok_or(Refusal::TooMany)?;
                place.insert(Metric { sets: 0, spare, overflow: None })
            }
        };
        let mut refusal = Refusal::TooManyOfMetric;
        if metric.sets < MAX_SETS {
            if let Some(own) = make(asked.clone(), room) {
                metric.sets += 1;
                return Ok(Made::Own(own));
            }
            refusal = Refusal::TooMany;
        }
        let labels = metric.overflow.get_or_insert_with(|| {
            asked.labels.into_iter().map(|(label, _)| (label, OVERFLOW.to_owned())).collect()
        });
        let overflow = Sanitized { name: asked.name, labels: labels.clone() };
        match make(overflow, &|| Some(metric.spare)) {
            Some(made) => Ok(Made::Overflow(made, refusal)),
            None => Err(refusal),
        }
    }
}
