//! Frames and the reset: cutting a stream of bytes into frames while watching for the magic that starts a connection anew.
//!
//! The guest cannot see a reconnect, so the magic must be found in any state, inside a half-received frame too. A frame
//! whose last bytes could be the beginning of the magic is therefore held back until the next byte decides, or until the
//! owner of the line says that nothing followed ([`Reader::release`]): a truncated request completed by the first bytes of
//! a reset must never be acted upon.

/// What the host writes, outside of any frame, when it starts a connection; the epoch follows. No byte of it but the first
/// is 0xf3, and none is below 0x0a, so it cannot begin in one frame and end in another.
pub const MAGIC: [u8; 16] =
    [0xf3, 0x41, 0x54, 0x4f, 0x4c, 0x4c, 0x2d, 0x52, 0x45, 0x53, 0x45, 0x54, 0x0a, 0x1d, 0xc8, 0x97];

/// Magic and epoch.
pub const RESET_LENGTH: usize = MAGIC.len() + 8;

/// Largest payload of a frame, so that one stream cannot hold the line for long.
pub const FRAME_PAYLOAD_MAX: usize = 65_536;

/// type, flags and stream: what the length counts beside the payload.
pub(crate) const FRAME_HEAD: usize = 6;
const LENGTH_BYTES: usize = 4;

/// The message goes on in the next DATA frame of its stream.
pub(crate) const FLAG_MORE: u8 = 1;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum FrameType {
    Open = 1,
    Data = 2,
    End = 3,
    Close = 4,
    Credit = 5,
    Ping = 6,
    Pong = 7,
}

impl FrameType {
    fn from_number(number: u8) -> Option<FrameType> {
        use FrameType::{Close, Credit, Data, End, Open, Ping, Pong};
        [Open, Data, End, Close, Credit, Ping, Pong].into_iter().find(|kind| *kind as u8 == number)
    }
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    pub kind: FrameType,
    pub more: bool,
    pub stream: u32,
    pub payload: Vec<u8>,
}

/// What came out of the bytes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    Frame(Frame),
    Reset { epoch: u64 },
}

pub(crate) fn write_frame(out: &mut Vec<u8>, kind: FrameType, more: bool, stream: u32, payload: &[u8]) {
    // Payloads are cut to FRAME_PAYLOAD_MAX before they come here, so the length fits.
    let length = (FRAME_HEAD + payload.len()) as u32;
    out.extend_from_slice(&length.to_be_bytes());
    out.push(kind as u8);
    out.push(if more { FLAG_MORE } else { 0 });
    out.extend_from_slice(&stream.to_be_bytes());
    out.extend_from_slice(payload);
}

/// How much of `payload` may go into one frame of `stream` so that the magic does not appear on the line: all of it, or as
/// far as the middle of the magic.
pub(crate) fn payload_without_magic(stream: u32, payload: &[u8]) -> usize {
    let head = stream.to_be_bytes();
    // The magic may begin in the stream's number, which stands right before the payload.
    for start in 0..head.len() {
        let in_head = head.len() - start;
        if MAGIC.starts_with(&head[start..]) && payload.starts_with(&MAGIC[in_head..]) {
            return MAGIC.len() / 2;
        }
    }
    let mut from = 0;
    while let Some(offset) = payload[from..].iter().position(|byte| *byte == MAGIC[0]) {
        let start = from + offset;
        if payload[start..].starts_with(&MAGIC) {
            return start + MAGIC.len() / 2;
        }
        from = start + 1;
    }
    payload.len()
}

#[derive(Debug)]
enum State {
    /// Nothing counts until a reset: before the first one, and after a broken frame.
    Deaf,
    Frames,
    /// The magic was seen; so many bytes of the epoch as well.
    Epoch([u8; 8], usize),
}

/// Cuts what is received into frames and resets.
#[derive(Debug)]
pub(crate) struct Reader {
    state: State,
    /// Bytes of the present frame, its length included.
    buffer: Vec<u8>,
    /// How many bytes of the magic the received bytes end with.
    matched: usize,
    held: Option<Frame>,
}

