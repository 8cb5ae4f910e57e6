#[tachograph::timed(err)]
fn find() -> Option<u8> {
    None
}

fn main() {
    let _ = find();
}
