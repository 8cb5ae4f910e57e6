struct Store;

#[tachograph::timed(name = "store", component = "store")]
impl Store {
    fn open(&self) {}
    fn close(&self) {}
}

fn main() {
    Store.open();
    Store.close();
}
