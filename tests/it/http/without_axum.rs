//! The layer without axum: services of hyper over both versions of HTTP, whose bodies are hyper's own.

use std::io;

use futures_util::future::join_all;
use http_body_util::{Empty, Full, StreamBody};
use hyper::body::{Bytes, Frame, Incoming};
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpStream;

use super::*;

/// The paths of the service, which are its routes.
fn layer() -> ServerLayer {
    let known = ["/hyper/told", "/hyper/read", "/hyper/fails", "/hyper/never"];
    ServerLayer::new().route(move |head| {
        let path = head.uri.path();
        known.contains(&path).then(|| path.into())
    })
}

async fn answer(request: Request<Incoming>) -> io::Result<Response<Full<Bytes>>> {
    let said: Bytes = match request.uri().path() {
        "/hyper/fails" => return Err(io::Error::other("the cellar is flooded")),
        "/hyper/never" => std::future::pending().await,
        "/hyper/read" => request.into_body().collect().await.map_err(io::Error::other)?.to_bytes(),
        _ => {
            tokio::task::yield_now().await;
            request_id().unwrap().into()
        }
    };
    Ok(Response::new(Full::new(said)))
}

async fn serve_with_hyper() -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let service = TowerToHyperService::new(layer().layer(service_fn(answer)));
            let builder = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new());
            // Connections fail where a service does.
            tokio::spawn(
                async move { builder.serve_connection(TokioIo::new(stream), service).await.is_ok() },
            );
        }
    });
    address
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_that_share_a_connection_of_http_2_have_an_id_each() {
    let (telemetry, _alone) = alone().await;
    let series = [
        finished("/hyper/told", 200),
        aborted("/hyper/never", "cancelled"),
        aborted("/hyper/fails", "error"),
    ];
    let before = series.each_ref().map(|series| value(telemetry, series));
    let stream = TokioIo::new(TcpStream::connect(serve_with_hyper().await).await.unwrap());
    let (sender, connection) = http2::handshake(TokioExecutor::new(), stream).await.unwrap();
    tokio::spawn(connection);
    let ask = async |path: &str, id: Option<String>| {
        let mut request = Request::get(format!("http://localhost{path}"));
        if let Some(id) = id {
            request = request.header("x-request-id", id);
        }
        sender.clone().send_request(request.body(Empty::<Bytes>::new()).unwrap()).await
    };
    let answers = join_all((0..50).map(|number| {
        let id = (number % 2 == 0).then(|| format!("stream-{number}"));
        async {
            let response = ask("/hyper/told", id.clone()).await.unwrap();
            assert_eq!(response.version(), hyper::Version::HTTP_2);
            let echoed = header(response.headers(), "x-request-id").to_owned();
            assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), echoed);
            assert!(id.is_none_or(|id| id == echoed));
            echoed
        }
    }));
    let ids: std::collections::HashSet<_> = answers.await.into_iter().collect();
    assert_eq!(ids.len(), 50);

    // A stream that is reset is one request; the connection goes on.
    let never = ask("/hyper/never", None);
    assert!(tokio::time::timeout(Duration::from_millis(50), never).await.is_err());
    assert!(ask("/hyper/fails", None).await.is_err());
    for ((series, before), more) in series.iter().zip(before).zip([50.0, 1.0, 1.0]) {
        reaches(telemetry, series, before + more).await;
    }
    let unknown = ask("/hyper/unknown", None).await.unwrap();
    assert_eq!(header(unknown.headers(), "x-request-id").len(), 36);
    reaches(telemetry, ACTIVE, 0.0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_fails_is_counted_and_has_no_response_to_carry_its_id() {
    let (telemetry, _alone) = alone().await;
    let series = [aborted("/hyper/fails", "error"), finished("/hyper/fails", 500)];
    let before = series.each_ref().map(|series| value(telemetry, series));
    let address = serve_with_hyper().await;
    let request = b"GET /hyper/fails HTTP/1.1\r\nhost: a\r\nx-request-id: lost\r\n\r\n";
    assert_eq!(exchange(address, request.to_vec()).await, "", "hyper closes the connection");

    // What turns the error into a response behind the layer gets it the id, in front of it none.
    let fails = || service_fn(async |_: Request<Body>| Err::<Response<Body>, _>(io::Error::other("flooded")));
    let request = || Request::get("/hyper/fails").header("x-request-id", "kept").body(Body::empty()).unwrap();
    let behind = layer().layer(fails().map_result(|response| {
        Ok::<_, io::Error>(response.unwrap_or_else(|_| Response::new(Body::empty())))
    }));
    let response = behind.oneshot(request()).await.unwrap();
    assert_eq!(header(response.headers(), "x-request-id"), "kept");
    let error = layer().layer(fails()).oneshot(request()).await.map(|_| ()).unwrap_err();
    assert_eq!(error.to_string(), "flooded");
    for (series, before) in series.iter().zip(before) {
        reaches(telemetry, series, before + 2.0).await;
    }
    reaches(telemetry, ACTIVE, 0.0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_of_hyper_has_a_size_only_where_it_is_announced() {
    let (telemetry, _alone) = alone().await;
    let stream = TokioIo::new(TcpStream::connect(serve_with_hyper().await).await.unwrap());
    let (mut sender, connection) = http1::handshake(stream).await.unwrap();
    tokio::spawn(connection);
    let chunks = ["seven b", "four"].map(|chunk| Ok::<_, Infallible>(Frame::data(Bytes::from(chunk))));
    let bodies = [
        StreamBody::new(futures_util::stream::iter(chunks)).boxed(),
        Full::new(Bytes::from("announced")).boxed(),
    ];
    for (body, answer) in bodies.into_iter().zip(["seven bfour", "announced"]) {
        let request = Request::post("/hyper/read").header("host", "a").body(body).unwrap();
        let response = sender.send_request(request).await.unwrap();
        assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), answer);
    }
    let labels = "method=\"POST\",route=\"/hyper/read\"";
    let answered = format!("http_server_request_duration_seconds_count{{{labels},status_code=\"200\"}}");
    reaches(telemetry, &answered, 2.0).await;
    for (part, expected) in [("count", 1.0), ("sum", 9.0)] {
        let series = format!("http_server_request_body_size_bytes_{part}{{{labels}}}");
        assert_eq!(value(telemetry, &series), expected, "{part}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_headers_over_http_2_are_counted_and_replaced() {
    let (telemetry, _alone) = alone().await;
    let refused = |header: &str, reason: &str| {
        format!("http_server_refused_headers_total{{header=\"{header}\",reason=\"{reason}\"}}")
    };
    let stream = TokioIo::new(TcpStream::connect(serve_with_hyper().await).await.unwrap());
    let (sender, connection) = http2::handshake(TokioExecutor::new(), stream).await.unwrap();
    tokio::spawn(connection);
    let ask = async |name: &'static str, value: &[u8]| {
        let request = Request::get("http://localhost/hyper/told").header(name, value);
        sender.clone().send_request(request.body(Empty::<Bytes>::new()).unwrap()).await
    };
    let long = [b'x'; 129];
    for (name, hostile, reason) in [
        ("x-request-id", &b"a\"b"[..], "malformed"),
        ("x-request-id", b"a\tb", "malformed"),
        ("x-request-id", &long, "too_long"),
        ("traceparent", b"00-0-0-00", "malformed"),
        ("traceparent", &[b'0'; 4096], "malformed"),
    ] {
        let before = value(telemetry, &refused(name, reason));
        let response = ask(name, hostile).await.unwrap();
        assert_eq!(header(response.headers(), "x-request-id").len(), 36);
        assert_eq!(value(telemetry, &refused(name, reason)), before + 1.0, "{name}: {hostile:?}");
    }
    // What is beyond the limit of the server never is a request.
    let huge = ask("x-request-id", &vec![b'x'; 1 << 20]).await;
    assert!(huge.is_err() || huge.is_ok_and(|response| response.status() == 431));
    reaches(telemetry, ACTIVE, 0.0).await;
}
