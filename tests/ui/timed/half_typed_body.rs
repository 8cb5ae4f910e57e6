struct Store {
    entries: Vec<u8>,
}

impl Store {
    #[tachograph::timed]
    fn first(&self) -> u8 {
        self.entries.
    }
}

fn main() {
    let _: u8 = Store { entries: vec![] }.first();
}
