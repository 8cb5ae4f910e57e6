//! The alert that always fires goes to whoever watches the watchers, and to nobody else.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{self, Receiver};
use std::thread;

use serde_json::{Value, json};
use tachograph_servers::process::PATIENCE;

use crate::alerting::{Alerting, GENERATIONS, alert, hurried};

/// Gives what is posted to it.
struct Monitor {
    address: SocketAddr,
    bodies: Receiver<Value>,
}

impl Monitor {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let (sender, bodies) = mpsc::channel();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if let Some(body) = body(&stream) {
                    // The test may have seen enough.
                    let _ = sender.send(body);
                }
            }
        });
        Self { address, bodies }
    }
}

fn body(mut stream: &TcpStream) -> Option<Value> {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while reader.read_line(&mut head).ok()? > 2 {}
    let length = head.to_lowercase().split_once("content-length:")?.1.lines().next()?.trim().parse().ok()?;
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n").ok()?;
    serde_json::from_slice(&body).ok()
}

fn watchdog() -> Value {
    alert("Watchdog", &[("severity", "info"), ("component", "telemetry"), ("heartbeat", "true")], &[])
}

/// It would silence any other info of its component.
fn critical() -> Value {
    alert("ThresholdsMissing", &[("severity", "critical"), ("component", "telemetry")], &[])
}

#[test]
fn it_reaches_its_own_receiver_again_and_again_and_never_telegram() {
    for generation in GENERATIONS {
        let monitor = Monitor::start();
        let url = format!("http://{}/ping/0a1b", monitor.address);
        let faster =
            |config: &str| hurried(config).replace("repeat_interval: 50000ms", "repeat_interval: 500ms");
        let alerting = Alerting::start_with(generation, &[("HEARTBEAT_URL", &url)], faster);
        alerting.alertmanager.post(&json!([critical()]));
        alerting.text_naming("ThresholdsMissing");
        alerting.alertmanager.post(&json!([watchdog()]));
        for _ in 0..3 {
            let body = monitor.bodies.recv_timeout(PATIENCE).expect("a heartbeat comes");
            assert_eq!(body["alerts"][0]["labels"]["alertname"], "Watchdog", "{body}");
            assert_eq!(body["alerts"].as_array().map(Vec::len), Some(1), "{body}");
        }
        assert!(alerting.telegram.messages().iter().all(|message| !message.text.contains("Watchdog")));
    }
}

#[test]
fn without_an_address_it_goes_nowhere() {
    for generation in GENERATIONS {
        let alerting = Alerting::start_with(generation, &[("HEARTBEAT_URL", "")], hurried);
        alerting.alertmanager.post(&json!([watchdog()]));
        alerting.alertmanager.post(&json!([critical()]));
        alerting.text_naming("ThresholdsMissing");
        assert_eq!(alerting.telegram.messages().len(), 1);
        let alerts = alerting.alertmanager.get("alerts?filter=alertname=Watchdog");
        assert_eq!(alerts[0]["receivers"], json!([{ "name": "heartbeat" }]));
    }
}
