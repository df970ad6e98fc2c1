//! The log of one container: numbered segments on the private disk, the oldest deleted first. Segments are never renamed, so
//! that a reader that follows always knows which one comes next.

use std::cell::{Cell, RefCell};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::PathBuf;

use crate::files;
use crate::runtime::Bell;

/// As the kubelet rotates: 10 MiB, five of them.
const SEGMENT_BYTES_MAX: u64 = 10 * 1024 * 1024;
const SEGMENTS_MAX: u64 = 5;

/// All runs of one container.
pub struct LogStore {
    directory: PathBuf,
    current: RefCell<Option<Current>>,
    /// Rung after every write and at the end of a run.
    pub bell: Bell,
    run: Cell<Option<u32>>,
    is_running: Cell<bool>,
}

struct Current {
    file: File,
    number: u64,
    bytes: u64,
}

impl LogStore {
    pub fn new(container: &str) -> LogStore {
        LogStore {
            directory: files::ephemeral("logs", container),
            current: RefCell::new(None),
            bell: Bell::default(),
            run: Cell::new(None),
            is_running: Cell::new(false),
        }
    }

    /// The present or last run, where there was one.
    pub fn run(&self) -> Option<u32> {
        self.run.get()
    }

    pub fn is_running(&self, run: u32) -> bool {
        self.is_running.get() && self.run.get() == Some(run)
    }

    /// Starts the log of a run and drops those before the previous one.
    pub fn begin_run(&self, run: u32) -> io::Result<()> {
        fs::create_dir_all(&self.directory)?;
        if let Some(old) = run.checked_sub(2) {
            for segment in self.segments(old) {
                fs::remove_file(self.path(old, segment))?;
            }
        }
        *self.current.borrow_mut() = Some(self.open_segment(run, 0)?);
        self.run.set(Some(run));
        self.is_running.set(true);
        self.bell.ring();
        Ok(())
    }

    pub fn end_run(&self) {
        self.is_running.set(false);
        *self.current.borrow_mut() = None;
        self.bell.ring();
    }

    /// Appends whole lines. A full disk loses lines, never the container.
    pub fn append(&self, lines: &[u8]) {
        let mut current = self.current.borrow_mut();
        let (Some(open), Some(run)) = (current.as_mut(), self.run.get()) else { return };
        if open.file.write_all(lines).is_ok() {
            open.bytes += lines.len() as u64;
        }
        if open.bytes >= SEGMENT_BYTES_MAX
            && let Ok(next) = self.open_segment(run, open.number + 1)
        {
            if let Some(oldest) = next.number.checked_sub(SEGMENTS_MAX) {
                let _ = fs::remove_file(self.path(run, oldest));
            }
            *open = next;
        }
        drop(current);
        self.bell.ring();
    }

    /// Numbers of a run's segments that are there, ascending.
    pub fn segments(&self, run: u32) -> Vec<u64> {
        let prefix = format!("{run}.");
        let Ok(entries) = fs::read_dir(&self.directory) else { return Vec::new() };
        let number = |entry: io::Result<fs::DirEntry>| {
            let name = entry.ok()?.file_name();
            name.to_str()?.strip_prefix(&prefix)?.strip_suffix(".log")?.parse().ok()
        };
        let mut numbers: Vec<u64> = entries.filter_map(number).collect();
        numbers.sort_unstable();
        numbers
    }

    pub fn path(&self, run: u32, segment: u64) -> PathBuf {
        self.directory.join(format!("{run}.{segment}.log"))
    }

    /// Bytes of all runs.
    pub fn used_bytes(&self) -> u64 {
        let Ok(entries) = fs::read_dir(&self.directory) else { return 0 };
        entries.flatten().filter_map(|entry| Some(entry.metadata().ok()?.len())).sum()
    }

    fn open_segment(&self, run: u32, number: u64) -> io::Result<Current> {
        Ok(Current { file: File::create(self.path(run, number))?, number, bytes: 0 })
    }
}
