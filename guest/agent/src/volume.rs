//! Volumes of files: ConfigMaps, Secrets, tokens. `..data` is a link to a directory of one version, and each file a link
//! through it, so that one rename changes all files at once.

use std::fs;
use std::io;
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};

use channel::messages::{SetVolumeRequest, VolumeFile};

use crate::files;

/// The group that owns volumes, and its bit on directories.
const SET_GROUP_ID: u32 = 0o2000;

/// Where a volume's files are, if it was set.
pub fn directory(volume: &str) -> Option<PathBuf> {
    let candidates = [Path::new(files::MEMORY_VOLUMES).join(volume), files::ephemeral("volumes", volume)];
    candidates.into_iter().find(|path| path.is_dir())
}

/// Sets the whole content of a volume in one step.
pub fn set(request: &SetVolumeRequest, fs_group: Option<u32>) -> Result<(), String> {
    if !files::is_plain_name(&request.volume) {
        return Err(format!("\"{}\" is not a volume's name", request.volume));
    }
    for file in &request.files {
        check_path(&file.path)?;
    }
    // `/run` is a tmpfs, and there is no swap: what is below it stays in memory.
    let home = if request.memory_only {
        Path::new(files::MEMORY_VOLUMES).join(&request.volume)
    } else {
        files::ephemeral("volumes", &request.volume)
    };
    write_version(&home, &request.files, fs_group).map_err(|error| format!("volume \"{}\": {error}", request.volume))
}

fn check_path(path: &str) -> Result<(), String> {
    let is_element = |element: &str| files::is_element(element);
    if path.split('/').all(is_element) && !path.starts_with("..") {
        return Ok(());
    }
    Err(format!("\"{path}\" is not a relative path without \"..\""))
}

fn write_version(home: &Path, content: &[VolumeFile], fs_group: Option<u32>) -> io::Result<()> {
    fs::create_dir_all(home)?;
    own_directory(home, fs_group)?;
    let old = fs::read_link(home.join("..data")).ok();
    let version = (1u64..).map(|number| format!("..version-{number}")).find(|name| !home.join(name).exists());
    let version = version.ok_or_else(|| io::Error::other("no free version"))?;
    let directory = home.join(&version);
    fs::create_dir(&directory)?;
    own_directory(&directory, fs_group)?;
    for file in content {
        write_file(&directory, file, fs_group)?;
    }
    let new_link = home.join("..data_tmp");
    let _ = fs::remove_file(&new_link);
    symlink(&version, &new_link)?;
    fs::rename(&new_link, home.join("..data"))?;
    link_names(home, content)?;
    if let Some(old) = old {
        fs::remove_dir_all(home.join(old))?;
    }
    Ok(())
}

fn write_file(directory: &Path, file: &VolumeFile, fs_group: Option<u32>) -> io::Result<()> {
    let path = directory.join(&file.path);
    let mut parent = directory.to_owned();
    for element in Path::new(&file.path).parent().into_iter().flat_map(Path::components) {
        parent.push(element);
        if !parent.is_dir() {
            fs::create_dir(&parent)?;
            own_directory(&parent, fs_group)?;
        }
    }
    fs::write(&path, &file.content)?;
    let group = file.gid.or(fs_group);
    chown(&path, file.uid, group)?;
    // Kubernetes gives the group what it needs where the volume has one.
    let for_group = if fs_group.is_some() { 0o040 } else { 0 };
    fs::set_permissions(&path, fs::Permissions::from_mode((file.mode & 0o7777) | for_group))
}

fn own_directory(path: &Path, fs_group: Option<u32>) -> io::Result<()> {
    let bits = if fs_group.is_some() { SET_GROUP_ID | 0o775 } else { 0o755 };
    chown(path, None, fs_group)?;
    fs::set_permissions(path, fs::Permissions::from_mode(bits))
}

/// One link for each first element of a path, and none for what is gone.
fn link_names(home: &Path, content: &[VolumeFile]) -> io::Result<()> {
    let mut names: Vec<&str> = content.iter().filter_map(|file| file.path.split('/').next()).collect();
    names.sort_unstable();
    names.dedup();
    for name in &names {
        let link = home.join(name);
        if fs::symlink_metadata(&link).is_err() {
            symlink(Path::new("..data").join(name), link)?;
        }
    }
    for entry in fs::read_dir(home)? {
        let entry = entry?;
        let name = entry.file_name();
        let is_stale = name.to_str().is_none_or(|name| !name.starts_with("..") && !names.contains(&name));
        if is_stale && entry.file_type()?.is_symlink() {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, content: &str) -> VolumeFile {
        VolumeFile { path: path.to_owned(), content: content.into(), mode: 0o640, uid: None, gid: None }
    }

    #[test]
    fn replaces_all_files_at_once_and_leaves_nothing_of_the_old_version() {
        let home = std::env::temp_dir().join(format!("volume-{}", std::process::id()));
        let _ = fs::remove_dir_all(&home);
        write_version(&home, &[file("a", "1"), file("d/b", "2")], None).unwrap();
        write_version(&home, &[file("a", "3"), file("c", "4")], None).unwrap();
        assert_eq!(fs::read_to_string(home.join("a")).unwrap(), "3");
        assert_eq!(fs::read_link(home.join("c")).unwrap(), Path::new("..data/c"));
        let mut names: Vec<_> = fs::read_dir(&home).unwrap().map(|e| e.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["..data", "..version-2", "a", "c"]);
        assert_eq!(fs::metadata(home.join("a")).unwrap().permissions().mode() & 0o777, 0o640);
        fs::remove_dir_all(home).unwrap();
    }

    #[test]
    fn refuses_paths_that_lead_out() {
        for path in ["", "/a", "a//b", "../a", "a/../b", "..data", "a/."] {
            assert!(check_path(path).is_err(), "{path}");
        }
        assert!(check_path("a/b.c").is_ok());
    }
}
