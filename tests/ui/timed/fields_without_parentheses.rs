#[tachograph::timed(fields = user)]
fn fetch(user: u8) {
    let _ = user;
}

fn main() {
    fetch(1);
}
