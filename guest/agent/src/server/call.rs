//! One call of the host, as its handler sees it.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use channel::Line;
use channel::messages::status::Code;
use channel::prost::Message;

use crate::runtime::Bell;

/// A handler waits while so much of what it said is still queued.
const QUEUED_BYTES_MAX: usize = 256 * 1024;

/// Why a call failed: the status of its stream.
#[derive(Debug, PartialEq, Eq)]
pub struct Failure {
    pub code: Code,
    pub message: String,
}

impl Failure {
    pub fn new(code: Code, message: impl Into<String>) -> Failure {
        Failure { code, message: message.into() }
    }

    pub fn internal(message: impl std::fmt::Display) -> Failure {
        Failure::new(Code::Internal, message.to_string())
    }
}

/// The line, shared by all calls of it.
pub struct Connection {
    pub line: RefCell<Line>,
    /// Rung whenever there may be more to write, or room for more.
    pub changed: Bell,
}

/// What came for one stream and was not taken yet.
#[derive(Default)]
pub struct Inbox {
    pub messages: RefCell<VecDeque<(Vec<u8>, usize)>>,
    pub ended: Cell<bool>,
    /// The stream is over: closed by the host, or gone with its connection.
    pub closed: Cell<bool>,
    pub bell: Bell,
}

/// Dropping a call that nobody finished (a handler that panicked) closes its stream with INTERNAL.
pub struct Call {
    pub(super) connection: Rc<Connection>,
    pub(super) inbox: Rc<Inbox>,
    pub(super) stream: u32,
}

impl Call {
    /// The next message, or `None` when there will be none.
    pub async fn receive<M: Message + Default>(&self) -> Result<Option<M>, Failure> {
        loop {
            let seen = self.inbox.bell.count();
            let next = self.inbox.messages.borrow_mut().pop_front();
            if let Some((bytes, credit)) = next {
                if !self.inbox.closed.get() {
                    self.connection.line.borrow_mut().taken(self.stream, credit);
                    self.connection.changed.ring();
                }
                let message = M::decode(bytes.as_slice());
                return message.map(Some).map_err(|error| Failure::new(Code::InvalidArgument, error.to_string()));
            }
            if self.inbox.ended.get() || self.inbox.closed.get() {
                return Ok(None);
            }
            self.inbox.bell.after(seen).await;
        }
    }

    /// The one request of a unary or server-streaming call.
    pub async fn request<M: Message + Default>(&self) -> Result<M, Failure> {
        self.receive().await?.ok_or_else(|| Failure::new(Code::InvalidArgument, "the call has no request"))
    }

    /// Sends a message, waiting while the host takes none. CANCELLED once the stream is over.
    pub async fn send(&self, message: &impl Message) -> Result<(), Failure> {
        let gone = || Failure::new(Code::Cancelled, "the stream is over");
        loop {
            let seen = self.connection.changed.count();
            if self.inbox.closed.get() {
                return Err(gone());
            }
            if self.connection.line.borrow().waiting_bytes(self.stream) < QUEUED_BYTES_MAX {
                break;
            }
            self.connection.changed.after(seen).await;
        }
        let sent = self.connection.line.borrow_mut().send(self.stream, message.encode_to_vec());
        self.connection.changed.ring();
        sent.map_err(|_| gone())
    }

    /// Returns when the stream is over.
    pub async fn closed(&self) {
        self.inbox.bell.until(|| self.inbox.closed.get()).await;
    }

    /// Closes the stream with the outcome of its call.
    pub fn finish(&self, outcome: &Result<(), Failure>) {
        match outcome {
            Ok(()) => self.close(Code::Ok, ""),
            Err(failure) => self.close(failure.code, &failure.message),
        }
    }

    fn close(&self, code: Code, message: &str) {
        if !self.inbox.closed.replace(true) {
            self.connection.line.borrow_mut().close(self.stream, code, message);
            self.connection.changed.ring();
        }
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        self.close(Code::Internal, "the handler ended without an answer");
    }
}
