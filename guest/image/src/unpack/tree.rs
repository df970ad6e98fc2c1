//! The tree that is filled. Every path is resolved by the kernel with the tree's root as "/" (`RESOLVE_IN_ROOT`), so that
//! neither ".." nor any symbolic link an archive made can lead out of it, and the last name is never followed.

use std::collections::HashSet;
use std::io;
use std::os::fd::{AsFd, OwnedFd};

use rustix::fs::{
    AtFlags, Dir, FileType, Mode, OFlags, ResolveFlags, mkdirat, openat, openat2, readlinkat, statat, unlinkat,
};
use rustix::io::Errno;

use super::path::{quote, unsafe_path};
use crate::error::{PullError, PullOutcome, Reason};

/// Links that lead to directories which do not exist yet, one behind the other.
const DANGLING_LINKS_MAX: usize = 8;

/// How deep a directory may be that is to be removed; each level holds two file descriptors.
const REMOVAL_DEPTH_MAX: usize = 400;

/// Directories that no entry describes are everybody's to read.
const IMPLIED_DIRECTORY_MODE: u32 = 0o755;

pub struct Tree {
    root: OwnedFd,
    /// The directory of the entry before: entries come directory by directory.
    last_parent: Option<(Vec<u8>, OwnedFd)>,
}

impl Tree {
    pub fn new(root: OwnedFd) -> Self {
        Self { root, last_parent: None }
    }

    pub fn root(&self) -> &OwnedFd {
        &self.root
    }

    /// The directory at `path`, links inside the tree followed, made with its parents where it does not exist. Counts what it
    /// makes through `on_make`.
    pub fn parent(&mut self, path: &[u8], on_make: &mut dyn FnMut() -> PullOutcome<()>) -> PullOutcome<OwnedFd> {
        if let Some((last, directory)) = &self.last_parent
            && last == path
        {
            return duplicate(directory);
        }
        let directory = self.ensure_directory(path, on_make, DANGLING_LINKS_MAX)?;
        self.last_parent = Some((path.to_vec(), duplicate(&directory)?));
        Ok(directory)
    }

    /// The directory at `path` if it is there.
    pub fn existing_directory(&self, path: &[u8]) -> PullOutcome<Option<OwnedFd>> {
        match self.open_directory(path) {
            Ok(directory) => Ok(Some(directory)),
            Err(Errno::NOENT | Errno::NOTDIR) => Ok(None),
            Err(error) => Err(resolve_failed(path, error)),
        }
    }

    /// Must be called when something that may have been part of a path is removed or replaced.
    pub fn forget_parent(&mut self) {
        self.last_parent = None;
    }

    fn open_directory(&self, path: &[u8]) -> Result<OwnedFd, Errno> {
        let path = if path.is_empty() { b"." } else { path };
        openat2(
            &self.root,
            path,
            OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC,
            Mode::empty(),
            ResolveFlags::IN_ROOT | ResolveFlags::NO_MAGICLINKS,
        )
    }

    fn ensure_directory(
        &self,
        path: &[u8],
        on_make: &mut dyn FnMut() -> PullOutcome<()>,
        links_left: usize,
    ) -> PullOutcome<OwnedFd> {
        match self.open_directory(path) {
            Ok(directory) => return Ok(directory),
            Err(Errno::NOENT) => {}
            Err(error) => return Err(resolve_failed(path, error)),
        }
        let slash = path.iter().rposition(|byte| *byte == b'/');
        let (above, name) = slash.map_or((&b""[..], path), |slash| (&path[..slash], &path[slash + 1..]));
        let parent = self.ensure_directory(above, on_make, links_left)?;
        match mkdirat(&parent, name, Mode::from_raw_mode(IMPLIED_DIRECTORY_MODE)) {
            Ok(()) => on_make()?,
            Err(Errno::EXIST) if links_left > 0 => {
                // A link whose target is missing ("/var/run" before "/run"): the target is made.
                let target = readlinkat(&parent, name, Vec::new()).map_err(|error| resolve_failed(path, error))?;
                let target = resolve_lexically(above, target.as_bytes());
                return self.ensure_directory(&target, on_make, links_left - 1);
            }
            Err(Errno::EXIST) => return Err(unsafe_path(path, "leads through too many links")),
            Err(error) => return Err(resolve_failed(path, error)),
        }
        self.open_directory(path).map_err(|error| resolve_failed(path, error))
    }
}

/// Where a link in `directory` points to, relative to the root. Upwards beyond the root stays at the root, as for the kernel.
fn resolve_lexically(directory: &[u8], target: &[u8]) -> Vec<u8> {
    let start = if target.starts_with(b"/") { &b""[..] } else { directory };
    let mut names: Vec<&[u8]> = Vec::new();
    for name in start.split(|byte| *byte == b'/').chain(target.split(|byte| *byte == b'/')) {
        match name {
            b"" | b"." => {}
            b".." => drop(names.pop()),
            _ => names.push(name),
        }
    }
    names.join(&b'/')
}

