//! The port in the event loop: one task reads, one writes.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use channel::{Event, Line, PORT_NAME, Side, open_port};
use rustix::io::Errno;

use super::call::{Call, Connection, Inbox};
use super::{Agent, dispatch};
use crate::runtime::{Bell, Descriptor, Either, race, sleep, spawn};

const READ_BYTES: usize = 64 * 1024;
/// The port is there from the start; this is for a kernel that is still looking.
const PORT_RETRY: Duration = Duration::from_millis(10);
/// How long a frame that ends like the beginning of a reset waits for the rest of one.
const HELD_FRAME_MAX: Duration = Duration::from_millis(20);

/// Serves the host until the port is gone, which it never is while the microVM runs.
pub async fn serve_port(agent: Rc<Agent>) {
    let port = loop {
        match open_port(PORT_NAME).and_then(|file| Ok(Descriptor::new(file)?)) {
            Ok(port) => break Rc::new(port),
            Err(_) => sleep(PORT_RETRY).await,
        }
    };
    let connection = Rc::new(Connection { line: RefCell::new(Line::new(Side::Guest)), changed: Bell::default() });
    let _writer = spawn(write(port.clone(), connection.clone()));
    let mut inboxes = Inboxes::default();
    let mut buffer = vec![0; READ_BYTES];
    let mut events = Vec::new();
    loop {
        match rustix::io::read(&*port, &mut buffer[..]) {
            Ok(0) | Err(Errno::AGAIN) => {
                let holding = connection.line.borrow().is_holding();
                if !holding {
                    port.readable().await;
                } else if let Either::Second(()) = race(port.readable(), sleep(HELD_FRAME_MAX)).await {
                    connection.line.borrow_mut().release_held(&mut events);
                }
            }
            Ok(count) => connection.line.borrow_mut().receive(&buffer[..count], &mut events),
            Err(Errno::INTR) => {}
            Err(error) => {
                eprintln!("atoll: reading the agent's port: {error}");
                port.readable().await;
            }
        }
        for event in events.drain(..) {
            inboxes.take(event, &agent, &connection);
        }
        // Credit and pings make no event, but something to write.
        connection.changed.ring();
    }
}

async fn write(port: Rc<Descriptor>, connection: Rc<Connection>) {
    loop {
        let seen = connection.changed.count();
        let written = {
            let line = connection.line.borrow();
            if line.outgoing().is_empty() { None } else { Some(rustix::io::write(&*port, line.outgoing())) }
        };
        match written {
            None => connection.changed.after(seen).await,
            Some(Ok(count)) => {
                connection.line.borrow_mut().written(count);
                connection.changed.ring();
            }
            // A reset may replace what is to be written while nobody reads.
            Some(Err(Errno::AGAIN)) => {
                race(port.writable(), connection.changed.after(seen)).await;
            }
            Some(Err(Errno::INTR)) => {}
            Some(Err(error)) => {
                eprintln!("atoll: writing the agent's port: {error}");
                race(port.writable(), connection.changed.after(seen)).await;
            }
        }
    }
}

#[derive(Default)]
struct Inboxes(BTreeMap<u32, Rc<Inbox>>);

impl Inboxes {
    fn take(&mut self, event: Event, agent: &Rc<Agent>, connection: &Rc<Connection>) {
        match event {
            Event::Reset { .. } => {
                for (_, inbox) in std::mem::take(&mut self.0) {
                    inbox.closed.set(true);
                    inbox.bell.ring();
                }
            }
            Event::Opened { stream, method } => {
                self.0.retain(|_, inbox| !inbox.closed.get());
                let inbox = Rc::new(Inbox::default());
                self.0.insert(stream, inbox.clone());
                let call = Call { connection: connection.clone(), inbox, stream };
                spawn(dispatch::serve(agent.clone(), method, call)).detach();
            }
            Event::Message { stream, bytes, credit } => self.tell(stream, |inbox| {
                inbox.messages.borrow_mut().push_back((bytes, credit));
            }),
            Event::Ended { stream } => self.tell(stream, |inbox| inbox.ended.set(true)),
            Event::Closed { stream, .. } => {
                self.tell(stream, |inbox| inbox.closed.set(true));
                self.0.remove(&stream);
            }
        }
    }

    fn tell(&self, stream: u32, change: impl FnOnce(&Inbox)) {
        if let Some(inbox) = self.0.get(&stream) {
            change(inbox);
            inbox.bell.ring();
        }
    }
}
