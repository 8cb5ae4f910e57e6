struct Store {
    entries: Vec<u8>,
}

#[tachograph::timed]
impl Store {
    fn first(&self) -> u8 {
        self.entries.
    }

    fn second(&self) -> u8 {
        self.entries[1]
    }
}

fn main() {
    let store = Store { entries: vec![] };
    let _ = store.first() + store.second();
}