/// Removes what `name` in `directory` is, with all that is below, except what the present layer made itself (`kept`, inode
/// numbers). Returns whether nothing is left of it. Names that do not exist are no error.
pub fn remove(directory: impl AsFd, name: &[u8], kept: &HashSet<u64>) -> PullOutcome<bool> {
    let found = match statat(&directory, name, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(found) => found,
        Err(Errno::NOENT) => return Ok(true),
        Err(error) => return Err(remove_failed(name, error)),
    };
    let is_kept = kept.contains(&found.st_ino);
    if FileType::from_raw_mode(found.st_mode) != FileType::Directory {
        if !is_kept {
            unlinkat(&directory, name, AtFlags::empty()).map_err(|error| remove_failed(name, error))?;
        }
        return Ok(!is_kept);
    }
    let is_empty = remove_children(open_child(&directory, name)?, kept)?;
    if is_empty && !is_kept {
        unlinkat(&directory, name, AtFlags::REMOVEDIR).map_err(|error| remove_failed(name, error))?;
        return Ok(true);
    }
    Ok(false)
}

/// Removes everything in a directory except what is kept and what leads to it. Returns whether the directory is empty then.
/// Walks with a list instead of recursion: an archive decides how deep it goes.
pub fn remove_children(top: OwnedFd, kept: &HashSet<u64>) -> PullOutcome<bool> {
    struct Level {
        directory: OwnedFd,
        /// Read on while names are removed: a directory may have more names than this microVM has memory.
        entries: Dir,
        name: Vec<u8>,
        inode: u64,
        keeps_something: bool,
    }
    let open_level = |directory: OwnedFd, name: Vec<u8>, inode: u64| -> PullOutcome<Level> {
        let entries = Dir::read_from(&directory).map_err(|error| remove_failed(&name, error))?;
        Ok(Level { directory, entries, name, inode, keeps_something: false })
    };
    let mut levels = vec![open_level(top, Vec::new(), 0)?];
    loop {
        let depth = levels.len();
        let Some(level) = levels.last_mut() else { return Ok(true) };
        if let Some(entry) = level.entries.next() {
            let entry = entry.map_err(|error| remove_failed(&level.name, error))?;
            let (name, inode) = (entry.file_name().to_bytes(), entry.ino());
            if name == b"." || name == b".." {
                continue;
            }
            if kept.contains(&inode) && !is_directory(&level.directory, name)? {
                level.keeps_something = true;
                continue;
            }
            match unlinkat(&level.directory, name, AtFlags::empty()) {
                Ok(()) => {}
                Err(Errno::ISDIR | Errno::PERM) if depth < REMOVAL_DEPTH_MAX => {
                    let directory = open_child(&level.directory, name)?;
                    levels.push(open_level(directory, name.to_vec(), inode)?);
                }
                Err(Errno::ISDIR | Errno::PERM) => {
                    return Err(PullError::new(Reason::LimitExceeded, "directories are nested too deeply"));
                }
                Err(error) => return Err(remove_failed(name, error)),
            }
            continue;
        }
        let Some(done) = levels.pop() else { return Ok(true) };
        let Some(above) = levels.last_mut() else { return Ok(!done.keeps_something) };
        if done.keeps_something || kept.contains(&done.inode) {
            above.keeps_something = true;
        } else {
            unlinkat(&above.directory, &done.name[..], AtFlags::REMOVEDIR)
                .map_err(|error| remove_failed(&done.name, error))?;
        }
    }
}

fn is_directory(directory: &OwnedFd, name: &[u8]) -> PullOutcome<bool> {
    let found = statat(directory, name, AtFlags::SYMLINK_NOFOLLOW).map_err(|error| remove_failed(name, error))?;
    Ok(FileType::from_raw_mode(found.st_mode) == FileType::Directory)
}

fn open_child(directory: impl AsFd, name: &[u8]) -> PullOutcome<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    openat(&directory, name, flags, Mode::empty()).map_err(|error| remove_failed(name, error))
}

fn duplicate(directory: &OwnedFd) -> PullOutcome<OwnedFd> {
    directory.try_clone().map_err(|error| PullError::from_io(error, Reason::InvalidImage, "keeping a directory open"))
}

fn remove_failed(name: &[u8], error: Errno) -> PullError {
    PullError::from_io(io::Error::from(error), Reason::InvalidImage, &format!("removing '{}'", quote(name)))
}

fn resolve_failed(path: &[u8], error: Errno) -> PullError {
    match error {
        Errno::LOOP => unsafe_path(path, "leads through links in a circle"),
        Errno::NOTDIR => {
            PullError::new(Reason::InvalidImage, format!("the path '{}' leads through a file", quote(path)))
        }
        Errno::NAMETOOLONG => PullError::new(Reason::LimitExceeded, format!("the path '{}' is too long", quote(path))),
        other => {
            PullError::from_io(io::Error::from(other), Reason::InvalidImage, &format!("finding '{}'", quote(path)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::resolve_lexically;

    #[test]
    fn keeps_link_targets_inside_the_tree() {
        for (directory, target, expected) in
            [("var", "/run", "run"), ("var", "../run", "run"), ("", "../../../etc", "etc"), ("a/b", "./c/", "a/b/c")]
        {
            assert_eq!(resolve_lexically(directory.as_bytes(), target.as_bytes()), expected.as_bytes());
        }
    }
}
