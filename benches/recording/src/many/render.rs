//! A scrape of all functions.

use super::{Function, Program, touch};
use crate::effort::Effort;
use crate::memory::asked;
use harness::load::thread_time;
use harness::statistics::median;

const THREADS: usize = 4;

pub(super) fn measure(functions: &[Function], program: &Program, effort: &Effort, say: fn(&str, f64)) {
    touch(functions, THREADS);
    let mut page = String::new();
    (program.render)(&mut page);
    let times = (0..effort.renders).map(|_| {
        let before = thread_time();
        (program.render)(&mut page);
        (thread_time() - before).as_secs_f64() * 1_000.0
    });
    let number = functions.len();
    say(&format!("render-{number}"), median(times));
    let asked = asked(|| (program.render)(&mut page));
    say(&format!("render-{number}-allocations"), asked.allocations as f64);
    say(&format!("render-{number}-bytes"), page.len() as f64);
    let series = page.lines().filter(|line| line.starts_with("function_duration_seconds_count{")).count();
    assert_eq!(series, number, "series on the page");
}
