//! Formats files of many sizes and lets e2fsck, where it is installed, judge them. No root, no mount.

// Helpers outside of #[test] functions count as ordinary code for clippy.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::process::Command;

use ext4::{BLOCK_BYTES, DISK_BYTES_MAX, DISK_BYTES_MIN, Error, FormatOptions, format};

const MIB: u64 = 1024 * 1024;
const GIB: u64 = 1024 * MIB;

struct ScratchDisk {
    path: PathBuf,
    file: File,
}

impl ScratchDisk {
    fn new(name: &str, bytes: u64) -> Self {
        let path = std::env::temp_dir().join(format!("ext4-test-{}-{name}", std::process::id()));
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(true).open(&path).unwrap();
        file.set_len(bytes).unwrap();
        Self { path, file }
    }
}

impl Drop for ScratchDisk {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

fn options() -> FormatOptions {
    FormatOptions {
        label: "ephemeral".into(),
        uuid: [7; 16],
        hash_seed: [9; 16],
        created_unix_s: 1_700_000_000,
        ..Default::default()
    }
}

fn assert_sound(disk: &ScratchDisk) {
    let Ok(check) = Command::new("/usr/sbin/e2fsck").arg("-fn").arg(&disk.path).output() else {
        eprintln!("e2fsck is not installed, only the formatting itself was tried");
        return;
    };
    assert!(
        check.status.success(),
        "e2fsck: {}{}",
        String::from_utf8_lossy(&check.stdout),
        String::from_utf8_lossy(&check.stderr)
    );
}

#[test]
fn makes_sound_file_systems_of_many_sizes() {
    let group = 128 * MIB;
    let mut sizes = vec![
        DISK_BYTES_MIN,
        DISK_BYTES_MIN + 4095,
        3 * MIB,
        64 * MIB,
        group - 4096,
        group,
        group + 4096,
        8 * GIB,
        100 * GIB + 12_345,
    ];
    // Around the size where a last group is worth having.
    sizes.extend((1000..1100).step_by(9).map(|blocks| group + blocks * BLOCK_BYTES));
    // A fixed walk over odd sizes.
    sizes.extend((1..20u64).map(|step| DISK_BYTES_MIN + step * step * step * 1_234_577));
    for bytes in sizes {
        let disk = ScratchDisk::new("sizes", bytes);
        format(&disk.file, &options()).unwrap_or_else(|error| panic!("{bytes} bytes: {error}"));
        assert_sound(&disk);
    }
}

#[test]
fn respects_the_wish_for_inodes_and_reserved_blocks() {
    for bytes_per_inode in [1024, 4096, 16_384, 64 * 1024 * 1024] {
        let disk = ScratchDisk::new("inodes", 300 * MIB);
        let geometry =
            format(&disk.file, &FormatOptions { bytes_per_inode, reserved_percent: 5, ..options() }).unwrap();
        assert!(geometry.inodes() >= 32);
        assert_sound(&disk);
    }
}

#[test]
fn formats_the_largest_disk_with_few_writes() {
    use std::os::unix::fs::MetadataExt;
    let disk = ScratchDisk::new("largest", DISK_BYTES_MIN);
    // Not every file system of a test machine can hold so large a sparse file.
    if disk.file.set_len(DISK_BYTES_MAX).is_err() {
        return;
    }
    format(&disk.file, &options()).unwrap();
    assert!(disk.file.metadata().unwrap().blocks() * 512 < 8 * MIB);
}

#[test]
fn refuses_a_disk_that_carries_something() {
    let disk = ScratchDisk::new("carries", 64 * MIB);
    format(&disk.file, &options()).unwrap();
    let mut before = vec![0; MIB as usize];
    disk.file.read_exact_at(&mut before, 0).unwrap();
    assert!(matches!(format(&disk.file, &options()), Err(Error::NotBlank)));
    let mut after = vec![0; MIB as usize];
    disk.file.read_exact_at(&mut after, 0).unwrap();
    assert!(before == after);
}

#[test]
fn refuses_options_without_meaning() {
    let mut disk = ScratchDisk::new("options", 64 * MIB);
    disk.file.write_all(&[]).unwrap();
    let long = FormatOptions { label: "seventeen-letters".into(), ..options() };
    assert!(matches!(format(&disk.file, &long), Err(Error::LabelTooLong { bytes: 17 })));
    let none = FormatOptions { bytes_per_inode: 0, ..options() };
    assert!(matches!(format(&disk.file, &none), Err(Error::BadOption { name: "bytes_per_inode", .. })));
}
