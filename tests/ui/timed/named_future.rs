#![deny(deprecated)]

#[tachograph::timed]
fn fetch() -> std::future::Ready<u8> {
    std::future::ready(7)
}

fn main() {
    let _ = fetch();
}
