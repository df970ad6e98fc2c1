//! From the kernel's hand-over to a system that can work: the kernel's file systems and the cgroups.

use std::fs;
use std::time::Duration;

use rustix::fs::{Mode, OFlags, open};
use rustix::io::Errno;
use rustix::mount::{MountFlags, mount};

use crate::clock;
use crate::files;

/// What HELLO tells of the start.
#[derive(Clone, Copy, Debug)]
pub struct Booted {
    pub boot_to_agent: Duration,
}

/// Handed down one by one: the kernel refuses all of them together when one is not there.
const CONTROLLERS: [&str; 5] = ["+cpu", "+memory", "+pids", "+io", "+cpuset"];

/// Mounts what everything else needs. Failures are written to the console and not fatal here: what then does not work says
/// so itself, to a host that can read it.
pub fn set_up() -> Booted {
    let boot_to_agent = clock::uptime();
    let nothing_special = MountFlags::NOSUID | MountFlags::NODEV | MountFlags::NOEXEC;
    report("/dev", mount("devtmpfs", "/dev", "devtmpfs", MountFlags::NOSUID, None));
    connect_console();
    report("/proc", mount("proc", "/proc", "proc", nothing_special, None));
    report("/sys", mount("sysfs", "/sys", "sysfs", nothing_special, None));
    report("/run", mount("tmpfs", "/run", "tmpfs", MountFlags::NOSUID | MountFlags::NODEV, Some(c"mode=755")));
    report("/sys/fs/cgroup", mount("cgroup2", "/sys/fs/cgroup", "cgroup2", nothing_special, None));
    let directories = [
        files::EPHEMERAL,
        files::IMAGES,
        files::MEMORY_VOLUMES,
        files::SHARED_MEMORY,
        files::ROOT_MOUNT_POINT,
        files::POD_FILES,
        files::POD_CGROUP,
    ];
    for directory in directories {
        report_io(directory, fs::create_dir_all(directory));
    }
    for controller in CONTROLLERS {
        for parent in ["/sys/fs/cgroup", files::POD_CGROUP] {
            report_io(controller, fs::write(format!("{parent}/cgroup.subtree_control"), controller));
        }
    }
    // The pod's processes go first when memory runs out.
    report_io("oom_score_adj", fs::write("/proc/self/oom_score_adj", "-1000"));
    Booted { boot_to_agent }
}

/// The system disk has no `/dev/console` when the kernel looks for it, so the standard streams may not exist: the next
/// files opened would take their numbers and our messages.
fn connect_console() {
    let console = open("/dev/console", OFlags::RDWR | OFlags::NOCTTY, Mode::empty())
        .or_else(|_| open("/dev/null", OFlags::RDWR, Mode::empty()));
    // Without /dev there is nowhere to write to.
    let Ok(console) = console else { return };
    let _ = rustix::stdio::dup2_stdin(&console);
    let _ = rustix::stdio::dup2_stdout(&console);
    let _ = rustix::stdio::dup2_stderr(&console);
    if std::os::fd::AsRawFd::as_raw_fd(&console) <= 2 {
        std::mem::forget(console);
    }
}

fn report(what: &str, result: Result<(), Errno>) {
    report_io(what, result.map_err(std::io::Error::from));
}

fn report_io(what: &str, result: std::io::Result<()>) {
    if let Err(error) = result {
        eprintln!("atoll: setting up {what}: {error}");
    }
}
