//! What can go wrong between a specification and the first instruction of a container.

use std::fmt;
use std::io;

use rustix::io::Errno;

/// What kind of failure it was, as shells and container runtimes tell them apart by exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// Something before the program: mounts, namespaces, identity. Exit code 128.
    Setup,
    /// The program does not exist. Exit code 127.
    NotFound,
    /// The program cannot be executed. Exit code 126.
    NotExecutable,
}

impl FailureKind {
    #[must_use]
    pub fn exit_code(self) -> i32 {
        match self {
            FailureKind::Setup => 128,
            FailureKind::NotFound => 127,
            FailureKind::NotExecutable => 126,
        }
    }
}

/// A step of the child that failed, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StartFailure {
    pub kind: FailureKind,
    /// What was attempted, "mount the volume at \"/data\"".
    pub step: String,
    pub errno: i32,
}

impl StartFailure {
    pub(crate) fn setup(step: impl Into<String>, errno: Errno) -> StartFailure {
        StartFailure { kind: FailureKind::Setup, step: step.into(), errno: errno.raw_os_error() }
    }
}

impl fmt::Display for StartFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut reason = io::Error::from_raw_os_error(self.errno).to_string();
        if let Some(end) = reason.find(" (os error") {
            reason.truncate(end);
        }
        write!(f, "{}: {}", self.step, reason.to_lowercase())
    }
}

impl std::error::Error for StartFailure {}

/// The parent could not even start the child.
#[derive(Debug)]
pub struct SpawnError {
    pub step: &'static str,
    pub source: io::Error,
}

impl SpawnError {
    pub(crate) fn at(step: &'static str) -> impl FnOnce(Errno) -> SpawnError {
        move |errno| SpawnError { step, source: errno.into() }
    }
}

impl fmt::Display for SpawnError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.step, self.source)
    }
}

impl std::error::Error for SpawnError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}

/// Adds to an errno what was attempted.
pub(crate) trait Context<T> {
    fn context(self, step: impl FnOnce() -> String) -> Result<T, StartFailure>;
}

impl<T> Context<T> for Result<T, Errno> {
    fn context(self, step: impl FnOnce() -> String) -> Result<T, StartFailure> {
        self.map_err(|errno| StartFailure::setup(step(), errno))
    }
}
