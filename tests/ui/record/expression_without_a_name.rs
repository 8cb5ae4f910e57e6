fn main() {
    tachograph::record!(1 + 1);
}
