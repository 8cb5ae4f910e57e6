fn main() {
    tachograph::record!(size = std::thread::current());
}
