#![deny(deprecated)]

#[tachograph::timed]
fn fetch() -> Option<impl Future<Output = u8>> {
    Some(std::future::ready(7))
}

fn main() {
    let _ = fetch();
}
