#[tachograph::request_scoped(id = id)]
fn handle(id: u64) {
    let _ = id;
}

fn main() {
    handle(1);
}
