//! A container's file tree: overlay root, `/proc`, `/sys`, `/dev`, volumes; and what of it is hidden or read-only.
//!
//! There are no device cgroups (the kernel has no BPF): devices are kept away by `nodev` on everything an image or a volume
//! can write to, and the six that every program expects are bound one by one.

use std::ffi::CString;
use std::os::fd::{AsRawFd, OwnedFd};
use std::path::Path;

use rustix::fs::{CWD, Mode, OFlags, openat, symlinkat};
use rustix::io::Errno;
use rustix::mount::{MountFlags, MountPropagationFlags, UnmountFlags, mount, mount_change, unmount};

use crate::bind::{NO_DEVICES, NO_EXECUTION, NO_SETUID, READ_ONLY, bind, bind_volume, open_path};
use crate::error::{Context, StartFailure};
use crate::path::{Node, exists, open_in_root, open_or_create};
use crate::spec::{ContainerSpec, RootSpec};

/// Bound from the caller's `/dev`.
const DEVICES: [&str; 6] = ["null", "zero", "full", "random", "urandom", "tty"];
/// Where `/dev` points elsewhere.
const DEVICE_LINKS: [(&str, &str); 6] = [
    ("/proc/self/fd", "fd"),
    ("/proc/self/fd/0", "stdin"),
    ("/proc/self/fd/1", "stdout"),
    ("/proc/self/fd/2", "stderr"),
    ("/proc/kcore", "core"),
    ("pts/ptmx", "ptmx"),
];
/// Kernel state that a container must not see.
const MASKED: [&str; 11] = [
    "proc/acpi",
    "proc/asound",
    "proc/kcore",
    "proc/keys",
    "proc/latency_stats",
    "proc/timer_list",
    "proc/timer_stats",
    "proc/sched_debug",
    "proc/scsi",
    "sys/firmware",
    "sys/devices/virtual/powercap",
];
/// Kernel state that a container must not change.
const READ_ONLY_PATHS: [&str; 5] = ["proc/bus", "proc/fs", "proc/irq", "proc/sys", "proc/sysrq-trigger"];

const NOTHING_SPECIAL: MountFlags = MountFlags::NOSUID.union(MountFlags::NODEV).union(MountFlags::NOEXEC);

/// Builds the tree in the calling process' own mount namespace and makes it its root.
pub(crate) fn enter(spec: &ContainerSpec) -> Result<(), StartFailure> {
    mount_change("/", MountPropagationFlags::PRIVATE | MountPropagationFlags::REC)
        .context(|| "detach the mount namespace".to_owned())?;
    let root = mount_root(&spec.root, spec.privileged).context(|| "mount the root file system".to_owned())?;
    mount_kernel_files(&root, spec)?;
    mount_devices(&root, spec)?;
    for volume in &spec.mounts {
        let attributes = if spec.privileged { 0 } else { NO_DEVICES };
        bind_volume(&root, volume, attributes).context(|| format!("mount the volume at \"{}\"", volume.target))?;
    }
    if !spec.privileged {
        hide(&root)?;
    }
    pivot(&root).context(|| "change the root directory".to_owned())?;
    if spec.root.read_only {
        let flags = MountFlags::RDONLY | if spec.privileged { MountFlags::empty() } else { MountFlags::NODEV };
        rustix::mount::mount_remount("/", MountFlags::BIND | flags, "")
            .context(|| "make the root file system read-only".to_owned())?;
    }
    Ok(())
}

fn mount_root(root: &RootSpec, privileged: bool) -> Result<OwnedFd, Errno> {
    let options =
        format!("lowerdir={},upperdir={},workdir={}", root.lower.display(), root.upper.display(), root.work.display());
    let options = CString::new(options).map_err(|_| Errno::INVAL)?;
    let flags = if privileged { MountFlags::empty() } else { MountFlags::NODEV };
    mount("overlay", &root.mount_point, "overlay", flags, options.as_c_str())?;
    open_path(&root.mount_point)
}

fn mount_kernel_files(root: &OwnedFd, spec: &ContainerSpec) -> Result<(), StartFailure> {
    mount_at(root, "proc", "proc", NOTHING_SPECIAL, None)?;
    let sys_flags = if spec.privileged { NOTHING_SPECIAL } else { NOTHING_SPECIAL | MountFlags::RDONLY };
    mount_at(root, "sys", "sysfs", sys_flags, None)?;
    mount_at(root, "sys/fs/cgroup", "cgroup2", sys_flags, None)
}

