//! The agent's end of the line: reads the port, hands calls to their handlers, writes what they say.

mod call;
mod dispatch;
mod line_port;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use channel::messages::PrepareRequest;

use crate::init::Booted;
use crate::pod::Pod;

pub use call::{Call, Failure};
pub use line_port::serve_port;

/// Everything the agent knows.
pub struct Agent {
    pub booted: Booted,
    /// What PREPARE said, without what differs between two calls of the same content.
    prepared: RefCell<Option<PrepareRequest>>,
    /// True while a PREPARE is at work.
    preparing: Cell<bool>,
    pub pod: Rc<Pod>,
}

impl Agent {
    pub fn new(booted: Booted) -> Agent {
        Agent { booted, prepared: RefCell::new(None), preparing: Cell::new(false), pod: Rc::new(Pod::new()) }
    }
}
