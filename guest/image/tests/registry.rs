//! The registry client against registries that are strict, moved, busy, broken or lying.

// Helpers outside of #[test] functions count as ordinary code for clippy.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::io::Read;
use std::sync::Arc;
use std::time::Duration;

use image::digest::{Digest, VerifyingReader};
use image::error::{PullError, Reason};
use image::limits::Limits;
use image::manifest::Platform;
use image::pull::{Resolved, resolve};
use image::registry::{BlobReader, Credentials, Registry, RegistryOptions};
use support::server::{Asked, Server, answer, broken};

const CONFIGURATION: &[u8] = br#"{"os":"linux","architecture":"amd64","rootfs":{"diff_ids":[]}}"#;

fn manifest() -> Vec<u8> {
    format!(
        r#"{{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"{}","size":{}}},"layers":[]}}"#,
        Digest::sha256_of(CONFIGURATION),
        CONFIGURATION.len()
    )
    .into_bytes()
}

/// A registry without any demands.
fn plain(asked: &Asked) -> Vec<u8> {
    if asked.line.contains("/manifests/") {
        answer("200 OK", &[], &manifest())
    } else {
        answer("200 OK", &[], CONFIGURATION)
    }
}

fn registry_with(server: &Server, change: impl FnOnce(&mut RegistryOptions)) -> Registry {
    let mut options = RegistryOptions {
        registry: "registry.test:5000".into(),
        repository: "a/b".into(),
        credentials: None,
        ca_pem: Vec::new(),
        plain_http: true,
        pause_initial: Duration::ZERO,
        cancelled: Arc::default(),
    };
    change(&mut options);
    Registry::new(options, Arc::new(server.clone())).unwrap()
}

fn resolve_at(registry: &Registry) -> Result<Resolved, PullError> {
    resolve(registry, "v1", "", &Platform::parse("linux/amd64").unwrap(), &Limits::default())
}

fn with_password(options: &mut RegistryOptions) {
    options.credentials =
        Some(Credentials { username: "me".into(), password: "secret".into(), identity_token: String::new() });
}

#[test]
fn resolves_over_one_kept_connection() {
    let server = Server::new(|asked, _| plain(asked));
    let resolved = resolve_at(&registry_with(&server, |_| {})).unwrap();
    assert_eq!(resolved.digest, Digest::sha256_of(&manifest()));
    assert_eq!((resolved.index_digest, resolved.configuration.as_slice()), (resolved.digest, CONFIGURATION));
    assert_eq!(server.dialed().len(), 1);
}

