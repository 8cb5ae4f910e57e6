#[tachograph::request_scoped(new = true)]
fn handle(id: &str) {
    let _ = id;
}

fn main() {
    handle("");
}
