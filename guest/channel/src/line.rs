//! All streams of one line: who is open, how much may be sent, what came in.
//!
//! The owner feeds [`Line::receive`], acts on its events, and writes out [`Line::outgoing`]. Back-pressure is the owner's:
//! it calls [`Line::taken`] when a message has been used, and stops sending while [`Line::waiting_bytes`] is high.

use std::collections::BTreeMap;
use std::fmt;

use prost::Message;

use crate::frame::{Frame, FrameType, MAGIC, Piece, RESET_LENGTH, Reader, write_frame};
use crate::messages::{Status, status::Code};
use crate::methods::Method;
use crate::send_queue::SendQueue;

/// Payload a sender may have out on a stream before it needs credit.
pub const WINDOW_BYTES: usize = 256 * 1024;
/// Largest assembled message.
pub const MESSAGE_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Streams open at a time, both sides' together.
pub const STREAMS_MAX: usize = 256;
/// Credit is given back in pieces of this size, so that a stream of small messages does not cost a frame for each.
const CREDIT_STEP_BYTES: usize = WINDOW_BYTES / 4;
/// Frames are cut from the streams' queues up to this much ahead of the port, so that a CLOSE or PONG is never far behind.
const OUTGOING_BYTES: usize = 128 * 1024;
/// Answers that a host's frames can cause (PONG, CLOSE) are dropped beyond this: a host that does not read gets none.
const OUTGOING_BYTES_MAX: usize = 1024 * 1024;
/// Longest text of a status, so that a CLOSE always fits into one frame.
const STATUS_TEXT_MAX: usize = 8 * 1024;

/// Which end this is: hosts open odd streams, guests even ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Host,
    Guest,
}

/// What happened on the line.
#[derive(Debug, PartialEq)]
pub enum Event {
    /// A host connected anew: every stream is gone.
    Reset { epoch: u64 },
    /// The other side opened a stream; its first message follows as [`Event::Message`].
    Opened { stream: u32, method: Method },
    /// `credit` is what [`Line::taken`] is to be told once the message has been used.
    Message { stream: u32, bytes: Vec<u8>, credit: usize },
    /// The other side sends no more messages.
    Ended { stream: u32 },
    /// The stream is over.
    Closed { stream: u32, status: Status },
}

/// Why something could not be sent.
#[derive(Debug, PartialEq, Eq)]
pub enum LineError {
    /// The stream is not open (any more).
    StreamClosed(u32),
    MessageTooLarge {
        bytes: usize,
    },
    TooManyStreams,
}

impl fmt::Display for LineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LineError::StreamClosed(stream) => write!(f, "stream {stream} is closed"),
            LineError::MessageTooLarge { bytes } => {
                write!(f, "a message of {bytes} bytes is larger than {MESSAGE_BYTES_MAX}")
            }
            LineError::TooManyStreams => write!(f, "{STREAMS_MAX} streams are open already"),
        }
    }
}

impl std::error::Error for LineError {}

#[derive(Debug)]
struct Stream {
    send: SendQueue,
    /// Credit this side still grants the other.
    window: usize,
    /// Taken bytes that no CREDIT has told yet.
    owed: usize,
    /// Fragments of the message that is coming in.
    partial: Vec<u8>,
    /// CLOSE waits for the messages before it.
    closing: Option<Status>,
}

impl Stream {
    fn new() -> Stream {
        Stream { send: SendQueue::new(WINDOW_BYTES), window: WINDOW_BYTES, owed: 0, partial: Vec::new(), closing: None }
    }
}

/// One end of the line.
#[derive(Debug)]
pub struct Line {
    side: Side,
    reader: Reader,
    streams: BTreeMap<u32, Stream>,
    outgoing: Vec<u8>,
    next_stream: u32,
    /// Highest stream the other side has opened; numbers only ascend.
    last_opened: u32,
    /// Stream that had its turn last.
    turn: u32,
}

impl Line {
    #[must_use]
    pub fn new(side: Side) -> Line {
        let mut line = Line {
            side,
            reader: Reader::new(),
            streams: BTreeMap::new(),
            outgoing: Vec::new(),
            next_stream: 0,
            last_opened: 0,
            turn: 0,
        };
        line.forget_streams();
        line
    }

    /// Host side: starts a connection. Everything before the guest's answer with this epoch is thrown away.
    pub fn reset(&mut self, epoch: u64) {
        self.forget_streams();
        self.reader = Reader::new();
        self.write_reset(epoch);
    }

    /// Takes what the port gave and adds what it means to `events`.
    pub fn receive(&mut self, bytes: &[u8], events: &mut Vec<Event>) {
        let mut pieces = Vec::new();
        self.reader.read(bytes, &mut pieces);
        for piece in pieces {
            match piece {
                Piece::Reset { epoch } => {
                    self.forget_streams();
                    if self.side == Side::Guest {
                        self.write_reset(epoch);
                    }
                    events.push(Event::Reset { epoch });
                }
                Piece::Frame(frame) => self.take_frame(frame, events),
            }
        }
    }

