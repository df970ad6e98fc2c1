//! The call PullImage: from its message to a pull and back.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use channel::messages::{
    PullImageRequest, PullImageResponse, PullProgress, PullResult, pull_image_response::Event, pull_progress,
    status::Code,
};
use ring::rand::{SecureRandom, SystemRandom};

use super::host_line::HostLine;
use crate::disk::{ImageDisk, find_by_serial};
use crate::error::{PullError, PullOutcome, Reason};
use crate::limits::Limits;
use crate::manifest::Platform;
use crate::pull::{Phase, Progress, Resolved, resolve, unpack_layers};
use crate::registry::{Credentials, Registry, RegistryOptions};

/// Progress is for people; more than five messages a second would only cost.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(200);

/// Before the second attempt of a request.
const PAUSE_INITIAL: Duration = Duration::from_millis(250);

const MOUNT_POINT: &str = "/run/image";

pub fn run(line: &HostLine, stream: u32, request: PullImageRequest, cancelled: &Arc<AtomicBool>) -> PullOutcome<()> {
    let limits = limits_of(&request);
    let platform = Platform::parse(&request.platform)?;
    let mut reporter = Reporter { line, stream, cancelled, last: None };
    reporter.report(Progress { phase: Phase::Resolving, layer: 0, layers: 0, bytes_done: 0, bytes_total: 0 })?;
    let registry = Registry::new(
        RegistryOptions {
            registry: request.registry,
            repository: request.repository,
            credentials: request.credentials.map(|given| Credentials {
                username: given.username,
                password: given.password,
                identity_token: given.identity_token,
            }),
            ca_pem: request.ca_pem,
            plain_http: request.plain_http,
            pause_initial: PAUSE_INITIAL,
            cancelled: Arc::clone(cancelled),
        },
        Arc::new(line.clone()),
    )?;
    let resolved = resolve(&registry, &request.tag, &request.digest, &platform, &limits)?;
    let disk_used_bytes = if request.disk_serial.is_empty() {
        0
    } else {
        fill_disk(&registry, &resolved, &request.disk_serial, &limits, &mut reporter)?
    };
    let result = PullResult {
        digest: resolved.digest.to_string(),
        index_digest: resolved.index_digest.to_string(),
        compressed_bytes: resolved.manifest.compressed_bytes(),
        disk_used_bytes,
        layers: resolved.manifest.layers.len() as u32,
        config_json: resolved.configuration,
    };
    line.send(stream, &PullImageResponse { event: Some(Event::Result(result)) });
    Ok(())
}

/// The status code for each word; the word itself is in the message.
pub fn status_code(reason: Reason) -> Code {
    match reason {
        Reason::NameUnknown | Reason::ManifestUnknown => Code::NotFound,
        Reason::Unauthorized | Reason::Unsupported => Code::FailedPrecondition,
        Reason::DigestMismatch | Reason::UnsafeArchive | Reason::InvalidImage => Code::InvalidArgument,
        Reason::LimitExceeded | Reason::DiskFull => Code::ResourceExhausted,
        Reason::RegistryUnavailable => Code::Unavailable,
    }
}

fn limits_of(request: &PullImageRequest) -> Limits {
    let Some(given) = &request.limits else { return Limits::default() };
    Limits {
        manifest_bytes: given.manifest_bytes_max,
        compressed_bytes: given.compressed_bytes_max,
        unpacked_bytes: given.unpacked_bytes_max,
        files: given.files_max,
        layers: given.layers_max,
    }
    .or_default()
}

fn fill_disk(
    registry: &Registry,
    resolved: &Resolved,
    serial: &str,
    limits: &Limits,
    reporter: &mut Reporter<'_>,
) -> PullOutcome<u64> {
    let device = find_by_serial(serial)?;
    let mount_point = Path::new(MOUNT_POINT);
    fs::create_dir_all(mount_point)
        .map_err(|error| PullError::from_io(error, Reason::Unsupported, "making the mount point"))?;
    let mut identity = [0; 32];
    SystemRandom::new()
        .fill(&mut identity)
        .map_err(|_| PullError::new(Reason::Unsupported, "there are no random numbers"))?;
    let disk = ImageDisk::format_and_mount(&device, mount_point, identity)?;
    unpack_layers(registry, &resolved.manifest, disk.make_rootfs()?, limits, &mut |progress| {
        reporter.report(progress)
    })?;
    let layers = resolved.manifest.layers.len() as u32;
    let bytes = resolved.manifest.compressed_bytes();
    reporter.report(Progress {
        phase: Phase::Finishing,
        layer: layers,
        layers,
        bytes_done: bytes,
        bytes_total: bytes,
    })?;
    disk.write_configuration(&resolved.configuration)?;
    disk.finish()
}

struct Reporter<'a> {
    line: &'a HostLine,
    stream: u32,
    cancelled: &'a AtomicBool,
    last: Option<(Instant, Phase)>,
}

impl Reporter<'_> {
    /// Sends a new phase at once and the rest now and then. Fails when nobody waits any more.
    fn report(&mut self, progress: Progress) -> PullOutcome<()> {
        if self.cancelled.load(Ordering::Relaxed) {
            return Err(PullError::new(Reason::RegistryUnavailable, "the pull was cancelled"));
        }
        let is_due =
            self.last.is_none_or(|(time, phase)| phase != progress.phase || time.elapsed() >= PROGRESS_INTERVAL);
        if is_due {
            self.last = Some((Instant::now(), progress.phase));
            let phase = match progress.phase {
                Phase::Resolving => pull_progress::Phase::Resolving,
                Phase::Pulling => pull_progress::Phase::Pulling,
                Phase::Finishing => pull_progress::Phase::Finishing,
            };
            let message = PullProgress {
                phase: phase.into(),
                layer: progress.layer,
                layers: progress.layers,
                bytes_done: progress.bytes_done,
                bytes_total: progress.bytes_total,
            };
            self.line.send(self.stream, &PullImageResponse { event: Some(Event::Progress(message)) });
        }
        Ok(())
    }
}
