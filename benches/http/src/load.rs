//! Requests over connections that stay open, each of which asks again when it has its answer.

mod connection;
mod poll;

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use harness::Error;

use self::connection::Connection;
use self::poll::Poll;
use crate::contender::Contender;
use crate::service::PATH;

/// A kind of load.
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    connections: usize,
    /// Of the request, beside those that every request has.
    headers: &'static str,
    /// Whether the contenders whose handler writes a record take part.
    pub(crate) with_logs: bool,
}

pub(crate) const KINDS: [Kind; 3] = [
    Kind { name: "full", connections: 16, headers: "", with_logs: true },
    Kind {
        name: "named",
        connections: 16,
        headers: "x-request-id: 0af76519-16cd-43dd-8448-eb211c80319c\r\n\
                  traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n",
        with_logs: false,
    },
    Kind { name: "alone", connections: 1, headers: "", with_logs: false },
];

impl Kind {
    fn request(&self) -> Vec<u8> {
        let headers = self.headers;
        format!("GET {PATH} HTTP/1.1\r\nhost: 127.0.0.1\r\nuser-agent: load\r\naccept: */*\r\n{headers}\r\n")
            .into_bytes()
    }
}

/// What came of a while of load.
#[derive(Default)]
pub(crate) struct Answers {
    /// Of each request, in nanoseconds.
    pub(crate) latencies: Vec<u32>,
    pub(crate) wall: Duration,
}

/// The connections to a server.
pub(crate) struct Load {
    connections: Vec<Connection>,
    poll: Poll,
    /// Requests that were answered from the beginning.
    pub(crate) answered: u64,
}

impl Load {
    /// Connects, and sees that the first answer is what the contender promises.
    pub(crate) fn begin(kind: &Kind, contender: &Contender, address: SocketAddr) -> Result<Self, Error> {
        let poll = Poll::new()?;
        let mut connections = Vec::new();
        for number in 0..kind.connections {
            let connection = Connection::open(address, kind.request())?;
            poll.add(connection.stream(), number)?;
            connections.push(connection);
        }
        let mut load = Self { connections, poll, answered: 0 };
        load.run(Duration::from_millis(20))?;
        let answer = load.connections[0].answer().to_ascii_lowercase();
        let is_kept = contender.echo.is_none_or(|header| answer.contains(&format!("\r\n{header}: ")));
        if is_kept { Ok(load) } else { Err(format!("{}: answers {answer}", contender.name).into()) }
    }

    /// Asks for a while, and waits for the last answers.
    pub(crate) fn run(&mut self, window: Duration) -> Result<Answers, Error> {
        let began = Instant::now();
        let mut answers = Answers::default();
        let mut open = self.connections.len();
        for connection in &mut self.connections {
            connection.ask()?;
        }
        while open > 0 {
            for number in self.poll.ready()? {
                let connection = &mut self.connections[number];
                let Some(latency) = connection.hear()? else { continue };
                answers.latencies.push(latency);
                if began.elapsed() < window {
                    connection.ask()?;
                } else {
                    open -= 1;
                }
            }
        }
        answers.wall = began.elapsed();
        self.answered += answers.latencies.len() as u64;
        Ok(answers)
    }
}
