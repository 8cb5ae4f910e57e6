fn main() {
    tachograph::record!("size" = 7);
}
