//! Why a pull failed: one of ten words that the host acts on, and a sentence for people.

use std::fmt;
use std::io;

/// The words of `image.proto`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    NameUnknown,
    ManifestUnknown,
    Unauthorized,
    DigestMismatch,
    UnsafeArchive,
    LimitExceeded,
    Unsupported,
    RegistryUnavailable,
    InvalidImage,
    DiskFull,
}

/// Displays as "<REASON>: <text>", the form of the stream's status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullError {
    pub reason: Reason,
    pub text: String,
}

impl PullError {
    pub fn new(reason: Reason, text: impl Into<String>) -> Self {
        Self { reason, text: text.into() }
    }

    /// An I/O error met while doing `step`. A `PullError` that travelled through a reader comes out as it went in, a full disk
    /// is named as such, anything else counts as `otherwise`.
    pub fn from_io(error: io::Error, otherwise: Reason, step: &str) -> Self {
        if let Some(inner) = error.get_ref().and_then(|inner| inner.downcast_ref::<Self>()) {
            return inner.clone();
        }
        if matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded) {
            return Self::new(Reason::DiskFull, format!("no room on the image's disk while {step}"));
        }
        Self::new(otherwise, format!("{step}: {error}"))
    }
}

impl fmt::Display for PullError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:?}: {}", self.reason, self.text)
    }
}

impl std::error::Error for PullError {}

impl From<PullError> for io::Error {
    fn from(error: PullError) -> Self {
        io::Error::other(error)
    }
}

pub type PullOutcome<T> = Result<T, PullError>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comes_out_of_a_reader_as_it_went_in() {
        let error = PullError::new(Reason::DigestMismatch, "layer 1");
        assert_eq!(PullError::from_io(error.clone().into(), Reason::InvalidImage, "unpacking"), error);
        assert_eq!(error.to_string(), "DigestMismatch: layer 1");
    }

    #[test]
    fn names_a_full_disk() {
        let full = io::Error::from_raw_os_error(libc::ENOSPC);
        assert_eq!(PullError::from_io(full, Reason::InvalidImage, "unpacking").reason, Reason::DiskFull);
    }
}