    /// True while a received frame waits because it ends like the beginning of a reset.
    #[must_use]
    pub fn is_holding(&self) -> bool {
        self.reader.is_holding()
    }

    /// To be called when nothing followed a held frame for some milliseconds.
    pub fn release_held(&mut self, events: &mut Vec<Event>) {
        if let Some(frame) = self.reader.release() {
            self.take_frame(frame, events);
        }
    }

    /// Opens a stream with its first message.
    ///
    /// # Errors
    /// When too many streams are open or the message is too large.
    pub fn open(&mut self, method: Method, message: &[u8]) -> Result<u32, LineError> {
        check_size(message)?;
        if self.streams.len() >= STREAMS_MAX {
            return Err(LineError::TooManyStreams);
        }
        let number = self.next_stream;
        self.next_stream += 2;
        let mut bytes = Vec::with_capacity(2 + message.len());
        bytes.extend_from_slice(&method.number().to_be_bytes());
        bytes.extend_from_slice(message);
        let mut stream = Stream::new();
        stream.send.push(FrameType::Open, bytes);
        self.streams.insert(number, stream);
        self.fill();
        Ok(number)
    }

    /// Queues a message.
    ///
    /// # Errors
    /// When the stream is over or the message is too large.
    pub fn send(&mut self, stream: u32, message: Vec<u8>) -> Result<(), LineError> {
        check_size(&message)?;
        self.stream(stream)?.send.push(FrameType::Data, message);
        self.fill();
        Ok(())
    }

    /// Says that this side sends no more messages.
    ///
    /// # Errors
    /// When the stream is over.
    pub fn end(&mut self, stream: u32) -> Result<(), LineError> {
        self.stream(stream)?.send.end();
        self.fill();
        Ok(())
    }

    /// Ends the stream, after the messages queued before when the status is OK, at once when it is not.
    pub fn close(&mut self, stream: u32, code: Code, message: &str) {
        let mut end = message.len().min(STATUS_TEXT_MAX);
        while !message.is_char_boundary(end) {
            end -= 1;
        }
        let status = Status { code: code.into(), message: message[..end].to_owned() };
        let Some(open) = self.streams.get_mut(&stream) else { return };
        if code == Code::Ok && !open.send.is_idle() {
            open.closing = Some(status);
            return;
        }
        self.streams.remove(&stream);
        self.write_close(stream, &status);
    }

    /// Gives credit back: a message of so many bytes has been used.
    pub fn taken(&mut self, stream: u32, bytes: usize) {
        if let Some(open) = self.streams.get_mut(&stream) {
            open.owed += bytes;
            if open.owed >= CREDIT_STEP_BYTES {
                self.give_credit(stream);
            }
        }
    }

    /// Bytes queued on a stream; 0 when it is over.
    #[must_use]
    pub fn waiting_bytes(&self, stream: u32) -> usize {
        self.streams.get(&stream).map_or(0, |stream| stream.send.waiting_bytes())
    }

    #[must_use]
    pub fn is_open(&self, stream: u32) -> bool {
        self.streams.get(&stream).is_some_and(|stream| stream.closing.is_none())
    }

    /// What is to be written to the port next.
    #[must_use]
    pub fn outgoing(&self) -> &[u8] {
        &self.outgoing
    }

    /// So many bytes of [`Line::outgoing`] were written.
    pub fn written(&mut self, bytes: usize) {
        self.outgoing.drain(..bytes.min(self.outgoing.len()));
        self.fill();
    }

    fn stream(&mut self, stream: u32) -> Result<&mut Stream, LineError> {
        match self.streams.get_mut(&stream) {
            Some(open) if open.closing.is_none() => Ok(open),
            _ => Err(LineError::StreamClosed(stream)),
        }
    }

    fn forget_streams(&mut self) {
        self.streams.clear();
        self.outgoing.clear();
        self.next_stream = if self.side == Side::Host { 1 } else { 2 };
        self.last_opened = 0;
        self.turn = 0;
    }

    fn write_reset(&mut self, epoch: u64) {
        self.outgoing.reserve(RESET_LENGTH);
        self.outgoing.extend_from_slice(&MAGIC);
        self.outgoing.extend_from_slice(&epoch.to_be_bytes());
    }

    fn write_close(&mut self, stream: u32, status: &Status) {
        if self.outgoing.len() < OUTGOING_BYTES_MAX {
            write_frame(&mut self.outgoing, FrameType::Close, false, stream, &status.encode_to_vec());
        }
    }

    fn give_credit(&mut self, number: u32) {
        let Some(stream) = self.streams.get_mut(&number) else { return };
        let owed = std::mem::take(&mut stream.owed);
        stream.window += owed;
        // A window never exceeds WINDOW_BYTES, so the credit fits.
        write_frame(&mut self.outgoing, FrameType::Credit, false, number, &(owed as u32).to_be_bytes());
    }

