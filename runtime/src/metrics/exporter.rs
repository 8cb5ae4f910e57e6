//! Serves the metrics page over HTTP, from a thread of its own: it needs no tokio in the program, and the program's
//! load does not delay it.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{
    ACCEPT, ACCEPT_ENCODING, ALLOW, AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName,
    HeaderValue, VARY, WWW_AUTHENTICATE,
};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use parking_lot::Mutex;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::runtime::{self, Runtime};
use tokio::sync::{Semaphore, oneshot};
use tokio::time::{sleep, timeout};

use super::exposition::Format;
use super::listener::{Address, Bound};
use super::negotiation::{self, Encoding};
use super::renders::Renders;
use super::token::Token;

/// Connections served at once; others wait in the listener's queue until one ends.
const MAX_CONNECTIONS: usize = 64;
/// How long a client may take to ask.
const HEADER_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a connection lasts in all; it serves one request, so that nobody can hold one open.
const CONNECTION_TIMEOUT: Duration = Duration::from_secs(30);
/// How long to leave a listener alone that gives an error, for want of file descriptors say; twice as long each time.
const FIRST_ACCEPT_PAUSE: Duration = Duration::from_millis(5);
const LONGEST_ACCEPT_PAUSE: Duration = Duration::from_secs(1);
/// How long answers under way may take once the exporter is to stop.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(1);
/// Threads that render and compress; they wait for the next scrape for so long.
const RENDERING_THREADS: usize = 2;
const RENDERING_KEEP_ALIVE: Duration = Duration::from_secs(90);

const TEXT: &str = "text/plain; charset=utf-8";

/// An address that is taken, and not served yet.
#[derive(Debug)]
pub(crate) struct Listener(Bound);

/// Serves until it is shut down or dropped.
#[derive(Debug)]
pub(crate) struct Exporter {
    address: Address,
    ready: Arc<AtomicBool>,
    running: Mutex<Option<(oneshot::Sender<()>, JoinHandle<()>)>>,
}

/// What the exporter answers from.
struct Answers {
    renders: Renders,
    token: Option<Token>,
    ready: Arc<AtomicBool>,
}

type Answer = Response<Full<Bytes>>;

impl Exporter {
    /// Takes an address; port 0 takes a free one.
    pub(crate) fn bind(address: &Address) -> io::Result<Listener> {
        Bound::new(address).map(Listener)
    }

    /// The address with the port that was taken.
    pub(crate) const fn address(&self) -> &Address {
        &self.address
    }

    /// What `/readyz` says; not ready at first.
    pub(crate) fn set_ready(&self, ready: bool) {
        self.ready.store(ready, Ordering::Relaxed);
    }

    /// Finishes the answers under way and ends the thread. The address is free then.
    pub(crate) fn shutdown(&self) {
        self.set_ready(false);
        let running = self.running.lock().take();
        if let Some((stop, thread)) = running {
            let _ = stop.send(());
            let _ = thread.join();
        }
    }
}

impl Drop for Exporter {
    fn drop(&mut self) {
        self.shutdown();
    }
}

impl Listener {
    /// Starts to serve what `render` gives for each scrape; where there is a token, to those who bring it.
    pub(crate) fn serve(
        self,
        token: Option<Token>,
        render: impl Fn(Format) -> Vec<u8> + Send + Sync + 'static,
    ) -> io::Result<Exporter> {
        let address = self.0.address()?;
        let ready = Arc::new(AtomicBool::new(false));
        let renders = Renders::new(Arc::new(render));
        let answers = Arc::new(Answers { renders, token, ready: Arc::clone(&ready) });
        let runtime = runtime::Builder::new_current_thread()
            .enable_all()
            .max_blocking_threads(RENDERING_THREADS)
            .thread_keep_alive(RENDERING_KEEP_ALIVE)
            .thread_name("tachograph-page")
            .build()?;
        let (stop, stopped) = oneshot::channel();
        let thread = thread::Builder::new().name("tachograph-http".to_owned());
        let entered = runtime.enter();
        let thread = match self.0 {
            Bound::Tcp(listener) => {
                let listener = tokio::net::TcpListener::from_std(listener)?;
                drop(entered);
                thread.spawn(move || run(runtime, serve(listener, answers, stopped)))?
            }
            #[cfg(unix)]
            Bound::Unix(socket) => {
                let listener = tokio::net::UnixListener::from_std(socket.listener)?;
                drop(entered);
                thread.spawn(move || {
                    let _named = socket.file;
                    run(runtime, serve(listener, answers, stopped));
                })?
            }
        };
        Ok(Exporter { address, ready, running: Mutex::new(Some((stop, thread))) })
    }
}

