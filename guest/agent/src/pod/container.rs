//! One container of the pod over all its runs.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use channel::messages::{
    Container as Specification, ContainerState, ContainerStatus, RestartPolicy, Running, StartPodRequest, Terminated,
    Waiting, container_state::State,
};

use super::{CONTAINERS_MAX, Process};
use crate::clock;
use crate::files;
use crate::log::LogStore;
use crate::server::Call;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Runs to its end before the next one starts.
    Init,
    /// An init container that keeps running beside the others.
    Sidecar,
    Main,
}

pub struct Container {
    pub specification: Specification,
    pub kind: Kind,
    pub log: Rc<LogStore>,
    /// Calls that get the output as it comes.
    pub attached: Rc<RefCell<Vec<Rc<Call>>>>,
    pub process: RefCell<Option<Rc<Process>>>,
    /// Somebody is stopping the present run.
    pub is_stopping: Cell<bool>,
    status: RefCell<ContainerStatus>,
}

/// The containers of a request, or what is wrong with it.
pub fn check(request: &StartPodRequest) -> Result<Vec<Container>, String> {
    let init = request.init_containers.iter().map(|specification| {
        let is_sidecar = specification.restart_policy == Some(RestartPolicy::Always.into());
        (specification, if is_sidecar { Kind::Sidecar } else { Kind::Init })
    });
    let main = request.containers.iter().map(|specification| (specification, Kind::Main));
    let mut containers: Vec<Container> = Vec::new();
    for (specification, kind) in init.chain(main) {
        let name = &specification.name;
        if !files::is_plain_name(name) || containers.iter().any(|other| other.name() == name) {
            return Err(format!("\"{name}\" is not a container's name or stands twice"));
        }
        if !files::is_plain_name(&specification.image_disk_serial) {
            return Err(format!(
                "container \"{name}\": \"{}\" is not a disk's serial",
                specification.image_disk_serial
            ));
        }
        containers.push(Container::new(specification.clone(), kind));
    }
    if let Some(volume) = request.empty_dirs.iter().find(|volume| !files::is_plain_name(&volume.name)) {
        return Err(format!("\"{}\" is not a volume's name", volume.name));
    }
    if request.pod_uid.is_empty() || request.containers.is_empty() || containers.len() > CONTAINERS_MAX {
        return Err(format!("a pod has a uid and 1 to {CONTAINERS_MAX} containers"));
    }
    Ok(containers)
}

impl Container {
    fn new(specification: Specification, kind: Kind) -> Container {
        let status = ContainerStatus { name: specification.name.clone(), ..ContainerStatus::default() };
        let container = Container {
            kind,
            log: Rc::new(LogStore::new(&specification.name)),
            attached: Rc::default(),
            process: RefCell::new(None),
            is_stopping: Cell::new(false),
            status: RefCell::new(status),
            specification,
        };
        container.set_waiting("PodInitializing", "");
        container
    }

    pub fn name(&self) -> &str {
        &self.specification.name
    }

    pub fn is_init(&self) -> bool {
        self.kind != Kind::Main
    }

    pub fn is_running(&self) -> bool {
        self.process.borrow().is_some()
    }

    pub fn running_process(&self) -> Option<Rc<Process>> {
        self.process.borrow().clone()
    }

    pub fn status(&self) -> ContainerStatus {
        self.status.borrow().clone()
    }

    pub fn is_started(&self) -> bool {
        self.status.borrow().started
    }

    /// The exit code of the run that just ended.
    pub fn last_exit_code(&self) -> Option<i32> {
        match &self.status.borrow().state.as_ref()?.state {
            Some(State::Terminated(terminated)) => Some(terminated.exit_code),
            _ => None,
        }
    }

    pub fn set_waiting(&self, reason: &str, message: &str) {
        let waiting = Waiting { reason: reason.to_owned(), message: message.to_owned() };
        let mut status = self.status.borrow_mut();
        if let Some(ContainerState { state: Some(State::Terminated(_)) }) = &status.state {
            status.last_termination = status.state.take();
        }
        status.state = Some(ContainerState { state: Some(State::Waiting(waiting)) });
    }

    /// A container that waited for its next run when the pod ended has ended as its last run did.
    pub fn settle(&self) {
        let mut status = self.status.borrow_mut();
        let is_waiting = matches!(&status.state, Some(ContainerState { state: Some(State::Waiting(_)) }));
        if is_waiting && status.last_termination.is_some() {
            status.state = status.last_termination.take();
        }
    }

    pub fn set_running(&self, container_id: &str) {
        let running = Running { started_at_unix_ns: clock::now_unix_ns() };
        let mut status = self.status.borrow_mut();
        status.state = Some(ContainerState { state: Some(State::Running(running)) });
        status.container_id = container_id.to_owned();
    }

    pub fn set_terminated(&self, terminated: Terminated) {
        let mut status = self.status.borrow_mut();
        status.container_id.clone_from(&terminated.container_id);
        // An init container that succeeded has done what it is for.
        status.ready = self.kind == Kind::Init && terminated.exit_code == 0;
        status.started = false;
        status.state = Some(ContainerState { state: Some(State::Terminated(terminated)) });
    }

    pub fn count_restart(&self) -> u32 {
        let mut status = self.status.borrow_mut();
        status.restart_count += 1;
        status.restart_count
    }

    pub fn restart_count(&self) -> u32 {
        self.status.borrow().restart_count
    }

    pub fn set_started(&self, started: bool) {
        self.status.borrow_mut().started = started;
    }

    /// True where that is a change.
    pub fn set_ready(&self, ready: bool) -> bool {
        std::mem::replace(&mut self.status.borrow_mut().ready, ready) != ready
    }
}
