//! Telegram's Bot API on this machine: it accepts and refuses what the real one does, and keeps what it accepted.

mod html;

use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::process::PATIENCE;

/// The token of the only bot there is.
pub const TOKEN: &str = "123456789:AAExample-token_of_a_bot_that_is_none";
/// The only chat that it is in.
pub const CHAT: &str = "-1001234567890";
/// As many characters as a message may have once its tags and entities are read.
const LONGEST: usize = 4096;

/// A message that was accepted.
#[derive(Debug, Clone)]
pub struct Message {
    /// As people read it.
    pub text: String,
    /// As it was sent.
    pub html: String,
    /// Where its links lead.
    pub links: Vec<String>,
    /// Whether the telephone stays silent.
    pub is_silent: bool,
    /// When it came.
    pub at: Instant,
}

/// What goes wrong with a request.
#[derive(Debug, Clone, Copy)]
pub enum Failure {
    /// It is answered by this code.
    Status(u16),
    /// It is not answered for that long, and then not at all.
    Hang(Duration),
}

/// The server. Its threads end with the tests.
pub struct Telegram {
    address: SocketAddr,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    inner: Mutex<Inner>,
    changed: Condvar,
}

#[derive(Default)]
struct Inner {
    messages: Vec<Message>,
    refusals: Vec<String>,
    failures: VecDeque<Failure>,
}

impl Telegram {
    /// Listens on a free port.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let state = Arc::new(State::default());
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let state = Arc::clone(&shared);
                // A client that goes away is its own affair.
                thread::spawn(move || drop(state.serve(&stream)));
            }
        });
        Self { address, state }
    }

    /// What stands for `https://api.telegram.org`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Has the next requests fail, one after the other.
    pub fn fail(&self, failures: impl IntoIterator<Item = Failure>) {
        self.state.lock().failures.extend(failures);
    }

    /// What was accepted so far.
    pub fn messages(&self) -> Vec<Message> {
        self.state.lock().messages.clone()
    }

    /// What was refused so far, and why.
    pub fn refusals(&self) -> Vec<String> {
        self.state.lock().refusals.clone()
    }

    /// How many failures have not happened yet.
    pub fn failures_left(&self) -> usize {
        self.state.lock().failures.len()
    }

    /// Waits for a message in which `read` finds something.
    pub fn wait_for<T>(&self, what: &str, read: impl Fn(&Message) -> Option<T>) -> T {
        self.wait_for_nth(what, 0, read)
    }

    /// The same, for the message that comes after so many others of its kind.
    pub fn wait_for_nth<T>(&self, what: &str, nth: usize, read: impl Fn(&Message) -> Option<T>) -> T {
        let deadline = Instant::now() + PATIENCE;
        let mut inner = self.state.lock();
        loop {
            if let Some(found) = inner.messages.iter().filter_map(&read).nth(nth) {
                return found;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            let texts: Vec<_> = inner.messages.iter().map(|message| &message.text).collect();
            assert!(
                !left.is_zero(),
                "no message came {what} within {PATIENCE:?}, but {texts:#?}\nrefused: {:#?}",
                inner.refusals
            );
            inner = self.state.changed.wait_timeout(inner, left).expect("no thread panics with it").0;
        }
    }
}

impl State {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().expect("no thread panics with it")
    }

    fn serve(&self, stream: &TcpStream) -> io::Result<()> {
        let at = Instant::now();
        let (path, body) = request(stream)?;
        let failure = self.lock().failures.pop_front();
        let (status, answer) = match failure {
            Some(Failure::Hang(duration)) => {
                thread::sleep(duration);
                return Ok(());
            }
            Some(Failure::Status(429)) => {
                let (status, mut answer) = refusal(429, "Too Many Requests: retry after 1");
                answer["parameters"] = json!({ "retry_after": 1 });
                (status, answer)
            }
            Some(Failure::Status(status)) => refusal(status, "Internal Server Error"),
            None => self.answer(&path, &body, at),
        };
        let answer = answer.to_string();
        let length = answer.len();
        let head =
            format!("HTTP/1.1 {status} Said\r\nContent-Type: application/json\r\nConnection: close\r\n");
        (&*stream).write_all(format!("{head}Content-Length: {length}\r\n\r\n{answer}").as_bytes())
    }

    fn answer(&self, path: &str, body: &str, at: Instant) -> (u16, Value) {
        let accepted = accept(path, body, at);
        let mut inner = self.lock();
        match accepted {
            Ok(message) => {
                inner.messages.push(message);
                let chat = json!({ "id": -1_001_234_567_890_i64, "type": "supergroup", "title": "alerts" });
                let result =
                    json!({ "message_id": inner.messages.len(), "date": 1, "chat": chat, "text": "" });
                self.changed.notify_all();
                (200, json!({ "ok": true, "result": result }))
            }
            Err((status, reason)) => {
                inner.refusals.push(format!("{status} {reason}: {body}"));
                refusal(status, &reason)
            }
        }
    }
}

fn accept(path: &str, body: &str, at: Instant) -> Result<Message, (u16, String)> {
    let bad = |reason: &str| (400, format!("Bad Request: {reason}"));
    let method = path.strip_prefix(&format!("/bot{TOKEN}/")).ok_or((401, "Unauthorized".to_owned()))?;
    if method != "sendMessage" {
        return Err((404, "Not Found".to_owned()));
    }
    let body: Value = serde_json::from_str(body).map_err(|_| bad("can't parse JSON"))?;
    // A number or the text of one.
    let chat = body["chat_id"].as_str().map_or_else(|| body["chat_id"].to_string(), str::to_owned);
    if chat != CHAT {
        return Err(bad("chat not found"));
    }
    let html = body["text"].as_str().unwrap_or_default().to_owned();
    let read = match body["parse_mode"].as_str() {
        Some("HTML") => {
            html::read(&html).map_err(|reason| bad(&format!("can't parse entities: {reason}")))?
        }
        _ => html::Read { text: html.clone(), links: Vec::new() },
    };
    match read.text.trim() {
        "" => return Err(bad("message text is empty")),
        // An emoji beyond the first plane counts as two.
        text if text.encode_utf16().count() > LONGEST => return Err(bad("message is too long")),
        _ => {}
    }
    let silent = &body["disable_notification"];
    let is_silent = silent.as_bool().unwrap_or_else(|| silent.as_str() == Some("true"));
    Ok(Message { text: read.text.trim().to_owned(), html, links: read.links, is_silent, at })
}

fn refusal(status: u16, reason: &str) -> (u16, Value) {
    (status, json!({ "ok": false, "error_code": status, "description": reason }))
}

/// The path and the body of a request.
fn request(stream: &TcpStream) -> io::Result<(String, String)> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut length = 0;
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        match line.trim_end().split_once(':') {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                length = value.trim().parse().unwrap_or_default();
            }
            Some(_) => {}
            None => break,
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok((path, String::from_utf8_lossy(&body).into_owned()))
}
