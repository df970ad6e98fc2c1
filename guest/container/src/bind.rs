//! Bind mounts by descriptors: source and target are found first, and no name is looked up again when they are joined.

use std::ffi::c_uint;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::path::Path;

use rustix::fs::{CWD, Mode, OFlags, open};
use rustix::io::Errno;
use rustix::mount::{MoveMountFlags, OpenTreeFlags, move_mount, open_tree};

use crate::path::{Node, open_or_create};
use crate::spec::BindMount;

pub(crate) const READ_ONLY: u64 = libc::MOUNT_ATTR_RDONLY;
pub(crate) const NO_DEVICES: u64 = libc::MOUNT_ATTR_NODEV;
pub(crate) const NO_SETUID: u64 = libc::MOUNT_ATTR_NOSUID;
pub(crate) const NO_EXECUTION: u64 = libc::MOUNT_ATTR_NOEXEC;

/// Mounts `source` (and what is mounted below it) with more attributes on `target`.
pub(crate) fn bind(source: impl AsFd, target: impl AsFd, attributes: u64) -> Result<(), Errno> {
    let flags = OpenTreeFlags::OPEN_TREE_CLONE
        | OpenTreeFlags::OPEN_TREE_CLOEXEC
        | OpenTreeFlags::AT_EMPTY_PATH
        | OpenTreeFlags::AT_RECURSIVE;
    let tree = open_tree(source, "", flags)?;
    if attributes != 0 {
        set_attributes(tree.as_fd(), attributes)?;
    }
    let flags = MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH | MoveMountFlags::MOVE_MOUNT_T_EMPTY_PATH;
    move_mount(&tree, "", target, "", flags)
}

/// Adds attributes to a mount and all below it.
pub(crate) fn set_attributes(mount: BorrowedFd<'_>, attributes: u64) -> Result<(), Errno> {
    let change = libc::mount_attr { attr_set: attributes, attr_clr: 0, propagation: 0, userns_fd: 0 };
    let flags = (libc::AT_EMPTY_PATH | libc::AT_RECURSIVE) as c_uint;
    // SAFETY: the path is a C string, and `change` a live structure of the size that is said.
    let result = unsafe {
        let size = size_of::<libc::mount_attr>();
        libc::syscall(libc::SYS_mount_setattr, mount.as_raw_fd(), c"".as_ptr(), flags, &raw const change, size)
    };
    if result == 0 { Ok(()) } else { Err(crate::spawn::last_errno()) }
}

/// Mounts one volume below `root`, whatever its image or content try.
pub(crate) fn bind_volume(root: &OwnedFd, mount: &BindMount, attributes: u64) -> Result<(), Errno> {
    let source = open_source(&mount.source, &mount.sub_path)?;
    let target = open_or_create(root, &mount.target, Node::of(&source)?, Mode::from_raw_mode(0o755))?;
    bind(&source, &target, attributes | if mount.read_only { READ_ONLY } else { 0 })
}

fn open_source(source: &Path, sub_path: &str) -> Result<OwnedFd, Errno> {
    let source = rustix::fs::openat(CWD, source, OFlags::PATH | OFlags::CLOEXEC, Mode::empty())?;
    if sub_path.is_empty() {
        return Ok(source);
    }
    let mode = Mode::from_raw_mode(rustix::fs::fstat(&source)?.st_mode & 0o7777);
    open_or_create(&source, sub_path, Node::Directory, mode)
}

/// Opens a path of the caller's own, not of a container.
pub(crate) fn open_path(path: &Path) -> Result<OwnedFd, Errno> {
    open(path, OFlags::PATH | OFlags::CLOEXEC, Mode::empty())
}
