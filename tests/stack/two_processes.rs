//! The mirror as two processes, with a real PostgreSQL and a real Redis between them.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;

use tachograph_servers::http;
use tachograph_servers::mirror::{executable, metrics_address};
use tachograph_servers::postgres::Postgres;
use tachograph_servers::process::{PATIENCE, Process};
use tachograph_servers::redis::Redis;
use tachograph_servers::target::temporary;

const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0";

/// One of the two.
struct Service {
    process: Process,
    metrics: SocketAddr,
}

impl Service {
    fn start(role: &str, data: &Path, postgres: &Postgres, redis: &Redis) -> Self {
        let mut command = Command::new(executable());
        command.args(["--role", role, "--no-load", "--data"]).arg(data).current_dir(data);
        command.env_clear().env("METRICS_ADDR", "127.0.0.1:0").env("PERFORMANCE_LOG_THRESHOLD", "0ms");
        command.env("DATABASE_URL", postgres.url()).env("REDIS_URL", redis.url());
        let mut process = Process::start("mirror", &mut command);
        let metrics = process.wait_for("where its metrics are", metrics_address);
        Self { process, metrics }
    }

    fn page(&self) -> String {
        let page = http::get_accepting(self.metrics, "/metrics", OPEN_METRICS).expect("it answers");
        assert_eq!(page.status, 200, "{}", page.body);
        page.body
    }

    /// The sum of all samples whose series begins with that name and has all of these.
    fn sum(&self, name: &str, labels: &[&str]) -> f64 {
        let page = self.page();
        let is_meant = |line: &&str| {
            line.strip_prefix(name).is_some_and(|rest| rest.starts_with(['{', ' ']))
                && labels.iter().all(|label| line.contains(label))
        };
        let value = |line: &str| {
            let sample = line.split(" # ").next().unwrap_or(line);
            sample.rsplit_once(' ').and_then(|(_, value)| value.parse::<f64>().ok())
        };
        page.lines().filter(is_meant).filter_map(value).sum()
    }
}

/// Everything that a request goes through.
struct Services {
    api: Service,
    worker: Service,
    files: String,
    origin: Origin,
    client: Client,
    postgres: Postgres,
    redis: Redis,
    // After the processes, which write into it.
    data: TempDir,
}

impl Services {
    fn start() -> Self {
        let (postgres, redis, data) = (Postgres::start(), Redis::start(), temporary());
        let mut api = Service::start("api", data.path(), &postgres, &redis);
        let worker = Service::start("worker", data.path(), &postgres, &redis);
        let files = api.process.wait_for("where its interface is", |line| {
            Some(line.trim().strip_prefix("api")?.trim().to_owned())
        });
        Self { api, worker, files, origin: Origin::start(), client: Client::new(), postgres, redis, data }
    }

    async fn order(&self, file: &str, id: &str) -> Response {
        let order = json!({ "url": format!("http://{}/{file}", self.origin.address) });
        let request = self.client.post(&self.files).json(&order).timeout(PATIENCE);
        request.header("x-request-id", id).send().await.expect("the interface is up")
    }

    /// What became of a file, however long that takes.
    async fn finished(&self, file: i64) -> Value {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let answer = self.client.get(format!("{}/{file}/finished", self.files)).send().await;
            let answer = answer.expect("the interface is up");
            if answer.status() == StatusCode::OK {
                let answer: Value = answer.json().await.expect("a file");
                if answer["state"] == "done" || answer["state"] == "failed" {
                    return answer;
                }
            }
            assert!(Instant::now() < deadline, "file {file} was not finished within {PATIENCE:?}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    fn records(&self, service: &str, id: &str) -> Vec<Value> {
        let path = self.data.path().join("logs").join(format!("{service}.log"));
        let log = std::fs::read_to_string(path).expect("a log");
        let records = log.lines().map(|line| serde_json::from_str(line).expect("a record"));
        records.filter(|record: &Value| record["request_id"] == id).collect()
    }
}

/// Serves any file, and remembers for which request.
struct Origin {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Origin {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let asked = Arc::new(Mutex::new(Vec::new()));
        let remembered = Arc::clone(&asked);
        // It ends with the tests.
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let asked = Arc::clone(&remembered);
                thread::spawn(move || answer(stream, &asked));
            }
        });
        Self { address, asked }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("nobody panics there").clone()
    }
}

/// Answers one request, and closes the connection.
fn answer(mut stream: TcpStream, asked: &Mutex<Vec<String>>) -> std::io::Result<()> {
    let mut path = String::new();
    for line in BufReader::new(stream.try_clone()?).lines() {
        let line = line?;
        if line.is_empty() {
            break;
        }
        if path.is_empty() {
            line.split(' ').nth(1).unwrap_or_default().clone_into(&mut path);
        }
        if let Some(id) = line.strip_prefix("x-request-id: ") {
            asked.lock().expect("nobody panics there").push(id.to_owned());
        }
    }
    if path.starts_with("/slow") {
        thread::sleep(Duration::from_secs(1));
    }
    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\nhello")
}

