//! A small HTTP/1.1 client over streams that somebody else opens: requests, answers, kept-alive connections, TLS.

mod body;
mod client;
mod tls;
mod url;

pub use body::Body;
pub use client::{HttpClient, Request, Response};
pub use tls::client_configuration;
pub use url::Url;

use std::io::{self, Read, Write};

/// A TCP connection that somebody opened for us. Reads fail with `TimedOut` when the other end is silent for too long.
pub trait Connection: Read + Write {}
impl<T: Read + Write> Connection for T {}

/// Opens connections: the host in a microVM, a socket in tests.
pub trait Dialer {
    fn dial(&self, host: &str, port: u16) -> io::Result<Box<dyn Connection>>;
}
