fn main() {
    tachograph::timed_block!();
}
