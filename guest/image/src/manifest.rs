//! Manifests, indexes and configurations of both families, OCI and Docker, and the choice of a platform.

use serde::Deserialize;

use crate::digest::Digest;
use crate::error::{PullError, PullOutcome, Reason};
use crate::limits::Limits;

const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";
const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const DOCKER_LIST: &str = "application/vnd.docker.distribution.manifest.list.v2+json";
const DOCKER_MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
const OCI_CONFIG: &str = "application/vnd.oci.image.config.v1+json";
const DOCKER_CONFIG: &str = "application/vnd.docker.container.image.v1+json";

/// What we ask a registry for, in one header.
pub const ACCEPT: &str = "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, \
    application/vnd.docker.distribution.manifest.list.v2+json, application/vnd.docker.distribution.manifest.v2+json";

/// Content somewhere else in the same repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Descriptor {
    pub digest: Digest,
    pub size: u64,
}

#[derive(Debug, PartialEq, Eq)]
pub enum Document {
    /// The manifest for the asked platform is there.
    Index(Descriptor),
    Manifest(Manifest),
}

#[derive(Debug, PartialEq, Eq)]
pub struct Manifest {
    pub config: Descriptor,
    /// Lowest first.
    pub layers: Vec<Descriptor>,
}

impl Manifest {
    pub fn compressed_bytes(&self) -> u64 {
        self.layers.iter().fold(0, |sum, layer| sum.saturating_add(layer.size))
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Platform {
    pub os: String,
    pub architecture: String,
    pub variant: String,
}

impl Platform {
    /// From "linux/amd64" or "linux/arm64/v8".
    pub fn parse(text: &str) -> PullOutcome<Self> {
        let mut parts = text.split('/').map(str::to_owned);
        match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some(os), Some(architecture), variant, None) if !os.is_empty() && !architecture.is_empty() => {
                Ok(Self { os, architecture, variant: variant.unwrap_or_default() })
            }
            _ => Err(PullError::new(Reason::Unsupported, format!("'{}' is not a platform", text.escape_debug()))),
        }
    }
}

/// Fields of every document at once; which of them must be there depends on the media type.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawDocument {
    schema_version: u64,
    media_type: Option<String>,
    config: Option<RawDescriptor>,
    layers: Option<Vec<RawDescriptor>>,
    manifests: Option<Vec<RawDescriptor>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawDescriptor {
    #[serde(default)]
    media_type: String,
    digest: String,
    size: u64,
    platform: Option<RawPlatform>,
}

#[derive(Deserialize)]
struct RawPlatform {
    #[serde(default)]
    os: String,
    #[serde(default)]
    architecture: String,
    #[serde(default)]
    variant: String,
}

impl RawDescriptor {
    fn checked(&self) -> PullOutcome<Descriptor> {
        Ok(Descriptor { digest: Digest::parse(&self.digest)?, size: self.size })
    }
}

/// Reads what a registry calls a manifest. `content_type` is its header and only counts where the document is silent.
pub fn parse(content: &[u8], content_type: &str, platform: &Platform, limits: &Limits) -> PullOutcome<Document> {
    let raw: RawDocument = serde_json::from_slice(content)
        .map_err(|error| PullError::new(Reason::InvalidImage, format!("the manifest cannot be read: {error}")))?;
    if raw.schema_version != 2 {
        return Err(PullError::new(
            Reason::Unsupported,
            format!("manifests of schema version {} are not supported", raw.schema_version),
        ));
    }
    let content_type = content_type.split(';').next().unwrap_or_default().trim();
    match raw.media_type.as_deref().unwrap_or(content_type) {
        OCI_INDEX | DOCKER_LIST => choose_from_index(raw.manifests.unwrap_or_default(), platform).map(Document::Index),
        OCI_MANIFEST | DOCKER_MANIFEST => read_manifest(raw.config, raw.layers, limits).map(Document::Manifest),
        // The media type may be missing in both places; then the shape tells.
        _ if raw.manifests.is_some() => {
            choose_from_index(raw.manifests.unwrap_or_default(), platform).map(Document::Index)
        }
        _ if raw.config.is_some() => read_manifest(raw.config, raw.layers, limits).map(Document::Manifest),
        other => Err(PullError::new(
            Reason::Unsupported,
            format!("documents of type '{}' are not images", other.escape_debug()),
        )),
    }
}