    /// Moves frames from the streams into `outgoing`, one stream after the other, so that none starves the rest.
    fn fill(&mut self) {
        let after: Vec<u32> = self.streams.range(self.turn + 1..).map(|(number, _)| *number).collect();
        let until = self.streams.range(..=self.turn).map(|(number, _)| *number);
        let order: Vec<u32> = after.into_iter().chain(until).collect();
        for number in order {
            if self.outgoing.len() >= OUTGOING_BYTES {
                return;
            }
            let Some(stream) = self.streams.get_mut(&number) else { continue };
            if stream.send.is_idle() {
                continue;
            }
            self.turn = number;
            stream.send.write(number, &mut self.outgoing, OUTGOING_BYTES);
            if stream.send.is_idle()
                && let Some(status) = stream.closing.take()
            {
                self.streams.remove(&number);
                self.write_close(number, &status);
            }
        }
    }

    fn take_frame(&mut self, frame: Frame, events: &mut Vec<Event>) {
        match frame.kind {
            FrameType::Open => self.take_open(frame, events),
            FrameType::Data => self.take_data(frame, events),
            FrameType::End => {
                if self.streams.contains_key(&frame.stream) {
                    events.push(Event::Ended { stream: frame.stream });
                }
            }
            FrameType::Close => {
                if self.streams.remove(&frame.stream).is_some() {
                    let status = Status::decode(frame.payload.as_slice()).unwrap_or_else(|error| Status {
                        code: Code::Internal.into(),
                        message: format!("unreadable status: {error}"),
                    });
                    events.push(Event::Closed { stream: frame.stream, status });
                }
            }
            FrameType::Credit => {
                if let (Some(stream), Ok(bytes)) =
                    (self.streams.get_mut(&frame.stream), <[u8; 4]>::try_from(frame.payload.as_slice()))
                {
                    stream.send.add_credit(u32::from_be_bytes(bytes) as usize);
                    self.fill();
                }
            }
            FrameType::Ping => {
                if frame.payload.len() == 8 && self.outgoing.len() < OUTGOING_BYTES_MAX {
                    write_frame(&mut self.outgoing, FrameType::Pong, false, frame.stream, &frame.payload);
                }
            }
            FrameType::Pong => {}
        }
    }

    fn take_open(&mut self, frame: Frame, events: &mut Vec<Event>) {
        let number = frame.stream;
        let opened_by_other = (number % 2 == 1) == (self.side == Side::Guest);
        if !opened_by_other || number <= self.last_opened {
            return self.refuse(
                number,
                Code::InvalidArgument,
                "stream numbers must ascend and be of the opener's parity",
            );
        }
        self.last_opened = number;
        if self.streams.len() >= STREAMS_MAX {
            return self.refuse(number, Code::ResourceExhausted, "too many streams are open");
        }
        let Some((method, first)) = frame.payload.split_first_chunk::<2>() else {
            return self.refuse(number, Code::InvalidArgument, "an OPEN without its method");
        };
        let method_number = u16::from_be_bytes(*method);
        let Some(method) = Method::from_number(method_number) else {
            return self.refuse(number, Code::Unimplemented, &format!("method {method_number} is not known"));
        };
        let mut stream = Stream::new();
        stream.window -= frame.payload.len();
        self.streams.insert(number, stream);
        events.push(Event::Opened { stream: number, method });
        self.assemble(number, first, frame.payload.len(), frame.more, events);
    }

    fn refuse(&mut self, stream: u32, code: Code, message: &str) {
        self.write_close(stream, &Status { code: code.into(), message: message.to_owned() });
    }

    fn take_data(&mut self, frame: Frame, events: &mut Vec<Event>) {
        let Some(stream) = self.streams.get_mut(&frame.stream) else { return };
        let Some(window) = stream.window.checked_sub(frame.payload.len()) else {
            return self.break_stream(frame.stream, "the stream overran its credit", events);
        };
        stream.window = window;
        self.assemble(frame.stream, &frame.payload, frame.payload.len(), frame.more, events);
    }

    fn assemble(&mut self, number: u32, bytes: &[u8], credit: usize, more: bool, events: &mut Vec<Event>) {
        let Some(stream) = self.streams.get_mut(&number) else { return };
        if stream.partial.len() + bytes.len() > MESSAGE_BYTES_MAX {
            return self.break_stream(number, "the message is larger than 4 MiB", events);
        }
        stream.partial.extend_from_slice(bytes);
        if more {
            // A message may be larger than the window, so its fragments are credited as they come.
            self.taken(number, credit);
        } else {
            let bytes = std::mem::take(&mut stream.partial);
            events.push(Event::Message { stream: number, bytes, credit });
        }
    }

    fn break_stream(&mut self, stream: u32, message: &str, events: &mut Vec<Event>) {
        self.streams.remove(&stream);
        let status = Status { code: Code::ResourceExhausted.into(), message: message.to_owned() };
        self.write_close(stream, &status);
        events.push(Event::Closed { stream, status });
    }
}

fn check_size(message: &[u8]) -> Result<(), LineError> {
    if message.len() > MESSAGE_BYTES_MAX {
        return Err(LineError::MessageTooLarge { bytes: message.len() });
    }
    Ok(())
}
