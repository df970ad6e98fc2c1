//! A registry in memory: answers by a function, remembers what was asked. No socket of the network is opened.

use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex};
use std::thread;

use image::http::{Connection, Dialer};

/// One request: "GET host:port/path" and its headers in lower case.
#[derive(Debug, Clone)]
pub struct Asked {
    pub line: String,
    pub headers: Vec<(String, String)>,
}

impl Asked {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }
}

type Answer = dyn Fn(&Asked, usize) -> Vec<u8> + Send + Sync;

#[derive(Clone)]
pub struct Server {
    answer: Arc<Answer>,
    asked: Arc<Mutex<Vec<Asked>>>,
    dialed: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// `answer` gets the request and how many came before, and gives the bytes of the answer. An answer whose length falls short
    /// of its Content-Length is a connection that breaks.
    pub fn new(answer: impl Fn(&Asked, usize) -> Vec<u8> + Send + Sync + 'static) -> Self {
        Self { answer: Arc::new(answer), asked: Arc::default(), dialed: Arc::default() }
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    pub fn dialed(&self) -> Vec<String> {
        self.dialed.lock().unwrap().clone()
    }

    fn serve(&self, authority: &str, stream: UnixStream) -> io::Result<()> {
        let mut reader = BufReader::new(stream.try_clone()?);
        let mut writer = stream;
        loop {
            let Some((method, path)) =
                read_line(&mut reader)?.split_once(' ').map(|(a, b)| (a.to_owned(), b.to_owned()))
            else {
                return Ok(());
            };
            let path = path.trim_end_matches(" HTTP/1.1");
            let mut headers = Vec::new();
            while let Some((name, value)) = read_line(&mut reader)?.split_once(": ") {
                headers.push((name.to_ascii_lowercase(), value.to_owned()));
            }
            let asked = Asked { line: format!("{method} {authority}{path}"), headers };
            let before = {
                let mut all = self.asked.lock().unwrap();
                all.push(asked.clone());
                all.len() - 1
            };
            let answer = (self.answer)(&asked, before);
            writer.write_all(&answer)?;
            if !is_whole(&answer) {
                return Ok(());
            }
        }
    }
}

impl Dialer for Server {
    fn dial(&self, host: &str, port: u16) -> io::Result<Box<dyn Connection>> {
        let (ours, theirs) = UnixStream::pair()?;
        let authority = format!("{host}:{port}");
        self.dialed.lock().unwrap().push(authority.clone());
        let server = self.clone();
        thread::spawn(move || server.serve(&authority, theirs));
        Ok(Box::new(ours))
    }
}

pub fn answer(status: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    [format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\n\r\n", body.len()).as_bytes(), body].concat()
}

/// The same, breaking off after so many bytes of the body.
pub fn broken(status: &str, headers: &[(&str, &str)], body: &[u8], bytes: usize) -> Vec<u8> {
    let mut whole = answer(status, headers, body);
    whole.truncate(whole.len() - body.len() + bytes);
    whole
}

fn is_whole(answer: &[u8]) -> bool {
    let text = String::from_utf8_lossy(answer);
    let Some((head, _)) = text.split_once("\r\n\r\n") else { return false };
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("Content-Length: "))
        .and_then(|length| length.parse::<usize>().ok());
    length.is_none_or(|length| answer.len() == head.len() + 4 + length)
}

fn read_line(reader: &mut impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    reader.read_line(&mut line)?;
    Ok(line.trim_end().to_owned())
}
