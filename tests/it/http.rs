//! Requests over real connections: servers of axum, clients of reqwest and of plain bytes.

mod without_axum;

use std::convert::Infallible;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Request, Response, StatusCode};
use axum::routing::{get, post};
use http_body_util::BodyExt;
use serde_json::Value;
use tachograph::http::{ClientLayer, ServerLayer};
use tachograph::{Context, Telemetry, request_id};
use tokio::sync::{Mutex, MutexGuard};
use tower::{Layer, ServiceExt, service_fn};

use super::telemetry::{reaches, records, telemetry, value};

const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/// One test at a time: they count what the whole process counts.
async fn alone() -> (&'static Telemetry, MutexGuard<'static, ()>) {
    static ALONE: Mutex<()> = Mutex::const_new(());
    let alone = ALONE.lock().await;
    (telemetry(), alone)
}

async fn serve(router: Router) -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async { axum::serve(listener, router).await.unwrap() });
    address
}

/// Sends bytes and reads until the server closes the connection.
async fn exchange(address: SocketAddr, request: Vec<u8>) -> String {
    let exchange = move || {
        let mut stream = TcpStream::connect(address).unwrap();
        // A server that has read enough closes, and says why.
        let _ = stream.write_all(&request);
        let mut response = Vec::new();
        let _ = stream.read_to_end(&mut response);
        String::from_utf8_lossy(&response).into_owned()
    };
    tokio::task::spawn_blocking(exchange).await.unwrap()
}

