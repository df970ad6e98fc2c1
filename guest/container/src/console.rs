//! A terminal for a container, from its own devpts, so that its name means the same inside.

use std::os::fd::OwnedFd;

use rustix::fs::{Mode, OFlags, open};
use rustix::io::Errno;
use rustix::pty::{OpenptFlags, ioctl_tiocgptpeer, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

use crate::spec::TerminalSize;

/// Both ends of a new terminal. To be called with the container's root as root.
pub(crate) fn open_terminal(size: TerminalSize) -> Result<(OwnedFd, OwnedFd), Errno> {
    let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
    let controller = open("/dev/pts/ptmx", flags, Mode::empty())?;
    unlockpt(&controller)?;
    let terminal = ioctl_tiocgptpeer(&controller, OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)?;
    if size != TerminalSize::default() {
        let size = Winsize { ws_col: size.columns, ws_row: size.rows, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&controller, size)?;
    }
    Ok((controller, terminal))
}
