//! What a container or an additional process of one shall be.

use std::ffi::CString;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::rc::Rc;

use crate::{CapabilitySet, Filter, Identity};

/// A whole container.
#[derive(Debug)]
pub struct ContainerSpec {
    pub root: RootSpec,
    /// In the order in which they are mounted: a mount below another one comes after it.
    pub mounts: Vec<BindMount>,
    pub process: ProcessSpec,
    /// All devices, nothing masked, nothing read-only that was not asked for.
    pub privileged: bool,
    /// A directory (a tmpfs) that becomes `/dev/shm`; containers of a pod share it.
    pub shared_memory: PathBuf,
    pub pid_namespace: PidNamespace,
}

/// The root file system: an overlay of a read-only image and a private directory.
#[derive(Debug)]
pub struct RootSpec {
    /// Neither of these may hold a colon or a comma: they are overlay options.
    pub lower: PathBuf,
    pub upper: PathBuf,
    pub work: PathBuf,
    /// An empty directory of the caller where the overlay is mounted in the container's own mount namespace.
    pub mount_point: PathBuf,
    pub read_only: bool,
}

/// A directory or file from outside the container.
#[derive(Debug)]
pub struct BindMount {
    pub source: PathBuf,
    /// Within `source`, which it cannot leave by any name or link; created as a directory where absent. Empty: `source` itself.
    pub sub_path: String,
    /// Within the container; created where absent.
    pub target: String,
    pub read_only: bool,
}

#[derive(Debug)]
pub enum PidNamespace {
    New,
    /// A process (by pidfd) whose PID namespace is joined.
    Join(Rc<OwnedFd>),
}

/// One program and everything that is its own.
#[derive(Clone, Debug)]
pub struct ProcessSpec {
    pub arguments: Vec<CString>,
    pub environment: Vec<CString>,
    /// Absolute; created where absent.
    pub working_directory: CString,
    pub identity: Identity,
    pub capabilities: CapabilitySet,
    pub no_new_privileges: bool,
    pub seccomp: Option<Rc<Filter>>,
    pub oom_score_adjustment: i32,
    pub terminal: Option<TerminalSize>,
    /// False: standard input is `/dev/null`. With a terminal it is always the terminal.
    pub stdin: bool,
}

/// Columns and rows of a terminal; zero where nobody said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TerminalSize {
    pub columns: u16,
    pub rows: u16,
}

/// One more process in a running container.
#[derive(Debug)]
pub struct ExecSpec {
    /// The container's first process.
    pub pidfd: Rc<OwnedFd>,
    pub process: ProcessSpec,
}