/// What a handler knows of its request.
async fn told() -> String {
    let before = request_id();
    tokio::task::yield_now().await;
    let spawned = tachograph::spawn(async { request_id() }).await.unwrap();
    let blocking = tachograph::spawn_blocking(request_id).await.unwrap();
    assert_eq!([&spawned, &blocking], [&before, &request_id()]);
    let context = Context::current();
    let trace = context.trace().unwrap();
    let (trace_id, span_id) = (trace.trace_id(), trace.span_id());
    let told = serde_json::json!({
        "id": before, "trace_id": trace_id, "span_id": span_id, "state": trace.tracestate(),
    });
    told.to_string()
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers[name].to_str().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_that_fits_is_the_requests_and_any_other_gives_way_to_a_new_one() {
    let (telemetry, _alone) = alone().await;
    let address = serve(Router::new().route("/told", get(told)).layer(ServerLayer::new())).await;
    let client = reqwest::Client::new();
    let ask = async |id: Option<&[u8]>| {
        let mut request = client.get(format!("http://{address}/told"));
        if let Some(id) = id {
            request = request.header("x-request-id", id);
        }
        let response = request.send().await.unwrap();
        let echoed = header(response.headers(), "x-request-id").to_owned();
        let told: Value = serde_json::from_slice(&response.bytes().await.unwrap()).unwrap();
        assert_eq!(told["id"], echoed);
        echoed
    };
    let refused = |reason: &str| {
        format!("http_server_refused_headers_total{{header=\"x-request-id\",reason=\"{reason}\"}}")
    };
    let (malformed, too_long) = (refused("malformed"), refused("too_long"));
    let longest = "x".repeat(128);
    assert_eq!(ask(Some(b"order-17")).await, "order-17");
    assert_eq!(ask(Some(longest.as_bytes())).await, longest);
    assert_eq!(ask(None).await.len(), 36);
    let before = (value(telemetry, &malformed), value(telemetry, &too_long));
    for hostile in [&b"a b"[..], b"a\"b", b"\"}{\"level\":\"ERROR", b"a\tb", b"\xff\xfe", "é".as_bytes(), b""]
    {
        assert_eq!(ask(Some(hostile)).await.len(), 36, "{hostile:?}");
    }
    assert_eq!(ask(Some(&[b'x'; 129])).await.len(), 36);
    assert_eq!(ask(Some(&[b'x'; 16 * 1024])).await.len(), 36);
    assert_eq!((value(telemetry, &malformed), value(telemetry, &too_long)), (before.0 + 7.0, before.1 + 2.0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_server_refuses_before_a_request_is_one_harms_nobody() {
    let (_, _alone) = alone().await;
    let address = serve(Router::new().route("/told", get(told)).layer(ServerLayer::new())).await;
    let ask = |id: &[u8]| {
        let head = b"GET /told HTTP/1.1\r\nhost: a\r\nconnection: close\r\nx-request-id: ";
        exchange(address, [&head[..], id, b"\r\n\r\n"].concat())
    };
    assert!(ask(b"a\x01b").await.starts_with("HTTP/1.1 400"));
    assert!(ask(&vec![b'x'; 1 << 20]).await.starts_with("HTTP/1.1 431"));
    let injected = ask(b"a\r\nx-evil: b").await;
    assert!(injected.contains("x-request-id: a\r\n") && !injected.contains("x-evil"), "{injected}");
}

#[tokio::test]
async fn an_id_of_a_megabyte_is_replaced_whatever_server_lets_it_in() {
    let (telemetry, _alone) = alone().await;
    let series = "http_server_refused_headers_total{header=\"x-request-id\",reason=\"too_long\"}";
    let service = ServerLayer::new().layer(service_fn(async |_: Request<Body>| {
        Ok::<_, Infallible>(Response::new(Body::from(request_id().unwrap())))
    }));
    let before = value(telemetry, series);
    let request = Request::builder().header("x-request-id", "x".repeat(1 << 20)).body(Body::empty()).unwrap();
    let response = service.oneshot(request).await.unwrap();
    let echoed = header(response.headers(), "x-request-id").to_owned();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    assert_eq!((body.as_ref(), body.len()), (echoed.as_bytes(), 36));
    assert_eq!(value(telemetry, series), before + 1.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trace_goes_on_and_a_malformed_one_is_counted_and_begins_anew() {
    let (telemetry, _alone) = alone().await;
    let address = serve(Router::new().route("/told", get(told)).layer(ServerLayer::new())).await;
    let client = reqwest::Client::new();
    let ask = async |headers: &[(&'static str, &str)]| -> Value {
        let mut request = client.get(format!("http://{address}/told"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        serde_json::from_slice(&request.send().await.unwrap().bytes().await.unwrap()).unwrap()
    };
    let told = ask(&[("traceparent", PARENT), ("tracestate", "a=1"), ("tracestate", "b=2")]).await;
    assert_eq!((told["trace_id"].as_str(), told["state"].as_str()), (Some(&PARENT[3..35]), Some("a=1,b=2")));
    assert_ne!(told["span_id"], PARENT[36..52]);

    let series = |header: &str| {
        format!("http_server_refused_headers_total{{header=\"{header}\",reason=\"malformed\"}}")
    };
    let (parent, state) = (series("traceparent"), series("tracestate"));
    let before = (value(telemetry, &parent), value(telemetry, &state));
    let told = ask(&[("traceparent", PARENT), ("tracestate", "no member")]).await;
    assert_eq!((told["trace_id"].as_str(), &told["state"]), (Some(&PARENT[3..35]), &Value::Null));
    let upper = PARENT.to_uppercase();
    for malformed in ["00", "", &upper, &PARENT.replace("0af", "0ag"), &format!("{PARENT}-00")] {
        let told = ask(&[("traceparent", malformed), ("tracestate", "a=1")]).await;
        // A trace that begins with a request has its digits.
        let digits = told["id"].as_str().unwrap().replace('-', "");
        assert_eq!(
            (told["trace_id"].as_str(), &told["state"]),
            (Some(&*digits), &Value::Null),
            "{malformed}"
        );
    }
    ask(&[("traceparent", PARENT), ("traceparent", PARENT)]).await;
    assert_eq!((value(telemetry, &parent), value(telemetry, &state)), (before.0 + 6.0, before.1 + 1.0));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_route_is_a_template_and_all_unknown_ones_are_one() {
    let (telemetry, _alone) = alone().await;
    let users = Router::new().route("/{id}", get(async |Path(id): Path<String>| id));
    let address = serve(Router::new().nest("/users", users).layer(ServerLayer::new())).await;
    let client = reqwest::Client::new();
    let unmatched =
        "http_server_request_duration_seconds_count{method=\"GET\",route=\"unmatched\",status_code=\"404\"}";
    let before = value(telemetry, unmatched);
    for number in 0..20 {
        let known = client.get(format!("http://{address}/users/{number}")).send().await.unwrap();
        assert_eq!(known.text().await.unwrap(), number.to_string());
        let unknown = client.get(format!("http://{address}/secret-{number}?token=x")).send().await.unwrap();
        assert_eq!(unknown.status(), 404);
        assert_eq!(header(unknown.headers(), "x-request-id").len(), 36);
    }
    let other = reqwest::Method::from_bytes(b"BREW").unwrap();
    let refused = client.request(other, format!("http://{address}/users/1")).send().await.unwrap();
    assert_eq!(refused.status(), 405);
    reaches(telemetry, unmatched, before + 20.0).await;
    let duration = |labels: &str| format!("http_server_request_duration_seconds_count{{{labels}}}");
    let template = "route=\"/users/{id}\"";
    reaches(telemetry, &duration(&format!("method=\"GET\",{template},status_code=\"200\"")), 20.0).await;
    reaches(telemetry, &duration(&format!("method=\"_OTHER\",{template},status_code=\"405\"")), 1.0).await;
    let page = telemetry.render();
    assert!(!page.contains("secret-") && !page.contains("/users/1\""), "a path is a label:\n{page}");
    for line in [
        "# TYPE http_server_request_duration_seconds histogram",
        "# TYPE http_server_active_requests gauge",
        "# TYPE http_server_request_body_size_bytes histogram",
        "# TYPE http_server_response_body_size_bytes histogram",
        "# TYPE http_server_aborted_requests_total counter",
        "http_server_aborted_requests_total{error_type=\"panic\",method=\"GET\",route=\"/users/{id}\"} 0",
        "http_server_refused_headers_total{header=\"tracestate\",reason=\"too_long\"} 0",
    ] {
        assert!(page.lines().any(|found| found == line), "no {line} in\n{page}");
    }
}

/// How requests of a route ended that were aborted.
fn aborted(route: &str, error_type: &str) -> String {
    format!(
        "http_server_aborted_requests_total{{error_type=\"{error_type}\",method=\"GET\",route=\"{route}\"}}"
    )
}

fn finished(route: &str, status: u16) -> String {
    format!(
        "http_server_request_duration_seconds_count{{method=\"GET\",route=\"{route}\",status_code=\"{status}\"}}"
    )
}

const ACTIVE: &str = "http_server_active_requests{method=\"GET\"}";

#[tokio::test(flavor = "multi_thread")]
async fn a_handler_that_panics_is_counted_and_the_panic_goes_on() {
    let (telemetry, _alone) = alone().await;
    let panics = async || -> &'static str {
        tokio::task::yield_now().await;
        panic!("the bridge is out")
    };
    let address = serve(Router::new().route("/panics", get(panics)).layer(ServerLayer::new())).await;
    let id = "doomed-request";
    let request = reqwest::Client::new().get(format!("http://{address}/panics")).header("x-request-id", id);
    assert!(request.send().await.is_err(), "axum closes the connection");
    reaches(telemetry, &aborted("/panics", "panic"), 1.0).await;
    reaches(telemetry, &finished("/panics", 500), 1.0).await;
    reaches(telemetry, ACTIVE, 0.0).await;
    assert_eq!(value(telemetry, &aborted("/panics", "cancelled")), 0.0);
    let records = records(telemetry, id);
    assert_eq!(records.len(), 1);
    assert_eq!(records[0]["level"], "ERROR");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_hangs_up_is_counted_before_and_within_the_response() {
    let (telemetry, _alone) = alone().await;
    let never = async || -> &'static str { std::future::pending().await };
    let endless = async || {
        Body::from_stream(futures_util::stream::repeat_with(|| {
            Ok::<_, Infallible>(request_id().unwrap().repeat(1_000))
        }))
    };
    let router = Router::new().route("/never", get(never)).route("/endless", get(endless));
    let address = serve(router.layer(ServerLayer::new())).await;

    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(b"GET /never HTTP/1.1\r\nhost: a\r\n\r\n").unwrap();
    reaches(telemetry, ACTIVE, 1.0).await;
    drop(stream);
    reaches(telemetry, &aborted("/never", "cancelled"), 1.0).await;
    reaches(telemetry, &finished("/never", 499), 1.0).await;

    let mut response = reqwest::get(format!("http://{address}/endless")).await.unwrap();
    let id = header(response.headers(), "x-request-id").to_owned();
    assert!(
        response.chunk().await.unwrap().unwrap().starts_with(id.as_bytes()),
        "a body is made in its request"
    );
    reaches(telemetry, ACTIVE, 1.0).await;
    drop(response);
    reaches(telemetry, &aborted("/endless", "cancelled"), 1.0).await;
    reaches(telemetry, &finished("/endless", 200), 1.0).await;
    reaches(telemetry, ACTIVE, 0.0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_fails_is_an_error_and_one_that_is_not_read_is_none() {
    let (telemetry, _alone) = alone().await;
    let breaks = async || {
        let parts = [Ok("a"), Err(std::io::Error::other("the disk is gone"))];
        Body::from_stream(futures_util::stream::iter(parts))
    };
    let router = Router::new()
        .route("/breaks", get(breaks))
        .route("/whole", get(async || "seven b"))
        .route("/streamed", get(async || Body::new(Body::from("seven b").map_frame(|frame| frame))))
        .route("/nothing", get(async || StatusCode::NO_CONTENT));
    let address = serve(router.layer(ServerLayer::new())).await;
    let client = reqwest::Client::new();
    let get = async |path: &str| client.get(format!("http://{address}{path}")).send().await?.bytes().await;
    assert!(get("/breaks").await.is_err());
    reaches(telemetry, &aborted("/breaks", "error"), 1.0).await;
    reaches(telemetry, &finished("/breaks", 200), 1.0).await;
    for (path, status, size) in [("/whole", 200, 7.0), ("/streamed", 200, 7.0), ("/nothing", 204, 0.0)] {
        get(path).await.unwrap();
        reaches(telemetry, &finished(path, status), 1.0).await;
        let sum = format!("http_server_response_body_size_bytes_sum{{method=\"GET\",route=\"{path}\"}}");
        assert_eq!(value(telemetry, &sum), size, "{path}");
        assert_eq!(value(telemetry, &aborted(path, "cancelled")), 0.0, "{path}");
    }
    client.head(format!("http://{address}/whole")).send().await.unwrap();
    let head =
        "http_server_request_duration_seconds_count{method=\"HEAD\",route=\"/whole\",status_code=\"200\"}";
    reaches(telemetry, head, 1.0).await;
    let cancelled =
        "http_server_aborted_requests_total{error_type=\"cancelled\",method=\"HEAD\",route=\"/whole\"}";
    assert_eq!(value(telemetry, cancelled), 0.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sizes_of_both_bodies_are_recorded() {
    let (telemetry, _alone) = alone().await;
    let router = Router::new().route("/doubled", post(async |body: String| body.repeat(2)));
    let address = serve(router.layer(ServerLayer::new())).await;
    let client = reqwest::Client::new();
    for size in [0, 10, 100_000] {
        let request = client.post(format!("http://{address}/doubled")).body("x".repeat(size));
        assert_eq!(request.send().await.unwrap().text().await.unwrap().len(), 2 * size);
    }
    let series = |of: &str, part: &str| {
        format!("http_server_{of}_body_size_bytes_{part}{{method=\"POST\",route=\"/doubled\"}}")
    };
    reaches(telemetry, &series("response", "count"), 3.0).await;
    assert_eq!(value(telemetry, &series("response", "sum")), 200_020.0);
    assert_eq!(value(telemetry, &series("request", "count")), 3.0);
    assert_eq!(value(telemetry, &series("request", "sum")), 100_010.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_whose_size_nobody_announced_is_as_large_as_what_was_read() {
    let (telemetry, _alone) = alone().await;
    let router = Router::new()
        .route("/chunked", post(async |body: String| body))
        .route("/ignored", post(async |_: Body| "no, thanks"));
    let address = serve(router.layer(ServerLayer::new())).await;
    let client = reqwest::Client::new();
    for path in ["/chunked", "/ignored"] {
        let chunks = futures_util::stream::iter(["seven b", "", "four"].map(Ok::<_, Infallible>));
        let request = client.post(format!("http://{address}{path}"));
        request.body(reqwest::Body::wrap_stream(chunks)).send().await.unwrap().text().await.unwrap();
    }
    let series = |path: &str, part: &str| {
        format!("http_server_request_body_size_bytes_{part}{{method=\"POST\",route=\"{path}\"}}")
    };
    for (path, size) in [("/chunked", 11.0), ("/ignored", 0.0)] {
        reaches(telemetry, &series(path, "count"), 1.0).await;
        assert_eq!(value(telemetry, &series(path, "sum")), size, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_services_in_a_row_share_one_id_and_one_trace() {
    let (telemetry, _alone) = alone().await;
    let back = async || {
        tracing::info!(service = "back", "asked");
        told().await
    };
    let back = serve(Router::new().route("/back", get(back)).layer(ServerLayer::new())).await;
    let front = async move |State(client): State<reqwest::Client>| {
        tracing::info!(service = "front", "asked");
        let response = tachograph::http::send(client.get(format!("http://{back}/back"))).await.unwrap();
        response.text().await.unwrap()
    };
    let router = Router::new().route("/front", get(front)).with_state(reqwest::Client::new());
    let front = serve(router.layer(ServerLayer::new())).await;

    let response = reqwest::Client::new()
        .get(format!("http://{front}/front"))
        .header("x-request-id", "order-two-services")
        .header("traceparent", PARENT)
        .header("tracestate", "a=1")
        .send()
        .await
        .unwrap();
    assert_eq!(header(response.headers(), "x-request-id"), "order-two-services");
    let told: Value = serde_json::from_slice(&response.bytes().await.unwrap()).unwrap();
    assert_eq!(told["id"], "order-two-services");
    assert_eq!((told["trace_id"].as_str(), told["state"].as_str()), (Some(&PARENT[3..35]), Some("a=1")));

    let records = records(telemetry, "order-two-services");
    let extra = |name: &str| records.iter().map(|record| record["extra"][name].clone()).collect::<Vec<_>>();
    assert_eq!(extra("service"), ["front", "back"]);
    assert_eq!(extra("trace_id"), [&PARENT[3..35], &PARENT[3..35]]);
    let spans = extra("span_id");
    assert!(spans[0] != spans[1] && spans[1] == told["span_id"], "{spans:?}");

    let sent = "http_client_request_duration_seconds_count\
        {error_type=\"\",method=\"GET\",server_address=\"127.0.0.1\",status_code=\"200\"}";
    reaches(telemetry, sent, 1.0).await;
}

fn sent(address: &str, error_type: &str) -> String {
    format!(
        "http_client_request_duration_seconds_count\
         {{error_type=\"{error_type}\",method=\"GET\",server_address=\"{address}\",status_code=\"\"}}"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_without_an_answer_says_why() {
    let (telemetry, _alone) = alone().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let silent = listener.local_addr().unwrap();
    let client = reqwest::Client::new();
    let get = |port: u16| client.get(format!("http://localhost:{port}/"));

    let limited = get(silent.port()).timeout(Duration::from_millis(50));
    assert!(tachograph::http::send(limited).await.unwrap_err().is_timeout());
    reaches(telemetry, &sent("localhost", "timeout"), 1.0).await;

    let given_up = tachograph::http::send(get(silent.port()));
    assert!(tokio::time::timeout(Duration::from_millis(50), given_up).await.is_err());
    reaches(telemetry, &sent("localhost", "cancelled"), 1.0).await;

    drop(listener);
    assert!(tachograph::http::send(get(silent.port())).await.unwrap_err().is_connect());
    reaches(telemetry, &sent("localhost", "connection"), 1.0).await;
}

#[tokio::test]
async fn a_tower_client_sends_the_request_it_is_in() {
    let (telemetry, _alone) = alone().await;
    let client = || {
        ClientLayer::new().layer(service_fn(async |request: Request<()>| {
            if request.uri().path() == "/refused" {
                return Err(std::io::Error::from(std::io::ErrorKind::ConnectionRefused));
            }
            let headers = request.headers();
            Ok(Response::new(["x-request-id", "traceparent"].map(|name| header(headers, name).to_owned())))
        }))
    };
    let request = |uri: &str| Request::get(uri).header("x-request-id", "forged in passing").body(()).unwrap();
    let context =
        Context::with_id("order-17").with_trace(tachograph::TraceContext::parse(PARENT, []).unwrap());
    let sent_in_request = context.scope(client().oneshot(request("http://stock.example:81/items?q=7"))).await;
    let [id, parent] = sent_in_request.unwrap().into_body();
    assert_eq!((id.as_str(), &parent[..36], &parent[52..]), ("order-17", &PARENT[..36], "-01"));
    assert_ne!(parent, PARENT);

    let [id, parent] = client().oneshot(request("http://stock.example/")).await.unwrap().into_body();
    assert_eq!((id.len(), &parent[3..35]), (36, &*id.replace('-', "")));
    let error = client().oneshot(request("http://stock.example/refused")).await.unwrap_err();
    assert!(error.is::<std::io::Error>());
    reaches(telemetry, &sent("stock.example", "connection"), 1.0).await;
    let answered = "http_client_request_duration_seconds_count\
        {error_type=\"\",method=\"GET\",server_address=\"stock.example\",status_code=\"200\"}";
    assert_eq!(value(telemetry, answered), 2.0);
}
