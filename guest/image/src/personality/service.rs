//! The thread that owns the port: moves bytes, answers the short calls, starts the long one.

use std::collections::HashMap;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use channel::messages::{Empty, HelloResponse, PrepareRequest, PullImageRequest, status::Code};
use channel::prost::Message;
use channel::{Event, Method};
use rustix::event::Timespec;
use rustix::event::epoll::{self, CreateFlags, EventData, EventFlags};
use rustix::io::Errno;

use super::host_line::HostLine;
use super::{pid1, pull_call};

const PORT: u64 = 0;
const WAKE: u64 = 1;

/// How long a frame is held that ends like the beginning of a reset.
const HOLD_NS: i64 = 20_000_000;

const READ_BYTES: usize = 64 * 1024;

/// The last pull that was started.
struct Pull {
    stream: u32,
    cancelled: Arc<AtomicBool>,
    /// Set before the stream is closed, so that the host's next call finds it.
    is_over: Arc<AtomicBool>,
}

pub struct Service {
    line: HostLine,
    boot_to_agent_us: u64,
    /// Streams the host opened whose request has not come yet.
    awaiting_request: HashMap<u32, Method>,
    pull: Option<Pull>,
    is_ending: bool,
}

impl Service {
    pub fn new(line: HostLine, boot_to_agent_us: u64) -> Self {
        Self { line, boot_to_agent_us, awaiting_request: HashMap::new(), pull: None, is_ending: false }
    }

    /// Serves until the host asks for the end.
    pub fn serve(&mut self, port: &OwnedFd) -> io::Result<()> {
        let epoll = epoll::create(CreateFlags::CLOEXEC)?;
        // Edge-triggered: without a host the port reports HUP for as long as that lasts.
        let flags = EventFlags::IN | EventFlags::OUT | EventFlags::ET;
        epoll::add(&epoll, port, EventData::new_u64(PORT), flags)?;
        epoll::add(&epoll, self.line.wake_event(), EventData::new_u64(WAKE), EventFlags::IN | EventFlags::ET)?;
        let mut buffer = vec![0; READ_BYTES];
        loop {
            self.read_port(port, &mut buffer)?;
            self.write_port(port)?;
            if self.is_ending && self.line.lock().line.outgoing().is_empty() {
                return pid1::end_microvm();
            }
            self.wait(&epoll)?;
        }
    }

