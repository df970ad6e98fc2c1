//! Which handler answers which method.

use std::rc::Rc;

use channel::Method;
use channel::messages::status::Code;
use channel::messages::{Empty, HelloResponse, PrepareRequest, SetVolumeRequest, StartPodRequest, StopPodRequest};

use super::{Agent, Call, Failure};
use crate::runtime::{Either, race, sleep};
use crate::{clock, interactive, log, prepare, shutdown, statistics, volume};

/// The answer to SHUTDOWN gets so long to reach the host.
const LAST_ANSWER: std::time::Duration = std::time::Duration::from_millis(20);

/// Runs one call to its end and closes its stream.
pub async fn serve(agent: Rc<Agent>, method: Method, call: Call) {
    let call = Rc::new(call);
    let outcome = match method {
        // These go on when the host that asked is gone: the next one asks again and finds them done.
        Method::Prepare => prepare_once(&agent, &call).await,
        Method::SetVolume => set_volume(&agent, &call).await,
        Method::StartPod => start_pod(&agent, &call).await,
        Method::StopPod => stop_pod(&agent, &call).await,
        Method::Shutdown => return shut_down(&call).await,
        _ => match race(call.closed(), answer(&agent, method, &call)).await {
            Either::First(()) => return,
            Either::Second(outcome) => outcome,
        },
    };
    call.finish(&outcome);
}

async fn answer(agent: &Rc<Agent>, method: Method, call: &Rc<Call>) -> Result<(), Failure> {
    match method {
        Method::Hello => hello(agent, call).await,
        Method::WatchPod => agent.pod.watch_status(call).await,
        Method::WatchEvents => agent.pod.watch_events(call).await,
        Method::Exec => interactive::exec(&agent.pod, call).await,
        Method::Attach => interactive::attach(&agent.pod, call).await,
        Method::ReadLog => log::serve(&agent.pod, call).await,
        Method::PortForward => interactive::forward_port(call).await,
        Method::Stats => call.send(&statistics::gather(&agent.pod)).await,
        _ => Err(Failure::new(Code::Unimplemented, "the pod personality has no such method")),
    }
}

async fn hello(agent: &Agent, call: &Call) -> Result<(), Failure> {
    let _: Empty = call.request().await?;
    let microseconds = |duration: std::time::Duration| u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
    call.send(&HelloResponse {
        agent_version: env!("CARGO_PKG_VERSION").to_owned(),
        personality: "pod".to_owned(),
        kernel_release: rustix::system::uname().release().to_string_lossy().into_owned(),
        pod_uid: agent.pod.uid(),
        boot_to_agent_us: microseconds(agent.booted.boot_to_agent),
        uptime_us: microseconds(clock::uptime()),
    })
    .await
}

async fn prepare_once(agent: &Agent, call: &Call) -> Result<(), Failure> {
    let request: PrepareRequest = call.request().await?;
    // Entropy and time are new in every call; the rest is the identity.
    let identity = PrepareRequest { entropy: Vec::new(), time_unix_ns: 0, ..request.clone() };
    let same = agent.prepared.borrow().as_ref().map(|prepared| *prepared == identity);
    match same {
        Some(true) => return call.send(&Empty {}).await,
        Some(false) => return Err(Failure::new(Code::FailedPrecondition, "this microVM was prepared as another one")),
        None if agent.preparing.replace(true) => {
            return Err(Failure::new(Code::Unavailable, "this microVM is being prepared"));
        }
        None => {}
    }
    let applied = prepare::apply(&request).await;
    agent.preparing.set(false);
    applied.map_err(Failure::internal)?;
    let address = request.network.as_ref().and_then(|network| network.address.split('/').next()).unwrap_or_default();
    agent.pod.set_address(address);
    *agent.prepared.borrow_mut() = Some(identity);
    call.send(&Empty {}).await
}

fn check_prepared(agent: &Agent) -> Result<(), Failure> {
    match *agent.prepared.borrow() {
        Some(_) => Ok(()),
        None => Err(Failure::new(Code::FailedPrecondition, "this microVM was not prepared")),
    }
}

async fn set_volume(agent: &Agent, call: &Call) -> Result<(), Failure> {
    let request: SetVolumeRequest = call.request().await?;
    check_prepared(agent)?;
    volume::set(&request, agent.pod.fs_group()).map_err(|message| Failure::new(Code::InvalidArgument, message))?;
    call.send(&Empty {}).await
}

async fn start_pod(agent: &Agent, call: &Call) -> Result<(), Failure> {
    let request: StartPodRequest = call.request().await?;
    check_prepared(agent)?;
    agent.pod.start(request)?;
    call.send(&Empty {}).await
}

async fn stop_pod(agent: &Agent, call: &Call) -> Result<(), Failure> {
    let request: StopPodRequest = call.request().await?;
    agent.pod.stop(request.grace_period_seconds).await;
    call.send(&Empty {}).await
}

async fn shut_down(call: &Call) {
    shutdown::settle_disks();
    // The host may be gone already; the microVM ends all the same.
    let _ = call.send(&Empty {}).await;
    call.finish(&Ok(()));
    sleep(LAST_ANSWER).await;
    shutdown::restart();
}