/// A rendering that does not end must not keep the program from ending.
fn run(runtime: Runtime, serving: impl Future<Output = ()>) {
    runtime.block_on(serving);
    runtime.shutdown_timeout(SHUTDOWN_TIMEOUT);
}

/// Something that clients connect to.
trait Accept: Send + Sync + 'static {
    type Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static;

    fn next(&self) -> impl Future<Output = io::Result<Self::Stream>> + Send;
}

impl Accept for tokio::net::TcpListener {
    type Stream = tokio::net::TcpStream;

    async fn next(&self) -> io::Result<Self::Stream> {
        self.accept().await.map(|(stream, _)| stream)
    }
}

#[cfg(unix)]
impl Accept for tokio::net::UnixListener {
    type Stream = tokio::net::UnixStream;

    async fn next(&self) -> io::Result<Self::Stream> {
        self.accept().await.map(|(stream, _)| stream)
    }
}

async fn serve(listener: impl Accept, answers: Arc<Answers>, stopped: oneshot::Receiver<()>) {
    let connections = Arc::new(GracefulShutdown::new());
    let accepting = tokio::spawn(accept(listener, answers, Arc::clone(&connections)));
    // An error says that the exporter is gone, which is a reason to stop as well.
    let _ = stopped.await;
    accepting.abort();
    let _ = accepting.await;
    if let Some(connections) = Arc::into_inner(connections) {
        let _ = timeout(SHUTDOWN_TIMEOUT, connections.shutdown()).await;
    }
}

async fn accept(listener: impl Accept, answers: Arc<Answers>, connections: Arc<GracefulShutdown>) {
    let room = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let mut pause = FIRST_ACCEPT_PAUSE;
    while let Ok(place) = Arc::clone(&room).acquire_owned().await {
        match listener.next().await {
            Ok(stream) => {
                pause = FIRST_ACCEPT_PAUSE;
                let answers = Arc::clone(&answers);
                let answer = service_fn(move |request| {
                    let answers = Arc::clone(&answers);
                    async move { Ok::<_, Infallible>(answers.to(&request).await) }
                });
                let connection = http1::Builder::new()
                    .timer(TokioTimer::new())
                    .header_read_timeout(HEADER_TIMEOUT)
                    .keep_alive(false)
                    .serve_connection(TokioIo::new(stream), answer);
                let connection = connections.watch(connection);
                tokio::spawn(async move {
                    let _place = place;
                    // Whatever went wrong is the client's affair: it sees a connection that ended.
                    let _ = timeout(CONNECTION_TIMEOUT, connection).await;
                });
            }
            Err(error) if is_of_connection(&error) => {}
            Err(_) => {
                sleep(pause).await;
                pause = (2 * pause).min(LONGEST_ACCEPT_PAUSE);
            }
        }
    }
}

/// Whether only the connection failed that was about to be accepted.
fn is_of_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}

