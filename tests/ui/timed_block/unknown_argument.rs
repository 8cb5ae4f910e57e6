fn main() {
    tachograph::timed_block!("parse", componnent = "input", { 7 });
}
