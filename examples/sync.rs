//! A plain program without async: `cargo run --example synchronous`.

use std::error::Error;
use std::num::ParseIntError;

use tachograph::timed;
use tracing::info;

const READINGS: &str = "21 22 19\n23 24 x\n\n20 20 20\n";

fn main() -> Result<(), Box<dyn Error>> {
    // Logs, performance records and `/metrics`, as the environment says. The guard writes what is left when it drops.
    let telemetry = tachograph::init("synchronous")?;
    for line in READINGS.lines() {
        // Everything inside belongs to one request: a new id here, the same on each of its records.
        tachograph::with_request_id(None::<&str>, || match mean(line) {
            Ok(mean) => info!(mean, "read"),
            Err(_) => info!(line, "left out"),
        });
    }

    println!("\nWhat the program knows of itself, as `/metrics` shows it:");
    for line in telemetry.render().lines().filter(|line| line.starts_with("function_calls_total")) {
        println!("{line}");
    }
    println!("Its logs are in {}", telemetry.log_dir().display());
    Ok(())
}

/// Always writes a performance record, however fast it is, and an error record with its message where it fails.
#[timed(component = "statistics", slow = "0", fields(length = line.len()), err)]
fn mean(line: &str) -> Result<f64, Box<dyn Error>> {
    let numbers: Vec<i64> = numbers(line)?;
    if numbers.is_empty() {
        return Err("a line without numbers has no mean".into());
    }
    Ok(numbers.iter().sum::<i64>() as f64 / numbers.len() as f64)
}

#[timed(component = "parsing")]
fn numbers(line: &str) -> Result<Vec<i64>, ParseIntError> {
    line.split_whitespace().map(str::parse).collect()
}
