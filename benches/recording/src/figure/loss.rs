//! How many calls are missing on the page after many threads made them while others were reading it.

use std::sync::atomic::{AtomicBool, Ordering};

use recording::effort::{Effort, say};

use crate::contender::{Contender, Render};

const THREADS: u64 = 4;

pub(crate) fn measure(contender: &Contender, render: &Render, effort: &Effort) {
    let before = counted(&render());
    let each = effort.calls / THREADS;
    let done = AtomicBool::new(false);
    let mut scrapes = 0;
    std::thread::scope(|scope| {
        let scraper = scope.spawn(|| {
            let mut scrapes = 0;
            while !done.load(Ordering::Acquire) {
                std::hint::black_box(render());
                scrapes += 1;
            }
            scrapes
        });
        let callers: Vec<_> = (0..THREADS).map(|_| scope.spawn(|| (contender.calls.sync)(each))).collect();
        for caller in callers {
            caller.join().expect("the calls end well");
        }
        done.store(true, Ordering::Release);
        scrapes = scraper.join().expect("the page is rendered");
    });
    let made = each * THREADS;
    let counted = counted(&render()) - before;
    say("loss-made", made as f64);
    say("loss", made as f64 - counted);
    say("loss-scrapes", f64::from(scrapes));
}

/// The durations of the function on a page, whatever its other labels.
fn counted(page: &str) -> f64 {
    let series = "function_duration_seconds_count{function=\"work\"";
    let lines = page.lines().filter(|line| line.starts_with(series));
    let value = |line: &str| line.rsplit_once(' ').and_then(|(_, value)| value.parse::<f64>().ok());
    lines.filter_map(value).sum()
}
