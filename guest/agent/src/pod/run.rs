//! One run of a container, from its specification to its exit.

use std::cell::RefCell;
use std::fs;
use std::io::Read;
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant};

use channel::messages::{StartPodRequest, Terminated};
use container::Cgroup;

use super::process::{Process, StartError, Started, await_start};
use super::specification::{self, Prepared};
use super::{Container, EventKind, Pod, probe, stop};
use crate::log::{Output, copy_output};
use crate::runtime::{Task, sleep, spawn, within};
use crate::{clock, disk, files};

/// As the kubelet cuts termination messages.
const TERMINATION_MESSAGE_BYTES_MAX: u64 = 4096;
const FALLBACK_LOG_BYTES_MAX: usize = 2048;
/// Output that is still in the pipes when the last process has ended.
const DRAIN_MAX: Duration = Duration::from_secs(2);
/// Killed processes leave their cgroup one by one.
const CGROUP_STEP: Duration = Duration::from_millis(2);
const CGROUP_STEPS_MAX: u32 = 500;

/// What a run came to. Its details are in the container's status.
pub enum Outcome {
    /// It ran, or failed to start.
    Ended { exit_code: i32, ran_for: Duration },
    /// It cannot be started as it is described; nothing was done.
    NotConfigured(String),
}

/// Runs a container once.
pub async fn run_once(pod: &Rc<Pod>, request: &StartPodRequest, container: &Rc<Container>) -> Outcome {
    let id = container_id();
    let image = match disk::mount_image(&container.specification.image_disk_serial).await {
        Ok(image) => image,
        Err(error) => return Outcome::NotConfigured(format!("the image's disk: {error}")),
    };
    let prepared = match specification::prepare(pod, request, &container.specification, &image, &id) {
        Ok(prepared) => prepared,
        Err(message) => return Outcome::NotConfigured(message),
    };
    if let Err(error) = specification::make_directory(&prepared) {
        return Outcome::NotConfigured(format!("the container's directory: {error}"));
    }
    pod.tell(container.name(), EventKind::Normal, "Created", format!("Created container: {}", container.name()));
    container.is_stopping.set(false);
    let began = Instant::now();
    let began_unix_ns = clock::now_unix_ns();
    let exit_code = match start(container, &prepared, &id).await {
        Ok((started, cgroup)) => supervise(pod, container, &prepared, started, cgroup, &id).await,
        Err(message) => {
            pod.tell(container.name(), EventKind::Warning, "Failed", format!("Error: {message}"));
            container.set_terminated(Terminated {
                exit_code: message.exit_code,
                reason: message.reason().to_owned(),
                message: message.text,
                started_at_unix_ns: began_unix_ns,
                finished_at_unix_ns: clock::now_unix_ns(),
                container_id: id,
                ..Terminated::default()
            });
            message.exit_code
        }
    };
    pod.change();
    // What cannot be removed now goes with the microVM.
    let _ = fs::remove_dir_all(&prepared.directory);
    Outcome::Ended { exit_code, ran_for: began.elapsed() }
}

struct NotStarted {
    exit_code: i32,
    text: String,
}

impl NotStarted {
    fn new(text: impl std::fmt::Display) -> NotStarted {
        NotStarted { exit_code: 128, text: text.to_string() }
    }

    fn reason(&self) -> &'static str {
        if self.exit_code == 128 { "StartError" } else { "ContainerCannotRun" }
    }
}

impl std::fmt::Display for NotStarted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

async fn start(container: &Container, prepared: &Prepared, id: &str) -> Result<(Started, Rc<Cgroup>), NotStarted> {
    container.log.begin_run(container.restart_count()).map_err(NotStarted::new)?;
    let path = Path::new(files::POD_CGROUP).join(id);
    let cgroup = Rc::new(Cgroup::create(&path).map_err(NotStarted::new)?);
    let attempt = async {
        cgroup.limit(&prepared.limits).map_err(NotStarted::new)?;
        let spawned = container::spawn(&prepared.spec, &cgroup).map_err(NotStarted::new)?;
        let started = await_start(spawned).await;
        started.map_err(|error: StartError| NotStarted { exit_code: error.exit_code(), text: error.to_string() })
    };
    match attempt.await {
        Ok(started) => {
            // Only now: it would have throttled the setup.
            if let Err(error) = cgroup.limit_cpu(&prepared.limits) {
                eprintln!("atoll: limiting the processor: {error}");
            }
            Ok((started, cgroup))
        }
        Err(error) => {
            container.log.end_run();
            let _ = cgroup.remove();
            Err(error)
        }
    }
}

