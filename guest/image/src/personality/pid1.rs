//! What the first process owes its kernel, and what makes this microVM itself and no other.

use std::fs::OpenOptions;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::thread;
use std::time::Duration;

use rustix::mount::{MountFlags, mount};
use rustix::time::{ClockId, Timespec, clock_gettime, clock_settime};

/// The port appears a moment after the first process; longer than this it will not.
const PORT_ATTEMPTS_MAX: u32 = 500;
const PORT_PAUSE: Duration = Duration::from_millis(10);

/// `ENTROPY_BYTES` of the contract; a longer seed is taken up to this.
const ENTROPY_BYTES_MAX: usize = 256;

/// `_IOW('R', 0x03, int[2])` and `_IO('R', 0x07)` of linux/random.h.
const RND_ADD_ENTROPY: libc::Ioctl = 0x4008_5203;
const RND_RESEED_CRNG: libc::Ioctl = 0x5207;

pub fn mount_file_systems() -> io::Result<()> {
    let flags = MountFlags::NOSUID | MountFlags::NOEXEC;
    mount("proc", "/proc", "proc", flags | MountFlags::NODEV, None)?;
    mount("sysfs", "/sys", "sysfs", flags | MountFlags::NODEV, None)?;
    mount("devtmpfs", "/dev", "devtmpfs", flags, None)?;
    // The system disk is read-only; everything that is made lies below here.
    mount("tmpfs", "/run", "tmpfs", flags | MountFlags::NODEV, None)?;
    // Modes come from archives, not from us.
    rustix::process::umask(rustix::fs::Mode::empty());
    Ok(())
}

pub fn open_port() -> io::Result<OwnedFd> {
    let mut attempt = 1;
    loop {
        match channel::open_port(channel::PORT_NAME) {
            Err(error) if error.kind() == io::ErrorKind::NotFound && attempt < PORT_ATTEMPTS_MAX => {
                attempt += 1;
                thread::sleep(PORT_PAUSE);
            }
            outcome => return outcome,
        }
    }
}

pub fn uptime_us() -> u64 {
    let now = clock_gettime(ClockId::Boottime);
    u64::try_from(now.tv_sec * 1_000_000 + now.tv_nsec / 1_000).unwrap_or(0)
}

/// Mixes the host's random bytes in and makes the kernel use them at once: microVMs that are clones of one template would
/// otherwise all make the same keys.
pub fn add_entropy(seed: &[u8]) -> io::Result<()> {
    #[repr(C)]
    struct PoolInfo {
        entropy_bits: libc::c_int,
        bytes: libc::c_int,
        seed: [u8; ENTROPY_BYTES_MAX],
    }
    let seed = &seed[..seed.len().min(ENTROPY_BYTES_MAX)];
    let count = libc::c_int::try_from(seed.len()).unwrap_or(0);
    let mut info = PoolInfo { entropy_bits: count * 8, bytes: count, seed: [0; ENTROPY_BYTES_MAX] };
    info.seed[..seed.len()].copy_from_slice(seed);
    let device = OpenOptions::new().write(true).open("/dev/urandom")?;
    // SAFETY: the kernel reads the two counts and as many bytes after them as `bytes` says, all inside `info`.
    if unsafe { libc::ioctl(device.as_raw_fd(), RND_ADD_ENTROPY, &raw const info) } != 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the call takes no argument.
    if unsafe { libc::ioctl(device.as_raw_fd(), RND_RESEED_CRNG) } != 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

/// Certificates are judged by this clock.
pub fn set_clock(unix_ns: i64) -> io::Result<()> {
    let time = Timespec { tv_sec: unix_ns.div_euclid(1_000_000_000), tv_nsec: unix_ns.rem_euclid(1_000_000_000) };
    Ok(clock_settime(ClockId::Realtime, time)?)
}

/// Ends the microVM: QEMU runs with `-no-reboot`.
pub fn end_microvm() -> io::Result<()> {
    rustix::fs::sync();
    Ok(rustix::system::reboot(rustix::system::RebootCommand::Restart)?)
}
