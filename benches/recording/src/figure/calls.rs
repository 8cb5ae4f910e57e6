//! What an annotated call costs above the function alone, which is measured beside it each time.

use harness::load::{Cost, cost};
use harness::statistics::median;
use recording::effort::{Effort, say};

use crate::contender::{BARE, Contender, FLOOR};

type Work = fn(&Contender) -> fn(u64);

/// Name, threads, which of the functions.
const SHAPES: [(&str, usize, Work); 7] = [
    ("sync", 1, |contender| contender.calls.sync),
    ("sync", 2, |contender| contender.calls.sync),
    ("sync", 4, |contender| contender.calls.sync),
    ("ready", 1, |contender| contender.calls.ready),
    ("ready", 4, |contender| contender.calls.ready),
    ("waiting", 1, |contender| contender.calls.waiting),
    ("waiting", 4, |contender| contender.calls.waiting),
];

pub(crate) fn measure(contender: &Contender, effort: &Effort) {
    for (name, threads, work) in SHAPES {
        let window = if threads == 1 { effort.window } else { effort.window * 3 };
        let of = |contender: &Contender| cost(threads, window, &work(contender));
        // Neither the first look at a function nor the growth of a table is the cost of a call.
        of(contender);
        let mut costs: Vec<[Cost; 3]> = Vec::new();
        for _ in 0..effort.repeats {
            costs.push([of(&BARE), of(&FLOOR), of(contender)]);
        }
        let above = |part: fn(&Cost) -> f64, base: usize| {
            median(costs.iter().map(|costs| part(&costs[2]) - part(&costs[base])))
        };
        say(&format!("{name}-{threads}"), above(|cost| cost.cpu, 0));
        say(&format!("{name}-{threads}-wall"), above(|cost| cost.wall, 0));
        say(&format!("{name}-{threads}-above-floor"), above(|cost| cost.cpu, 1));
        say(&format!("{name}-{threads}-bare"), median(costs.iter().map(|costs| costs[0].cpu)));
    }
}