async fn supervise(
    pod: &Rc<Pod>,
    container: &Rc<Container>,
    prepared: &Prepared,
    mut started: Started,
    cgroup: Rc<Cgroup>,
    id: &str,
) -> i32 {
    // Taken, not shared: the container sees the end of its input when the last holder lets go.
    let stdin = started.stdin.take().or_else(|| started.terminal.clone());
    let process = Rc::new(Process {
        pidfd: started.pidfd.clone(),
        cgroup: cgroup.clone(),
        stop_signal: prepared.stop_signal,
        template: prepared.spec.process.clone(),
        stdin: RefCell::new(stdin),
        terminal: started.terminal.clone(),
    });
    *container.process.borrow_mut() = Some(process.clone());
    container.set_running(id);
    pod.tell(container.name(), EventKind::Normal, "Started", format!("Started container {}", container.name()));
    pod.change();
    let outputs = copy_outputs(container, &started);
    let care = spawn(probe::care_for(pod.clone(), container.clone(), process.clone()));
    let started_at_unix_ns = clock::now_unix_ns();
    let exit = started.wait().await;
    drop(care);
    finish_cgroup(&cgroup).await;
    within(DRAIN_MAX, outputs.until_done()).await;
    container.log.end_run();
    *container.process.borrow_mut() = None;
    for call in container.attached.take() {
        call.finish(&Ok(()));
    }
    let ran_out_of_memory = cgroup.oom_kills() > 0 && exit.code != 0;
    let reason = match exit.code {
        _ if ran_out_of_memory => "OOMKilled",
        0 => "Completed",
        _ => "Error",
    };
    if let Err(error) = cgroup.remove() {
        eprintln!("atoll: removing a cgroup: {error}");
    }
    container.set_terminated(Terminated {
        exit_code: exit.code,
        signal: 0,
        reason: reason.to_owned(),
        message: termination_message(container, prepared, exit.code),
        started_at_unix_ns,
        finished_at_unix_ns: clock::now_unix_ns(),
        container_id: id.to_owned(),
    });
    stop::forget(container);
    exit.code
}

/// The tasks that copy a container's output, and how to know that they are done.
struct Outputs {
    left: Rc<std::cell::Cell<usize>>,
    bell: crate::runtime::Bell,
    _tasks: Vec<Task>,
}

impl Outputs {
    async fn until_done(&self) {
        self.bell.until(|| self.left.get() == 0).await;
    }
}

fn copy_outputs(container: &Container, started: &Started) -> Outputs {
    let sources = [
        (started.terminal.clone().or_else(|| started.stdout.clone()), Output::Stdout),
        (started.stderr.clone(), Output::Stderr),
    ];
    let left = Rc::new(std::cell::Cell::new(0));
    let bell = crate::runtime::Bell::default();
    let mut tasks = Vec::new();
    for (source, output) in sources {
        let Some(source) = source else { continue };
        left.set(left.get() + 1);
        let copy = copy_output(source, output, container.log.clone(), container.attached.clone());
        let (left, bell) = (left.clone(), bell.clone());
        tasks.push(spawn(async move {
            copy.await;
            left.set(left.get() - 1);
            bell.ring();
        }));
    }
    Outputs { left, bell, _tasks: tasks }
}

/// With its first process a container is over; whatever is left of it (in a shared PID namespace, or exec'd) is killed.
async fn finish_cgroup(cgroup: &Cgroup) {
    if let Err(error) = cgroup.kill() {
        eprintln!("atoll: killing what is left of a container: {error}");
    }
    for _ in 0..CGROUP_STEPS_MAX {
        if !cgroup.is_populated() {
            return;
        }
        sleep(CGROUP_STEP).await;
    }
}

fn termination_message(container: &Container, prepared: &Prepared, exit_code: i32) -> String {
    let mut message = Vec::new();
    if let Ok(file) = fs::File::open(prepared.directory.join("termination")) {
        // Unreadable is as good as empty: the file is ours, only its content is the container's.
        let _ = file.take(TERMINATION_MESSAGE_BYTES_MAX).read_to_end(&mut message);
    }
    if message.is_empty() && exit_code != 0 && container.specification.termination_message_fallback_to_logs {
        message = last_log_bytes(container);
    }
    String::from_utf8_lossy(&message).into_owned()
}

fn last_log_bytes(container: &Container) -> Vec<u8> {
    let Some(run) = container.log.run() else { return Vec::new() };
    let Some(segment) = container.log.segments(run).pop() else { return Vec::new() };
    let Ok(content) = fs::read(container.log.path(run, segment)) else { return Vec::new() };
    let mut text = Vec::new();
    for line in content.split_inclusive(|byte| *byte == b'\n') {
        text.extend_from_slice(line.splitn(4, |byte| *byte == b' ').nth(3).unwrap_or_default());
    }
    text.split_off(text.len().saturating_sub(FALLBACK_LOG_BYTES_MAX))
}

/// 256 random bits, hexadecimal.
fn container_id() -> String {
    let mut random = [0u8; 32];
    if let Ok(mut source) = fs::File::open("/dev/urandom") {
        // Of a device that is always there; a short read would only make an id less random.
        let _ = source.read_exact(&mut random);
    }
    random.iter().map(|byte| format!("{byte:02x}")).collect()
}
