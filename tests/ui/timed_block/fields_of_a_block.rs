fn main() {
    tachograph::timed_block!("parse", fields(size = 7), { 7 });
}
