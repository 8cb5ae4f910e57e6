#![deny(deprecated)]

use std::pin::Pin;

#[tachograph::timed]
fn fetch() -> Result<Pin<Box<dyn Future<Output = u8>>>, u8> {
    Ok(Box::pin(std::future::ready(7)))
}

fn main() {
    let _ = fetch();
}
