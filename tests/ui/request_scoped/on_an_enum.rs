#[tachograph::request_scoped]
enum Request {
    Empty,
}

fn main() {
    let _ = Request::Empty;
}
