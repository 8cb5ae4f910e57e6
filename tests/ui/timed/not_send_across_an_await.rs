fn spawn(_: impl Future + Send) {}

#[tachograph::timed]
async fn fetch() {
    let shared = std::rc::Rc::new(7);
    std::future::ready(()).await;
    drop(shared);
}

fn main() {
    spawn(fetch());
}
