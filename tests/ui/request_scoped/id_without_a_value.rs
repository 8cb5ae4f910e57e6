#[tachograph::request_scoped(id)]
fn handle(id: &str) {
    let _ = id;
}

fn main() {
    handle("");
}
