//! Looking after a running container: the postStart hook, then startup, liveness and readiness probes.

use std::rc::Rc;
use std::time::{Duration, Instant};

use channel::messages::Probe;

use super::stop::stop_container;
use super::{Container, EventKind, Pod, Process, handler};
use crate::runtime::{sleep, spawn, within};

/// Grace of a container that its probe condemned, where the probe names none.
const GRACE_SECONDS: i64 = 30;

/// Runs until the container ends, which drops it.
pub async fn care_for(pod: Rc<Pod>, container: Rc<Container>, process: Rc<Process>) {
    if let Some(hook) = &container.specification.post_start
        && let Err(message) = handler::run(&pod, &process, hook).await
    {
        pod.tell(container.name(), EventKind::Warning, "FailedPostStartHook", message);
        return kill(&pod, &container, None);
    }
    if let Some(probe) = container.specification.startup_probe.clone() {
        let passed = watch(&pod, &container, &process, &probe, "Startup").await;
        if !passed {
            return kill(&pod, &container, probe.termination_grace_period_seconds);
        }
    }
    container.set_started(true);
    if container.specification.readiness_probe.is_none() {
        container.set_ready(true);
    }
    pod.change();
    let readiness = spawn(keep_ready(pod.clone(), container.clone(), process.clone()));
    if let Some(probe) = container.specification.liveness_probe.clone() {
        watch(&pod, &container, &process, &probe, "Liveness").await;
        kill(&pod, &container, probe.termination_grace_period_seconds);
    }
    std::future::pending::<()>().await;
    drop(readiness);
}

/// A startup probe ends with its first success, a liveness probe never; both end with too many failures (false).
async fn watch(pod: &Rc<Pod>, container: &Rc<Container>, process: &Rc<Process>, probe: &Probe, name: &str) -> bool {
    sleep(seconds(probe.initial_delay_seconds)).await;
    let mut failures = 0;
    loop {
        match once(pod, process, probe).await {
            Ok(()) if name == "Startup" => return true,
            Ok(()) => failures = 0,
            Err(message) => {
                failures += 1;
                pod.tell(container.name(), EventKind::Warning, "Unhealthy", format!("{name} probe failed: {message}"));
                if failures >= probe.failure_threshold.max(1) {
                    return false;
                }
            }
        }
        sleep(seconds(probe.period_seconds.max(1))).await;
    }
}

async fn keep_ready(pod: Rc<Pod>, container: Rc<Container>, process: Rc<Process>) {
    let Some(probe) = container.specification.readiness_probe.clone() else { return };
    sleep(seconds(probe.initial_delay_seconds)).await;
    let (mut successes, mut failures) = (0, 0);
    loop {
        match once(&pod, &process, &probe).await {
            Ok(()) => {
                (successes, failures) = (successes + 1, 0);
                if successes >= probe.success_threshold.max(1) && container.set_ready(true) {
                    pod.change();
                }
            }
            Err(message) => {
                (successes, failures) = (0, failures + 1);
                pod.tell(
                    container.name(),
                    EventKind::Warning,
                    "Unhealthy",
                    format!("Readiness probe failed: {message}"),
                );
                if failures >= probe.failure_threshold.max(1) && container.set_ready(false) {
                    pod.change();
                }
            }
        }
        sleep(seconds(probe.period_seconds.max(1))).await;
    }
}

async fn once(pod: &Pod, process: &Process, probe: &Probe) -> Result<(), String> {
    let Some(action) = &probe.handler else { return Err("the probe has no action".to_owned()) };
    let limit = seconds(probe.timeout_seconds.max(1));
    match within(limit, handler::run(pod, process, action)).await {
        Some(outcome) => outcome,
        None => Err(format!("no answer within {} s", limit.as_secs())),
    }
}

fn kill(pod: &Rc<Pod>, container: &Rc<Container>, grace_seconds: Option<i64>) {
    let grace = grace_seconds.unwrap_or(GRACE_SECONDS).max(0).unsigned_abs();
    let deadline = Instant::now() + Duration::from_secs(grace);
    let stop_by = pod.stop_by.clone();
    let (pod, container) = (pod.clone(), container.clone());
    // On its own: this task ends with the container.
    spawn(async move {
        stop_container(&pod, &container, move || Some(stop_by.get().map_or(deadline, |by| by.min(deadline)))).await;
    })
    .detach();
}

fn seconds(seconds: u32) -> Duration {
    Duration::from_secs(seconds.into())
}
