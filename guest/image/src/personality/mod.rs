//! The program around a pull: PID 1 of a microVM that answers on the agent's line. One thread owns the port and answers at
//! once; the pull runs in a second one, so that a slow disk never keeps the host from being heard.

mod host_line;
mod pid1;
mod pull_call;
mod service;

use std::io;

pub use host_line::HostLine;
pub use service::Service;

/// Runs until the host ends the microVM.
pub fn run() -> io::Result<()> {
    let boot_to_agent_us = pid1::uptime_us();
    pid1::mount_file_systems()?;
    let port = pid1::open_port()?;
    Service::new(HostLine::new()?, boot_to_agent_us).serve(&port)
}
