//! Where the agent keeps what, all below `/run`: the system disk is read-only.

use std::path::{Path, PathBuf};

/// The private disk: overlays' upper layers, logs, emptyDirs, volumes of files.
pub const EPHEMERAL: &str = "/run/ephemeral";
/// Image disks, one directory per serial.
pub const IMAGES: &str = "/run/images";
/// Volumes that must never be on a disk.
pub const MEMORY_VOLUMES: &str = "/run/memory";
/// `/dev/shm` of all containers.
pub const SHARED_MEMORY: &str = "/run/shm";
/// Where a container builds its root, in its own mount namespace.
pub const ROOT_MOUNT_POINT: &str = "/run/root";
/// Files that are the pod's, not the image's: hosts, hostname, resolv.conf.
pub const POD_FILES: &str = "/run/etc";
/// The pod's cgroup; containers' are below it.
pub const POD_CGROUP: &str = "/sys/fs/cgroup/pod";

pub fn ephemeral(kind: &str, name: &str) -> PathBuf {
    Path::new(EPHEMERAL).join(kind).join(name)
}

/// True for a name that is one plain path element; names come from the host and become directories.
pub fn is_plain_name(name: &str) -> bool {
    !name.is_empty() && name.len() <= 253 && name != "." && name != ".." && !name.contains(['/', '\0', ':', ',', '\\'])
}

/// True for one element of a relative path.
pub fn is_element(name: &str) -> bool {
    !name.is_empty() && name.len() <= 255 && name != "." && name != ".." && !name.contains('\0')
}
