//! An application that measures a library: `cargo run --example application`.
//!
//! The library in `library/` is annotated and depends on tachograph without features. Here they are on, and so the
//! library is measured, with no word of it in its code or in ours.

use std::error::Error;

use parcel::{Zones, quote};
use tachograph::Outcome;

/// The zones as a table in memory.
struct Table;

impl Zones for Table {
    async fn zone(&self, postcode: &str) -> u8 {
        postcode.bytes().next().map_or(0, |digit| digit.saturating_sub(b'0'))
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let _telemetry = tachograph::init("application")?;
    for (postcode, grams) in [("1010", 1_800), ("5020", 700), ("9020", 700), ("1010", 40_000)] {
        match quote(&Table, postcode, grams).await {
            Ok(cents) => println!("{grams:>6} g to {postcode}: {cents} cents"),
            Err(error) => println!("{grams:>6} g to {postcode}: {error}"),
        }
    }

    println!("\nWhat the library did:");
    for function in tachograph::functions() {
        let (well, badly) = (function.calls(Outcome::Ok), function.calls(Outcome::Error));
        println!("{}::{}: {well} ok, {badly} error", function.module(), function.function());
    }
    Ok(())
}
