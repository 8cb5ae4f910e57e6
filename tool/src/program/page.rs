//! The call sites of a running program, from its page of metrics.

use std::io::{Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

use crate::fault::Fault;
use crate::program::{Function, labels};

const PATIENCE: Duration = Duration::from_secs(10);

/// The functions of the page at an address such as `http://127.0.0.1:9464/metrics`.
pub(crate) fn functions(url: &str) -> Result<Vec<Function>, Fault> {
    let page = get(url)?;
    let samples =
        page.lines().filter_map(|line| line.strip_prefix("function_calls_total{")?.rsplit_once('}'));
    let mut functions: Vec<Function> = samples.filter_map(|(text, _)| labels::function(text)).collect();
    functions.sort();
    functions.dedup();
    if functions.is_empty() {
        return Err(Fault::new(format!(
            "{url} has no `function_calls_total`; is it the page of a program with tachograph?"
        )));
    }
    Ok(functions)
}

fn get(url: &str) -> Result<String, Fault> {
    let unusable = || Fault::new(format!("`{url}` is no address such as http://127.0.0.1:9464/metrics"));
    let (host, path) =
        url.strip_prefix("http://").ok_or_else(unusable)?.split_once('/').ok_or_else(unusable)?;
    let silent = |error: std::io::Error| {
        Fault::new(format!(
            "{url} does not answer: {error}; does the program run, and is this its METRICS_ADDR?"
        ))
    };
    let named = if host.contains(':') { host.to_owned() } else { format!("{host}:80") };
    let address = named.to_socket_addrs().map_err(silent)?.next().ok_or_else(unusable)?;
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE).map_err(silent)?;
    stream.set_read_timeout(Some(PATIENCE)).map_err(silent)?;
    // Version 1.0 spares us chunks and kept connections: the body ends with the connection.
    write!(stream, "GET /{path} HTTP/1.0\r\nHost: {host}\r\nAccept: text/plain\r\n\r\n").map_err(silent)?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).map_err(silent)?;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    match head.split(' ').nth(1) {
        Some("200") => Ok(body.to_owned()),
        status => Err(Fault::new(format!(
            "{url} answers with the status {}; is the path right?",
            status.unwrap_or("of no HTTP")
        ))),
    }
}
