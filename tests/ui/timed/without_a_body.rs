trait Store {
    #[tachograph::timed]
    fn get(&self) -> u32;
}

fn main() {}
