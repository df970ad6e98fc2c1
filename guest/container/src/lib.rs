//! Containers by the kernel's own means: one `clone3` into the cgroup and new namespaces, an overlay root, the usual mounts,
//! capabilities, seccomp, `execve`.
//!
//! The crate knows nothing of Kubernetes, of pods or of the agent. It starts processes and reports how that went; who waits
//! for them, restarts or counts them is the caller's. It must be called from a program with a single thread: the child of a
//! raw `clone3` allocates memory before its `execve`, and a lock held by another thread would never be released in it.

mod bind;
mod capability;
mod cgroup;
mod child;
mod console;
mod error;
mod identity;
mod path;
mod rootfs;
mod seccomp;
mod seccomp_profile;
mod spawn;
mod spec;
mod status;

pub use capability::{CapabilitySet, DEFAULT_CAPABILITIES};
pub use cgroup::{Cgroup, CgroupLimits};
pub use error::{FailureKind, SpawnError, StartFailure};
pub use identity::{Identity, IdentityError, UserDatabase};
pub use path::{open_in_root, read_in_root};
pub use seccomp::Filter;
pub use seccomp_profile::default_filter;
pub use spawn::{Spawned, exec, hold_pid_namespace, spawn};
pub use spec::{BindMount, ContainerSpec, ExecSpec, PidNamespace, ProcessSpec, RootSpec, TerminalSize};
pub use status::{StartStatus, StatusSocket};
