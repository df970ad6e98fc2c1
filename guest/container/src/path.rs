//! Names inside a hostile tree. Every lookup goes through `openat2` with the tree as its root, so that neither ".." nor a
//! symbolic link of the image or of a volume leads out of it.

use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;

use rustix::fs::{AtFlags, FileType, Mode, OFlags, ResolveFlags, mkdirat, open, openat, openat2, statat};
use rustix::io::Errno;

const CONFINED: ResolveFlags = ResolveFlags::IN_ROOT.union(ResolveFlags::NO_MAGICLINKS);

/// Opens `path` as seen by a process whose root directory is `root`.
///
/// # Errors
/// Those of `openat2`.
pub fn open_in_root(root: impl AsFd, path: &str, flags: OFlags) -> Result<OwnedFd, Errno> {
    let path = if path.is_empty() { "." } else { path };
    openat2(root, path, flags | OFlags::CLOEXEC, Mode::empty(), CONFINED)
}

/// Reads a small file below the directory `root`; `None` where it does not exist.
///
/// # Errors
/// When it cannot be read, is not a regular file or is larger than `limit` bytes.
pub fn read_in_root(root: &Path, path: &str, limit: u64) -> io::Result<Option<Vec<u8>>> {
    let root = open(root, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
    // Non-blocking: the name may be a FIFO.
    let file = match open_in_root(&root, path, OFlags::RDONLY | OFlags::NONBLOCK) {
        Err(Errno::NOENT | Errno::NOTDIR) => return Ok(None),
        other => other?,
    };
    if FileType::from_raw_mode(rustix::fs::fstat(&file)?.st_mode) != FileType::RegularFile {
        return Err(io::Error::other(format!("\"{path}\" is not a regular file")));
    }
    let mut content = Vec::new();
    std::fs::File::from(file).take(limit + 1).read_to_end(&mut content)?;
    if content.len() as u64 > limit {
        return Err(io::Error::other(format!("\"{path}\" is larger than {limit} bytes")));
    }
    Ok(Some(content))
}

/// What a mount point has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Node {
    Directory,
    File,
}

impl Node {
    pub fn of(file: impl AsFd) -> Result<Node, Errno> {
        let is_directory = FileType::from_raw_mode(rustix::fs::fstat(file)?.st_mode) == FileType::Directory;
        Ok(if is_directory { Node::Directory } else { Node::File })
    }
}

/// Opens `path` below `root` as `O_PATH`, creating what is missing: directories on the way, at its end what `node` says.
pub(crate) fn open_or_create(root: impl AsFd, path: &str, node: Node, mode: Mode) -> Result<OwnedFd, Errno> {
    let root = root.as_fd();
    let names = normalize(path);
    match open_in_root(root, &names.join("/"), OFlags::PATH) {
        Err(Errno::NOENT) => {}
        other => return other,
    }
    let mut so_far = String::new();
    let mut parent = open_in_root(root, ".", OFlags::PATH | OFlags::DIRECTORY)?;
    for (index, name) in names.iter().enumerate() {
        if !so_far.is_empty() {
            so_far.push('/');
        }
        so_far.push_str(name);
        let is_last = index + 1 == names.len();
        parent = match open_in_root(root, &so_far, OFlags::PATH) {
            Err(Errno::NOENT) => {
                create(parent.as_fd(), name, if is_last { node } else { Node::Directory }, mode)?;
                open_in_root(root, &so_far, OFlags::PATH)?
            }
            other => other?,
        };
    }
    Ok(parent)
}

fn create(parent: BorrowedFd<'_>, name: &str, node: Node, mode: Mode) -> Result<(), Errno> {
    match node {
        Node::Directory => mkdirat(parent, name, mode),
        Node::File => {
            let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC | OFlags::NOFOLLOW;
            openat(parent, name, flags, Mode::from_raw_mode(0o644)).map(drop)
        }
    }
}

/// Resolves "." and ".." by name, as `path.Clean` of Kubernetes' components does before it mounts.
fn normalize(path: &str) -> Vec<&str> {
    let mut names = Vec::new();
    for name in path.split('/') {
        match name {
            "" | "." => {}
            ".." => {
                names.pop();
            }
            name => names.push(name),
        }
    }
    names
}

/// True where `path` below the directory `at` exists, links not followed.
pub(crate) fn exists(at: impl AsFd, path: &str) -> bool {
    statat(at, path, AtFlags::SYMLINK_NOFOLLOW).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;

    fn tree(name: &str) -> (std::path::PathBuf, OwnedFd) {
        let path = std::env::temp_dir().join(format!("container-path-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        let root = open(&path, OFlags::PATH | OFlags::DIRECTORY, Mode::empty()).unwrap();
        (path, root)
    }

    #[test]
    fn links_and_dots_stay_inside_the_root() {
        let (path, root) = tree("inside");
        fs::create_dir(path.join("etc")).unwrap();
        symlink("/etc", path.join("absolute")).unwrap();
        symlink("../../../../etc", path.join("relative")).unwrap();
        for name in ["absolute/x", "relative/y", "../../etc/z"] {
            open_or_create(&root, name, Node::File, Mode::from_raw_mode(0o755)).unwrap();
        }
        let mut made: Vec<_> = fs::read_dir(path.join("etc")).unwrap().map(|e| e.unwrap().file_name()).collect();
        made.sort();
        assert_eq!(made, ["x", "y", "z"]);
        fs::remove_dir_all(path).unwrap();
    }

    #[test]
    fn reads_no_more_than_the_limit_and_nothing_but_files() {
        let (path, _root) = tree("limit");
        fs::write(path.join("small"), "abc").unwrap();
        symlink("/small", path.join("link")).unwrap();
        assert_eq!(read_in_root(&path, "link", 3).unwrap(), Some(b"abc".to_vec()));
        assert!(read_in_root(&path, "small", 2).is_err());
        assert!(read_in_root(&path, ".", 2).is_err());
        assert_eq!(read_in_root(&path, "absent", 2).unwrap(), None);
        fs::remove_dir_all(path).unwrap();
    }
}