    fn wait(&mut self, epoll: &OwnedFd) -> io::Result<()> {
        let is_holding = self.line.lock().line.is_holding();
        let timeout = is_holding.then_some(Timespec { tv_sec: 0, tv_nsec: HOLD_NS });
        let mut found = [epoll::Event { flags: EventFlags::empty(), data: EventData::new_u64(0) }; 4];
        match epoll::wait(epoll, &mut found[..], timeout.as_ref()) {
            Ok(0) => {
                let mut events = Vec::new();
                self.line.lock().line.release_held(&mut events);
                self.handle_all(events);
            }
            Ok(count) => {
                if found[..count].iter().any(|event| event.data.u64() == WAKE) {
                    self.line.clear_wake_event();
                }
            }
            Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }

    fn read_port(&mut self, port: impl AsFd, buffer: &mut [u8]) -> io::Result<()> {
        loop {
            match rustix::io::read(&port, &mut *buffer) {
                // No host is there.
                Ok(0) | Err(Errno::AGAIN) => return Ok(()),
                Ok(count) => {
                    let mut events = Vec::new();
                    self.line.lock().line.receive(&buffer[..count], &mut events);
                    self.handle_all(events);
                    self.write_port(&port)?;
                }
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn write_port(&mut self, port: impl AsFd) -> io::Result<()> {
        let mut shared = self.line.lock();
        while !shared.line.outgoing().is_empty() {
            match rustix::io::write(&port, shared.line.outgoing()) {
                Ok(0) | Err(Errno::AGAIN | Errno::PIPE) => break,
                Ok(count) => {
                    shared.line.written(count);
                    self.line.note_written();
                }
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    fn handle_all(&mut self, events: Vec<Event>) {
        for event in events {
            self.handle(event);
        }
    }

    fn handle(&mut self, event: Event) {
        match event {
            Event::Reset { .. } => {
                self.awaiting_request.clear();
                self.cancel_pull();
                let line = self.line.clone();
                line.note_reset(&mut line.lock());
            }
            Event::Opened { stream, method } => drop(self.awaiting_request.insert(stream, method)),
            Event::Message { stream, bytes, credit } => match self.awaiting_request.remove(&stream) {
                Some(method) => {
                    self.line.lock().line.taken(stream, credit);
                    self.answer(stream, method, &bytes);
                }
                None => self.line.deliver(&mut self.line.lock(), stream, bytes, credit),
            },
            Event::Ended { stream } => self.line.note_end(&mut self.line.lock(), stream),
            Event::Closed { stream, status } => {
                self.awaiting_request.remove(&stream);
                if self.pull.as_ref().is_some_and(|pull| pull.stream == stream) {
                    self.cancel_pull();
                }
                self.line.note_close(&mut self.line.lock(), stream, status);
            }
        }
    }

    fn answer(&mut self, stream: u32, method: Method, request: &[u8]) {
        let outcome = match method {
            Method::Hello => {
                self.line.send(stream, &self.hello());
                Ok(())
            }
            Method::Prepare => self.prepare(request).map(|()| {
                self.line.send(stream, &Empty {});
            }),
            Method::PullImage => match self.start_pull(stream, request) {
                // The pull ends its stream itself.
                Ok(()) => return,
                refused => refused,
            },
            Method::Shutdown => {
                self.cancel_pull();
                self.is_ending = true;
                self.line.send(stream, &Empty {});
                Ok(())
            }
            _ => Err((Code::Unimplemented, "an image microVM only pulls images".to_owned())),
        };
        match outcome {
            Ok(()) => self.line.close(stream, Code::Ok, ""),
            Err((code, text)) => self.line.close(stream, code, &text),
        }
    }

    fn hello(&self) -> HelloResponse {
        HelloResponse {
            agent_version: env!("CARGO_PKG_VERSION").to_owned(),
            personality: "image".to_owned(),
            kernel_release: rustix::system::uname().release().to_string_lossy().into_owned(),
            pod_uid: String::new(),
            boot_to_agent_us: self.boot_to_agent_us,
            uptime_us: pid1::uptime_us(),
        }
    }

    fn prepare(&self, request: &[u8]) -> Result<(), (Code, String)> {
        let request = PrepareRequest::decode(request).map_err(|error| (Code::InvalidArgument, error.to_string()))?;
        pid1::add_entropy(&request.entropy).map_err(|error| (Code::Internal, format!("adding entropy: {error}")))?;
        pid1::set_clock(request.time_unix_ns).map_err(|error| (Code::Internal, format!("setting the clock: {error}")))
    }

    fn start_pull(&mut self, stream: u32, request: &[u8]) -> Result<(), (Code, String)> {
        let request = PullImageRequest::decode(request).map_err(|error| (Code::InvalidArgument, error.to_string()))?;
        if self.pull.as_ref().is_some_and(|pull| !pull.is_over.load(Ordering::Acquire)) {
            return Err((Code::FailedPrecondition, "another pull is running".to_owned()));
        }
        let pull = Pull { stream, cancelled: Arc::default(), is_over: Arc::default() };
        let (line, cancelled, is_over) = (self.line.clone(), Arc::clone(&pull.cancelled), Arc::clone(&pull.is_over));
        let run = move || {
            let outcome = catch_unwind(AssertUnwindSafe(|| pull_call::run(&line, stream, request, &cancelled)));
            is_over.store(true, Ordering::Release);
            match outcome {
                Ok(Ok(())) => line.close(stream, Code::Ok, ""),
                Ok(Err(error)) => line.close(stream, pull_call::status_code(error.reason), &error.to_string()),
                Err(_) => line.close(stream, Code::Internal, "the pull met a fault in its own program"),
            }
        };
        thread::Builder::new().name("pull".into()).spawn(run).map_err(|error| (Code::Internal, error.to_string()))?;
        self.pull = Some(pull);
        Ok(())
    }

    fn cancel_pull(&mut self) {
        if let Some(pull) = &self.pull {
            pull.cancelled.store(true, Ordering::Relaxed);
        }
    }
}
