//! The pod: its containers, what became of them, and the orders that concern all of them.

mod container;
mod grpc;
mod handler;
mod history;
mod lifecycle;
mod probe;
mod process;
mod run;
mod specification;
mod stop;

use std::cell::{Cell, RefCell};
use std::os::fd::OwnedFd;
use std::rc::Rc;
use std::time::Instant;

use channel::messages::status::Code;
use channel::messages::{PodEvent, PodStatus, StartPodRequest};

use crate::files;
use crate::log::LogStore;
use crate::runtime::{Bell, spawn};
use crate::server::{Call, Failure};

pub use container::Container;
pub use handler::connect_to;
pub use process::{Process, Started};

/// Containers of a pod, of all kinds; Kubernetes has no limit, its users have taste.
const CONTAINERS_MAX: usize = 256;

/// There is one per microVM; before START_POD it is empty.
pub struct Pod {
    request: RefCell<Option<Rc<StartPodRequest>>>,
    containers: RefCell<Vec<Rc<Container>>>,
    address: RefCell<String>,
    history: history::History,
    /// Rung after every change that somebody could wait for.
    pub changed: Bell,
    sequence: Cell<u64>,
    outcome: RefCell<(String, String)>,
    /// By when everything has to have ended, once that was asked for; it only comes nearer.
    stop_by: Rc<Cell<Option<Instant>>>,
    is_stopped: Cell<bool>,
    /// The process whose PID namespace containers share, where they do.
    pid_namespace: RefCell<Option<Rc<OwnedFd>>>,
}

impl Pod {
    pub fn new() -> Pod {
        Pod {
            request: RefCell::new(None),
            containers: RefCell::new(Vec::new()),
            address: RefCell::new(String::new()),
            history: history::History::default(),
            changed: Bell::default(),
            sequence: Cell::new(0),
            outcome: RefCell::default(),
            stop_by: Rc::new(Cell::new(None)),
            is_stopped: Cell::new(false),
            pid_namespace: RefCell::new(None),
        }
    }

    /// Accepts the pod, once. The same one again changes nothing.
    pub fn start(self: &Rc<Self>, request: StartPodRequest) -> Result<(), Failure> {
        if let Some(present) = self.request() {
            if present.pod_uid == request.pod_uid {
                return Ok(());
            }
            return Err(Failure::new(
                Code::FailedPrecondition,
                format!("this microVM carries pod {}", present.pod_uid),
            ));
        }
        let containers = container::check(&request).map_err(|text| Failure::new(Code::InvalidArgument, text))?;
        *self.containers.borrow_mut() = containers.into_iter().map(Rc::new).collect();
        *self.request.borrow_mut() = Some(Rc::new(request));
        self.change();
        spawn(lifecycle::run(self.clone())).detach();
        Ok(())
    }

    pub fn uid(&self) -> String {
        self.request().map(|request| request.pod_uid.clone()).unwrap_or_default()
    }

    pub fn fs_group(&self) -> Option<u32> {
        self.request().and_then(|request| request.fs_group)
    }

    pub fn set_address(&self, address: &str) {
        *self.address.borrow_mut() = address.to_owned();
    }

    /// Where probes without a host go.
    pub fn address(&self) -> String {
        let address = self.address.borrow();
        if address.is_empty() { "127.0.0.1".to_owned() } else { address.clone() }
    }

    pub fn containers(&self) -> Vec<Rc<Container>> {
        self.containers.borrow().clone()
    }

    pub fn container(&self, name: &str) -> Option<Rc<Container>> {
        self.containers.borrow().iter().find(|container| container.name() == name).cloned()
    }

    pub fn log(&self, container: &str) -> Option<Rc<LogStore>> {
        Some(self.container(container)?.log.clone())
    }

    /// WATCH_POD: the whole status at once and after every change.
    pub async fn watch_status(&self, call: &Call) -> Result<(), Failure> {
        loop {
            let seen = self.changed.count();
            let sequence = self.sequence.get();
            call.send(&self.status(sequence)).await?;
            while self.sequence.get() == sequence {
                self.changed.after(seen.max(self.changed.count())).await;
            }
        }
    }

    /// WATCH_EVENTS: what is remembered, then what comes.
    pub async fn watch_events(&self, call: &Call) -> Result<(), Failure> {
        self.history.watch(call).await
    }

    fn status(&self, sequence: u64) -> PodStatus {
        let containers = self.containers.borrow();
        let of = |is_init: bool| {
            containers.iter().filter(|container| container.is_init() == is_init).map(|c| c.status()).collect()
        };
        let (reason, message) = self.outcome.borrow().clone();
        PodStatus { sequence, init_containers: of(true), containers: of(false), reason, message }
    }

    fn request(&self) -> Option<Rc<StartPodRequest>> {
        self.request.borrow().clone()
    }

    /// Something of the status is different now.
    fn change(&self) {
        self.sequence.set(self.sequence.get() + 1);
        self.changed.ring();
    }

    fn is_stopping(&self) -> bool {
        self.stop_by.get().is_some()
    }

    /// Tells an event of a container, or of the pod where the name is empty.
    fn tell(&self, container: &str, kind: EventKind, reason: &str, message: String) {
        let kind = match kind {
            EventKind::Normal => "Normal",
            EventKind::Warning => "Warning",
        };
        self.history.add(PodEvent {
            r#type: kind.to_owned(),
            reason: reason.to_owned(),
            message,
            container: container.to_owned(),
            ..PodEvent::default()
        });
    }
}

#[derive(Clone, Copy)]
enum EventKind {
    Normal,
    Warning,
}

/// Directory of an emptyDir.
fn empty_dir(name: &str, memory: bool) -> std::path::PathBuf {
    if memory {
        std::path::Path::new(files::MEMORY_VOLUMES).join(".emptydirs").join(name)
    } else {
        files::ephemeral("emptydirs", name)
    }
}
