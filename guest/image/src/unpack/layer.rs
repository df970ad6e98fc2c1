//! One layer after the other onto the tree: files, links, devices, owners, modes, times, attributes, whiteouts.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, OwnedFd};

use rustix::fs::{
    AtFlags, FileType, Gid, Mode, OFlags, Timespec, Timestamps, Uid, XattrFlags, chmodat, chownat, fchmod, fchown,
    fsetxattr, fstat, futimens, linkat, makedev, mkdirat, mknodat, openat, statat, symlinkat, utimensat,
};
use rustix::io::Errno;

use super::path::{self, quote, unsafe_path};
use super::tree::{Tree, remove, remove_children};
use crate::archive::{Archive, Entry, EntryKind, Time};
use crate::error::{PullError, PullOutcome, Reason};
use crate::limits::Limits;

const WHITEOUT_PREFIX: &[u8] = b".wh.";
const OPAQUE_WHITEOUT: &[u8] = b".wh..wh..opq";
/// Names with two prefixes are notes of a union file system to itself.
const UNION_NOTE_PREFIX: &[u8] = b".wh..wh.";

/// Device nodes of one image; a full /dev of old has about two hundred.
const DEVICES_MAX: u64 = 1024;

/// Attributes of one entry together; ext4 keeps at most one block of them.
const XATTR_BYTES_MAX: usize = 64 * 1024;

/// Paths of one layer's directories together, which wait in memory for their times; a large image has a megabyte of them.
const DIRECTORY_PATH_BYTES_MAX: usize = 32 * 1024 * 1024;

/// Bytes copied at a time from an archive to a file.
const COPY_BYTES: usize = 128 * 1024;

/// What is left of the image's limits, over all layers.
pub struct Budget {
    unpacked_bytes: u64,
    files: u64,
    devices: u64,
    limits: Limits,
}

impl Budget {
    pub fn new(limits: Limits) -> Self {
        Self { unpacked_bytes: limits.unpacked_bytes, files: limits.files, devices: DEVICES_MAX, limits }
    }

    fn take_file(&mut self) -> PullOutcome<()> {
        self.files = self.files.checked_sub(1).ok_or_else(|| {
            PullError::new(Reason::LimitExceeded, format!("the image has more than {} files", self.limits.files))
        })?;
        Ok(())
    }

    fn take_device(&mut self) -> PullOutcome<()> {
        self.devices = self.devices.checked_sub(1).ok_or_else(|| {
            PullError::new(Reason::LimitExceeded, format!("the image has more than {DEVICES_MAX} device nodes"))
        })?;
        Ok(())
    }

    fn too_large(&self) -> PullError {
        PullError::new(
            Reason::LimitExceeded,
            format!("the unpacked image has more than {} bytes", self.limits.unpacked_bytes),
        )
    }
}

/// Counts what a decompressor gives, so that a small layer cannot become an endless one.
struct Metered<'a, R> {
    reader: R,
    budget: &'a std::cell::RefCell<Budget>,
}

impl<R: Read> Read for Metered<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(buffer)?;
        let mut budget = self.budget.borrow_mut();
        match budget.unpacked_bytes.checked_sub(count as u64) {
            Some(left) => budget.unpacked_bytes = left,
            None => return Err(budget.too_large().into()),
        }
        Ok(count)
    }
}

pub struct Unpacker {
    tree: Tree,
    budget: std::cell::RefCell<Budget>,
    /// Owners, devices and file capabilities need a privilege that tests do without.
    is_privileged: bool,
    /// Inodes that the present layer made or touched; its whiteouts leave them alone.
    of_this_layer: HashSet<u64>,
    /// Set at the end of a layer: making files in a directory changes its time.
    directory_times: Vec<(Vec<u8>, Time)>,
    directory_path_bytes: usize,
    buffer: Vec<u8>,
}

impl Unpacker {
    /// `root` is the empty directory that becomes the image's root.
    pub fn new(root: OwnedFd, budget: Budget) -> Self {
        Self {
            tree: Tree::new(root),
            budget: budget.into(),
            is_privileged: rustix::process::geteuid().is_root(),
            of_this_layer: HashSet::new(),
            directory_times: Vec::new(),
            directory_path_bytes: 0,
            buffer: vec![0; COPY_BYTES],
        }
    }

