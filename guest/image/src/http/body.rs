//! The body of an answer, and the way of its connection back to the pool.

use std::io::{self, BufRead, BufReader, Read};
use std::rc::Rc;

use super::client::Pool;
use super::{Connection, Url};

pub type BufferedConnection = BufReader<Box<dyn Connection>>;

/// Longest line that announces a chunk, and longest trailer; both are a few bytes in practice.
const CHUNK_LINE_BYTES_MAX: u64 = 4096;

/// How an answer says where its body ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// So many bytes are left.
    Length(u64),
    /// So many bytes of the present chunk are left; `None` before the first chunk's line.
    Chunked(Option<u64>),
    UntilClose,
}

pub struct Body {
    connection: Option<BufferedConnection>,
    framing: Framing,
    /// Where the connection goes after a body that was read to its end.
    home: Option<(Rc<Pool>, Url)>,
}

impl Body {
    pub fn new(connection: BufferedConnection, framing: Framing, home: Option<(Rc<Pool>, Url)>) -> Self {
        let mut body = Self { connection: Some(connection), framing, home };
        if framing == Framing::Length(0) {
            body.finish();
        }
        body
    }

    /// The whole body, unless it is longer than `bytes_max`.
    pub fn read_all(&mut self, bytes_max: u64) -> io::Result<Vec<u8>> {
        let mut content = Vec::new();
        self.take(bytes_max + 1).read_to_end(&mut content)?;
        if content.len() as u64 > bytes_max {
            return Err(io::Error::new(
                io::ErrorKind::FileTooLarge,
                format!("the answer is longer than {bytes_max} bytes"),
            ));
        }
        Ok(content)
    }

    fn finish(&mut self) {
        if let (Some(connection), Some((pool, origin))) = (self.connection.take(), self.home.take()) {
            pool.put(&origin, connection);
        }
    }

    fn read_next_chunk_length(connection: &mut BufferedConnection, is_first: bool) -> io::Result<u64> {
        if !is_first {
            read_line(connection)?;
        }
        let line = read_line(connection)?;
        let digits = line.split(';').next().unwrap_or_default().trim();
        let length = u64::from_str_radix(digits, 16)
            .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "a chunk has no length"))?;
        if length == 0 {
            // Trailers end with an empty line.
            while !read_line(connection)?.is_empty() {}
        }
        Ok(length)
    }
}

impl Read for Body {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(connection) = &mut self.connection else { return Ok(0) };
        if buffer.is_empty() {
            return Ok(0);
        }
        let left = match self.framing {
            Framing::Length(left) | Framing::Chunked(Some(left @ 1..)) => left,
            Framing::UntilClose => u64::MAX,
            Framing::Chunked(before) => {
                let length = Self::read_next_chunk_length(connection, before.is_none())?;
                self.framing = Framing::Chunked(Some(length));
                if length == 0 {
                    self.finish();
                    return Ok(0);
                }
                length
            }
        };
        let wanted = buffer.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        let count = match connection.read(&mut buffer[..wanted]) {
            Ok(count) => count,
            // Servers that frame by closing often leave out TLS's own goodbye.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof && self.framing == Framing::UntilClose => 0,
            Err(error) => return Err(error),
        };
        match (&mut self.framing, count) {
            (Framing::UntilClose, 0) => self.connection = None,
            (_, 0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            (Framing::UntilClose, _) => {}
            (Framing::Length(left), _) => {
                *left -= count as u64;
                if *left == 0 {
                    self.finish();
                }
            }
            (Framing::Chunked(left), _) => *left = left.map(|left| left - count as u64),
        }
        Ok(count)
    }
}

fn read_line(connection: &mut BufferedConnection) -> io::Result<String> {
    let mut line = Vec::new();
    connection.take(CHUNK_LINE_BYTES_MAX).read_until(b'\n', &mut line)?;
    if line.pop() != Some(b'\n') {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    if line.last() == Some(&b'\r') {
        line.pop();
    }
    String::from_utf8(line).map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "a chunk's line is not text"))
}
