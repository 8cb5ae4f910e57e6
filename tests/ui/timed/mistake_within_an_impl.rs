struct Store;

#[tachograph::timed]
impl Store {
    #[tachograph::timed(nmae = "opened")]
    fn open(&self) {}
    fn close(&self) {}
}

fn main() {
    Store.open();
    Store.close();
}
