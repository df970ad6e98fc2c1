//! One request, one answer. Redirects, credentials and retries are the registry client's business.

use std::cell::RefCell;
use std::io::{self, BufRead, BufReader, Write};
use std::rc::Rc;
use std::sync::Arc;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, StreamOwned};

use super::body::{Body, BufferedConnection, Framing};
use super::{Connection, Dialer, Url};

/// Longest head of an answer; real ones stay below 8 KiB.
const HEAD_BYTES_MAX: usize = 64 * 1024;
const HEADERS_MAX: usize = 128;
/// Interim answers ("100 Continue") before the real one.
const INTERIM_ANSWERS_MAX: usize = 4;
/// Idle connections kept: the registry, its token service and its blob store.
const IDLE_CONNECTIONS_MAX: usize = 4;
const READ_BUFFER_BYTES: usize = 32 * 1024;

pub struct Request<'a> {
    pub method: &'static str,
    pub url: &'a Url,
    pub headers: Vec<(&'static str, String)>,
    pub body: &'a [u8],
}

pub struct Response {
    pub status: u16,
    headers: Vec<(String, String)>,
    pub body: Body,
}

impl Response {
    /// The first header of that name, in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    pub fn headers_named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers.iter().filter(move |(found, _)| found == name).map(|(_, value)| value.as_str())
    }
}

/// Connections that wait for their next request.
#[derive(Default)]
pub struct Pool {
    idle: RefCell<Vec<(Url, BufferedConnection)>>,
}

impl Pool {
    pub(super) fn put(&self, origin: &Url, connection: BufferedConnection) {
        let mut idle = self.idle.borrow_mut();
        if idle.len() == IDLE_CONNECTIONS_MAX {
            idle.remove(0);
        }
        idle.push((origin.clone(), connection));
    }

    fn take(&self, origin: &Url) -> Option<BufferedConnection> {
        let mut idle = self.idle.borrow_mut();
        let index = idle.iter().position(|(found, _)| found.is_same_origin(origin))?;
        Some(idle.remove(index).1)
    }
}

pub struct HttpClient {
    dialer: Arc<dyn Dialer + Send + Sync>,
    tls: Arc<ClientConfig>,
    pool: Rc<Pool>,
}

impl HttpClient {
    pub fn new(dialer: Arc<dyn Dialer + Send + Sync>, tls: Arc<ClientConfig>) -> Self {
        Self { dialer, tls, pool: Rc::default() }
    }

    /// Sends the request and reads the answer's head. A kept connection that the server has closed meanwhile is replaced once.
    pub fn send(&self, request: &Request<'_>) -> io::Result<Response> {
        if let Some(connection) = self.pool.take(request.url)
            && let Ok(response) = self.exchange(connection, request)
        {
            return Ok(response);
        }
        self.exchange(self.connect(request.url)?, request)
    }

    fn connect(&self, url: &Url) -> io::Result<BufferedConnection> {
        let transport = self.dialer.dial(&url.host, url.port)?;
        let connection: Box<dyn Connection> = if url.https {
            let name = ServerName::try_from(url.host.clone()).map_err(io::Error::other)?;
            let session = ClientConnection::new(Arc::clone(&self.tls), name).map_err(io::Error::other)?;
            Box::new(StreamOwned::new(session, transport))
        } else {
            transport
        };
        Ok(BufReader::with_capacity(READ_BUFFER_BYTES, connection))
    }

    fn exchange(&self, mut connection: BufferedConnection, request: &Request<'_>) -> io::Result<Response> {
        let mut head = format!(
            "{} {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: atoll\r\n",
            request.method,
            request.url.path,
            request.url.authority()
        );
        for (name, value) in &request.headers {
            if value.bytes().any(|byte| byte < b' ' && byte != b'\t') {
                return Err(io::Error::new(
                    io::ErrorKind::InvalidInput,
                    format!("the header {name} has a control character"),
                ));
            }
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if !request.body.is_empty() {
            head.push_str(&format!("Content-Length: {}\r\n", request.body.len()));
        }
        head.push_str("\r\n");
        let mut message = head.into_bytes();
        message.extend_from_slice(request.body);
        connection.get_mut().write_all(&message)?;
        connection.get_mut().flush()?;

        for _ in 0..INTERIM_ANSWERS_MAX {
            let (status, headers) = read_head(&mut connection)?;
            if status >= 200 {
                return self.response(connection, request, status, headers);
            }
        }
        Err(invalid("the server sends interim answers only"))
    }

    fn response(
        &self,
        connection: BufferedConnection,
        request: &Request<'_>,
        status: u16,
        headers: Vec<(String, String)>,
    ) -> io::Result<Response> {
        let header = |name: &str| headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str());
        let is_chunked = header("transfer-encoding").is_some_and(|value| value.eq_ignore_ascii_case("chunked"));
        let framing = if status == 204 || status == 304 || request.method == "HEAD" {
            Framing::Length(0)
        } else if is_chunked {
            Framing::Chunked(None)
        } else if let Some(length) = header("content-length") {
            Framing::Length(length.trim().parse().map_err(|_| invalid("the answer's Content-Length is not a number"))?)
        } else {
            Framing::UntilClose
        };
        let closes = header("connection").is_some_and(|value| value.to_ascii_lowercase().contains("close"));
        let home = if closes || framing == Framing::UntilClose {
            None
        } else {
            Some((Rc::clone(&self.pool), request.url.clone()))
        };
        Ok(Response { status, body: Body::new(connection, framing, home), headers })
    }
}

fn read_head(connection: &mut BufferedConnection) -> io::Result<(u16, Vec<(String, String)>)> {
    let mut head = Vec::new();
    loop {
        let before = head.len();
        io::Read::take(&mut *connection, (HEAD_BYTES_MAX - before) as u64).read_until(b'\n', &mut head)?;
        if head.len() == before || head.last() != Some(&b'\n') {
            let reason = if head.len() >= HEAD_BYTES_MAX {
                invalid("the answer's head is too long")
            } else {
                io::ErrorKind::UnexpectedEof.into()
            };
            return Err(reason);
        }
        if matches!(&head[before..], b"\n" | b"\r\n") {
            break;
        }
    }
    let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
    let mut answer = httparse::Response::new(&mut headers);
    match answer.parse(&head) {
        Ok(httparse::Status::Complete(_)) => {}
        Ok(httparse::Status::Partial) => return Err(invalid("the answer is not HTTP/1")),
        Err(error) => return Err(invalid(&format!("the answer is not HTTP/1: {error}"))),
    }
    let status = answer.code.ok_or_else(|| invalid("the answer has no status"))?;
    let headers = answer
        .headers
        .iter()
        .map(|header| (header.name.to_ascii_lowercase(), String::from_utf8_lossy(header.value).into_owned()))
        .collect();
    Ok((status, headers))
}

fn invalid(text: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, text)
}