impl Answers {
    async fn to<B>(&self, request: &Request<B>) -> Answer {
        let path = request.uri().path();
        if !matches!(path, "/metrics" | "/healthz" | "/readyz") {
            let help = "not found: there are /metrics, /healthz and /readyz\n";
            return answer(StatusCode::NOT_FOUND, TEXT, help);
        }
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            return with(
                answer(StatusCode::METHOD_NOT_ALLOWED, TEXT, "use GET or HEAD\n"),
                ALLOW,
                "GET, HEAD",
            );
        }
        // Of an answer to HEAD, hyper sends the head alone.
        match path {
            "/metrics" => self.metrics(request.headers()).await,
            "/readyz" => self.readiness(),
            _ => answer(StatusCode::OK, TEXT, "ok\n"),
        }
    }

    async fn metrics(&self, headers: &HeaderMap) -> Answer {
        let brings = |token: &Token| {
            headers.get(AUTHORIZATION).is_some_and(|authorization| token.is_in(authorization.as_bytes()))
        };
        if self.token.as_ref().is_some_and(|token| !brings(token)) {
            let help = "send the token of METRICS_TOKEN in a header `Authorization: Bearer …`\n";
            return with(answer(StatusCode::UNAUTHORIZED, TEXT, help), WWW_AUTHENTICATE, "Bearer");
        }
        let format = negotiation::format(&joined(headers, ACCEPT));
        let encoding = negotiation::encoding(&joined(headers, ACCEPT_ENCODING));
        let Ok((page, encoding)) = self.renders.page(format, encoding).await else {
            return answer(StatusCode::INTERNAL_SERVER_ERROR, TEXT, "the page could not be rendered\n");
        };
        let answer = answer(StatusCode::OK, format.content_type(), page);
        let answer = with(answer, VARY, "Accept, Accept-Encoding");
        match encoding {
            Encoding::Identity => answer,
            Encoding::Gzip => with(answer, CONTENT_ENCODING, "gzip"),
        }
    }

    fn readiness(&self) -> Answer {
        if self.ready.load(Ordering::Relaxed) {
            answer(StatusCode::OK, TEXT, "ready\n")
        } else {
            answer(StatusCode::SERVICE_UNAVAILABLE, TEXT, "not ready\n")
        }
    }
}

/// A header that stands there several times is one list.
fn joined(headers: &HeaderMap, name: HeaderName) -> String {
    let values = headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes()));
    values.collect::<Vec<_>>().join(",")
}

fn answer(status: StatusCode, content_type: &'static str, body: impl Into<Bytes>) -> Answer {
    let mut answer = Response::new(Full::new(body.into()));
    *answer.status_mut() = status;
    with(answer, CONTENT_TYPE, content_type)
}

