//! The parent's side: pipes, `clone3`, and what is left to watch.

use std::io;
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd};
use std::rc::Rc;

use rustix::fs::{Mode, OFlags, open};
use rustix::io::Errno;
use rustix::pipe::{PipeFlags, pipe_with};

use crate::cgroup::Cgroup;
use crate::child::{self, ChildStdio};
use crate::error::{SpawnError, StartFailure};
use crate::spec::{ContainerSpec, ExecSpec, PidNamespace, ProcessSpec};
use crate::status::{ChildStatus, StatusSocket};

/// Bit 33, which fits no `int` and so has no right constant in the C library's headers.
const CLONE_INTO_CGROUP: u64 = 0x2_0000_0000;

/// A child on its way to its program. The caller reads `status`, waits for `pid`, and reads the pipes.
#[derive(Debug)]
pub struct Spawned {
    /// In the caller's PID namespace.
    pub pid: i32,
    pub pidfd: OwnedFd,
    pub status: StatusSocket,
    /// The caller's ends; with a terminal there are none, and [`crate::StartStatus::Terminal`] brings it.
    pub stdin: Option<OwnedFd>,
    pub stdout: Option<OwnedFd>,
    pub stderr: Option<OwnedFd>,
}

/// Starts a container in `cgroup`.
///
/// # Errors
/// When the child could not be made; what goes wrong in the child is told by its status.
pub fn spawn(spec: &ContainerSpec, cgroup: &Cgroup) -> Result<Spawned, SpawnError> {
    let namespaces = match &spec.pid_namespace {
        PidNamespace::New => libc::CLONE_NEWNS | libc::CLONE_NEWPID,
        PidNamespace::Join(_) => libc::CLONE_NEWNS,
    };
    let joined = match &spec.pid_namespace {
        PidNamespace::New => None,
        PidNamespace::Join(process) => Some(process.clone()),
    };
    let run = |stdio: ChildStdio, status: &ChildStatus| child::run_container(spec, stdio, status).err();
    launch(&spec.process, cgroup, namespaces, joined, run)
}

/// Starts one more process in the container whose first process is `spec.pidfd`, in the same `cgroup`.
///
/// # Errors
/// When the container is gone or the child could not be made.
pub fn exec(spec: &ExecSpec, cgroup: &Cgroup) -> Result<Spawned, SpawnError> {
    let run = |stdio: ChildStdio, status: &ChildStatus| child::run_exec(spec, stdio, status).err();
    launch(&spec.process, cgroup, 0, Some(spec.pidfd.clone()), run)
}

fn launch(
    process: &ProcessSpec,
    cgroup: &Cgroup,
    namespaces: i32,
    joined: Option<Rc<OwnedFd>>,
    run: impl FnOnce(ChildStdio, &ChildStatus) -> Option<StartFailure>,
) -> Result<Spawned, SpawnError> {
    let (status, child_status) = StatusSocket::pair().map_err(SpawnError::at("make the status socket"))?;
    let (ours, theirs) = make_stdio(process).map_err(SpawnError::at("make the standard streams"))?;
    let cgroup = cgroup.open().map_err(|source| SpawnError { step: "open the cgroup", source })?;
    let joining = joined.as_deref().map(JoinedPidNamespace::enter).transpose();
    let joining = joining.map_err(SpawnError::at("join the PID namespace"))?;
    let forked = clone_into(&cgroup, namespaces);
    let Some((pid, pidfd)) = forked.map_err(SpawnError::at("clone the process"))? else {
        // The child never returns into its parent's code, not by a panic either.
        let attempt = std::panic::AssertUnwindSafe(|| run(theirs, &child_status));
        if let Ok(Some(failure)) = std::panic::catch_unwind(attempt) {
            child_status.send_failure(&failure);
        }
        // SAFETY: ends this process without running what its parent registered to be run at exit.
        unsafe { libc::_exit(128) }
    };
    if let Some(joining) = joining {
        joining.leave().map_err(SpawnError::at("leave the PID namespace"))?;
    }
    let [stdin, stdout, stderr] = ours;
    Ok(Spawned { pid, pidfd, status, stdin, stdout, stderr })
}

/// Until [`JoinedPidNamespace::leave`], children are born into another process' PID namespace.
struct JoinedPidNamespace {
    own: OwnedFd,
}

