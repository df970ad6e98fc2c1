//! Stopping: hook, signal, grace, and the end by force.

use std::rc::Rc;
use std::time::{Duration, Instant};

use super::container::Kind;
use super::{Container, EventKind, Pod, handler};
use crate::runtime::{race, sleep_until, spawn};

/// Longest grace: a host that asks for more means "as long as it takes", which a year is.
const GRACE_MAX: Duration = Duration::from_secs(31_536_000);
/// The least between SIGTERM and SIGKILL where the grace was used up by others.
const SIGKILL_GRACE: Duration = Duration::from_secs(2);

impl Pod {
    /// Stops every container and waits for their end. A later call may only shorten the grace.
    pub async fn stop(self: &Rc<Self>, grace_seconds: i64) {
        let grace = Duration::from_secs(grace_seconds.max(0).unsigned_abs()).min(GRACE_MAX);
        let deadline = Instant::now() + grace;
        let present = self.stop_by.get();
        self.stop_by.set(Some(present.map_or(deadline, |present| present.min(deadline))));
        self.changed.ring();
        if present.is_none() {
            spawn(stop_all(self.clone())).detach();
        }
        self.changed.until(|| self.is_stopped.get()).await;
    }
}

async fn stop_all(pod: Rc<Pod>) {
    let (sidecars, others): (Vec<_>, Vec<_>) =
        pod.containers().into_iter().partition(|container| container.kind == Kind::Sidecar);
    for container in &others {
        let by = pod.stop_by.clone();
        let (pod, container) = (pod.clone(), container.clone());
        spawn(async move { stop_container(&pod, &container, move || by.get()).await }).detach();
    }
    pod.changed.until(|| others.iter().all(|container| !container.is_running())).await;
    for container in sidecars.iter().rev() {
        // Whatever the others left of the grace, a sidecar gets a moment to end by itself.
        let (by, at_least) = (pod.stop_by.clone(), Instant::now() + SIGKILL_GRACE);
        stop_container(&pod, container, move || by.get().map(|by| by.max(at_least))).await;
    }
    if let Some(holder) = pod.pid_namespace.borrow_mut().take() {
        // It ends with the pod; nothing depends on when.
        let _ = rustix::process::pidfd_send_signal(&*holder, rustix::process::Signal::KILL);
    }
    for container in pod.containers() {
        container.settle();
    }
    pod.is_stopped.set(true);
    pod.change();
}

/// Ends the present run of a container by the time that `deadline` says, which may come nearer.
pub async fn stop_container(pod: &Rc<Pod>, container: &Rc<Container>, deadline: impl Fn() -> Option<Instant>) {
    let Some(process) = container.running_process() else { return };
    let by = || deadline().unwrap_or_else(|| Instant::now() + SIGKILL_GRACE);
    let is_over = || container.running_process().is_none_or(|present| !Rc::ptr_eq(&present, &process));
    if !container.is_stopping.replace(true) {
        pod.tell(container.name(), EventKind::Normal, "Killing", format!("Stopping container {}", container.name()));
        let hook = container.specification.pre_stop.as_ref().filter(|_| by() > Instant::now());
        if let Some(hook) = hook {
            let run = handler::run(pod, &process, hook);
            if let crate::runtime::Either::First(Err(message)) = race(run, until_passed(pod, &by)).await {
                pod.tell(container.name(), EventKind::Warning, "FailedPreStopHook", message);
            }
        }
        if !is_over() {
            process.signal(process.stop_signal);
        }
    }
    race(pod.changed.until(is_over), until_passed(pod, &by)).await;
    if !is_over() {
        if let Err(error) = process.cgroup.kill() {
            eprintln!("atoll: killing a container: {error}");
        }
        pod.changed.until(is_over).await;
    }
}

async fn until_passed(pod: &Pod, by: &impl Fn() -> Instant) {
    loop {
        let seen = pod.changed.count();
        let deadline = by();
        if Instant::now() >= deadline {
            return;
        }
        race(sleep_until(deadline), pod.changed.after(seen)).await;
    }
}

/// The run is over: its stopping is too.
pub fn forget(container: &Container) {
    container.is_stopping.set(false);
}
