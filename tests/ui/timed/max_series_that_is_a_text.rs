#[tachograph::timed(labels(kind), max_series = "100")]
fn fetch(kind: &str) {
    let _ = kind;
}

fn main() {
    fetch("");
}
