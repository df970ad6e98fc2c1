//! The order of a pod's life: init containers one after the other, sidecars beside them, then all others; restarts with
//! back-off; the end.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

use channel::messages::{EmptyDir, RestartPolicy, StartPodRequest};
use container::{Cgroup, hold_pid_namespace};
use rustix::mount::{MountFlags, mount};

use super::container::Kind;
use super::run::{Outcome, run_once};
use super::{Container, EventKind, Pod, empty_dir};
use crate::files;
use crate::runtime::{Either, race, sleep, spawn};

/// What the host leaves at zero.
const BACKOFF_INITIAL: Duration = Duration::from_secs(10);
const BACKOFF_MAX: Duration = Duration::from_secs(300);
/// A container that ran so long starts its back-off anew.
const BACKOFF_FORGOTTEN_AFTER: Duration = Duration::from_secs(600);
/// A container that cannot be configured is tried again: its volumes may come.
const CONFIGURATION_RETRY: Duration = Duration::from_secs(2);
/// Grace of a pod that ran out of its time.
const DEADLINE_GRACE_SECONDS: i64 = 30;
const SHARED_MEMORY_OPTIONS: &std::ffi::CStr = c"mode=1777,size=64m";

/// Runs the pod from START_POD to the end of its last container.
pub async fn run(pod: Rc<Pod>) {
    let Some(request) = pod.request() else { return };
    if let Err(message) = prepare(&pod, &request) {
        pod.tell("", EventKind::Warning, "Failed", message.clone());
        for container in pod.containers() {
            container.set_waiting("CreateContainerConfigError", &message);
        }
        return pod.change();
    }
    if let Some(seconds) = request.active_deadline_seconds {
        spawn(watch_deadline(pod.clone(), Duration::from_secs(seconds.max(0).unsigned_abs()))).detach();
    }
    if run_init_containers(&pod, &request).await {
        for container in of_kind(&pod, Kind::Main) {
            container.set_waiting("ContainerCreating", "");
            let policy = request.restart_policy();
            spawn(keep_running(pod.clone(), request.clone(), container, policy)).detach();
        }
        pod.change();
        pod.changed.until(|| pod.is_stopping() || of_kind(&pod, Kind::Main).iter().all(|c| is_over(c, &request))).await;
        if !pod.is_stopping() {
            stop_sidecars(&pod).await;
        }
    }
}

/// Everything that is the pod's and not one container's.
fn prepare(pod: &Pod, request: &StartPodRequest) -> Result<(), String> {
    if !request.hostname.is_empty() {
        let set = rustix::system::sethostname(request.hostname.as_bytes());
        set.map_err(|errno| format!("setting the host name: {errno}"))?;
    }
    let flags = MountFlags::NOSUID | MountFlags::NODEV | MountFlags::NOEXEC;
    mount("shm", files::SHARED_MEMORY, "tmpfs", flags, Some(SHARED_MEMORY_OPTIONS))
        .map_err(|errno| format!("mounting the shared memory: {errno}"))?;
    for sysctl in &request.sysctls {
        set_sysctl(&sysctl.name, &sysctl.value)?;
    }
    for volume in &request.empty_dirs {
        make_empty_dir(volume, request.fs_group).map_err(|error| format!("emptyDir \"{}\": {error}", volume.name))?;
    }
    if request.share_process_namespace {
        let cgroup = Cgroup::create(&Path::new(files::POD_CGROUP).join("pid-namespace"));
        let cgroup = cgroup.map_err(|error| format!("making a cgroup: {error}"))?;
        let (_, process) = hold_pid_namespace(&cgroup).map_err(|error| format!("sharing processes: {error}"))?;
        *pod.pid_namespace.borrow_mut() = Some(Rc::new(process));
    }
    Ok(())
}

fn set_sysctl(name: &str, value: &str) -> Result<(), String> {
    let path = name.replace('.', "/");
    if path.split('/').any(|element| !files::is_plain_name(element)) {
        return Err(format!("\"{name}\" is not a sysctl"));
    }
    fs::write(Path::new("/proc/sys").join(path), value).map_err(|error| format!("sysctl {name}: {error}"))
}

fn make_empty_dir(volume: &EmptyDir, fs_group: Option<u32>) -> std::io::Result<()> {
    let path = empty_dir(&volume.name, volume.memory);
    fs::create_dir_all(&path)?;
    if volume.memory {
        let size =
            if volume.size_limit_bytes > 0 { format!(",size={}", volume.size_limit_bytes) } else { String::new() };
        let options = std::ffi::CString::new(format!("mode=777{size}"))?;
        mount("tmpfs", &path, "tmpfs", MountFlags::NODEV | MountFlags::NOSUID, Some(options.as_c_str()))?;
    }
    let set_group_id = if fs_group.is_some() { 0o2000 } else { 0 };
    chown(&path, None, fs_group)?;
    fs::set_permissions(&path, fs::Permissions::from_mode(0o777 | set_group_id))
}

fn of_kind(pod: &Pod, kind: Kind) -> Vec<Rc<Container>> {
    pod.containers().into_iter().filter(|container| container.kind == kind).collect()
}

