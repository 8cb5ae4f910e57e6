#![deny(unused_must_use)]

#[tachograph::timed]
async fn fetch() -> u8 {
    std::future::ready(7).await
}

fn main() {
    fetch();
}