fn mount_devices(root: &OwnedFd, spec: &ContainerSpec) -> Result<(), StartFailure> {
    if spec.privileged {
        mount_at(root, "dev", "devtmpfs", MountFlags::NOSUID, None)?;
    } else {
        mount_at(root, "dev", "tmpfs", MountFlags::NOSUID | MountFlags::NODEV, Some("mode=755,size=65536k"))?;
    }
    let dev = open_in_root(root, "dev", OFlags::PATH | OFlags::DIRECTORY).context(|| "open \"/dev\"".to_owned())?;
    mount_at(
        root,
        "dev/pts",
        "devpts",
        MountFlags::NOSUID | MountFlags::NOEXEC,
        Some("newinstance,ptmxmode=0666,mode=0620,gid=5"),
    )?;
    mount_at(root, "dev/mqueue", "mqueue", NOTHING_SPECIAL, None)?;
    bind_at(&spec.shared_memory, root, "dev/shm", 0)?;
    if spec.privileged {
        return Ok(());
    }
    for device in DEVICES {
        bind_at(&Path::new("/dev").join(device), root, &format!("dev/{device}"), NO_SETUID | NO_EXECUTION)?;
    }
    for (target, name) in DEVICE_LINKS {
        symlinkat(target, &dev, name).context(|| format!("make the link \"/dev/{name}\""))?;
    }
    Ok(())
}

fn bind_at(source: &Path, root: &OwnedFd, target: &str, attributes: u64) -> Result<(), StartFailure> {
    let attempt = || {
        let source = open_path(source)?;
        let target = open_or_create(root, target, Node::of(&source)?, Mode::from_raw_mode(0o755))?;
        bind(source, target, attributes)
    };
    attempt().context(|| format!("bind \"/{target}\""))
}

fn mount_at(
    root: &OwnedFd,
    target: &str,
    kind: &str,
    flags: MountFlags,
    options: Option<&str>,
) -> Result<(), StartFailure> {
    let attempt = || {
        let target = open_or_create(root, target, Node::Directory, Mode::from_raw_mode(0o755))?;
        let options = options.map(CString::new).transpose().map_err(|_| Errno::INVAL)?;
        mount(kind, descriptor_path(&target), kind, flags, options.as_deref())
    };
    attempt().context(|| format!("mount \"/{target}\""))
}

/// The caller's `/proc` is still there until the root changes.
fn descriptor_path(file: &OwnedFd) -> String {
    format!("/proc/self/fd/{}", file.as_raw_fd())
}

fn hide(root: &OwnedFd) -> Result<(), StartFailure> {
    let null = open_path(Path::new("/dev/null")).context(|| "open \"/dev/null\"".to_owned())?;
    for path in MASKED.into_iter().filter(|path| exists(root, path)) {
        let attempt = || {
            let target = open_in_root(root, path, OFlags::PATH)?;
            match Node::of(&target)? {
                Node::File => bind(&null, &target, READ_ONLY),
                Node::Directory => {
                    let flags = NOTHING_SPECIAL | MountFlags::RDONLY;
                    mount("tmpfs", descriptor_path(&target), "tmpfs", flags, Some(c"size=0k"))
                }
            }
        };
        attempt().context(|| format!("hide \"/{path}\""))?;
    }
    for path in READ_ONLY_PATHS.into_iter().filter(|path| exists(root, path)) {
        let attempt = || {
            let target = open_in_root(root, path, OFlags::PATH)?;
            bind(&target, &target, READ_ONLY)
        };
        attempt().context(|| format!("make \"/{path}\" read-only"))?;
    }
    Ok(())
}

/// The new root goes over the old one, which is then taken away; no directory for the old one is needed in the image.
fn pivot(root: &OwnedFd) -> Result<(), Errno> {
    rustix::process::fchdir(openat(root, ".", OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?)?;
    rustix::process::pivot_root(".", ".")?;
    unmount(".", UnmountFlags::DETACH)?;
    rustix::process::chdir("/")
}

/// Shows a terminal as `/dev/console` too, as programs that look there expect.
pub(crate) fn bind_console(terminal: &OwnedFd) -> Result<(), Errno> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::CLOEXEC;
    let target = rustix::fs::openat(CWD, "/dev/console", flags, Mode::from_raw_mode(0o600))?;
    let name = rustix::termios::ttyname(terminal, Vec::new())?;
    let source = openat(CWD, name, OFlags::PATH | OFlags::CLOEXEC, Mode::empty())?;
    let target_path = openat(CWD, "/dev/console", OFlags::PATH | OFlags::CLOEXEC, Mode::empty())?;
    drop(target);
    bind(source, target_path, 0)
}
