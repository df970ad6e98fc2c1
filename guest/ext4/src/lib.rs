//! Writes a fresh, empty ext4 onto a blank disk.
//!
//! A microVM formats its own disks, so that no host ever parses or writes a file system for a guest. The disk is a sparse
//! file that reads as zeros, which is what makes this quick: inode tables count as zeroed, the bitmaps of untouched groups
//! are left to the kernel (`uninit_bg`), and there is neither a journal nor a backup superblock, because a disk like this
//! is made anew and never repaired. 16 TiB cost 4 MiB of writes, 1 GiB a dozen kilobytes.
//!
//! It must never run on a disk that carries anything: `format` looks at the first block and refuses.
//!
//! Layout of the fields: <https://docs.kernel.org/filesystems/ext4/>.

mod directory;
mod geometry;
mod group_descriptor;
mod superblock;

use std::fmt;
use std::fs::File;
use std::io::{self, Seek, SeekFrom};
use std::os::unix::fs::FileExt;

pub use geometry::Geometry;

/// The only block size: the page size of every host, and what the kernel is quickest with.
pub const BLOCK_BYTES: u64 = 4096;

/// Smallest disk that is worth a file system: metadata, root directory and a little room.
pub const DISK_BYTES_MIN: u64 = 1024 * 1024;

/// Block numbers have 32 bits here, one short of 16 TiB; wider ones would double the descriptors of every disk.
pub const DISK_BYTES_MAX: u64 = (u32::MAX as u64) * BLOCK_BYTES;

/// Longest label, in bytes.
pub const LABEL_BYTES_MAX: usize = 16;

/// What the new file system is like. `Default` suits a pod's ephemeral disk and an image's disk.
#[derive(Debug, Clone)]
pub struct FormatOptions {
    /// At most 16 bytes.
    pub label: String,
    pub uuid: [u8; 16],
    /// Salt of the directory hash. Random where hostile users name files; it makes hash collisions unpredictable.
    pub hash_seed: [u8; 16],
    /// One inode for so many bytes. An inode costs 256 bytes of room, and nothing on the host until it is used.
    pub bytes_per_inode: u32,
    /// Share of blocks that only the guest's root may use.
    pub reserved_percent: u8,
    /// Time of creation, in seconds since the epoch.
    pub created_unix_s: u32,
}

impl Default for FormatOptions {
    fn default() -> Self {
        Self {
            label: String::new(),
            uuid: [0; 16],
            hash_seed: [0; 16],
            bytes_per_inode: 8192,
            reserved_percent: 0,
            created_unix_s: 0,
        }
    }
}

/// Why a disk was not formatted. Nothing was written, unless it is `Io`.
#[derive(Debug)]
pub enum Error {
    /// The disk carries something already.
    NotBlank,
    TooSmall {
        bytes: u64,
    },
    TooLarge {
        bytes: u64,
    },
    LabelTooLong {
        bytes: usize,
    },
    /// `bytes_per_inode` outside 1 KiB to 64 MiB, or `reserved_percent` above 50.
    BadOption {
        name: &'static str,
        value: u64,
    },
    Io {
        step: &'static str,
        source: io::Error,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotBlank => write!(formatter, "the disk is not blank"),
            Self::TooSmall { bytes } => {
                write!(formatter, "a disk of {bytes} bytes is too small, it takes {DISK_BYTES_MIN}")
            }
            Self::TooLarge { bytes } => {
                write!(formatter, "a disk of {bytes} bytes is too large, at most {DISK_BYTES_MAX}")
            }
            Self::LabelTooLong { bytes } => {
                write!(formatter, "a label of {bytes} bytes is too long, at most {LABEL_BYTES_MAX}")
            }
            Self::BadOption { name, value } => write!(formatter, "{name} must not be {value}"),
            Self::Io { step, .. } => write!(formatter, "{step} failed"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            _ => None,
        }
    }
}

/// Formats a blank block device or file over its whole size. The superblock goes last: until then the disk still counts as
/// blank, so that an attempt that was cut short can be repeated. Does not sync; the mount that follows does not need it.
pub fn format(mut disk: &File, options: &FormatOptions) -> Result<Geometry, Error> {
    let bytes = disk.seek(SeekFrom::End(0)).map_err(|source| Error::Io { step: "reading the disk's size", source })?;
    check_options(options)?;
    let geometry = Geometry::for_disk(bytes, options.bytes_per_inode)?;
    refuse_unless_blank(disk)?;

    let write = |step: &'static str, block: u64, content: &[u8]| {
        disk.write_all_at(content, block * BLOCK_BYTES).map_err(|source| Error::Io { step, source })
    };
    write("writing the root directory", geometry.root_directory_block(), &directory::root_block())?;
    write("writing lost+found", geometry.lost_and_found_block(), &directory::lost_and_found_block())?;
    write("writing the first inodes", geometry.inode_table_block(0), &directory::first_inodes(&geometry, options))?;
    write("writing the inode bitmap", geometry.inode_bitmap_block(0), &geometry.first_inode_bitmap())?;
    write("writing a block bitmap", geometry.block_bitmap_block(0), &geometry.block_bitmap(0))?;
    let last = geometry.groups - 1;
    if last > 0 {
        // The kernel does not know where a short last group ends unless its bitmap says so.
        write("writing a block bitmap", geometry.block_bitmap_block(last), &geometry.block_bitmap(last))?;
    }
    group_descriptor::write_all(disk, &geometry, &options.uuid)?;
    write("writing the superblock", 0, &superblock::first_block(&geometry, options))?;
    Ok(geometry)
}

fn check_options(options: &FormatOptions) -> Result<(), Error> {
    if options.label.len() > LABEL_BYTES_MAX {
        return Err(Error::LabelTooLong { bytes: options.label.len() });
    }
    if !(1024..=64 * 1024 * 1024).contains(&options.bytes_per_inode) {
        return Err(Error::BadOption { name: "bytes_per_inode", value: options.bytes_per_inode.into() });
    }
    if options.reserved_percent > 50 {
        return Err(Error::BadOption { name: "reserved_percent", value: options.reserved_percent.into() });
    }
    Ok(())
}

fn refuse_unless_blank(disk: &File) -> Result<(), Error> {
    let mut first = vec![0; BLOCK_BYTES as usize];
    disk.read_exact_at(&mut first, 0).map_err(|source| Error::Io { step: "reading the first block", source })?;
    if first.iter().any(|byte| *byte != 0) { Err(Error::NotBlank) } else { Ok(()) }
}