    /// Applies one layer's archive; lower layers come first.
    pub fn apply(&mut self, archive: impl Read) -> PullOutcome<()> {
        self.of_this_layer.clear();
        self.directory_times.clear();
        self.directory_path_bytes = 0;
        self.tree.forget_parent();
        // The meter borrows the budget apart from the rest of this struct.
        let budget = std::mem::replace(&mut self.budget, Budget::new(Limits::default()).into());
        let outcome = self.apply_entries(archive, &budget);
        self.budget = budget;
        outcome?;
        self.set_directory_times()
    }

    fn apply_entries(&mut self, archive: impl Read, budget: &std::cell::RefCell<Budget>) -> PullOutcome<()> {
        let mut archive = Archive::new(Metered { reader: archive, budget });
        while let Some(entry) = archive.next_entry()? {
            budget.borrow_mut().take_file()?;
            let (directory, name) = path::split(&entry.path)?;
            if name.starts_with(WHITEOUT_PREFIX) {
                self.apply_whiteout(&directory, &name)?;
                continue;
            }
            let parent = self.tree.parent(&directory, &mut || budget.borrow_mut().take_file())?;
            if name.is_empty() {
                self.apply_root(&entry)?;
                continue;
            }
            if matches!(entry.kind, EntryKind::CharacterDevice { .. } | EntryKind::BlockDevice { .. }) {
                budget.borrow_mut().take_device()?;
            }
            if entry.size > budget.borrow().unpacked_bytes {
                return Err(budget.borrow().too_large());
            }
            self.make_way(&parent, &name, &entry)?;
            self.create(&parent, &directory, &name, &entry, &mut archive)
                .map_err(|error| with_path(error, &entry.path))?;
        }
        Ok(())
    }

    fn apply_whiteout(&mut self, directory: &[u8], name: &[u8]) -> PullOutcome<()> {
        let removed = &name[WHITEOUT_PREFIX.len()..];
        if matches!(removed, b"" | b"." | b"..") {
            return Err(unsafe_path(name, "removes more than one name"));
        }
        let is_opaque = name == OPAQUE_WHITEOUT;
        if name.starts_with(UNION_NOTE_PREFIX) && !is_opaque {
            return Ok(());
        }
        let Some(parent) = self.tree.existing_directory(directory)? else { return Ok(()) };
        self.tree.forget_parent();
        if is_opaque {
            remove_children(parent, &self.of_this_layer).map(|_| ())
        } else {
            remove(parent, removed, &self.of_this_layer).map(|_| ())
        }
    }

    fn apply_root(&mut self, entry: &Entry) -> PullOutcome<()> {
        if entry.kind != EntryKind::Directory {
            return Err(PullError::new(Reason::InvalidImage, "the root of a layer is not a directory"));
        }
        let root = self
            .tree
            .root()
            .try_clone()
            .map_err(|error| PullError::from_io(error, Reason::InvalidImage, "opening the root"))?;
        self.directory_times.push((Vec::new(), entry.modified));
        self.describe(&root, entry)
    }

    /// A directory stays when a directory comes; anything else makes way for what comes.
    fn make_way(&mut self, parent: &OwnedFd, name: &[u8], entry: &Entry) -> PullOutcome<()> {
        let Ok(found) = statat(parent, name, AtFlags::SYMLINK_NOFOLLOW) else { return Ok(()) };
        let is_directory = FileType::from_raw_mode(found.st_mode) == FileType::Directory;
        if is_directory && entry.kind == EntryKind::Directory {
            return Ok(());
        }
        self.tree.forget_parent();
        self.of_this_layer.remove(&found.st_ino);
        // What this layer made itself is replaced too: the last entry of a name counts.
        remove(parent, name, &HashSet::new()).map(|_| ())
    }

