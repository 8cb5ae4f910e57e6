#[tachograph::request_scoped(field(user))]
fn handle(user: u8) {
    let _ = user;
}

fn main() {
    handle(1);
}