#[test]
fn fetches_a_token_and_shows_it_to_the_registry_only() {
    let server = Server::new(|asked, _| {
        if asked.line.starts_with("GET auth.test:80/token") {
            assert_eq!(asked.header("authorization"), Some("Basic bWU6c2VjcmV0"));
            return answer("200 OK", &[], br#"{"access_token":"t0ken"}"#);
        }
        if asked.line.starts_with("GET store.test:80/") {
            return answer("200 OK", &[], CONFIGURATION);
        }
        if asked.header("authorization") != Some("Bearer t0ken") {
            let challenge = r#"Bearer realm="http://auth.test/token",service="s",scope="repository:a/b:pull""#;
            return answer("401 Unauthorized", &[("WWW-Authenticate", challenge)], b"{}");
        }
        if asked.line.contains("/blobs/") {
            return answer("307 Temporary Redirect", &[("Location", "http://store.test/blob?signature=x")], b"");
        }
        plain(asked)
    });
    resolve_at(&registry_with(&server, with_password)).unwrap();
    let lines: Vec<String> =
        server.asked().iter().map(|asked| asked.line.split('?').next().unwrap().to_owned()).collect();
    assert_eq!(
        lines[..3],
        [
            "GET registry.test:5000/v2/a/b/manifests/v1",
            "GET auth.test:80/token",
            "GET registry.test:5000/v2/a/b/manifests/v1"
        ]
    );
    let asked = server.asked();
    let at_store = asked.iter().find(|asked| asked.line.contains("store.test")).unwrap();
    assert_eq!(at_store.header("authorization"), None);
}

#[test]
fn answers_basic_challenges_and_refuses_to_go_on_without_credentials() {
    let server = Server::new(|asked, _| match asked.header("authorization") {
        Some("Basic bWU6c2VjcmV0") => plain(asked),
        _ => answer("401 Unauthorized", &[("WWW-Authenticate", "Basic realm=\"r\"")], b"{}"),
    });
    resolve_at(&registry_with(&server, with_password)).unwrap();
    assert_eq!(resolve_at(&registry_with(&server, |_| {})).unwrap_err().reason, Reason::Unauthorized);
}

#[test]
fn never_leaves_tls_for_plain_http() {
    // The dialer hands out streams that speak no TLS, so getting as far as the handshake is all that can be seen.
    let server = Server::new(|asked, _| plain(asked));
    let registry = registry_with(&server, |options| options.plain_http = false);
    assert_eq!(resolve_at(&registry).unwrap_err().reason, Reason::RegistryUnavailable);
    assert!(server.asked().iter().all(|asked| !asked.line.starts_with("GET")));
}

#[test]
fn waits_for_a_busy_registry_but_not_for_ever() {
    let server = Server::new(|asked, before| if before < 2 { answer("503 Busy", &[], b"") } else { plain(asked) });
    resolve_at(&registry_with(&server, |_| {})).unwrap();
    let server = Server::new(|_, _| answer("503 Busy", &[], b""));
    assert_eq!(resolve_at(&registry_with(&server, |_| {})).unwrap_err().reason, Reason::RegistryUnavailable);
    assert_eq!(server.asked().len(), 5);
}

#[test]
fn tells_the_reasons_of_a_refusal_apart() {
    for (status, body, reason) in [
        ("404 Not Found", r#"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"m"}]}"#, Reason::ManifestUnknown),
        ("404 Not Found", r#"{"errors":[{"code":"NAME_UNKNOWN"}]}"#, Reason::NameUnknown),
        ("404 Not Found", "", Reason::ManifestUnknown),
        ("403 Forbidden", "<html>", Reason::Unauthorized),
        ("302 Found", "", Reason::RegistryUnavailable),
        ("418 Teapot", "", Reason::RegistryUnavailable),
    ] {
        let server = Server::new(move |_, _| answer(status, &[], body.as_bytes()));
        assert_eq!(resolve_at(&registry_with(&server, |_| {})).unwrap_err().reason, reason, "{status} {body}");
    }
}

#[test]
fn gives_up_on_circles_of_redirects() {
    let server = Server::new(|_, _| answer("307 Temporary Redirect", &[("Location", "/again")], b""));
    assert_eq!(resolve_at(&registry_with(&server, |_| {})).unwrap_err().reason, Reason::RegistryUnavailable);
    assert!(server.asked().len() < 10);
}

#[test]
fn refuses_manifests_and_configurations_that_are_not_what_was_named() {
    let server = Server::new(|asked, _| {
        if asked.line.contains("/blobs/") {
            answer("200 OK", &[], &CONFIGURATION.to_ascii_uppercase())
        } else {
            plain(asked)
        }
    });
    assert_eq!(resolve_at(&registry_with(&server, |_| {})).unwrap_err().reason, Reason::DigestMismatch);
    let server = Server::new(|asked, _| plain(asked));
    let other = Digest::sha256_of(b"other");
    let outcome = resolve(
        &registry_with(&server, |_| {}),
        "v1",
        other.as_str(),
        &Platform::parse("linux/amd64").unwrap(),
        &Limits::default(),
    );
    assert_eq!(outcome.unwrap_err().reason, Reason::DigestMismatch);
}

#[test]
fn refuses_a_manifest_without_end() {
    let server = Server::new(|_, _| answer("200 OK", &[], &vec![b' '; 5 << 20]));
    assert_eq!(resolve_at(&registry_with(&server, |_| {})).unwrap_err().reason, Reason::LimitExceeded);
}

#[test]
fn reads_chunked_answers() {
    let server = Server::new(|asked, _| {
        let whole = if asked.line.contains("/manifests/") { manifest() } else { CONFIGURATION.to_vec() };
        let mut chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
        for chunk in whole.chunks(7) {
            chunked.extend(format!("{:x};x=y\r\n", chunk.len()).bytes().chain(chunk.iter().copied()).chain(*b"\r\n"));
        }
        chunked.extend(b"0\r\nTrailer: x\r\n\r\n");
        chunked
    });
    resolve_at(&registry_with(&server, |_| {})).unwrap();
    assert_eq!(server.dialed().len(), 1);
}

fn read_blob(server: &Server, blob: &[u8]) -> Result<Vec<u8>, PullError> {
    let registry = registry_with(server, |_| {});
    let digest = Digest::sha256_of(blob);
    let mut content = Vec::new();
    VerifyingReader::new(BlobReader::new(&registry, digest.clone(), blob.len() as u64), digest, blob.len() as u64)
        .read_to_end(&mut content)
        .map(|_| content)
        .map_err(|error| PullError::from_io(error, Reason::InvalidImage, "reading"))
}

#[test]
fn goes_on_where_a_blob_broke_off() {
    let blob: Vec<u8> = (0..100_000u32).flat_map(u32::to_le_bytes).collect();
    for honours_ranges in [true, false] {
        let whole = blob.clone();
        let server = Server::new(move |asked, before| {
            let start = asked
                .header("range")
                .map_or(0, |range| range.trim_start_matches("bytes=").trim_end_matches('-').parse().unwrap());
            let (status, start) = if honours_ranges && start > 0 { ("206 Partial", start) } else { ("200 OK", 0) };
            let range = format!("bytes {start}-{}/{}", whole.len() - 1, whole.len());
            let rest = &whole[start..];
            let bytes = if before < 3 { rest.len() / 3 * (before + 1) / 2 } else { rest.len() };
            broken(status, &[("Content-Range", &range)], rest, bytes)
        });
        assert!(read_blob(&server, &blob).unwrap() == blob);
        assert_eq!(server.asked().len(), 4);
        assert!(server.asked()[1].header("range").is_some());
    }
}

#[test]
fn gives_up_on_a_blob_that_keeps_breaking_off() {
    let server = Server::new(|_, _| broken("200 OK", &[], &[7; 1000], 10));
    assert_eq!(read_blob(&server, &[7; 1000]).unwrap_err().reason, Reason::RegistryUnavailable);
    assert!(server.asked().len() <= 6);
}

#[test]
fn refuses_a_range_that_was_not_asked_for() {
    let server = Server::new(|asked, _| match asked.header("range") {
        None => broken("200 OK", &[], &[7; 1000], 10),
        Some(_) => answer("206 Partial", &[("Content-Range", "bytes 0-999/1000")], &[7; 1000]),
    });
    assert_eq!(read_blob(&server, &[7; 1000]).unwrap_err().reason, Reason::RegistryUnavailable);
}
