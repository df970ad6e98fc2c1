//! Disks by the serial the host gave them, never by the letter the kernel did.

use std::fs;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::mount::{MountFlags, mount};

use crate::files;
use crate::runtime::sleep;

/// A disk is plugged in while the guest runs; the kernel takes tens of milliseconds to find it.
const APPEARANCE_MAX: Duration = Duration::from_secs(10);
const APPEARANCE_STEP: Duration = Duration::from_millis(5);
/// Where an ext4 has its magic number, 0xef53 in little-endian.
const EXT4_MAGIC_OFFSET: u64 = 1024 + 56;
const EXT4_MAGIC: [u8; 2] = [0x53, 0xef];

/// The device of the disk with this serial, once it is there.
pub async fn find(serial: &str) -> io::Result<PathBuf> {
    let deadline = Instant::now() + APPEARANCE_MAX;
    loop {
        if let Some(device) = look_for(serial)? {
            return Ok(device);
        }
        if Instant::now() >= deadline {
            return Err(io::Error::new(io::ErrorKind::NotFound, format!("no disk has the serial \"{serial}\"")));
        }
        sleep(APPEARANCE_STEP).await;
    }
}

fn look_for(serial: &str) -> io::Result<Option<PathBuf>> {
    for entry in fs::read_dir("/sys/block")? {
        let entry = entry?;
        if serial_of(&entry.path()).is_some_and(|found| found == serial) {
            return Ok(Some(Path::new("/dev").join(entry.file_name())));
        }
    }
    Ok(None)
}

/// SCSI disks tell it in a page of four bytes of header, virtio disks in a file of their own.
fn serial_of(block: &Path) -> Option<String> {
    let text = match fs::read(block.join("device/vpd_pg80")) {
        Ok(page) => page.get(4..)?.to_vec(),
        Err(_) => fs::read(block.join("serial")).ok()?,
    };
    let text = String::from_utf8(text).ok()?;
    Some(text.trim_matches([' ', '\0', '\n']).to_owned())
}

/// Mounts an image disk read-only and returns its directory; a second call finds it mounted.
pub async fn mount_image(serial: &str) -> io::Result<PathBuf> {
    let directory = Path::new(files::IMAGES).join(serial);
    if directory.join("rootfs").exists() {
        return Ok(directory);
    }
    let device = find(serial).await?;
    fs::create_dir_all(&directory)?;
    // An image's device nodes and setuid programs act only through the overlay, whose own flags count; nothing is executed
    // or opened here.
    let flags = MountFlags::RDONLY | MountFlags::NODEV | MountFlags::NOATIME;
    let ext4 = mount(&device, &directory, "ext4", flags, Some(c"noload"));
    ext4.or_else(|_| mount(&device, &directory, "erofs", flags, None))?;
    Ok(directory)
}

/// Formats the private disk, unless an agent of this microVM did before, and mounts it.
pub async fn mount_ephemeral(serial: &str) -> io::Result<()> {
    let device = find(serial).await?;
    let file = fs::OpenOptions::new().read(true).write(true).open(&device)?;
    if !is_ext4(&file)? {
        format(&file)?;
    }
    drop(file);
    mount(&device, files::EPHEMERAL, "ext4", MountFlags::NODEV | MountFlags::NOATIME, None)?;
    for kind in ["containers", "emptydirs", "logs", "volumes"] {
        fs::create_dir_all(Path::new(files::EPHEMERAL).join(kind))?;
    }
    Ok(())
}

fn is_ext4(mut file: &fs::File) -> io::Result<bool> {
    let mut magic = [0; 2];
    file.seek(SeekFrom::Start(EXT4_MAGIC_OFFSET))?;
    file.read_exact(&mut magic)?;
    Ok(magic == EXT4_MAGIC)
}

fn format(file: &fs::File) -> io::Result<()> {
    let mut random = [0u8; 32];
    fs::File::open("/dev/urandom")?.read_exact(&mut random)?;
    let (uuid, hash_seed) = random.split_at(16);
    let mut options = ext4::FormatOptions { label: "ephemeral".to_owned(), ..ext4::FormatOptions::default() };
    options.uuid.copy_from_slice(uuid);
    options.hash_seed.copy_from_slice(hash_seed);
    options.created_unix_s = u32::try_from(crate::clock::now_unix_ns() / 1_000_000_000).unwrap_or(0);
    ext4::format(file, &options).map_err(io::Error::other)?;
    Ok(())
}
