//! What one process measures of one contender: names and values, a line each on its standard output.

use std::time::Duration;

use crate::contender::{Calls, Contender};
use harness::load::cost;

type Pick = fn(&Calls) -> Option<fn(u64)>;

/// The names that the tables know, and what they are of.
const FIGURES: [(&str, Pick); 4] = [
    ("request", |calls| calls.request),
    ("ready", |calls| calls.ready),
    ("id", |calls| calls.id),
    ("read", |calls| calls.read),
];

const THREADS: [usize; 2] = [1, 4];
const WINDOW: Duration = Duration::from_millis(40);
/// The least is taken: what else the machine does only adds to a cost.
const REPEATS: usize = 3;

/// Measures all figures in this process, which is there for nothing else.
pub(crate) fn measure(contender: &Contender) {
    (contender.start)();
    for (name, pick) in FIGURES {
        let Some(work) = pick(&contender.calls) else { continue };
        for threads in THREADS {
            let costs: Vec<_> = (0..REPEATS).map(|_| cost(threads, WINDOW, &work)).collect();
            let least = |of: fn(&harness::load::Cost) -> f64| {
                costs.iter().map(of).min_by(f64::total_cmp).unwrap_or(f64::NAN)
            };
            println!("{name}-{threads}\t{}", least(|cost| cost.cpu));
            println!("{name}-{threads}-wall\t{}", least(|cost| cost.wall));
        }
    }
}
