//! The line as two threads share it: one moves bytes between it and the port, the other opens streams on it and waits.

use std::collections::{HashMap, VecDeque};
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use channel::messages::{Bytes, DialInput, DialStart, Status, dial_input::Input, status::Code};
use channel::prost::Message;
use channel::{Line, Method, Side};
use rustix::event::{EventfdFlags, eventfd};

use crate::error::{PullError, Reason};
use crate::http::{Connection, Dialer};

/// How long a registry may be silent, name resolution and connecting included.
const SILENCE_MAX: Duration = Duration::from_secs(60);

/// Bytes queued on one stream before its writer waits.
const QUEUED_BYTES_MAX: usize = 256 * 1024;

/// Largest piece of a write, one frame's worth.
const WRITE_BYTES_MAX: usize = 60 * 1024;

/// What came in on a stream that this side opened, and was not read yet. Bounded by the line's credit.
#[derive(Default)]
struct Inbox {
    pieces: VecDeque<(Vec<u8>, usize)>,
    has_ended: bool,
    closed: Option<Status>,
}

pub struct Shared {
    pub line: Line,
    inboxes: HashMap<u32, Inbox>,
}

#[derive(Clone)]
pub struct HostLine {
    shared: Arc<(Mutex<Shared>, Condvar)>,
    wake: Arc<OwnedFd>,
}

impl HostLine {
    pub fn new() -> io::Result<Self> {
        let shared = Shared { line: Line::new(Side::Guest), inboxes: HashMap::new() };
        let wake = eventfd(0, EventfdFlags::NONBLOCK | EventfdFlags::CLOEXEC)?;
        Ok(Self { shared: Arc::new((Mutex::new(shared), Condvar::new())), wake: Arc::new(wake) })
    }

    /// Readable when a thread has put something on the line.
    pub fn wake_event(&self) -> &OwnedFd {
        &self.wake
    }

    pub fn clear_wake_event(&self) {
        // EAGAIN only says that it was clear already.
        let _ = rustix::io::read(&*self.wake, &mut [0; 8]);
    }

    pub fn lock(&self) -> MutexGuard<'_, Shared> {
        // A panic in one call must not take the line from all others.
        self.shared.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends a message on a stream that the host opened; false when the stream is over.
    pub fn send(&self, stream: u32, message: &impl Message) -> bool {
        let is_sent = self.lock().line.send(stream, message.encode_to_vec()).is_ok();
        self.wake_port_thread();
        is_sent
    }

    pub fn close(&self, stream: u32, code: Code, text: &str) {
        self.lock().line.close(stream, code, text);
        self.wake_port_thread();
    }

    fn wake_port_thread(&self) {
        // EAGAIN only says that it is awake already.
        let _ = rustix::io::write(&*self.wake, &1u64.to_ne_bytes());
    }

    fn wait<'a>(&self, guard: MutexGuard<'a, Shared>, until: Instant) -> io::Result<MutexGuard<'a, Shared>> {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(io::Error::new(io::ErrorKind::TimedOut, "the other side is silent"));
        }
        Ok(self.shared.1.wait_timeout(guard, left).unwrap_or_else(PoisonError::into_inner).0)
    }
}

/// What the port's thread tells about streams that this side opened.
impl HostLine {
    pub fn deliver(&self, shared: &mut Shared, stream: u32, bytes: Vec<u8>, credit: usize) {
        match shared.inboxes.get_mut(&stream) {
            Some(inbox) => inbox.pieces.push_back((bytes, credit)),
            None => shared.line.taken(stream, credit),
        }
        self.shared.1.notify_all();
    }

    pub fn note_end(&self, shared: &mut Shared, stream: u32) {
        if let Some(inbox) = shared.inboxes.get_mut(&stream) {
            inbox.has_ended = true;
        }
        self.shared.1.notify_all();
    }

    pub fn note_close(&self, shared: &mut Shared, stream: u32, status: Status) {
        if let Some(inbox) = shared.inboxes.get_mut(&stream) {
            inbox.closed = Some(status);
        }
        self.shared.1.notify_all();
    }

