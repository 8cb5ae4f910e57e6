#[tachograph::timed(fields(body, %body))]
fn fetch(body: &str) {
    let _ = body;
}

fn main() {
    fetch("");
}
