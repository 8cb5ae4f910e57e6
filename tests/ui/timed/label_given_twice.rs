#[tachograph::timed(labels(kind, kind = kind))]
fn fetch(kind: &str) {
    let _ = kind;
}

fn main() {
    fetch("");
}
