//! Reaping. PID 1 inherits every orphan: all children are reaped, and those that somebody watches have their exit kept.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::os::fd::{FromRawFd, OwnedFd};

use rustix::process::{WaitOptions, wait};

use super::{Bell, Descriptor, spawn};

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exit {
    /// 128 + signal number when a signal ended it.
    pub code: i32,
    pub signal: i32,
}

#[derive(Clone, Default)]
struct Watched {
    bell: Bell,
    exit: std::rc::Rc<std::cell::Cell<Option<Exit>>>,
}

thread_local! {
    static WATCHED: RefCell<BTreeMap<i32, Watched>> = const { RefCell::new(BTreeMap::new()) };
}

/// Has the exit of a child kept for [`wait_for_exit`]; to be called right after it was made, before any wait.
pub fn watch_child(pid: i32) {
    WATCHED.with(|watched| watched.borrow_mut().insert(pid, Watched::default()));
}

/// Waits for the end of a watched child; once.
pub async fn wait_for_exit(pid: i32) -> Exit {
    let found = WATCHED.with(|watched| watched.borrow().get(&pid).cloned());
    let Some(child) = found else { return Exit { code: 255, signal: 0 } };
    child.bell.until(|| child.exit.get().is_some()).await;
    WATCHED.with(|watched| watched.borrow_mut().remove(&pid));
    child.exit.get().unwrap_or(Exit { code: 255, signal: 0 })
}

pub(super) fn start() {
    let signals = match child_signals().and_then(|file| Ok(Descriptor::new(file)?)) {
        Ok(signals) => signals,
        Err(error) => {
            eprintln!("atoll: no signals for the end of children: {error}");
            return;
        }
    };
    spawn(async move {
        // One structure stands for any number of ended children.
        let mut information = [0; size_of::<libc::signalfd_siginfo>()];
        loop {
            reap();
            if signals.read(&mut information).await.is_err() {
                return;
            }
        }
    })
    .detach();
}

fn child_signals() -> std::io::Result<OwnedFd> {
    // SAFETY: the set is initialised by `sigemptyset` before it is read; the descriptor is new and nobody else's.
    unsafe {
        let mut set: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&raw mut set);
        libc::sigaddset(&raw mut set, libc::SIGCHLD);
        libc::sigprocmask(libc::SIG_BLOCK, &raw const set, std::ptr::null_mut());
        match libc::signalfd(-1, &raw const set, libc::SFD_CLOEXEC | libc::SFD_NONBLOCK) {
            -1 => Err(std::io::Error::last_os_error()),
            file => Ok(OwnedFd::from_raw_fd(file)),
        }
    }
}

fn reap() {
    while let Ok(Some((pid, status))) = wait(WaitOptions::NOHANG) {
        let signal = status.terminating_signal().unwrap_or(0);
        let code = status.exit_status().unwrap_or(128 + signal);
        let pid = pid.as_raw_nonzero().get();
        WATCHED.with(|watched| {
            if let Some(child) = watched.borrow().get(&pid) {
                child.exit.set(Some(Exit { code, signal }));
                child.bell.ring();
            }
        });
    }
}
