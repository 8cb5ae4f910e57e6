//! Visitors of a mirror, and the origin of what they order: a load of which nothing fails but what a test has fail.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use tachograph_servers::http;

/// From one visitor to the next.
const PACE: Duration = Duration::from_millis(200);

/// Somebody else's server.
pub(crate) struct Origin {
    address: SocketAddr,
    fails: Arc<AtomicBool>,
}

impl Origin {
    /// Its threads end with the tests.
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let fails = Arc::new(AtomicBool::new(false));
        let is_failing = Arc::clone(&fails);
        thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let status = if is_failing.load(Ordering::Relaxed) { "503 Down" } else { "200 Fine" };
                let answer =
                    format!("HTTP/1.1 {status}\r\ncontent-length: 5\r\nconnection: close\r\n\r\nhello");
                thread::spawn(move || {
                    // A request comes in one piece, and whoever goes away meanwhile needs no answer.
                    let _ = stream.read(&mut [0; 4096]);
                    let _ = stream.write_all(answer.as_bytes());
                });
            }
        });
        Self { address, fails }
    }

    /// Has it answer that it is down, or no longer.
    pub(crate) fn set_failing(&self, fails: bool) {
        self.fails.store(fails, Ordering::Relaxed);
    }
}

/// They come one by one for as long as the value lives.
pub(crate) struct Visitors {
    ended: Arc<AtomicBool>,
}

impl Visitors {
    /// Sends them to an interface, to order what is at the origin and to read what became of it.
    pub(crate) fn start(api: SocketAddr, origin: &Origin) -> Self {
        let ended = Arc::new(AtomicBool::new(false));
        let (have_ended, origin) = (Arc::clone(&ended), origin.address);
        thread::spawn(move || {
            let mut number = 0_u64;
            while !have_ended.load(Ordering::Relaxed) {
                number += 1;
                // One who is refused comes no more.
                thread::spawn(move || visit(api, &format!("http://{origin}/{number}.txt")));
                thread::sleep(PACE);
            }
        });
        Self { ended }
    }
}

impl Drop for Visitors {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
    }
}

/// Orders a file, waits for it, and reads it again: then it comes from the cache.
fn visit(api: SocketAddr, url: &str) -> Option<()> {
    let answer = http::post(api, "/files", &json!({ "url": url }).to_string()).ok()?;
    let file: Value = serde_json::from_str(&answer.body).ok()?;
    let id = file["id"].as_i64()?;
    http::get(api, &format!("/files/{id}/finished")).ok()?;
    http::get(api, &format!("/files/{id}")).ok()?;
    Some(())
}
