#[tachograph::request_scoped(fields(id, id))]
fn handle(id: &str) {
    let _ = id;
}

fn main() {
    handle("");
}
