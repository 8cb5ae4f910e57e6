#[tachograph::timed(labels = kind)]
fn fetch(kind: &str) {
    let _ = kind;
}

fn main() {
    fetch("");
}
