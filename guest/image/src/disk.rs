//! The blank disk that becomes the image's: found by its serial, formatted, mounted, filled, let go.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use rustix::fs::{Mode, OFlags, mkdirat, openat, statvfs};
use rustix::mount::{MountFlags, UnmountFlags, mount, unmount};

use crate::error::{PullError, PullOutcome, Reason};

/// Where the kernel lists the disks of a SCSI host.
const BLOCK_DEVICES: &str = "/sys/block";

/// The page in which a disk tells its serial: four bytes of header, then the text.
const SERIAL_PAGE: &str = "device/vpd_pg80";
const SERIAL_PAGE_HEADER_BYTES: usize = 4;

/// The device node of the disk with that serial.
pub fn find_by_serial(serial: &str) -> PullOutcome<PathBuf> {
    let devices =
        fs::read_dir(BLOCK_DEVICES).map_err(|error| PullError::from_io(error, Reason::Unsupported, "listing disks"))?;
    for device in devices.flatten() {
        let Ok(page) = fs::read(device.path().join(SERIAL_PAGE)) else { continue };
        let found = page.get(SERIAL_PAGE_HEADER_BYTES..).unwrap_or_default();
        if found.trim_ascii() == serial.as_bytes() {
            return Ok(Path::new("/dev").join(device.file_name()));
        }
    }
    Err(PullError::new(Reason::Unsupported, format!("there is no disk with the serial '{}'", serial.escape_debug())))
}

/// A disk that is mounted for as long as this lives.
pub struct ImageDisk {
    mount_point: PathBuf,
    is_mounted: bool,
}

impl ImageDisk {
    /// Formats the blank disk and mounts it at `mount_point`, an existing directory.
    pub fn format_and_mount(device: &Path, mount_point: &Path, identity: [u8; 32]) -> PullOutcome<Self> {
        let disk = OpenOptions::new()
            .read(true)
            .write(true)
            .open(device)
            .map_err(|error| disk_failed(error, "opening the disk"))?;
        let (mut uuid, mut hash_seed) = ([0; 16], [0; 16]);
        uuid.copy_from_slice(&identity[..16]);
        hash_seed.copy_from_slice(&identity[16..]);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let created_unix_s = u32::try_from(now.as_secs()).unwrap_or(u32::MAX);
        let options =
            ext4::FormatOptions { label: "image".into(), uuid, hash_seed, created_unix_s, ..Default::default() };
        ext4::format(&disk, &options)
            .map_err(|error| PullError::new(Reason::Unsupported, format!("the disk cannot be formatted: {error}")))?;
        drop(disk);
        // Nothing of an image is ever run in here.
        let flags = MountFlags::NODEV | MountFlags::NOSUID | MountFlags::NOEXEC | MountFlags::NOATIME;
        mount(device, mount_point, "ext4", flags, None)
            .map_err(|error| disk_failed(error.into(), "mounting the disk"))?;
        Ok(Self { mount_point: mount_point.to_owned(), is_mounted: true })
    }

    /// The directory that becomes the image's root.
    pub fn make_rootfs(&self) -> PullOutcome<OwnedFd> {
        let directory = File::open(&self.mount_point).map_err(|error| disk_failed(error, "opening the disk's root"))?;
        mkdirat(&directory, "rootfs", Mode::from_raw_mode(0o755))
            .map_err(|error| disk_failed(error.into(), "making /rootfs"))?;
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        openat(&directory, "rootfs", flags, Mode::empty()).map_err(|error| disk_failed(error.into(), "opening /rootfs"))
    }

    pub fn write_configuration(&self, content: &[u8]) -> PullOutcome<()> {
        let path = self.mount_point.join("config.json");
        let mut options = OpenOptions::new();
        options.write(true).create_new(true).mode(0o444);
        options
            .open(path)
            .and_then(|mut file| file.write_all(content))
            .map_err(|error| disk_failed(error, "writing /config.json"))
    }

    /// Writes everything back, lets the disk go and says how much of it is in use.
    pub fn finish(mut self) -> PullOutcome<u64> {
        let usage =
            statvfs(&self.mount_point).map_err(|error| disk_failed(error.into(), "asking for the disk's usage"))?;
        unmount(&self.mount_point, UnmountFlags::empty())
            .map_err(|error| disk_failed(error.into(), "unmounting the disk"))?;
        self.is_mounted = false;
        Ok((usage.f_blocks - usage.f_bfree) * usage.f_frsize)
    }
}

impl Drop for ImageDisk {
    fn drop(&mut self) {
        if self.is_mounted {
            // A failed pull: the host throws the disk away, what was not written does not matter.
            let _ = unmount(&self.mount_point, UnmountFlags::DETACH);
        }
    }
}

fn disk_failed(error: io::Error, step: &str) -> PullError {
    PullError::from_io(error, Reason::Unsupported, step)
}
