#[tachograph::timed(labels(kind), max_series = 1000000)]
fn fetch(kind: &str) {
    let _ = kind;
}

fn main() {
    fetch("");
}
