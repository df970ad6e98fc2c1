//! The line between a host and the agent in its microVM: frames, streams and credits over one virtio-serial port, as
//! `api/guest-agent/README.md` lays them down.
//!
//! [`Line`] holds all state of the protocol and does no input or output: bytes go in, events come out, and what is to be
//! written waits in a buffer. So the agent's event loop, a program with threads and a test drive the same code.
//!
//! Nothing that arrives may end the program: a bad frame costs the line until its next reset, a bad message its stream.

mod frame;
mod line;
mod methods;
mod port;
mod send_queue;

pub use frame::{FRAME_PAYLOAD_MAX, MAGIC, RESET_LENGTH};
pub use line::{Event, Line, LineError, MESSAGE_BYTES_MAX, STREAMS_MAX, Side, WINDOW_BYTES};
pub use methods::{METHODS, Method, MethodDefinition, Shape};
pub use port::{PORT_NAME, open_port};
pub use prost;

/// The messages of package `atoll.guestagent.v1`, made from the contract when this crate is built.
pub mod messages {
    #![allow(clippy::all, missing_docs)]
    include!(concat!(env!("OUT_DIR"), "/atoll.guestagent.v1.rs"));
}
