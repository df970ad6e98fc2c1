//! Names from an archive, made safe to think about.

use crate::error::{PullError, PullOutcome, Reason};

/// What the kernel takes in one call.
const PATH_BYTES_MAX: usize = 4095;
const NAME_BYTES_MAX: usize = 255;

/// The directory and the last name of an entry's path, both relative to the root of the tree; a root entry has no name.
/// Leading slashes are dropped, as every engine does (some builders write them); ".." is refused.
pub fn split(path: &[u8]) -> PullOutcome<(Vec<u8>, Vec<u8>)> {
    let mut names = Vec::new();
    for name in path.split(|byte| *byte == b'/') {
        match name {
            b"" | b"." => {}
            b".." => return Err(unsafe_path(path, "leads upwards")),
            _ if name.contains(&0) => return Err(unsafe_path(path, "contains a zero byte")),
            _ if name.len() > NAME_BYTES_MAX => return Err(too_long(path)),
            _ => names.push(name),
        }
    }
    let name = names.pop().unwrap_or_default().to_vec();
    let directory = names.join(&b'/');
    if directory.len() + name.len() + 1 > PATH_BYTES_MAX { Err(too_long(path)) } else { Ok((directory, name)) }
}

/// A path for messages: printable, and not longer than a line.
pub fn quote(path: &[u8]) -> String {
    const CHARACTERS_MAX: usize = 120;
    let text = String::from_utf8_lossy(path).escape_debug().to_string();
    if text.chars().count() <= CHARACTERS_MAX {
        text
    } else {
        text.chars().take(CHARACTERS_MAX).chain("…".chars()).collect()
    }
}

pub fn unsafe_path(path: &[u8], what: &str) -> PullError {
    PullError::new(Reason::UnsafeArchive, format!("the path '{}' {what}", quote(path)))
}

fn too_long(path: &[u8]) -> PullError {
    PullError::new(Reason::LimitExceeded, format!("the path '{}' is too long", quote(path)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_paths_of_every_style() {
        for (path, directory, name) in [
            ("a", "", "a"),
            ("./a/b", "a", "b"),
            ("/a//b/", "a", "b"),
            ("./", "", ""),
            ("", "", ""),
            ("a/./b/c", "a/b", "c"),
        ] {
            assert_eq!(split(path.as_bytes()).unwrap(), (directory.into(), name.into()), "{path}");
        }
    }

    #[test]
    fn refuses_paths_that_lead_upwards_or_are_too_long() {
        for path in ["..", "../a", "a/../b", "a/..", "/../a"] {
            assert_eq!(split(path.as_bytes()).unwrap_err().reason, Reason::UnsafeArchive, "{path}");
        }
        assert_eq!(split(b"a\0b").unwrap_err().reason, Reason::UnsafeArchive);
        assert_eq!(split(&[b'a'; 256]).unwrap_err().reason, Reason::LimitExceeded);
        assert_eq!(split(&b"a/".repeat(3000)).unwrap_err().reason, Reason::LimitExceeded);
    }
}
