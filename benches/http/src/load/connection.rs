//! One connection, with one request under way at most.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Instant;

use harness::Error;

pub(super) struct Connection {
    stream: TcpStream,
    request: Vec<u8>,
    answer: [u8; 2048],
    read: usize,
    /// How long an answer is: all are alike, once the first was read.
    length: Option<usize>,
    asked: Instant,
}

impl Connection {
    pub(super) fn open(address: SocketAddr, request: Vec<u8>) -> Result<Self, Error> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_nonblocking(true)?;
        Ok(Self { stream, request, answer: [0; 2048], read: 0, length: None, asked: Instant::now() })
    }

    pub(super) const fn stream(&self) -> &TcpStream {
        &self.stream
    }

    /// The last one.
    pub(super) fn answer(&self) -> String {
        String::from_utf8_lossy(&self.answer[..self.length.unwrap_or(self.read)]).into_owned()
    }

    pub(super) fn ask(&mut self) -> Result<(), Error> {
        self.asked = Instant::now();
        Ok(self.stream.write_all(&self.request)?)
    }

    /// Reads what is there, and says how long the answer took in nanoseconds if it is whole.
    pub(super) fn hear(&mut self) -> Result<Option<u32>, Error> {
        match self.stream.read(&mut self.answer[self.read..]) {
            Ok(0) => return Err("the server hung up".into()),
            Ok(bytes) => self.read += bytes,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(None),
            Err(error) => return Err(error.into()),
        }
        let is_whole = match self.length {
            Some(length) if self.read > length => return Err("an answer is longer than the first".into()),
            Some(length) => self.read == length,
            None => self.measure()?,
        };
        if !is_whole {
            return Ok(None);
        }
        if !self.answer.starts_with(b"HTTP/1.1 200 ") {
            return Err(format!("a request was answered with {}", self.answer()).into());
        }
        self.read = 0;
        Ok(Some(u32::try_from(self.asked.elapsed().as_nanos())?))
    }

    /// Finds out how long the first answer is, and whether that much has come.
    fn measure(&mut self) -> Result<bool, Error> {
        let text = std::str::from_utf8(&self.answer[..self.read])?;
        let Some((head, _)) = text.split_once("\r\n\r\n") else { return Ok(false) };
        let line = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let body: usize = line.ok_or("an answer without a length")?.parse()?;
        let length = head.len() + 4 + body;
        self.length = Some(length);
        Ok(self.read == length)
    }
}
