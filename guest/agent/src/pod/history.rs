//! What users should read as Events.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

use channel::messages::PodEvent;

use crate::clock;
use crate::runtime::Bell;
use crate::server::{Call, Failure};

/// Enough for a host that was away for a while; older events are forgotten.
const EVENTS_MAX: usize = 256;

#[derive(Default)]
pub struct History {
    events: RefCell<VecDeque<PodEvent>>,
    sequence: Cell<u64>,
    bell: Bell,
}

impl History {
    /// Numbers and dates the event and keeps it.
    pub fn add(&self, event: PodEvent) {
        self.sequence.set(self.sequence.get() + 1);
        let mut events = self.events.borrow_mut();
        if events.len() == EVENTS_MAX {
            events.pop_front();
        }
        events.push_back(PodEvent { sequence: self.sequence.get(), time_unix_ns: clock::now_unix_ns(), ..event });
        self.bell.ring();
    }

    pub async fn watch(&self, call: &Call) -> Result<(), Failure> {
        let mut sent = 0;
        loop {
            let seen = self.bell.count();
            let next = self.events.borrow().iter().find(|event| event.sequence > sent).cloned();
            match next {
                Some(event) => {
                    sent = event.sequence;
                    call.send(&event).await?;
                }
                None => self.bell.after(seen).await,
            }
        }
    }
}