fn choose_from_index(manifests: Vec<RawDescriptor>, wanted: &Platform) -> PullOutcome<Descriptor> {
    let fits = |found: &RawPlatform| found.os == wanted.os && found.architecture == wanted.architecture;
    let chosen = manifests
        .iter()
        .filter(|manifest| manifest.platform.as_ref().is_some_and(fits))
        // The asked variant before the plain one before the first of the others.
        .min_by_key(|manifest| match manifest.platform.as_ref().map_or("", |platform| &platform.variant) {
            variant if variant == wanted.variant => 0,
            "" => 1,
            _ => 2,
        });
    if let Some(manifest) = chosen {
        return manifest.checked();
    }
    let mut offered: Vec<String> = manifests
        .iter()
        .filter_map(|manifest| manifest.platform.as_ref())
        .filter(|platform| platform.os != "unknown")
        .map(|platform| format!("{}/{}", platform.os, platform.architecture).escape_debug().to_string())
        .collect();
    offered.sort();
    offered.dedup();
    offered.truncate(16);
    let text =
        format!("the image is not made for {}/{}, only for: {}", wanted.os, wanted.architecture, offered.join(", "));
    Err(PullError::new(Reason::Unsupported, text))
}

fn read_manifest(
    config: Option<RawDescriptor>,
    layers: Option<Vec<RawDescriptor>>,
    limits: &Limits,
) -> PullOutcome<Manifest> {
    let config = config.ok_or_else(|| PullError::new(Reason::InvalidImage, "the manifest has no configuration"))?;
    if !matches!(config.media_type.as_str(), OCI_CONFIG | DOCKER_CONFIG | "") {
        return Err(PullError::new(
            Reason::Unsupported,
            format!("'{}' is an artifact, not an image", config.media_type.escape_debug()),
        ));
    }
    let layers = layers.unwrap_or_default();
    if layers.len() as u64 > u64::from(limits.layers) {
        return Err(PullError::new(
            Reason::LimitExceeded,
            format!("the image has {} layers, at most {} are allowed", layers.len(), limits.layers),
        ));
    }
    for layer in &layers {
        // Foreign layers lie at addresses of their own, which a registry must not send us to.
        if !layer.media_type.contains("layer") && !layer.media_type.contains("rootfs.diff")
            || layer.media_type.contains("foreign")
        {
            return Err(PullError::new(
                Reason::Unsupported,
                format!("layers of type '{}' are not supported", layer.media_type.escape_debug()),
            ));
        }
    }
    let manifest = Manifest {
        config: config.checked()?,
        layers: layers.iter().map(RawDescriptor::checked).collect::<PullOutcome<_>>()?,
    };
    if manifest.compressed_bytes() > limits.compressed_bytes {
        let text = format!(
            "the layers have {} bytes, at most {} are allowed",
            manifest.compressed_bytes(),
            limits.compressed_bytes
        );
        return Err(PullError::new(Reason::LimitExceeded, text));
    }
    if manifest.config.size > limits.manifest_bytes {
        let text = format!(
            "the configuration has {} bytes, at most {} are allowed",
            manifest.config.size, limits.manifest_bytes
        );
        return Err(PullError::new(Reason::LimitExceeded, text));
    }
    Ok(manifest)
}

#[derive(Deserialize)]
struct RawConfiguration {
    #[serde(default)]
    os: String,
    #[serde(default)]
    architecture: String,
    rootfs: Option<RawRootfs>,
}

#[derive(Deserialize)]
struct RawRootfs {
    #[serde(default)]
    diff_ids: Vec<String>,
}