/// False where the pod ends before its containers could start.
async fn run_init_containers(pod: &Rc<Pod>, request: &Rc<StartPodRequest>) -> bool {
    for container in pod.containers().into_iter().filter(|container| container.is_init()) {
        if pod.is_stopping() {
            return false;
        }
        container.set_waiting("ContainerCreating", "");
        if container.kind == Kind::Sidecar {
            spawn(keep_running(pod.clone(), request.clone(), container.clone(), RestartPolicy::Always)).detach();
            pod.changed.until(|| container.is_started() || pod.is_stopping()).await;
            continue;
        }
        // An init container that failed is tried again, unless the pod never restarts anything.
        let policy = match request.restart_policy() {
            RestartPolicy::Never => RestartPolicy::Never,
            RestartPolicy::Always | RestartPolicy::OnFailure => RestartPolicy::OnFailure,
        };
        keep_running(pod.clone(), request.clone(), container.clone(), policy).await;
        if container.last_exit_code() != Some(0) {
            if !pod.is_stopping() {
                stop_sidecars(pod).await;
            }
            return false;
        }
    }
    !pod.is_stopping()
}

/// Runs a container again and again, as its policy says, until it is over or the pod is stopped.
async fn keep_running(pod: Rc<Pod>, request: Rc<StartPodRequest>, container: Rc<Container>, policy: RestartPolicy) {
    let mut backoff = Backoff::new(&request);
    let mut told = String::new();
    while !pod.is_stopping() {
        match run_once(&pod, &request, &container).await {
            Outcome::NotConfigured(message) => {
                // Tried often, told once: the events of the rest would be forgotten over it.
                if told != message {
                    pod.tell(container.name(), EventKind::Warning, "Failed", format!("Error: {message}"));
                    told.clone_from(&message);
                }
                container.set_waiting("CreateContainerConfigError", &message);
                pod.change();
                wait_unless_stopping(&pod, CONFIGURATION_RETRY).await;
            }
            Outcome::Ended { exit_code, ran_for } => {
                let again = match policy {
                    RestartPolicy::Always => true,
                    RestartPolicy::OnFailure => exit_code != 0,
                    RestartPolicy::Never => false,
                };
                if !again || pod.is_stopping() {
                    return;
                }
                let delay = backoff.next(ran_for);
                if !delay.is_zero() {
                    let message = format!(
                        "back-off {}s restarting failed container={} pod={}",
                        delay.as_secs(),
                        container.name(),
                        request.pod_name
                    );
                    pod.tell(
                        container.name(),
                        EventKind::Warning,
                        "BackOff",
                        format!("Back-off restarting failed container {}", container.name()),
                    );
                    container.set_waiting("CrashLoopBackOff", &message);
                    pod.change();
                    wait_unless_stopping(&pod, delay).await;
                }
                if !pod.is_stopping() {
                    container.set_waiting("ContainerCreating", "");
                    container.count_restart();
                    pod.change();
                }
            }
        }
    }
}

async fn wait_unless_stopping(pod: &Pod, delay: Duration) {
    if let Either::First(()) = race(pod.changed.until(|| pod.is_stopping()), sleep(delay)).await {
        pod.change();
    }
}

/// The first restart is at once, the next ones later and later.
struct Backoff {
    initial: Duration,
    max: Duration,
    next: Duration,
}

impl Backoff {
    fn new(request: &StartPodRequest) -> Backoff {
        let or = |milliseconds: u32, default: Duration| match milliseconds {
            0 => default,
            milliseconds => Duration::from_millis(milliseconds.into()),
        };
        Backoff {
            initial: or(request.restart_backoff_initial_ms, BACKOFF_INITIAL),
            max: or(request.restart_backoff_max_ms, BACKOFF_MAX),
            next: Duration::ZERO,
        }
    }

    fn next(&mut self, ran_for: Duration) -> Duration {
        if ran_for >= BACKOFF_FORGOTTEN_AFTER {
            self.next = Duration::ZERO;
        }
        let delay = self.next;
        self.next = if delay.is_zero() { self.initial } else { (delay * 2).min(self.max) };
        delay
    }
}

/// True where the container has ended and will not be started again.
fn is_over(container: &Container, request: &StartPodRequest) -> bool {
    match (container.last_exit_code(), request.restart_policy()) {
        (None, _) | (_, RestartPolicy::Always) => false,
        (Some(code), RestartPolicy::OnFailure) => code == 0,
        (Some(_), RestartPolicy::Never) => true,
    }
}

/// With the last container its sidecars have nothing to stand beside.
async fn stop_sidecars(pod: &Rc<Pod>) {
    pod.stop(DEADLINE_GRACE_SECONDS).await;
}

async fn watch_deadline(pod: Rc<Pod>, limit: Duration) {
    if let Either::Second(()) = race(pod.changed.until(|| pod.is_stopping()), sleep(limit)).await {
        let message = "Pod was active on the node longer than the specified deadline".to_owned();
        pod.tell("", EventKind::Normal, "DeadlineExceeded", message.clone());
        *pod.outcome.borrow_mut() = ("DeadlineExceeded".to_owned(), message);
        pod.change();
        pod.stop(DEADLINE_GRACE_SECONDS).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn restarts_at_once_then_later_and_later_and_forgets_after_a_long_run() {
        let mut backoff = Backoff::new(&StartPodRequest::default());
        let delays: Vec<u64> = (0..8).map(|_| backoff.next(Duration::from_secs(1)).as_secs()).collect();
        assert_eq!(delays, [0, 10, 20, 40, 80, 160, 300, 300]);
        assert_eq!(backoff.next(Duration::from_secs(601)).as_secs(), 0);
        assert_eq!(backoff.next(Duration::from_secs(1)).as_secs(), 10);
    }
}
