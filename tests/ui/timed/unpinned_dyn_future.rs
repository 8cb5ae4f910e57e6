#![deny(deprecated)]

#[tachograph::timed]
fn fetch() -> Box<dyn Future<Output = u8>> {
    Box::new(std::future::ready(7))
}

fn main() {
    let _ = fetch();
}
