//! Serves the metrics page over HTTP, from a thread of its own: it needs no tokio in the program, and the program's
//! load does not delay it.

use std::convert::Infallible;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{ALLOW, CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use parking_lot::Mutex;
use tokio::runtime;
use tokio::sync::{Semaphore, oneshot};
use tokio::time::{sleep, timeout};

/// Connections served at once; others wait in the listener's queue until one ends.
const MAX_CONNECTIONS: usize = 64;
/// How long a client may take to ask.
const HEADER_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a connection lasts in all; it serves one request, so that nobody can hold one open.
const CONNECTION_TIMEOUT: Duration = Duration::from_secs(30);
/// How long to leave a listener alone that gives errors, for want of file descriptors say.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);
/// How long answers under way may take once the exporter is to stop.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(1);

const TEXT: &str = "text/plain; charset=utf-8";
const EXPOSITION: &str = "text/plain; version=0.0.4; charset=utf-8";

/// An address that is taken, and not served yet.
#[derive(Debug)]
pub(crate) struct Listener(TcpListener);

/// Serves until it is shut down or dropped.
#[derive(Debug)]
pub(crate) struct Exporter {
    address: SocketAddr,
    ready: Arc<AtomicBool>,
    running: Mutex<Option<(oneshot::Sender<()>, JoinHandle<()>)>>,
}

/// What the exporter answers from.
struct Answers {
    render: Box<dyn Fn() -> String + Send + Sync>,
    ready: Arc<AtomicBool>,
}

type Answer = Response<Full<Bytes>>;

impl Exporter {
    /// Takes an address; port 0 takes a free one.
    pub(crate) fn bind(address: SocketAddr) -> io::Result<Listener> {
        let listener = TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        Ok(Listener(listener))
    }

    /// The address with the port that was taken.
    pub(crate) const fn local_addr(&self) -> SocketAddr {
        self.address
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
    /// Starts to serve what `render` gives for each scrape.
    pub(crate) fn serve(self, render: impl Fn() -> String + Send + Sync + 'static) -> io::Result<Exporter> {
        let address = self.0.local_addr()?;
        let ready = Arc::new(AtomicBool::new(false));
        let answers = Arc::new(Answers { render: Box::new(render), ready: Arc::clone(&ready) });
        let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
        let listener = {
            let _entered = runtime.enter();
            tokio::net::TcpListener::from_std(self.0)?
        };
        let (stop, stopped) = oneshot::channel();
        let serving = move || runtime.block_on(serve(listener, answers, stopped));
        let thread = thread::Builder::new().name("tachograph-http".to_owned()).spawn(serving)?;
        Ok(Exporter { address, ready, running: Mutex::new(Some((stop, thread))) })
    }
}

async fn serve(listener: tokio::net::TcpListener, answers: Arc<Answers>, stopped: oneshot::Receiver<()>) {
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

async fn accept(
    listener: tokio::net::TcpListener,
    answers: Arc<Answers>,
    connections: Arc<GracefulShutdown>,
) {
    let room = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    while let Ok(place) = Arc::clone(&room).acquire_owned().await {
        match listener.accept().await {
            Ok((stream, _)) => {
                let answers = Arc::clone(&answers);
                let answer =
                    service_fn(move |request| std::future::ready(Ok::<_, Infallible>(answers.to(&request))));
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
            Err(_) => sleep(ACCEPT_PAUSE).await,
        }
    }
}

/// Whether only the connection failed that was about to be accepted.
fn is_of_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}

impl Answers {
    fn to<B>(&self, request: &Request<B>) -> Answer {
        let reply: fn(&Self) -> Answer = match request.uri().path() {
            "/metrics" => Self::metrics,
            "/healthz" => |_| answer(StatusCode::OK, TEXT, "ok\n"),
            "/readyz" => Self::readiness,
            _ => {
                return answer(
                    StatusCode::NOT_FOUND,
                    TEXT,
                    "not found: there are /metrics, /healthz and /readyz\n",
                );
            }
        };
        // Of an answer to HEAD, hyper sends the head alone.
        if matches!(*request.method(), Method::GET | Method::HEAD) { reply(self) } else { wrong_method() }
    }

    fn metrics(&self) -> Answer {
        match catch_unwind(AssertUnwindSafe(&self.render)) {
            Ok(page) => answer(StatusCode::OK, EXPOSITION, page),
            Err(_) => answer(StatusCode::INTERNAL_SERVER_ERROR, TEXT, "the page could not be rendered\n"),
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

fn wrong_method() -> Answer {
    let mut refusal = answer(StatusCode::METHOD_NOT_ALLOWED, TEXT, "use GET or HEAD\n");
    refusal.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
    refusal
}

fn answer(status: StatusCode, content_type: &'static str, body: impl Into<Bytes>) -> Answer {
    let mut answer = Response::new(Full::new(body.into()));
    *answer.status_mut() = status;
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    answer
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::{Ipv4Addr, TcpStream};

    use super::*;

    const ANYWHERE: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

    fn exporter(render: impl Fn() -> String + Send + Sync + 'static) -> Exporter {
        Exporter::bind(ANYWHERE).and_then(|listener| listener.serve(render)).expect("a free port")
    }

    /// The status line, the headers in lower case and the body.
    fn ask(exporter: &Exporter, method: &str, path: &str) -> (String, String, String) {
        let mut stream = TcpStream::connect(exporter.local_addr()).expect("a listener");
        write!(stream, "{method} {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").expect("a reader");
        read(stream)
    }

    fn read(mut stream: TcpStream) -> (String, String, String) {
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
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
        let error = Exporter::bind(taken.local_addr()).expect_err("the port is taken");
        assert_eq!(error.kind(), io::ErrorKind::AddrInUse);
    }

    #[test]
    fn a_shutdown_frees_the_address_and_ends_idle_connections() {
        let exporter = exporter(String::new);
        let mut idle = TcpStream::connect(exporter.local_addr()).expect("a listener");
        check(&exporter, "GET", "/healthz", "200 OK", "ok\n");
        exporter.shutdown();
        exporter.shutdown();
        // Closed without an answer: an end or a reset, never a wait.
        assert!(matches!(idle.read(&mut [0]), Ok(0) | Err(_)));
        Exporter::bind(exporter.local_addr()).expect("the address is free again");
    }

    #[test]
    fn clients_beyond_the_limit_wait_for_a_place() {
        let exporter = exporter(String::new);
        let address = exporter.local_addr();
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
