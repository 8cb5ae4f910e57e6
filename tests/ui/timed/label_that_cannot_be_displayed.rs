#[tachograph::timed(labels(kind))]
fn fetch(kind: Kind) {
    let _ = kind;
}

struct Kind;

fn main() {
    fetch(Kind);
}
