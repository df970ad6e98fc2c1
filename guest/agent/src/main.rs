//! The guest agent: PID 1 of a microVM that carries a pod.
//!
//! One thread, one event loop, tasks in it. A handler's panic ends its task and answers INTERNAL; nothing that the host, an
//! image or a container does may end PID 1, for with it goes the pod.

mod clock;
mod disk;
mod files;
mod image;
mod init;
mod interactive;
mod log;
mod netlink;
mod pod;
mod prepare;
mod runtime;
mod server;
mod shutdown;
mod statistics;
mod volume;

use std::rc::Rc;

use crate::server::Agent;

fn main() {
    let booted = init::set_up();
    runtime::run(async move {
        let agent = Rc::new(Agent::new(booted));
        server::serve_port(agent).await;
    });
    // The loop only ends when it cannot wait for events any more; the host sees the microVM end.
    shutdown::restart();
}
