//! As much of HTTP as it takes to ask a server on this machine for a page.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// An answer.
pub struct Response {
    /// Its code, such as 200.
    pub status: u16,
    /// What stands under its headers.
    pub body: String,
}

/// Asks for a path.
pub fn get(address: SocketAddr, path: &str) -> io::Result<Response> {
    get_accepting(address, path, "*/*")
}

/// Asks for a path in a format. Version 1.0 spares us chunks and kept connections: the body ends with the connection.
pub fn get_accepting(address: SocketAddr, path: &str, accept: &str) -> io::Result<Response> {
    ask(address, &format!("GET {path} HTTP/1.0\r\nHost: {address}\r\nAccept: {accept}\r\n\r\n"))
}

/// Sends JSON to a path.
pub fn post(address: SocketAddr, path: &str, json: &str) -> io::Result<Response> {
    let length = json.len();
    ask(
        address,
        &format!(
            "POST {path} HTTP/1.0\r\nHost: {address}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{json}"
        ),
    )
}

fn ask(address: SocketAddr, request: &str) -> io::Result<Response> {
    let patience = Duration::from_secs(10);
    let mut stream = TcpStream::connect_timeout(&address, patience)?;
    stream.set_read_timeout(Some(patience))?;
    stream.write_all(request.as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    parse(&answer)
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, format!("no answer of HTTP: {answer:?}")))
}

fn parse(answer: &str) -> Option<Response> {
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some(Response { status, body: body.to_owned() })
}

/// Writes a text so that it may stand in a query.
pub fn percent_encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        })
        .collect()
}
