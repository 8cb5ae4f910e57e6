//! Programs of many functions: what a call costs where it finds nothing in the cache, what memory the functions take,
//! and what it takes to render all of them.

mod cold;
mod footprint;
mod render;

use crate::effort::{Effort, say};
use crate::work::{Answer, spin};
use crate::{Error, exporter, telemetry};

pub type Function = fn(u64) -> Answer;

/// The functions of [`crate::many`] without anything.
mod bare {
    use super::{Answer, spin};

    include!(concat!(env!("OUT_DIR"), "/bare_1000.rs"));
}

/// What a program sets up at its start, and the page that a scrape of it gets, in place of the page before.
pub struct Program {
    pub render: Box<dyn Fn(&mut String) + Send + Sync>,
}

impl Program {
    pub fn ours() -> Result<Self, Error> {
        let installed = telemetry::install()?;
        Ok(Self { render: Box::new(move |page| installed.telemetry.render_to(page)) })
    }

    pub fn exporter() -> Result<Self, Error> {
        let handle = exporter::install()?;
        Ok(Self { render: Box::new(move |page| *page = handle.render()) })
    }
}

/// The `main` of such a program: measures the figure that its arguments name.
pub fn main(functions: &[Function], start: fn() -> Result<Program, Error>) -> Result<(), Error> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [_, figure, _, effort] = &arguments[..] else {
        return Err("a part of `recording`, which starts it".into());
    };
    let (effort, program) = (Effort::named(effort), start()?);
    match figure.as_str() {
        "cold" => cold::measure(functions, &effort, say),
        "footprint" => footprint::measure(functions, say),
        "render" => render::measure(functions, &program, &effort, say),
        _ => return Err(format!("{figure}: no figure of this program").into()),
    }
    Ok(())
}

/// Calls every function from several threads, which end then, with durations over four octaves.
fn touch(functions: &[Function], threads: usize) {
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| call_over_octaves(functions));
        }
    });
}

fn call_over_octaves(functions: &[Function]) {
    for steps in [8, 16, 32, 64, 128] {
        call_all(functions, steps);
    }
}

fn call_all(functions: &[Function], steps: u64) {
    for function in functions {
        let _ = std::hint::black_box(function(std::hint::black_box(steps)));
    }
}