#[tokio::test(flavor = "multi_thread")]
async fn one_id_is_found_wherever_a_request_went() {
    let services = Services::start();
    let ordered = services.order("a.txt", "order-17").await;
    assert_eq!(ordered.status(), StatusCode::ACCEPTED, "{:#?}", services.records("mirror-api", "order-17"));
    assert_eq!(ordered.headers()["x-request-id"], "order-17");
    let file: Value = ordered.json().await.expect("a file");
    let file = services.finished(file["id"].as_i64().expect("a number")).await;
    assert_eq!((&file["state"], &file["request_id"]), (&json!("done"), &json!("order-17")));

    // In the job, as the database keeps it.
    let row = sqlx::postgres::PgPool::connect(&services.postgres.url()).await.expect("it runs");
    let context: String =
        sqlx::query_scalar("SELECT context FROM files").fetch_one(&row).await.expect("a row");
    let context: Value = serde_json::from_str(&context).expect("a context");
    assert_eq!(context["request_id"], "order-17");

    assert_eq!(services.origin.asked(), ["order-17"], "the origin heard of it");

    for service in [&services.api, &services.worker] {
        let page = service.page();
        assert!(page.contains("# {request_id=\"order-17\""), "no exemplar has it:\n{page}");
    }
    // What is logged is written within milliseconds; a busy machine may take longer.
    let deadline = Instant::now() + PATIENCE;
    for (service, message) in [("mirror-api", "answered"), ("mirror-worker", "mirrored")] {
        let is_there =
            || services.records(service, "order-17").iter().any(|record| record["message"] == message);
        while !is_there() {
            assert!(Instant::now() < deadline, "{service} did not log {message:?} with the id");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_accepted_is_done_whatever_is_killed_in_the_middle() {
    let mut services = Services::start();
    let mut accepted = Vec::new();
    let mut refused = 0;
    let hundred = 100;
    for number in 0..hundred {
        match number {
            20 => services.redis.kill(),
            30 => services.postgres.kill(),
            // Each order takes as long meanwhile as the interface waits for a connection.
            36 => services.postgres.restart(),
            60 => {
                // The worker had something for the cache, and none to put it into.
                let failures =
                    || services.worker.sum("cache_connection_failures_total", &["cache=\"files\""]);
                wait_until("a cache that cannot be reached is counted", || failures() > 0.0);
                services.redis.restart();
            }
            70 => {
                // In the middle of a job.
                let _ = services.order("slow.txt", "slow").await;
                wait_until("its job is under way", || services.origin.asked().contains(&"slow".to_owned()));
                services.worker.process.signal(libc::SIGKILL);
            }
            80 => {
                let (postgres, redis) = (&services.postgres, &services.redis);
                services.worker = Service::start("worker", services.data.path(), postgres, redis);
            }
            _ => {}
        }
        let answer = services.order(&format!("{number}.txt"), &format!("order-{number}")).await;
        match answer.status() {
            StatusCode::ACCEPTED => {
                let file: Value = answer.json().await.expect("a file");
                accepted.push(file["id"].as_i64().expect("a number"));
            }
            StatusCode::SERVICE_UNAVAILABLE => refused += 1,
            other => panic!("order {number} was answered {other}"),
        }
    }
    assert!(refused > 0 && accepted.len() + refused == hundred, "{} and {refused}", accepted.len());
    for file in &accepted {
        assert_eq!(services.finished(*file).await["state"], "done", "file {file}");
    }

    // Each fault is counted, where it was met.
    let api = &services.api;
    let failed =
        |error_type: &str| api.sum("db_client_operation_duration_seconds_count", &["postgresql", error_type]);
    assert!(failed("error_type=\"connection\"") + failed("error_type=\"timeout\"") > 0.0, "{}", api.page());
    let answered = api.sum(
        "http_server_request_duration_seconds_count",
        &["method=\"POST\"", "route=\"/files\"", "status_code=\"503\""],
    );
    assert_eq!(answered, refused as f64);
    wait_until("the job of the killed worker is a retry", || {
        services.worker.sum("worker_retries_total", &["queue=\"files\""]) >= 1.0
    });
    assert_eq!(services.worker.sum("worker_queue_depth", &["queue=\"files\""]), 0.0);
}

fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < deadline, "not within {PATIENCE:?}: {what}");
        thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn an_address_that_is_none_is_refused_by_the_name_of_its_variable_and_not_shown() {
    let wrong = [
        ("DATABASE_URL", "mysql://root:secret@127.0.0.1/mirror"),
        ("DATABASE_URL", "secret"),
        ("REDIS_URL", "http://secret"),
    ];
    for (variable, value) in wrong {
        let data = temporary();
        let mut command = Command::new(executable());
        command.args(["--no-load", "--for", "1s", "--data"]).arg(data.path()).env_clear();
        let output = command.env("METRICS_ADDR", "off").env(variable, value).output().expect("it runs");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && said.contains(&format!("{variable} is not one of")), "{said}");
        assert!(!said.contains("secret"), "{said}");
    }
}
