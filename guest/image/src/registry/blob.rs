//! One blob as a stream that goes on where it broke off.

use std::io::{self, Read};

use super::client::Registry;
use crate::digest::Digest;
use crate::error::{PullError, Reason};
use crate::http::{Body, Response};

/// Interruptions of one blob without real progress between them.
const INTERRUPTIONS_MAX: u32 = 5;

/// So many bytes since the last interruption count as real progress.
const PROGRESS_BYTES: u64 = 1024 * 1024;

pub struct BlobReader<'a> {
    registry: &'a Registry,
    digest: Digest,
    size: u64,
    offset: u64,
    body: Option<Body>,
    interruptions: u32,
    bytes_since_interruption: u64,
}

impl<'a> BlobReader<'a> {
    /// Asks for nothing yet; the first read does.
    pub fn new(registry: &'a Registry, digest: Digest, size: u64) -> Self {
        Self { registry, digest, size, offset: 0, body: None, interruptions: 0, bytes_since_interruption: 0 }
    }

    fn open(&self) -> io::Result<Body> {
        let mut response = self.registry.get_blob(&self.digest, self.offset)?;
        if response.status == 200 && self.offset > 0 {
            // A server without ranges begins anew.
            let skipped = io::copy(&mut (&mut response.body).take(self.offset), &mut io::sink())?;
            if skipped < self.offset {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        } else if response.status == 206 && !self.continues_here(&response) {
            return Err(
                PullError::new(Reason::RegistryUnavailable, "the registry sent another range than asked for").into()
            );
        }
        Ok(response.body)
    }

    fn continues_here(&self, response: &Response) -> bool {
        response
            .header("content-range")
            .and_then(|range| range.strip_prefix("bytes "))
            .and_then(|range| range.split('-').next())
            .is_some_and(|start| start.parse() == Ok(self.offset))
    }

    fn note_interruption(&mut self, error: io::Error) -> io::Result<()> {
        self.body = None;
        if self.bytes_since_interruption >= PROGRESS_BYTES {
            self.interruptions = 0;
        }
        self.bytes_since_interruption = 0;
        self.interruptions += 1;
        if self.interruptions > INTERRUPTIONS_MAX || PullError::is_final(&error) {
            let step = format!("reading the blob {}", self.digest);
            return Err(PullError::from_io(error, Reason::RegistryUnavailable, &step).into());
        }
        self.registry.pause_before_attempt(self.interruptions);
        Ok(())
    }
}

impl Read for BlobReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            let outcome = match &mut self.body {
                None if self.offset >= self.size => return Ok(0),
                None => self.open().map(|body| {
                    self.body = Some(body);
                    None
                }),
                Some(body) => match body.read(buffer) {
                    // Framed by closing, and closed too early.
                    Ok(0) if self.offset < self.size => Err(io::ErrorKind::UnexpectedEof.into()),
                    other => other.map(Some),
                },
            };
            match outcome {
                Ok(None) => {}
                Ok(Some(count)) => {
                    self.offset += count as u64;
                    self.bytes_since_interruption += count as u64;
                    return Ok(count);
                }
                Err(error) => self.note_interruption(error)?,
            }
        }
    }
}
