#[tachograph::timed(classify = judge)]
fn fetch() -> Option<u8> {
    None
}

fn judge(found: &Option<u8>) -> bool {
    found.is_some()
}

fn main() {
    let _ = fetch();
}
