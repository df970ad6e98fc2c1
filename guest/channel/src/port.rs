//! Finds and opens the agent's virtio-serial port.

use std::fs;
use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::fs::{Mode, OFlags};

/// The name the host gives the port.
pub const PORT_NAME: &str = "atoll.agent";

/// Opens the port by its name, never by its number. Non-blocking: without a host, reads return 0 and writes `EAGAIN`.
///
/// # Errors
/// `NotFound` while the kernel shows no port of that name.
pub fn open_port(name: &str) -> io::Result<OwnedFd> {
    for entry in fs::read_dir("/sys/class/virtio-ports")? {
        let entry = entry?;
        let Ok(found) = fs::read_to_string(entry.path().join("name")) else { continue };
        if found.trim_end() == name {
            let device = Path::new("/dev").join(entry.file_name());
            let flags = OFlags::RDWR | OFlags::NONBLOCK | OFlags::CLOEXEC;
            return Ok(rustix::fs::open(device, flags, Mode::empty())?);
        }
    }
    Err(io::Error::new(io::ErrorKind::NotFound, format!("no virtio port is named \"{name}\"")))
}
