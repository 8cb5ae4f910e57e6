//! A program whose global allocator is measured: whatever records a call allocates, and so calls itself.

use std::alloc::{GlobalAlloc, Layout, System};
use std::process::ExitCode;

use tachograph::{Outcome, functions, timed};

struct Measured;

#[global_allocator]
static ALLOCATOR: Measured = Measured;

// SAFETY: both methods are those of the system's allocator.
unsafe impl GlobalAlloc for Measured {
    #[timed(component = "memory", slow = "0", in_flight)]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise, handed on.
        unsafe { System.alloc(layout) }
    }

    #[timed(component = "memory", sample = 8)]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise, handed on.
        unsafe { System.dealloc(block, layout) }
    }

    #[timed(component = "memory", labels(size = new_size.next_power_of_two()))]
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        // SAFETY: the caller's promise, handed on.
        unsafe { System.realloc(block, layout, new_size) }
    }
}

#[timed]
fn work(number: usize) -> Result<String, std::fmt::Error> {
    let mut text = String::new();
    (0..number).for_each(|_| text.push_str("0123456789"));
    Ok(text)
}

fn main() -> ExitCode {
    // A program that waits for itself would wait for ever.
    // SAFETY: the signal has its default action, which is to end the process.
    unsafe { libc::alarm(60) };
    match run() {
        Ok(page) => {
            println!("{page}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<String, Box<dyn std::error::Error>> {
    // Before there is any telemetry, then with it.
    let before = (0..8).map(work).collect::<Result<Vec<_>, _>>()?;
    let telemetry = tachograph::init("allocator")?;
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for number in 0..50 {
                    drop(work(number));
                    tracing::info!(number, "worked");
                }
            });
        }
    });
    tachograph::metrics::histogram!("sizes", "of" => "texts").record(before.len() as f64);
    let of_alloc = functions().into_iter().find(|stats| stats.function() == "alloc");
    let counted = of_alloc.map_or(0, |stats| stats.calls(Outcome::Ok));
    let page = telemetry.render();
    telemetry.shutdown()?;
    Ok(format!("counted {counted}\n{page}"))
}