    /// The host connected anew: nothing of the streams before is left.
    pub fn note_reset(&self, shared: &mut Shared) {
        let status = Status { code: Code::Cancelled.into(), message: "the host connected anew".into() };
        for inbox in shared.inboxes.values_mut() {
            inbox.closed = Some(status.clone());
        }
        self.shared.1.notify_all();
    }

    /// Streams may be written again.
    pub fn note_written(&self) {
        self.shared.1.notify_all();
    }
}

impl Dialer for HostLine {
    fn dial(&self, host: &str, port: u16) -> io::Result<Box<dyn Connection>> {
        let start = DialInput { input: Some(Input::Start(DialStart { host: host.to_owned(), port: port.into() })) };
        let mut shared = self.lock();
        let stream = shared.line.open(Method::Dial, &start.encode_to_vec()).map_err(io::Error::other)?;
        shared.inboxes.insert(stream, Inbox::default());
        drop(shared);
        self.wake_port_thread();
        Ok(Box::new(DialedConnection { line: self.clone(), stream, piece: Vec::new(), offset: 0 }))
    }
}

struct DialedConnection {
    line: HostLine,
    stream: u32,
    /// The piece at hand and how far it was read.
    piece: Vec<u8>,
    offset: usize,
}

impl DialedConnection {
    fn next_piece(&mut self) -> io::Result<bool> {
        let until = Instant::now() + SILENCE_MAX;
        let mut shared = self.line.lock();
        loop {
            let Some(inbox) = shared.inboxes.get_mut(&self.stream) else { return Ok(false) };
            if let Some((message, credit)) = inbox.pieces.pop_front() {
                shared.line.taken(self.stream, credit);
                drop(shared);
                self.line.wake_port_thread();
                self.piece = Bytes::decode(&message[..]).map_err(io::Error::other)?.data;
                self.offset = 0;
                return Ok(true);
            }
            if let Some(status) = &inbox.closed {
                return if status.code() == Code::Ok { Ok(false) } else { Err(closed(status)) };
            }
            if inbox.has_ended {
                return Ok(false);
            }
            shared = self.line.wait(shared, until)?;
        }
    }
}

/// A refusal by the host's policy is final; anything else may pass.
fn closed(status: &Status) -> io::Error {
    match status.code() {
        Code::InvalidArgument | Code::FailedPrecondition => {
            PullError::new(Reason::RegistryUnavailable, status.message.clone()).into()
        }
        _ => io::Error::new(io::ErrorKind::ConnectionReset, status.message.clone()),
    }
}

impl Read for DialedConnection {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.offset == self.piece.len() {
            if !self.next_piece()? {
                return Ok(0);
            }
        }
        let rest = &self.piece[self.offset..];
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        self.offset += count;
        Ok(count)
    }
}

impl Write for DialedConnection {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let until = Instant::now() + SILENCE_MAX;
        let mut shared = self.line.lock();
        while shared.line.waiting_bytes(self.stream) > QUEUED_BYTES_MAX {
            shared = self.line.wait(shared, until)?;
        }
        if let Some(status) = shared.inboxes.get(&self.stream).and_then(|inbox| inbox.closed.as_ref()) {
            return Err(closed(status));
        }
        let count = buffer.len().min(WRITE_BYTES_MAX);
        let input = DialInput { input: Some(Input::Data(buffer[..count].to_vec())) };
        shared
            .line
            .send(self.stream, input.encode_to_vec())
            .map_err(|error| io::Error::new(io::ErrorKind::BrokenPipe, error))?;
        drop(shared);
        self.line.wake_port_thread();
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for DialedConnection {
    fn drop(&mut self) {
        let mut shared = self.line.lock();
        shared.inboxes.remove(&self.stream);
        shared.line.close(self.stream, Code::Cancelled, "");
        drop(shared);
        self.line.wake_port_thread();
    }
}
