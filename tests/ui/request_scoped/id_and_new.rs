#[tachograph::request_scoped(id = id, new)]
fn handle(id: &str) {
    let _ = id;
}

fn main() {
    handle("");
}