    fn create(
        &mut self,
        parent: &OwnedFd,
        directory: &[u8],
        name: &[u8],
        entry: &Entry,
        content: &mut impl Read,
    ) -> PullOutcome<()> {
        match &entry.kind {
            EntryKind::File => self.create_file(parent, name, entry, content),
            EntryKind::Directory => self.create_directory(parent, directory, name, entry),
            EntryKind::HardLink(target) => self.create_hard_link(parent, name, target),
            EntryKind::SymbolicLink(target) => {
                if target.is_empty() || target.contains(&0) {
                    return Err(PullError::new(Reason::InvalidImage, "a symbolic link has no usable target"));
                }
                symlinkat(&target[..], parent, name).map_err(failed("making a link"))?;
                self.describe_name(parent, name, entry)
            }
            EntryKind::Fifo => self.create_node(parent, name, entry, FileType::Fifo, 0),
            EntryKind::CharacterDevice { major: 0, minor: 0 } => {
                // The overlay file system takes this very device for a deleted file.
                Err(PullError::new(Reason::UnsafeArchive, "the device 0:0 is not allowed"))
            }
            EntryKind::CharacterDevice { major, minor } => {
                self.create_node(parent, name, entry, FileType::CharacterDevice, makedev(*major, *minor))
            }
            EntryKind::BlockDevice { major, minor } => {
                self.create_node(parent, name, entry, FileType::BlockDevice, makedev(*major, *minor))
            }
        }
    }

