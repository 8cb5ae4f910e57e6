fn main() {
    tachograph::timed_block!({ 7 });
}
