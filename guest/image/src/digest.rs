//! Content digests, and a reader that checks one while it passes bytes on.

use std::fmt;
use std::io::{self, Read};

use ring::digest::{Algorithm, Context, SHA256, SHA512};

use crate::error::{PullError, Reason};

/// "sha256:" or "sha512:" and lower-case hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digest(String);

impl Digest {
    pub fn parse(text: &str) -> Result<Self, PullError> {
        let digits = match text.split_once(':') {
            Some(("sha256", hex)) if hex.len() == 64 => hex,
            Some(("sha512", hex)) if hex.len() == 128 => hex,
            _ => {
                return Err(PullError::new(
                    Reason::Unsupported,
                    format!("the digest '{}' is neither sha256 nor sha512", text.escape_debug()),
                ));
            }
        };
        if digits.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f')) {
            Ok(Self(text.to_owned()))
        } else {
            Err(PullError::new(
                Reason::InvalidImage,
                format!("the digest '{}' is not hexadecimal", text.escape_debug()),
            ))
        }
    }

    pub fn sha256_of(content: &[u8]) -> Self {
        Self(format!("sha256:{}", hexadecimal(ring::digest::digest(&SHA256, content).as_ref())))
    }

    /// Whether `content` is what this digest names.
    pub fn matches(&self, content: &[u8]) -> bool {
        self.0.ends_with(&hexadecimal(ring::digest::digest(self.algorithm(), content).as_ref()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn algorithm(&self) -> &'static Algorithm {
        if self.0.starts_with("sha512:") { &SHA512 } else { &SHA256 }
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Passes on exactly `size` bytes that have the digest, or fails with `DigestMismatch`: early when there are more bytes,
/// at the end otherwise. A caller that stops before the end has checked nothing; see `drain`.
pub struct VerifyingReader<R> {
    inner: R,
    expected: Digest,
    size: u64,
    seen: u64,
    context: Option<Context>,
}

impl<R: Read> VerifyingReader<R> {
    pub fn new(inner: R, expected: Digest, size: u64) -> Self {
        let context = Some(Context::new(expected.algorithm()));
        Self { inner, expected, size, seen: 0, context }
    }

    /// Reads what an unpacker left over, so that the digest is checked.
    pub fn drain(&mut self) -> io::Result<()> {
        io::copy(self, &mut io::sink()).map(|_| ())
    }

    fn finish(&mut self) -> io::Result<()> {
        let Some(context) = self.context.take() else { return Ok(()) };
        if self.seen != self.size {
            let text = format!("{} has {} bytes instead of {}", self.expected, self.seen, self.size);
            return Err(PullError::new(Reason::DigestMismatch, text).into());
        }
        let found = hexadecimal(context.finish().as_ref());
        if self.expected.0.ends_with(&found) {
            Ok(())
        } else {
            Err(PullError::new(
                Reason::DigestMismatch,
                format!("the content of {} has the digest {found}", self.expected),
            )
            .into())
        }
    }
}

impl<R: Read> Read for VerifyingReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        let count = self.inner.read(buffer)?;
        if count == 0 {
            self.finish()?;
            return Ok(0);
        }
        self.seen += count as u64;
        if self.seen > self.size {
            let text = format!("{} has more than its {} bytes", self.expected, self.size);
            return Err(PullError::new(Reason::DigestMismatch, text).into());
        }
        if let Some(context) = &mut self.context {
            context.update(&buffer[..count]);
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_through(content: &[u8], digest: &Digest, size: u64) -> Result<Vec<u8>, PullError> {
        let mut found = Vec::new();
        VerifyingReader::new(content, digest.clone(), size)
            .read_to_end(&mut found)
            .map(|_| found)
            .map_err(|error| PullError::from_io(error, Reason::InvalidImage, "reading"))
    }

    #[test]
    fn passes_on_what_has_the_digest() {
        let digest = Digest::sha256_of(b"content");
        assert_eq!(read_through(b"content", &digest, 7).unwrap(), b"content");
        assert!(digest.matches(b"content"));
    }

    #[test]
    fn refuses_other_bytes_and_other_lengths() {
        let digest = Digest::sha256_of(b"content");
        for (content, size) in [(&b"contenT"[..], 7), (b"conten", 7), (b"content", 6), (b"content", 8)] {
            assert_eq!(read_through(content, &digest, size).unwrap_err().reason, Reason::DigestMismatch);
        }
    }

    #[test]
    fn refuses_digests_it_cannot_check() {
        for text in [
            "",
            "sha256:",
            "md5:d41d8cd98f00b204e9800998ecf8427e",
            &format!("sha256:{}", "G".repeat(64)),
            &format!("sha256:{}", "../".repeat(22)),
        ] {
            assert!(Digest::parse(text).is_err(), "{text}");
        }
    }
}
