#[tachograph::timed(labels(__kind = kind))]
fn fetch(kind: &str) {
    let _ = kind;
}

fn main() {
    fetch("");
}
