struct Store;

#[tachograph::timed(componnent = "store", slow = "soon")]
impl Store {
    fn open(&self) {}
    fn close(&self) {}
}

fn main() {
    Store.open();
    Store.close();
}
