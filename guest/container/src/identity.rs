//! Who a process runs as: the image's own `/etc/passwd` and `/etc/group`, read as text. The C library's lookups would ask
//! the agent's system, not the image's.

use std::fmt;
use std::io;
use std::path::Path;

use crate::path::read_in_root;

/// Larger user databases are refused: they come from the image.
const DATABASE_BYTES_MAX: u64 = 1024 * 1024;

/// Numbers of a process' user and groups.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    pub user: u32,
    pub group: u32,
    pub supplementary_groups: Vec<u32>,
    /// From `/etc/passwd`, "/" where the user is not in it.
    pub home: String,
}

#[derive(Debug)]
pub enum IdentityError {
    UnknownUser(String),
    UnknownGroup(String),
    Unreadable(io::Error),
}

impl fmt::Display for IdentityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            IdentityError::UnknownUser(name) => write!(f, "no user \"{name}\" in the image's /etc/passwd"),
            IdentityError::UnknownGroup(name) => write!(f, "no group \"{name}\" in the image's /etc/group"),
            IdentityError::Unreadable(error) => write!(f, "the image's user database: {error}"),
        }
    }
}

impl std::error::Error for IdentityError {}

/// The two files of an image.
#[derive(Debug, Default)]
pub struct UserDatabase {
    passwd: String,
    group: String,
}

impl UserDatabase {
    /// Reads both files below the root of an image; absent files are empty ones.
    ///
    /// # Errors
    /// When a file cannot be read or is too large.
    pub fn read(root: &Path) -> Result<UserDatabase, IdentityError> {
        let read = |path| match read_in_root(root, path, DATABASE_BYTES_MAX) {
            Ok(content) => Ok(String::from_utf8_lossy(&content.unwrap_or_default()).into_owned()),
            Err(error) => Err(IdentityError::Unreadable(error)),
        };
        Ok(UserDatabase { passwd: read("etc/passwd")?, group: read("etc/group")? })
    }

    /// Resolves "user", "uid", "user:group" and their mixtures, as an image's configuration has them. Empty is root.
    ///
    /// # Errors
    /// When a name is not in the database; a number need not be.
    pub fn resolve(&self, text: &str) -> Result<Identity, IdentityError> {
        let (user, group) = match text.split_once(':') {
            Some((user, group)) => (user, Some(group)),
            None => (text, None),
        };
        let user = if user.is_empty() { "0" } else { user };
        let number = user.parse::<u32>().ok();
        let entry = self.users().find(|entry| number.map_or(entry.name == user, |number| entry.user == number));
        let mut identity = match (&entry, number) {
            (Some(entry), _) => {
                Identity { user: entry.user, group: entry.group, home: entry.home.to_owned(), ..Identity::default() }
            }
            (None, Some(number)) => Identity { user: number, home: "/".to_owned(), ..Identity::default() },
            (None, None) => return Err(IdentityError::UnknownUser(user.to_owned())),
        };
        match group.filter(|group| !group.is_empty()) {
            Some(group) => identity.group = self.group_number(group)?,
            None => {
                if let Some(entry) = entry {
                    identity.supplementary_groups = self.groups_of(entry.name);
                }
            }
        }
        Ok(identity)
    }

    fn group_number(&self, group: &str) -> Result<u32, IdentityError> {
        if let Ok(number) = group.parse() {
            return Ok(number);
        }
        let found = self.groups().find(|(name, _, _)| *name == group).map(|(_, number, _)| number);
        found.ok_or_else(|| IdentityError::UnknownGroup(group.to_owned()))
    }

    fn groups_of(&self, user: &str) -> Vec<u32> {
        let lists = |members: &str| members.split(',').any(|member| member == user);
        self.groups().filter(|(_, _, members)| lists(members)).map(|(_, number, _)| number).collect()
    }

    fn users(&self) -> impl Iterator<Item = UserEntry<'_>> {
        self.passwd.lines().filter_map(|line| {
            let mut fields = line.split(':');
            let name = fields.next()?;
            let user = fields.nth(1)?.parse().ok()?;
            let group = fields.next()?.parse().ok()?;
            let home = fields.nth(1).filter(|home| !home.is_empty()).unwrap_or("/");
            Some(UserEntry { name, user, group, home })
        })
    }

    fn groups(&self) -> impl Iterator<Item = (&str, u32, &str)> {
        self.group.lines().filter_map(|line| {
            let mut fields = line.split(':');
            let name = fields.next()?;
            let number = fields.nth(1)?.parse().ok()?;
            Some((name, number, fields.next().unwrap_or("")))
        })
    }
}

struct UserEntry<'a> {
    name: &'a str,
    user: u32,
    group: u32,
    home: &'a str,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn database() -> UserDatabase {
        UserDatabase {
            passwd: "root:x:0:0:root:/root:/bin/sh\nbroken\nweb:x:33:34:web:/srv:/bin/false\n".to_owned(),
            group: "root:x:0:\nweb:x:34:\nlog:x:4:a,web\ndata:x:44:web\n".to_owned(),
        }
    }

    #[test]
    fn resolves_names_and_numbers_as_images_write_them() {
        let cases: [(&str, u32, u32, &[u32], &str); 7] = [
            ("", 0, 0, &[], "/root"),
            ("web", 33, 34, &[4, 44], "/srv"),
            ("33", 33, 34, &[4, 44], "/srv"),
            ("web:data", 33, 44, &[], "/srv"),
            ("web:7", 33, 7, &[], "/srv"),
            ("1000", 1000, 0, &[], "/"),
            (":log", 0, 4, &[], "/root"),
        ];
        for (text, user, group, groups, home) in cases {
            let expected = Identity { user, group, supplementary_groups: groups.to_vec(), home: home.to_owned() };
            assert_eq!(database().resolve(text).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn refuses_names_the_image_does_not_know() {
        assert!(matches!(database().resolve("nobody"), Err(IdentityError::UnknownUser(name)) if name == "nobody"));
        assert!(matches!(database().resolve("web:none"), Err(IdentityError::UnknownGroup(name)) if name == "none"));
    }
}
