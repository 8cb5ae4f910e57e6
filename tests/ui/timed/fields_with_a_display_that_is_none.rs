#[tachograph::timed(fields(%body))]
fn fetch(body: Vec<u8>) {
    let _ = body;
}

fn main() {
    fetch(vec![]);
}
