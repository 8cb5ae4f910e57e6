fn fetch() -> u8 {
    #[tachograph::timed]
    let number = 7;
    number
}

fn main() {
    fetch();
}
