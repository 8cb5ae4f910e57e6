#[tachograph::timed(labels(kind.len()))]
fn fetch(kind: &str) {
    let _ = kind;
}

fn main() {
    fetch("");
}
