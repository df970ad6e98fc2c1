//! The end of the microVM.

use rustix::mount::{UnmountFlags, unmount};
use rustix::system::{RebootCommand, reboot};

use crate::files;

/// Writes everything back and takes the private disk out of use.
pub fn settle_disks() {
    rustix::fs::sync();
    // Detached: a process that still runs keeps it, and the sync above has written what was there.
    let _ = unmount(files::EPHEMERAL, UnmountFlags::DETACH);
    rustix::fs::sync();
}

/// Restarts the machine, which ends it: a host runs it so that a restart is its end. Never returns where that works.
pub fn restart() {
    let _ = reboot(RebootCommand::Restart);
}
