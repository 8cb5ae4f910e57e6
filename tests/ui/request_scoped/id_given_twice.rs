#[tachograph::request_scoped(id = id, id = id)]
fn handle(id: &str) {
    let _ = id;
}

fn main() {
    handle("");
}
