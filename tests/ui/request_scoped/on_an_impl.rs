struct Server;

#[tachograph::request_scoped]
impl Server {
    fn handle(&self) {}
}

fn main() {
    Server.handle();
}
