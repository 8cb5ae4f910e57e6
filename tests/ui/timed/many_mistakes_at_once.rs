#[tachograph::timed(nmae = "fetch", slow = "soon", fields(1 + 1), err(lvl = "warn"), slow = "1ms")]
fn fetch() {}

fn main() {
    fetch();
}
