#[tachograph::request_scoped(idd = id)]
#[tachograph::timed(nmae = "handle")]
fn handle(id: &str) {
    let _ = id;
}

fn main() {
    handle("");
}