    fn create_file(
        &mut self,
        parent: &OwnedFd,
        name: &[u8],
        entry: &Entry,
        content: &mut impl Read,
    ) -> PullOutcome<()> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mut file =
            File::from(openat(parent, name, flags, Mode::from_raw_mode(0o600)).map_err(failed("making a file"))?);
        loop {
            let count = content
                .read(&mut self.buffer)
                .map_err(|error| PullError::from_io(error, Reason::InvalidImage, "reading a file's content"))?;
            if count == 0 {
                break;
            }
            file.write_all(&self.buffer[..count])
                .map_err(|error| PullError::from_io(error, Reason::InvalidImage, "writing a file"))?;
        }
        self.describe(&file, entry)?;
        futimens(&file, &timestamps(entry.modified)).map_err(failed("setting a file's time"))
    }

    fn create_directory(&mut self, parent: &OwnedFd, above: &[u8], name: &[u8], entry: &Entry) -> PullOutcome<()> {
        match mkdirat(parent, name, Mode::from_raw_mode(0o700)) {
            Ok(()) | Err(Errno::EXIST) => {}
            Err(error) => return Err(failed("making a directory")(error)),
        }
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let directory = openat(parent, name, flags, Mode::empty()).map_err(failed("opening a directory"))?;
        let path = if above.is_empty() { name.to_vec() } else { [above, name].join(&b'/') };
        self.directory_path_bytes += path.len();
        if self.directory_path_bytes > DIRECTORY_PATH_BYTES_MAX {
            return Err(PullError::new(Reason::LimitExceeded, "the layer's directories have too long paths"));
        }
        self.directory_times.push((path, entry.modified));
        self.describe(&directory, entry)
    }

    /// The target's directory is resolved like any other path, its last name not followed.
    fn create_hard_link(&mut self, parent: &OwnedFd, name: &[u8], target: &[u8]) -> PullOutcome<()> {
        let (directory, target_name) = path::split(target)?;
        let missing = || {
            PullError::new(Reason::InvalidImage, format!("a hard link names '{}', which does not exist", quote(target)))
        };
        let target_parent = self.tree.existing_directory(&directory)?.ok_or_else(missing)?;
        match linkat(&target_parent, &target_name[..], parent, name, AtFlags::empty()) {
            Ok(()) => {}
            Err(Errno::NOENT) => return Err(missing()),
            Err(Errno::PERM) => return Err(PullError::new(Reason::UnsafeArchive, "a hard link names a directory")),
            Err(error) => return Err(failed("making a hard link")(error)),
        }
        self.note_made(
            statat(parent, name, AtFlags::SYMLINK_NOFOLLOW).map_err(failed("looking at a hard link"))?.st_ino,
        );
        Ok(())
    }

    fn create_node(
        &mut self,
        parent: &OwnedFd,
        name: &[u8],
        entry: &Entry,
        kind: FileType,
        device: u64,
    ) -> PullOutcome<()> {
        if kind != FileType::Fifo && !self.is_privileged {
            return Ok(());
        }
        mknodat(parent, name, kind, Mode::from_raw_mode(0o600), device).map_err(failed("making a device"))?;
        self.describe_name(parent, name, entry)?;
        chmodat(parent, name, Mode::from_raw_mode(entry.mode), AtFlags::empty()).map_err(failed("setting a mode"))
    }

    /// Owner, mode and attributes, in the order that loses none: a change of owner clears set-user-ID and capabilities.
    fn describe(&mut self, file: impl AsFd, entry: &Entry) -> PullOutcome<()> {
        if self.is_privileged {
            fchown(&file, Some(Uid::from_raw(entry.uid)), Some(Gid::from_raw(entry.gid)))
                .map_err(failed("setting an owner"))?;
        }
        fchmod(&file, Mode::from_raw_mode(entry.mode)).map_err(failed("setting a mode"))?;
        let mut xattr_bytes = 0;
        for (name, value) in entry.xattrs.iter().filter(|(name, _)| self.is_wanted_xattr(name)) {
            xattr_bytes += name.len() + value.len();
            if xattr_bytes > XATTR_BYTES_MAX {
                return Err(too_many_xattrs());
            }
            match fsetxattr(&file, &name[..], value, XattrFlags::empty()) {
                Ok(()) => {}
                // ext4's single block is full; the disk itself is not.
                Err(Errno::NOSPC | Errno::TOOBIG | Errno::RANGE) => return Err(too_many_xattrs()),
                Err(error) => return Err(failed("setting an attribute")(error)),
            }
        }
        self.note_made(fstat(&file).map_err(failed("looking at a file"))?.st_ino);
        Ok(())
    }

    /// The same for what cannot be opened: links, devices and pipes.
    fn describe_name(&mut self, parent: &OwnedFd, name: &[u8], entry: &Entry) -> PullOutcome<()> {
        if self.is_privileged {
            let owner = (Some(Uid::from_raw(entry.uid)), Some(Gid::from_raw(entry.gid)));
            chownat(parent, name, owner.0, owner.1, AtFlags::SYMLINK_NOFOLLOW).map_err(failed("setting an owner"))?;
        }
        utimensat(parent, name, &timestamps(entry.modified), AtFlags::SYMLINK_NOFOLLOW)
            .map_err(failed("setting a time"))?;
        self.note_made(statat(parent, name, AtFlags::SYMLINK_NOFOLLOW).map_err(failed("looking at a file"))?.st_ino);
        Ok(())
    }

    /// `trusted.overlay.*` would let an image speak to the overlay it becomes a layer of, SELinux labels mean nothing here.
    fn is_wanted_xattr(&self, name: &[u8]) -> bool {
        let is_user = name.starts_with(b"user.") && !name.starts_with(b"user.overlay.");
        let is_privileged =
            matches!(name, b"security.capability" | b"system.posix_acl_access" | b"system.posix_acl_default");
        is_user || (is_privileged && self.is_privileged)
    }

    fn note_made(&mut self, inode: u64) {
        self.of_this_layer.insert(inode);
    }

    fn set_directory_times(&mut self) -> PullOutcome<()> {
        // A directory may have been replaced by something else later in the layer.
        for (path, modified) in std::mem::take(&mut self.directory_times) {
            if let Some(directory) = self.tree.existing_directory(&path)? {
                futimens(&directory, &timestamps(modified)).map_err(failed("setting a directory's time"))?;
            }
        }
        Ok(())
    }
}

fn timestamps(modified: Time) -> Timestamps {
    let time = Timespec { tv_sec: modified.seconds, tv_nsec: modified.nanoseconds.into() };
    Timestamps { last_access: time, last_modification: time }
}

fn too_many_xattrs() -> PullError {
    PullError::new(Reason::LimitExceeded, "a file has too many extended attributes")
}

fn failed(step: &'static str) -> impl Fn(Errno) -> PullError {
    move |error| PullError::from_io(io::Error::from(error), Reason::InvalidImage, step)
}

fn with_path(error: PullError, path: &[u8]) -> PullError {
    PullError { text: format!("'{}': {}", quote(path), error.text), ..error }
}
