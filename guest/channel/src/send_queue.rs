//! What one stream still has to send: messages cut into frames as credit allows.

use std::collections::VecDeque;

use crate::frame::{FRAME_PAYLOAD_MAX, FrameType, payload_without_magic, write_frame};

#[derive(Debug)]
struct Waiting {
    kind: FrameType,
    bytes: Vec<u8>,
    sent: usize,
}

/// The messages of a stream that are not on the line yet, in order, and the credit left for them.
#[derive(Debug)]
pub(crate) struct SendQueue {
    waiting: VecDeque<Waiting>,
    waiting_bytes: usize,
    credit: usize,
    /// END was asked for and goes out behind the last message.
    ending: bool,
}

impl SendQueue {
    pub fn new(credit: usize) -> SendQueue {
        SendQueue { waiting: VecDeque::new(), waiting_bytes: 0, credit, ending: false }
    }

    pub fn waiting_bytes(&self) -> usize {
        self.waiting_bytes
    }

    pub fn is_idle(&self) -> bool {
        self.waiting.is_empty() && !self.ending
    }

    pub fn push(&mut self, kind: FrameType, bytes: Vec<u8>) {
        self.waiting_bytes += bytes.len();
        self.waiting.push_back(Waiting { kind, bytes, sent: 0 });
    }

    pub fn end(&mut self) {
        self.ending = true;
    }

    pub fn add_credit(&mut self, bytes: usize) {
        self.credit = self.credit.saturating_add(bytes);
    }

    /// Writes frames until `room` bytes are written, nothing waits or the credit is used up.
    pub fn write(&mut self, stream: u32, out: &mut Vec<u8>, room: usize) {
        while out.len() < room {
            let Some(first) = self.waiting.front_mut() else {
                if self.ending {
                    self.ending = false;
                    write_frame(out, FrameType::End, false, stream, &[]);
                }
                return;
            };
            let rest = &first.bytes[first.sent..];
            if self.credit == 0 && !rest.is_empty() {
                return;
            }
            let limit = rest.len().min(self.credit).min(FRAME_PAYLOAD_MAX);
            let take = payload_without_magic(stream, &rest[..limit]);
            let kind = if first.sent == 0 { first.kind } else { FrameType::Data };
            let more = take < rest.len();
            write_frame(out, kind, more, stream, &rest[..take]);
            first.sent += take;
            self.credit -= take;
            self.waiting_bytes -= take;
            if !more {
                self.waiting.pop_front();
            }
        }
    }
}