/// Checks that the configuration belongs to an image of so many layers that can run on the platform. The layers' own digests
/// say already that they are what the manifest's author meant, so `diff_ids` are counted, not computed: a second SHA-256 over
/// the unpacked bytes would cost a third of the whole pull under emulation.
pub fn check_configuration(content: &[u8], layers: usize, platform: &Platform) -> PullOutcome<()> {
    let raw: RawConfiguration = serde_json::from_slice(content)
        .map_err(|error| PullError::new(Reason::InvalidImage, format!("the configuration cannot be read: {error}")))?;
    let differs = |found: &str, wanted: &str| !found.is_empty() && found != wanted;
    if differs(&raw.os, &platform.os) || differs(&raw.architecture, &platform.architecture) {
        let text = format!(
            "the image is made for {}/{}, not for {}/{}",
            raw.os, raw.architecture, platform.os, platform.architecture
        );
        return Err(PullError::new(Reason::Unsupported, text.escape_debug().to_string()));
    }
    let named = raw.rootfs.map_or(0, |rootfs| rootfs.diff_ids.len());
    if named != layers {
        return Err(PullError::new(
            Reason::InvalidImage,
            format!("the configuration names {named} layers, the manifest {layers}"),
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amd64() -> Platform {
        Platform::parse("linux/amd64").unwrap()
    }

    fn digest(letter: char) -> String {
        format!("sha256:{}", letter.to_string().repeat(64))
    }

    fn manifest(layers: usize, media_type: &str) -> String {
        let layer = format!(r#"{{"mediaType":"{media_type}","digest":"{}","size":5}}"#, digest('b'));
        format!(
            r#"{{"schemaVersion":2,"mediaType":"{OCI_MANIFEST}","config":{{"mediaType":"{OCI_CONFIG}","digest":"{}","size":7}},"layers":[{}]}}"#,
            digest('a'),
            vec![layer; layers].join(",")
        )
    }

    fn read(content: &str) -> PullOutcome<Document> {
        parse(content.as_bytes(), "", &amd64(), &Limits { layers: 3, ..Limits::default() })
    }

    #[test]
    fn chooses_the_platform_and_skips_attestations() {
        let entry = |letter, platform| {
            format!(r#"{{"mediaType":"{OCI_MANIFEST}","digest":"{}","size":1,"platform":{platform}}}"#, digest(letter))
        };
        let index = |entries: &[String]| {
            format!(r#"{{"schemaVersion":2,"mediaType":"{OCI_INDEX}","manifests":[{}]}}"#, entries.join(","))
        };
        let others = [
            entry('1', r#"{"os":"unknown","architecture":"unknown"}"#),
            entry('2', r#"{"os":"linux","architecture":"arm64","variant":"v8"}"#),
            entry('3', r#"{"os":"linux","architecture":"amd64","variant":"v3"}"#),
            entry('4', r#"{"os":"linux","architecture":"amd64"}"#),
        ];
        let Document::Index(chosen) = read(&index(&others)).unwrap() else { panic!("an index") };
        assert_eq!(chosen.digest.as_str(), digest('4'));
        let error = read(&index(&others[..2])).unwrap_err();
        assert_eq!(error.to_string(), "Unsupported: the image is not made for linux/amd64, only for: linux/arm64");
    }

    #[test]
    fn reads_a_manifest() {
        let Document::Manifest(found) = read(&manifest(2, "application/vnd.oci.image.layer.v1.tar+gzip")).unwrap()
        else {
            panic!("a manifest")
        };
        assert_eq!((found.layers.len(), found.compressed_bytes(), found.config.size), (2, 10, 7));
    }

    #[test]
    fn refuses_what_it_cannot_or_must_not_pull() {
        for (content, reason) in [
            (manifest(4, "application/vnd.oci.image.layer.v1.tar"), Reason::LimitExceeded),
            (manifest(1, "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"), Reason::Unsupported),
            (manifest(1, "text/plain"), Reason::Unsupported),
            (
                manifest(1, "application/vnd.oci.image.layer.v1.tar")
                    .replace(OCI_CONFIG, "application/vnd.cncf.helm.config.v1+json"),
                Reason::Unsupported,
            ),
            (
                manifest(1, "application/vnd.oci.image.layer.v1.tar").replace("\"size\":5", "\"size\":99999999999999"),
                Reason::LimitExceeded,
            ),
            (
                manifest(1, "application/vnd.oci.image.layer.v1.tar").replace("\"size\":5", "\"size\":-1"),
                Reason::InvalidImage,
            ),
            (r#"{"schemaVersion":1}"#.to_owned(), Reason::Unsupported),
            ("[".repeat(100_000), Reason::InvalidImage),
        ] {
            assert_eq!(read(&content).unwrap_err().reason, reason);
        }
    }

    #[test]
    fn refuses_configurations_of_other_images() {
        let config = r#"{"os":"linux","architecture":"amd64","rootfs":{"type":"layers","diff_ids":["x","y"]}}"#;
        assert!(check_configuration(config.as_bytes(), 2, &amd64()).is_ok());
        assert_eq!(check_configuration(config.as_bytes(), 1, &amd64()).unwrap_err().reason, Reason::InvalidImage);
        let other = config.replace("amd64", "s390x");
        assert_eq!(check_configuration(other.as_bytes(), 2, &amd64()).unwrap_err().reason, Reason::Unsupported);
    }
}
