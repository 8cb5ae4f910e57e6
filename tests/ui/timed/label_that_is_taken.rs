#[tachograph::timed(labels(function = kind))]
fn fetch(kind: &str) {
    let _ = kind;
}

fn main() {
    fetch("");
}
