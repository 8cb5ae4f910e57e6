#[tachograph::timed(labels(kind), max_series = 0)]
fn fetch(kind: &str) {
    let _ = kind;
}

fn main() {
    fetch("");
}
