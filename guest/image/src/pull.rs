//! One pull from reference to finished disk.

use std::io::{self, Read};
use std::os::fd::OwnedFd;

use crate::compression::decompressed;
use crate::digest::{Digest, VerifyingReader};
use crate::error::{PullError, PullOutcome, Reason};
use crate::limits::Limits;
use crate::manifest::{self, Document, Manifest, Platform};
use crate::registry::{BlobReader, Registry};
use crate::unpack::{Budget, Unpacker};

/// Indexes that name indexes; more than two have not been seen.
const INDEX_DEPTH_MAX: usize = 3;

/// Largest configuration: it must fit into one message to the host, beside a few other fields.
const CONFIGURATION_BYTES_MAX: u64 = 3 * 1024 * 1024;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    Resolving,
    Pulling,
    Finishing,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    pub phase: Phase,
    /// Counted from 1; 0 while resolving.
    pub layer: u32,
    pub layers: u32,
    /// Compressed bytes of all layers.
    pub bytes_done: u64,
    pub bytes_total: u64,
}

/// What a reference named.
#[derive(Debug)]
pub struct Resolved {
    /// Of the manifest for the platform.
    pub digest: Digest,
    /// Of what the reference named itself.
    pub index_digest: Digest,
    pub manifest: Manifest,
    pub configuration: Vec<u8>,
}

/// Finds the manifest for the platform and its configuration, each checked against the digest that named it.
pub fn resolve(
    registry: &Registry,
    tag: &str,
    digest: &str,
    platform: &Platform,
    limits: &Limits,
) -> PullOutcome<Resolved> {
    let mut wanted = if digest.is_empty() { None } else { Some(Digest::parse(digest)?) };
    let mut wanted_size = None;
    let mut index_digest = None;
    for _ in 0..=INDEX_DEPTH_MAX {
        let reference = wanted.as_ref().map_or(tag, Digest::as_str).to_owned();
        let (content, content_type) = registry.get_manifest(&reference, limits.manifest_bytes)?;
        if wanted.as_ref().is_some_and(|wanted| !wanted.matches(&content))
            || wanted_size.is_some_and(|size| size != content.len() as u64)
        {
            return Err(PullError::new(
                Reason::DigestMismatch,
                format!("the registry sent another manifest than {reference}"),
            ));
        }
        let found = wanted.unwrap_or_else(|| Digest::sha256_of(&content));
        let index_digest = index_digest.get_or_insert_with(|| found.clone());
        match manifest::parse(&content, &content_type, platform, limits)? {
            Document::Index(chosen) => (wanted, wanted_size) = (Some(chosen.digest), Some(chosen.size)),
            Document::Manifest(manifest) => {
                let configuration = fetch_configuration(registry, &manifest, platform)?;
                return Ok(Resolved { digest: found, index_digest: index_digest.clone(), manifest, configuration });
            }
        }
    }
    Err(PullError::new(Reason::Unsupported, "the image's index names another index too often"))
}

fn fetch_configuration(registry: &Registry, manifest: &Manifest, platform: &Platform) -> PullOutcome<Vec<u8>> {
    let descriptor = &manifest.config;
    if descriptor.size > CONFIGURATION_BYTES_MAX {
        let text =
            format!("the configuration has {} bytes, at most {CONFIGURATION_BYTES_MAX} are allowed", descriptor.size);
        return Err(PullError::new(Reason::LimitExceeded, text));
    }
    let mut content = Vec::new();
    let blob = BlobReader::new(registry, descriptor.digest.clone(), descriptor.size);
    VerifyingReader::new(blob, descriptor.digest.clone(), descriptor.size)
        .read_to_end(&mut content)
        .map_err(|error| PullError::from_io(error, Reason::RegistryUnavailable, "reading the configuration"))?;
    manifest::check_configuration(&content, manifest.layers.len(), platform)?;
    Ok(content)
}

/// Unpacks all layers into the empty directory `root`, straight from the registry's stream. When it returns well, every byte
/// of every layer had its digest; until then the tree is worth nothing.
pub fn unpack_layers(
    registry: &Registry,
    manifest: &Manifest,
    root: OwnedFd,
    limits: &Limits,
    on_progress: &mut dyn FnMut(Progress) -> PullOutcome<()>,
) -> PullOutcome<()> {
    let mut unpacker = Unpacker::new(root, Budget::new(*limits));
    let layers = manifest.layers.len() as u32;
    let bytes_total = manifest.compressed_bytes();
    let mut bytes_before = 0;
    for (layer, descriptor) in (1..).zip(&manifest.layers) {
        let blob = BlobReader::new(registry, descriptor.digest.clone(), descriptor.size);
        let report = |bytes: u64| {
            on_progress(Progress {
                phase: Phase::Pulling,
                layer,
                layers,
                bytes_done: bytes_before + bytes,
                bytes_total,
            })
        };
        let mut content = VerifyingReader::new(
            Reporting { reader: blob, bytes: 0, report },
            descriptor.digest.clone(),
            descriptor.size,
        );
        let archive = decompressed(&mut content)
            .map_err(|error| PullError::from_io(error, Reason::InvalidImage, "decompressing a layer"))?;
        let outcome = unpacker.apply(archive);
        if outcome.as_ref().is_err_and(|error| error.reason != Reason::InvalidImage) {
            return outcome;
        }
        // Bytes that are not the layer's explain a broken archive better than the unpacker can.
        match content.drain().map_err(|error| PullError::from_io(error, Reason::RegistryUnavailable, "reading a layer"))
        {
            Err(error) if error.reason == Reason::DigestMismatch => return Err(error),
            drained => outcome
                .and(drained)
                .map_err(|error| PullError { text: format!("layer {layer} of {layers}: {}", error.text), ..error })?,
        }
        bytes_before += descriptor.size;
    }
    Ok(())
}

struct Reporting<R, F> {
    reader: R,
    bytes: u64,
    report: F,
}

impl<R: Read, F: FnMut(u64) -> PullOutcome<()>> Read for Reporting<R, F> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(buffer)?;
        self.bytes += count as u64;
        (self.report)(self.bytes)?;
        Ok(count)
    }
}
