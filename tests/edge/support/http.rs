//! HTTP/1.1 as far as the origin servers need it: one request and one reply per connection.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// A request as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// Without the query.
    pub(crate) path: String,
    /// Without the `?`; empty when there is none.
    pub(crate) query: String,
    /// Names in lower case.
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Request {
    /// The decoded value of a query parameter.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        let pairs = url::form_urlencoded::parse(self.query.as_bytes());
        pairs.into_iter().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }

    /// The body as JSON; null when it is none.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// What tells two requests apart: asking the same twice gives the same line twice.
    pub(crate) fn line(&self) -> String {
        let body = String::from_utf8_lossy(&self.body);
        format!("{} {}?{} {body}", self.method, self.path, self.query)
    }
}

/// A reply; `content-length` and `connection: close` are added when it is written.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    pub(crate) fn new(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self { status, headers: vec![("content-type".into(), content_type.into())], body: body.into() }
    }

    pub(crate) fn html(body: impl Into<Vec<u8>>) -> Self {
        Self::new(200, "text/html; charset=utf-8", body)
    }

    pub(crate) fn json(status: u16, body: &serde_json::Value) -> Self {
        Self::new(status, "application/json", body.to_string())
    }

    pub(crate) fn status(status: u16) -> Self {
        Self::new(status, "text/plain", format!("status {status}\n"))
    }

    pub(crate) fn redirect(location: &str) -> Self {
        Self::status(302).header("location", location)
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Status line and headers, for a body of `length` bytes.
    pub(crate) fn head(&self, length: usize) -> String {
        let mut head = format!("HTTP/1.1 {} -\r\n", self.status);
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str(&format!("content-length: {length}\r\nconnection: close\r\n\r\n"));
        head
    }

    pub(crate) fn write(&self, stream: &mut TcpStream) -> io::Result<()> {
        stream.write_all(self.head(self.body.len()).as_bytes())?;
        stream.write_all(&self.body)?;
        stream.flush()
    }
}

/// Longest head that is accepted: twice what any client here sends.
const HEAD_BYTES_MAX: usize = 32 * 1024;
/// A client that has connected but does not speak is given up after this long.
const READ_TIMEOUT: Duration = Duration::from_secs(10);

/// Waits for the head of a request without taking it from the socket: dropping a socket that still holds unread bytes
/// resets the connection, which is how [`super::origin::Fault::Reset`] works. Returns the head and its length in bytes.
pub(crate) fn peek_head(stream: &TcpStream) -> io::Result<(Request, usize)> {
    stream.set_read_timeout(Some(READ_TIMEOUT))?;
    let mut buffer = vec![0; HEAD_BYTES_MAX];
    let started = Instant::now();
    loop {
        let length = stream.peek(&mut buffer)?;
        let head = &buffer[..length];
        if let Some(end) = head.windows(4).position(|four| four == b"\r\n\r\n") {
            let text = String::from_utf8_lossy(&head[..end]).into_owned();
            return Ok((parse_head(&text)?, end + 4));
        }
        if length == 0 || length == HEAD_BYTES_MAX || started.elapsed() > READ_TIMEOUT {
            return Err(io::Error::other("the request has no complete head"));
        }
        // Half a head is there, so the next peek returns at once: let its sender run first.
        std::thread::yield_now();
    }
}

/// Takes the head and the body of a request that was peeked at.
pub(crate) fn read_body(stream: &mut TcpStream, request: &mut Request, head_bytes: usize) -> io::Result<()> {
    let mut head = vec![0; head_bytes];
    stream.read_exact(&mut head)?;
    let chunked = request.headers.get("transfer-encoding").is_some_and(|value| value.contains("chunked"));
    if chunked {
        request.body = read_chunks(stream)?;
    } else if let Some(length) = request.headers.get("content-length") {
        let length = length.parse().map_err(|_| io::Error::other("content-length is no number"))?;
        request.body = vec![0; length];
        stream.read_exact(&mut request.body)?;
    }
    Ok(())
}

fn parse_head(text: &str) -> io::Result<Request> {
    let mut lines = text.split("\r\n");
    let mut words = lines.next().unwrap_or_default().split(' ');
    let (Some(method), Some(target)) = (words.next(), words.next()) else {
        return Err(io::Error::other("the request line is incomplete"));
    };
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let headers = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    Ok(Request { method: method.into(), path: path.into(), query: query.into(), headers, body: Vec::new() })
}

fn read_chunks(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let size = read_line(stream)?;
        let size = usize::from_str_radix(size.split(';').next().unwrap_or_default().trim(), 16)
            .map_err(|_| io::Error::other("a chunk has no size"))?;
        let start = body.len();
        body.resize(start + size, 0);
        stream.read_exact(&mut body[start..])?;
        read_line(stream)?;
        if size == 0 {
            return Ok(body);
        }
    }
}

fn read_line(stream: &mut TcpStream) -> io::Result<String> {
    let mut line = Vec::new();
    let mut byte = [0];
    while line.last() != Some(&b'\n') && line.len() < HEAD_BYTES_MAX {
        stream.read_exact(&mut byte)?;
        line.push(byte[0]);
    }
    Ok(String::from_utf8_lossy(&line).trim_end().to_owned())
}
