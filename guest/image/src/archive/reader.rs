//! Entry by entry through an archive.

use std::io::{self, Read};

use super::header::{BLOCK_BYTES, Header, Time, invalid};
use super::pax::Extension;
use crate::error::{PullError, PullOutcome, Reason};

/// Longest extended header or long name; a full set of extended attributes takes 64 KiB.
const EXTENSION_BYTES_MAX: u64 = 1024 * 1024;

/// Extended headers before one entry; programs write one of each kind.
const EXTENSIONS_MAX: usize = 8;

#[derive(Debug, PartialEq, Eq)]
pub enum EntryKind {
    File,
    HardLink(Vec<u8>),
    SymbolicLink(Vec<u8>),
    CharacterDevice { major: u32, minor: u32 },
    BlockDevice { major: u32, minor: u32 },
    Directory,
    Fifo,
}

#[derive(Debug)]
pub struct Entry {
    /// As the archive has it: unchecked.
    pub path: Vec<u8>,
    pub kind: EntryKind,
    /// Permission bits, set-user-ID, set-group-ID, sticky.
    pub mode: u32,
    pub uid: u32,
    pub gid: u32,
    pub modified: Time,
    /// Of a file's content; zero for anything else.
    pub size: u64,
    pub xattrs: Vec<(Vec<u8>, Vec<u8>)>,
}

/// Reads one archive. After `next_entry`, the entry's content is read from the archive itself; what is left of it is skipped.
pub struct Archive<R> {
    reader: R,
    content_left: u64,
    padding: u64,
}

impl<R: Read> Archive<R> {
    pub fn new(reader: R) -> Self {
        Self { reader, content_left: 0, padding: 0 }
    }

    /// `None` at the end. What follows the end marker is left in the reader.
    pub fn next_entry(&mut self) -> PullOutcome<Option<Entry>> {
        let mut extension = Extension::default();
        for _ in 0..=EXTENSIONS_MAX {
            self.skip_content()?;
            let Some(header) = self.read_header()? else { return Ok(None) };
            self.expect_content(header.size);
            match header.type_flag {
                b'x' => extension.apply_records(&self.read_extension()?)?,
                // Applies to all entries that follow; real archives carry a comment there, and so nobody honours it.
                b'g' => self.skip_content()?,
                b'L' => extension.path = Some(without_nul(self.read_extension()?)),
                b'K' => extension.link_path = Some(without_nul(self.read_extension()?)),
                _ => return self.entry(header, extension).map(Some),
            }
        }
        Err(invalid("an entry has too many extended headers"))
    }

    fn entry(&mut self, header: Header, extension: Extension) -> PullOutcome<Entry> {
        let path = extension.path.unwrap_or(header.name);
        let target = extension.link_path.unwrap_or(header.link_name);
        let (major, minor) = (header.device_major, header.device_minor);
        let kind = match header.type_flag {
            b'0' | 0 | b'7' if path.ends_with(b"/") => EntryKind::Directory,
            b'0' | 0 | b'7' => EntryKind::File,
            b'1' => EntryKind::HardLink(target),
            b'2' => EntryKind::SymbolicLink(target),
            b'3' => EntryKind::CharacterDevice { major, minor },
            b'4' => EntryKind::BlockDevice { major, minor },
            b'5' => EntryKind::Directory,
            b'6' => EntryKind::Fifo,
            other => {
                let text = format!("entries of type '{}' are not supported", char::from(other).escape_debug());
                return Err(PullError::new(Reason::Unsupported, text));
            }
        };
        // Some programs note a size where there is no content, for hard links above all.
        let size = if kind == EntryKind::File { extension.size.unwrap_or(header.size) } else { 0 };
        self.expect_content(size);
        Ok(Entry {
            path,
            kind,
            mode: header.mode,
            uid: extension.uid.unwrap_or(header.uid),
            gid: extension.gid.unwrap_or(header.gid),
            modified: extension.modified.unwrap_or(header.modified),
            size,
            xattrs: extension.xattrs,
        })
    }

    fn expect_content(&mut self, size: u64) {
        self.content_left = size;
        let block_bytes = BLOCK_BYTES as u64;
        self.padding = (block_bytes - size % block_bytes) % block_bytes;
    }

    fn skip_content(&mut self) -> PullOutcome<()> {
        let left = self.content_left.saturating_add(self.padding);
        let skipped = io::copy(&mut (&mut self.reader).take(left), &mut io::sink()).map_err(read_failed)?;
        if skipped < left {
            return Err(ends_early());
        }
        (self.content_left, self.padding) = (0, 0);
        Ok(())
    }

    fn read_extension(&mut self) -> PullOutcome<Vec<u8>> {
        if self.content_left > EXTENSION_BYTES_MAX {
            let text = format!(
                "an extended header has {} bytes, at most {EXTENSION_BYTES_MAX} are allowed",
                self.content_left
            );
            return Err(PullError::new(Reason::LimitExceeded, text));
        }
        let mut content = Vec::new();
        self.read_to_end(&mut content).map_err(read_failed)?;
        Ok(content)
    }

    fn read_header(&mut self) -> PullOutcome<Option<Header>> {
        let mut block = [0; BLOCK_BYTES];
        let mut filled = 0;
        while filled < BLOCK_BYTES {
            match self.reader.read(&mut block[filled..]) {
                // Some programs leave out the end marker.
                Ok(0) if filled == 0 => return Ok(None),
                Ok(0) => return Err(ends_early()),
                Ok(count) => filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(read_failed(error)),
            }
        }
        if block.iter().all(|byte| *byte == 0) { Ok(None) } else { Header::parse(&block).map(Some) }
    }
}

impl<R: Read> Read for Archive<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let wanted = buffer.len().min(usize::try_from(self.content_left).unwrap_or(usize::MAX));
        if wanted == 0 {
            return Ok(0);
        }
        let count = self.reader.read(&mut buffer[..wanted])?;
        if count == 0 {
            return Err(ends_early().into());
        }
        self.content_left -= count as u64;
        Ok(count)
    }
}

fn without_nul(mut name: Vec<u8>) -> Vec<u8> {
    while name.last() == Some(&0) {
        name.pop();
    }
    name
}

fn ends_early() -> PullError {
    invalid("the layer's archive ends in the middle of an entry")
}

fn read_failed(error: io::Error) -> PullError {
    PullError::from_io(error, Reason::InvalidImage, "reading the layer's archive")
}
