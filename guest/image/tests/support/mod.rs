//! Archives, scratch directories and a registry in memory for the tests.

// Each test program uses only a part of it.
#![allow(dead_code)]

pub mod server;

use std::fs;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

// Helpers outside of #[test] functions count as ordinary code for clippy.
static NEXT: AtomicU32 = AtomicU32::new(0);

/// A directory that goes with its owner.
pub struct Scratch {
    pub path: PathBuf,
}

impl Scratch {
    pub fn new() -> Self {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("image-test-{}-{number}", std::process::id()));
        fs::create_dir_all(path.join("root")).unwrap();
        Self { path }
    }

    pub fn root(&self) -> PathBuf {
        self.path.join("root")
    }

    pub fn open_root(&self) -> OwnedFd {
        fs::File::open(self.root()).unwrap().into()
    }

    /// Whether anything but the root was made.
    pub fn is_untouched_outside(&self) -> bool {
        fs::read_dir(&self.path).unwrap().count() == 1
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// Writes archives entry by entry, also such as no program would write.
#[derive(Default)]
pub struct ArchiveWriter {
    pub bytes: Vec<u8>,
}

impl ArchiveWriter {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn file(self, path: &str, content: &[u8]) -> Self {
        self.entry(b'0', path, "", 0o644, content)
    }

    pub fn directory(self, path: &str) -> Self {
        self.entry(b'5', path, "", 0o755, b"")
    }

    pub fn symbolic_link(self, path: &str, target: &str) -> Self {
        self.entry(b'2', path, target, 0o777, b"")
    }

    pub fn hard_link(self, path: &str, target: &str) -> Self {
        self.entry(b'1', path, target, 0o644, b"")
    }

    pub fn pax(self, records: &[(&str, &[u8])]) -> Self {
        let mut content = Vec::new();
        for (key, value) in records {
            let rest = key.len() + value.len() + 3;
            let mut length = rest;
            while length != rest + length.to_string().len() {
                length = rest + length.to_string().len();
            }
            content.extend(format!("{length} {key}=").bytes());
            content.extend_from_slice(value);
            content.push(b'\n');
        }
        self.entry(b'x', "pax", "", 0o644, &content)
    }

    pub fn entry(self, type_flag: u8, path: &str, target: &str, mode: u32, content: &[u8]) -> Self {
        self.raw_entry(type_flag, path, target, mode, &format!("{:011o}\0", content.len()), content)
    }

    pub fn raw_entry(mut self, type_flag: u8, path: &str, target: &str, mode: u32, size: &str, content: &[u8]) -> Self {
        let mut block = [0u8; 512];
        let mut put = |offset: usize, field: &[u8]| block[offset..offset + field.len()].copy_from_slice(field);
        put(0, path.as_bytes());
        put(100, format!("{mode:07o}\0").as_bytes());
        put(108, b"0000000\0");
        put(116, b"0000000\0");
        put(124, size.as_bytes());
        put(136, b"14000000000\0");
        put(148, b"        ");
        put(156, &[type_flag]);
        put(157, target.as_bytes());
        put(257, b"ustar\x0000");
        if matches!(type_flag, b'3' | b'4') {
            put(329, b"0000001\0");
            put(337, b"0000003\0");
        }
        let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
        block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        self.bytes.extend_from_slice(&block);
        self.bytes.extend_from_slice(content);
        self.bytes.resize(self.bytes.len().next_multiple_of(512), 0);
        self
    }

    pub fn finish(mut self) -> Vec<u8> {
        self.bytes.resize(self.bytes.len() + 1024, 0);
        self.bytes
    }
}

/// The names below a directory, sorted, for comparisons.
pub fn names(directory: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}
