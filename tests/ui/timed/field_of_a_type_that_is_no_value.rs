struct Opaque;

#[tachograph::timed(fields(body))]
fn fetch(body: Opaque) {
    let _ = body;
}

fn main() {
    fetch(Opaque);
}