impl Reader {
    pub fn new() -> Reader {
        Reader { state: State::Deaf, buffer: Vec::new(), matched: 0, held: None }
    }

    /// True while a whole frame waits for the byte after it.
    pub fn is_holding(&self) -> bool {
        self.held.is_some()
    }

    /// Gives out the frame held back: nothing followed it.
    pub fn release(&mut self) -> Option<Frame> {
        self.held.take()
    }

    pub fn read(&mut self, mut bytes: &[u8], pieces: &mut Vec<Piece>) {
        while let Some((&byte, rest)) = bytes.split_first() {
            if let State::Epoch(mut epoch, have) = self.state {
                epoch[have] = byte;
                self.state = State::Epoch(epoch, have + 1);
                bytes = rest;
                if have + 1 == epoch.len() {
                    self.state = State::Frames;
                    pieces.push(Piece::Reset { epoch: u64::from_be_bytes(epoch) });
                }
                continue;
            }
            if self.matched == 0 && byte != MAGIC[0] {
                bytes = &bytes[self.read_plain(bytes, pieces)..];
                continue;
            }
            self.matched = if byte == MAGIC[self.matched] { self.matched + 1 } else { usize::from(byte == MAGIC[0]) };
            bytes = rest;
            if self.matched == MAGIC.len() {
                self.matched = 0;
                self.held = None;
                self.buffer.clear();
                self.state = State::Epoch([0; 8], 0);
                continue;
            }
            self.release_into(pieces);
            self.take_bytes(&[byte], pieces);
        }
    }

    /// Takes bytes up to the next one that could begin the magic, and says how many.
    fn read_plain(&mut self, bytes: &[u8], pieces: &mut Vec<Piece>) -> usize {
        let end = bytes.iter().position(|byte| *byte == MAGIC[0]).unwrap_or(bytes.len());
        self.release_into(pieces);
        self.take_bytes(&bytes[..end], pieces);
        end
    }

    /// A held frame is given out once a byte follows that does not go on with the magic.
    fn release_into(&mut self, pieces: &mut Vec<Piece>) {
        if self.matched <= 1
            && let Some(frame) = self.held.take()
        {
            pieces.push(Piece::Frame(frame));
        }
    }

    fn take_bytes(&mut self, mut bytes: &[u8], pieces: &mut Vec<Piece>) {
        while !bytes.is_empty() && matches!(self.state, State::Frames) {
            let wanted = self.frame_length().map_or(LENGTH_BYTES, |length| LENGTH_BYTES + length);
            let take = bytes.len().min(wanted - self.buffer.len());
            self.buffer.extend_from_slice(&bytes[..take]);
            bytes = &bytes[take..];
            if self.buffer.len() == LENGTH_BYTES {
                let length = self.frame_length().unwrap_or(0);
                if !(FRAME_HEAD..=FRAME_HEAD + FRAME_PAYLOAD_MAX).contains(&length) {
                    self.go_deaf();
                }
            } else if Some(self.buffer.len()) == self.frame_length().map(|length| LENGTH_BYTES + length) {
                self.finish_frame(pieces);
            }
        }
    }

    fn frame_length(&self) -> Option<usize> {
        let bytes = self.buffer.first_chunk::<LENGTH_BYTES>()?;
        Some(u32::from_be_bytes(*bytes) as usize)
    }

    fn finish_frame(&mut self, pieces: &mut Vec<Piece>) {
        let body = &self.buffer[LENGTH_BYTES..];
        let Some(kind) = FrameType::from_number(body[0]) else { return self.go_deaf() };
        let stream = u32::from_be_bytes([body[2], body[3], body[4], body[5]]);
        let frame = Frame { kind, more: body[1] & FLAG_MORE != 0, stream, payload: body[FRAME_HEAD..].to_vec() };
        self.buffer.clear();
        if self.matched > 0 {
            self.held = Some(frame);
        } else {
            pieces.push(Piece::Frame(frame));
        }
    }

    fn go_deaf(&mut self) {
        self.buffer.clear();
        self.state = State::Deaf;
    }
}