fn with(mut answer: Answer, name: HeaderName, value: &'static str) -> Answer {
    answer.headers_mut().insert(name, HeaderValue::from_static(value));
    answer
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::{Ipv4Addr, SocketAddr, TcpStream};

    use super::*;

    const ANYWHERE: Address = Address::Tcp(SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0));

    fn exporter(render: impl Fn() -> String + Send + Sync + 'static) -> Exporter {
        exporter_at(&ANYWHERE, None, render)
    }

    fn exporter_at(
        address: &Address,
        token: Option<Token>,
        render: impl Fn() -> String + Send + Sync + 'static,
    ) -> Exporter {
        let listener = Exporter::bind(address).expect("a free address");
        listener.serve(token, move |_| render().into_bytes()).expect("a thread")
    }

    fn port(exporter: &Exporter) -> SocketAddr {
        match exporter.address() {
            Address::Tcp(address) => *address,
            Address::Unix(path) => panic!("{} is no port", path.display()),
        }
    }

    /// The status line, the headers in lower case and the body.
    fn ask(exporter: &Exporter, method: &str, path: &str) -> (String, String, String) {
        ask_with(exporter, method, path, "")
    }

    fn ask_with(exporter: &Exporter, method: &str, path: &str, headers: &str) -> (String, String, String) {
        let stream = TcpStream::connect(port(exporter)).expect("a listener");
        ask_through(stream, method, path, headers)
    }

    fn ask_through(
        mut stream: impl Read + Write,
        method: &str,
        path: &str,
        headers: &str,
    ) -> (String, String, String) {
        write!(stream, "{method} {path} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n").expect("a reader");
        read(stream)
    }

    fn read(mut stream: impl Read) -> (String, String, String) {
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("an answer");
        let answer = String::from_utf8_lossy(&answer);
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
        let (status, headers) = head.split_once("\r\n").expect("a status and headers");
        (status.to_owned(), headers.to_lowercase(), body.to_owned())
    }

    fn check(exporter: &Exporter, method: &str, path: &str, status: &str, body: &str) -> String {
        let (found, headers, text) = ask(exporter, method, path);
        assert_eq!(
            (found.as_str(), text.as_str()),
            (format!("HTTP/1.1 {status}").as_str(), body),
            "{method} {path}"
        );
        headers
    }

    #[test]
    fn the_page_is_rendered_for_each_scrape() {
        let scrapes = AtomicBool::new(false);
        let exporter =
            exporter(move || format!("again {}\n", u8::from(scrapes.swap(true, Ordering::Relaxed))));
        let headers = check(&exporter, "GET", "/metrics", "200 OK", "again 0\n");
        assert!(headers.contains("content-type: text/plain; version=0.0.4; charset=utf-8"), "{headers}");
        check(&exporter, "GET", "/metrics?name=x", "200 OK", "again 1\n");
    }

    #[test]
    fn a_page_is_what_the_client_accepts() {
        let listener = Exporter::bind(&ANYWHERE).expect("a free address");
        let exporter = listener.serve(None, |format| format!("{format:?}").into_bytes()).expect("a thread");
        for (accept, format) in [
            ("Accept: application/openmetrics-text;version=1.0.0\r\n", Format::OpenMetrics),
            ("Accept: text/plain;q=0.1\r\nAccept: application/vnd.google.protobuf\r\n", Format::Protobuf),
            ("Accept: \u{e4}\r\n", Format::Text),
            ("", Format::Text),
        ] {
            let (_, headers, page) = ask_with(&exporter, "GET", "/metrics", accept);
            assert_eq!(page, format!("{format:?}"), "{accept}");
            let content_type = format!("content-type: {}\r\n", format.content_type().to_lowercase());
            assert!(format!("{headers}\r\n").contains(&content_type), "{headers}");
            assert!(headers.contains("vary: accept, accept-encoding"), "{headers}");
        }
    }

    #[test]
    fn a_long_page_is_compressed_for_those_who_like_it() {
        let exporter = exporter(|| "a line\n".repeat(1_000));
        let (_, headers, page) = ask_with(&exporter, "GET", "/metrics", "Accept-Encoding: gzip\r\n");
        assert!(headers.contains("content-encoding: gzip"), "{headers}");
        assert!(page.len() < 1_000, "{} bytes", page.len());
        let (_, headers, page) = ask(&exporter, "GET", "/metrics");
        assert!(!headers.contains("content-encoding") && page.len() == 7_000, "{headers}");
    }

    #[test]
    fn the_page_is_for_those_who_bring_the_token() {
        let exporter = exporter_at(&ANYWHERE, Token::new("s3cret"), || "page\n".into());
        let status = |path, headers| ask_with(&exporter, "GET", path, headers).0;
        assert_eq!(status("/metrics", "Authorization: Bearer s3cret\r\n"), "HTTP/1.1 200 OK");
        for headers in ["", "Authorization: Bearer other\r\n", "Authorization: \u{e4}\r\n"] {
            let (status, headers, body) = ask_with(&exporter, "GET", "/metrics", headers);
            assert_eq!(status, "HTTP/1.1 401 Unauthorized");
            assert!(headers.contains("www-authenticate: bearer"), "{headers}");
            assert!(!body.contains("s3cret") && !body.contains("page"), "{body}");
        }
        assert_eq!(status("/healthz", ""), "HTTP/1.1 200 OK");
        assert_eq!(status("/readyz", ""), "HTTP/1.1 503 Service Unavailable");
    }

    #[cfg(unix)]
    #[test]
    fn a_socket_in_the_file_system_serves_the_same() {
        use std::os::unix::net::UnixStream;
        let path = std::env::temp_dir().join(format!("tachograph-exporter-{}.sock", std::process::id()));
        let exporter = exporter_at(&Address::Unix(path.clone()), None, || "page\n".into());
        let stream = UnixStream::connect(&path).expect("a listener");
        assert_eq!(ask_through(stream, "GET", "/metrics", "").2, "page\n");
        exporter.shutdown();
        assert!(!path.exists());
    }

    #[test]
    fn others_are_answered_while_a_page_is_rendered() {
        let (begin, begun) = std::sync::mpsc::channel();
        let (go, gone) = std::sync::mpsc::channel::<()>();
        let gone = Mutex::new(gone);
        let exporter = exporter(move || {
            let _ = begin.send(());
            let _ = gone.lock().recv();
            "page\n".into()
        });
        std::thread::scope(|scope| {
            let scrape = scope.spawn(|| ask(&exporter, "GET", "/metrics").2);
            begun.recv().expect("a rendering");
            check(&exporter, "GET", "/healthz", "200 OK", "ok\n");
            go.send(()).expect("the rendering waits");
            assert_eq!(scrape.join().expect("an answer"), "page\n");
        });
    }

    #[test]
    fn head_gives_the_head_alone() {
        let exporter = exporter(|| "12345\n".into());
        let headers = check(&exporter, "HEAD", "/metrics", "200 OK", "");
        assert!(headers.contains("content-length: 6"), "{headers}");
    }

    #[test]
    fn it_is_ready_when_it_is_told_so() {
        let exporter = exporter(String::new);
        check(&exporter, "GET", "/healthz", "200 OK", "ok\n");
        check(&exporter, "GET", "/readyz", "503 Service Unavailable", "not ready\n");
        exporter.set_ready(true);
        check(&exporter, "GET", "/readyz", "200 OK", "ready\n");
    }

    #[test]
    fn wrong_paths_and_methods_are_told_the_right_ones() {
        let exporter = exporter(String::new);
        check(
            &exporter,
            "GET",
            "/",
            "404 Not Found",
            "not found: there are /metrics, /healthz and /readyz\n",
        );
        let headers = check(&exporter, "POST", "/metrics", "405 Method Not Allowed", "use GET or HEAD\n");
        assert!(headers.contains("allow: get, head"), "{headers}");
    }

    #[test]
    fn a_rendering_that_panics_spoils_one_answer() {
        let failed = AtomicBool::new(false);
        let exporter = exporter(move || match failed.swap(true, Ordering::Relaxed) {
            false => std::panic::resume_unwind(Box::new(())),
            true => "well\n".into(),
        });
        check(&exporter, "GET", "/metrics", "500 Internal Server Error", "the page could not be rendered\n");
        check(&exporter, "GET", "/metrics", "200 OK", "well\n");
    }

    #[test]
    fn an_address_in_use_is_an_error_before_anything_is_served() {
        let taken = exporter(String::new);
        let error = Exporter::bind(taken.address()).expect_err("the port is taken");
        assert_eq!(error.kind(), io::ErrorKind::AddrInUse);
    }

    #[test]
    fn a_shutdown_frees_the_address_and_ends_idle_connections() {
        let exporter = exporter(String::new);
        let mut idle = TcpStream::connect(port(&exporter)).expect("a listener");
        check(&exporter, "GET", "/healthz", "200 OK", "ok\n");
        exporter.shutdown();
        exporter.shutdown();
        // Closed without an answer: an end or a reset, never a wait.
        assert!(matches!(idle.read(&mut [0]), Ok(0) | Err(_)));
        Exporter::bind(exporter.address()).expect("the address is free again");
    }

    #[test]
    fn clients_beyond_the_limit_wait_for_a_place() {
        let exporter = exporter(String::new);
        let address = port(&exporter);
        let idle: Vec<_> =
            (0..MAX_CONNECTIONS).map(|_| TcpStream::connect(address).expect("a listener")).collect();
        let mut late = TcpStream::connect(address).expect("a place in the queue");
        write!(late, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").expect("a reader");
        late.set_read_timeout(Some(Duration::from_millis(100))).expect("a timeout");
        let error = late.read(&mut [0]).expect_err("there is no place");
        assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
        late.set_read_timeout(None).expect("no timeout");
        drop(idle);
        assert_eq!(read(late).0, "HTTP/1.1 200 OK");
    }
}
