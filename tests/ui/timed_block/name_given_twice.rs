fn main() {
    tachograph::timed_block!("parse", name = "parse", { 7 });
}
