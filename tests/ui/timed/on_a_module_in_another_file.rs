#[tachograph::timed]
mod elsewhere;

fn main() {
}
