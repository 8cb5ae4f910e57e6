//! An async program: `cargo run --example asynchronous`. All records of a request carry its id, across awaits and tasks,
//! and what is left before its end counts as cancelled.

use std::error::Error;
use std::time::Duration;

use tachograph::{Context, request_scoped, timed};
use tokio::time::{sleep, timeout};
use tracing::{info, warn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let telemetry = tachograph::init("asynchronous")?;
    tokio::join!(order("order-1", 20), order("order-2", 40), order("order-3", 5_000));

    println!("\nWhat the program knows of itself, as `/metrics` shows it:");
    for line in telemetry.render().lines().filter(|line| line.starts_with("function_calls_total")) {
        println!("{line}");
    }
    println!("Its logs are in {}", telemetry.log_dir().display());
    Ok(())
}

/// A request, named by who sent it.
#[request_scoped(id = number, fields(shop = "vienna"))]
#[timed(component = "orders")]
async fn order(number: &str, stock_millis: u64) {
    // A task of its own takes the request along.
    let mail = tokio::spawn(Context::current().scope(announce()));
    match timeout(Duration::from_millis(100), stock(stock_millis)).await {
        Ok(pieces) => info!(pieces, "in stock"),
        Err(_elapsed) => warn!("the stock is unknown"),
    }
    if let Err(error) = mail.await {
        warn!(%error, "not announced");
    }
}

/// Slow at times: its caller loses patience, and drops it.
#[timed(component = "stock", slow = "30ms", fields(millis))]
async fn stock(millis: u64) -> u32 {
    sleep(Duration::from_millis(millis)).await;
    7
}

#[timed(component = "mail")]
async fn announce() {
    sleep(Duration::from_millis(10)).await;
    info!("announced");
}