impl JoinedPidNamespace {
    fn enter(process: &OwnedFd) -> Result<JoinedPidNamespace, Errno> {
        let own = open("/proc/self/ns/pid", OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())?;
        set_pid_namespace(process)?;
        Ok(JoinedPidNamespace { own })
    }

    fn leave(self) -> Result<(), Errno> {
        set_pid_namespace(&self.own)
    }
}

fn set_pid_namespace(file: &OwnedFd) -> Result<(), Errno> {
    // SAFETY: `setns` takes a descriptor and a flag; it changes where children are born, nothing of this process.
    if unsafe { libc::setns(file.as_raw_fd(), libc::CLONE_NEWPID) } == 0 { Ok(()) } else { Err(last_errno()) }
}

/// `None` in the child.
fn clone_into(cgroup: &OwnedFd, namespaces: i32) -> Result<Option<(i32, OwnedFd)>, Errno> {
    let mut pidfd: i32 = -1;
    // SAFETY: all zeros is the structure's "nothing asked for".
    let mut arguments: libc::clone_args = unsafe { std::mem::zeroed() };
    arguments.flags = namespaces as u64 | CLONE_INTO_CGROUP | libc::CLONE_PIDFD as u64;
    arguments.pidfd = (&raw mut pidfd) as u64;
    arguments.exit_signal = libc::SIGCHLD as u64;
    arguments.cgroup = cgroup.as_raw_fd() as u64;
    // SAFETY: the structure is live and of the size that is said. Memory is not shared (no CLONE_VM), so the child goes on
    // with a copy of everything; the caller has one thread, so no lock is held in that copy.
    let pid = unsafe { libc::syscall(libc::SYS_clone3, &raw const arguments, size_of::<libc::clone_args>()) };
    match pid {
        -1 => Err(last_errno()),
        0 => Ok(None),
        // SAFETY: the kernel wrote a new descriptor, which nobody else owns.
        pid => Ok(Some((pid as i32, unsafe { OwnedFd::from_raw_fd(pidfd) }))),
    }
}

/// The caller's ends (non-blocking) and the child's.
fn make_stdio(process: &ProcessSpec) -> Result<([Option<OwnedFd>; 3], ChildStdio), Errno> {
    if process.terminal.is_some() {
        return Ok(([None, None, None], None));
    }
    let (stdin_read, stdin_write) = if process.stdin {
        let (read, write) = pipe_with(PipeFlags::CLOEXEC)?;
        (read, Some(write))
    } else {
        (open("/dev/null", OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())?, None)
    };
    let (stdout_read, stdout_write) = pipe_with(PipeFlags::CLOEXEC)?;
    let (stderr_read, stderr_write) = pipe_with(PipeFlags::CLOEXEC)?;
    for file in [Some(&stdout_read), Some(&stderr_read), stdin_write.as_ref()].into_iter().flatten() {
        rustix::io::ioctl_fionbio(file.as_fd(), true)?;
    }
    Ok(([stdin_write, Some(stdout_read), Some(stderr_read)], Some([stdin_read, stdout_write, stderr_write])))
}

/// Starts a process that does nothing but be the first of a PID namespace, for containers that share one. It reaps what is
/// left to it and ends when it is killed.
///
/// # Errors
/// When it could not be made.
pub fn hold_pid_namespace(cgroup: &Cgroup) -> Result<(i32, OwnedFd), SpawnError> {
    let cgroup = cgroup.open().map_err(|source| SpawnError { step: "open the cgroup", source })?;
    let forked = clone_into(&cgroup, libc::CLONE_NEWPID).map_err(SpawnError::at("clone the process"))?;
    if let Some(child) = forked {
        return Ok(child);
    }
    // SAFETY: with SIGCHLD ignored the kernel reaps by itself; the rest waits for ever and touches no memory.
    unsafe {
        libc::signal(libc::SIGCHLD, libc::SIG_IGN);
        libc::syscall(libc::SYS_close_range, 0, u32::MAX, 0);
        loop {
            libc::pause();
        }
    }
}

pub(crate) fn last_errno() -> Errno {
    Errno::from_io_error(&io::Error::last_os_error()).unwrap_or(Errno::IO)
}
