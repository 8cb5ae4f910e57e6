#[tachograph::timed(fields(body.len()))]
fn fetch(body: &str) {
    let _ = body;
}

fn main() {
    fetch("");
}
