#[tachograph::timed(name = "first")]
#[tachograph::timed]
fn twice() {}

fn main() {
    twice();
}
