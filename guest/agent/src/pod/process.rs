//! A running container's first process, and further ones in it.

use std::cell::RefCell;
use std::ffi::CString;
use std::os::fd::OwnedFd;
use std::rc::Rc;

use container::{Cgroup, ExecSpec, ProcessSpec, SpawnError, Spawned, StartFailure, StartStatus, TerminalSize};
use rustix::process::{Signal, pidfd_send_signal};

use crate::runtime::{Descriptor, Exit, wait_for_exit, watch_child};

/// A container that runs.
pub struct Process {
    pub pidfd: Rc<OwnedFd>,
    pub cgroup: Rc<Cgroup>,
    pub stop_signal: i32,
    /// What further processes take over: identity, environment, rights.
    pub template: ProcessSpec,
    /// Where attached input goes: a pipe, or the terminal. Gone once it was closed.
    pub stdin: RefCell<Option<Rc<Descriptor>>>,
    pub terminal: Option<Rc<Descriptor>>,
}

/// A process from its `execve` on, with its streams in the event loop.
pub struct Started {
    pub pid: i32,
    pub pidfd: Rc<OwnedFd>,
    pub stdin: Option<Rc<Descriptor>>,
    pub stdout: Option<Rc<Descriptor>>,
    pub stderr: Option<Rc<Descriptor>>,
    pub terminal: Option<Rc<Descriptor>>,
}

/// Why a process did not come to its program.
#[derive(Debug)]
pub enum StartError {
    Spawn(SpawnError),
    Child(StartFailure),
    Io(rustix::io::Errno),
}

impl std::fmt::Display for StartError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            StartError::Spawn(error) => error.fmt(f),
            StartError::Child(failure) => failure.fmt(f),
            StartError::Io(errno) => write!(f, "hearing of the new process: {errno}"),
        }
    }
}

impl StartError {
    pub fn exit_code(&self) -> i32 {
        match self {
            StartError::Child(failure) => failure.kind.exit_code(),
            StartError::Spawn(_) | StartError::Io(_) => 128,
        }
    }
}

/// Waits until a child runs its program; one that does not is reaped.
pub async fn await_start(spawned: Spawned) -> Result<Started, StartError> {
    watch_child(spawned.pid);
    let mut terminal = None;
    rustix::io::ioctl_fionbio(&spawned.status, true).map_err(StartError::Io)?;
    let waiter =
        rustix::io::fcntl_dupfd_cloexec(&spawned.status, 0).and_then(Descriptor::new).map_err(StartError::Io)?;
    loop {
        match spawned.status.read() {
            Ok(StartStatus::Terminal(file)) => {
                terminal = Some(Rc::new(Descriptor::new(file).map_err(StartError::Io)?));
            }
            Ok(StartStatus::Started) => break,
            Ok(StartStatus::Failed(failure)) => {
                wait_for_exit(spawned.pid).await;
                return Err(StartError::Child(failure));
            }
            Err(rustix::io::Errno::AGAIN) => waiter.readable().await,
            Err(errno) => return Err(StartError::Io(errno)),
        }
    }
    let watched = |file: Option<OwnedFd>| file.map(|file| Descriptor::new(file).map(Rc::new)).transpose();
    Ok(Started {
        pid: spawned.pid,
        pidfd: Rc::new(spawned.pidfd),
        stdin: watched(spawned.stdin).map_err(StartError::Io)?,
        stdout: watched(spawned.stdout).map_err(StartError::Io)?,
        stderr: watched(spawned.stderr).map_err(StartError::Io)?,
        terminal,
    })
}

impl Started {
    pub async fn wait(&self) -> Exit {
        wait_for_exit(self.pid).await
    }

    pub fn kill(&self) {
        // It may have ended already.
        let _ = pidfd_send_signal(&*self.pidfd, Signal::KILL);
    }
}

impl Process {
    /// Starts a command in the container.
    pub async fn exec(
        &self,
        command: &[String],
        terminal: Option<TerminalSize>,
        stdin: bool,
    ) -> Result<Started, StartError> {
        let mut process = self.template.clone();
        process.arguments = command.iter().filter_map(|argument| CString::new(argument.as_str()).ok()).collect();
        if terminal.is_some() && !process.environment.iter().any(|entry| entry.to_bytes().starts_with(b"TERM=")) {
            process.environment.push(c"TERM=xterm".to_owned());
        }
        process.terminal = terminal;
        process.stdin = stdin;
        let spec = ExecSpec { pidfd: self.pidfd.clone(), process };
        await_start(container::exec(&spec, &self.cgroup).map_err(StartError::Spawn)?).await
    }

    /// Sends a signal to the first process.
    pub fn signal(&self, number: i32) {
        // SAFETY: takes a descriptor, a number, no information and no flags. The number may be a real-time signal, which
        // has no safe name.
        unsafe {
            use std::os::fd::AsRawFd;
            libc::syscall(libc::SYS_pidfd_send_signal, self.pidfd.as_raw_fd(), number, std::ptr::null::<u8>(), 0);
        }
    }
}
