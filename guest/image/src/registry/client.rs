//! Requests to one repository: credentials, tokens, redirects, and patience with a registry that is busy.

use std::cell::RefCell;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use super::challenge::Challenge;
use crate::digest::Digest;
use crate::error::{PullError, PullOutcome, Reason};
use crate::http::{Dialer, HttpClient, Request, Response, Url, client_configuration};
use crate::manifest;

/// Tries of one request, the first included.
const ATTEMPTS_MAX: u32 = 5;
/// Longest pause that a registry may ask for.
const PAUSE_MAX: Duration = Duration::from_secs(10);
const REDIRECTS_MAX: usize = 5;
/// Token services answer with a few kilobytes.
const TOKEN_BYTES_MAX: u64 = 256 * 1024;
const ERROR_BODY_BYTES_MAX: u64 = 64 * 1024;
/// How much of a registry's own words goes into our message.
const QUOTE_CHARACTERS_MAX: usize = 200;

#[derive(Clone, Default)]
pub struct Credentials {
    pub username: String,
    pub password: String,
    pub identity_token: String,
}

pub struct RegistryOptions {
    /// Host and optional port.
    pub registry: String,
    pub repository: String,
    pub credentials: Option<Credentials>,
    pub ca_pem: Vec<u8>,
    pub plain_http: bool,
    /// The pause before the second attempt; doubles with each further one.
    pub pause_initial: Duration,
    /// Set when nobody waits for the pull any more.
    pub cancelled: Arc<AtomicBool>,
}

pub struct Registry {
    http: HttpClient,
    origin: Url,
    repository: String,
    credentials: Option<Credentials>,
    plain_http: bool,
    pause_initial: Duration,
    cancelled: Arc<AtomicBool>,
    /// Goes to the registry's own origin only.
    authorization: RefCell<Option<String>>,
}

impl Registry {
    pub fn new(options: RegistryOptions, dialer: Arc<dyn Dialer + Send + Sync>) -> PullOutcome<Self> {
        let origin = Url::of_registry(&options.registry, options.plain_http).ok_or_else(|| {
            PullError::new(
                Reason::Unsupported,
                format!("'{}' is not a registry's address", options.registry.escape_debug()),
            )
        })?;
        if !is_repository(&options.repository) {
            let text = format!("'{}' is not a repository's name", options.repository.escape_debug());
            return Err(PullError::new(Reason::NameUnknown, text));
        }
        Ok(Self {
            http: HttpClient::new(dialer, client_configuration(&options.ca_pem)?),
            origin,
            repository: options.repository,
            credentials: options.credentials,
            plain_http: options.plain_http,
            pause_initial: options.pause_initial,
            cancelled: options.cancelled,
            authorization: RefCell::new(None),
        })
    }

    /// The document's bytes and its Content-Type. `reference` is a tag or a digest.
    pub fn get_manifest(&self, reference: &str, bytes_max: u64) -> PullOutcome<(Vec<u8>, String)> {
        let is_sound = reference.len() <= 256
            && reference.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-:".contains(&byte));
        if reference.is_empty() || !is_sound {
            return Err(PullError::new(
                Reason::ManifestUnknown,
                format!("'{}' is not a tag", reference.escape_debug()),
            ));
        }
        let url = self.origin.with_path(format!("/v2/{}/manifests/{reference}", self.repository));
        let mut response = self.get(&url, &[("Accept", manifest::ACCEPT.to_owned())])?;
        let content_type = response.header("content-type").unwrap_or_default().to_owned();
        let content = response.body.read_all(bytes_max).map_err(|error| match error.kind() {
            io::ErrorKind::FileTooLarge => {
                PullError::new(Reason::LimitExceeded, format!("the manifest is longer than {bytes_max} bytes"))
            }
            _ => PullError::from_io(error, Reason::RegistryUnavailable, "reading the manifest"),
        })?;
        Ok((content, content_type))
    }

    /// The answer to a request for a blob from `offset` on; its status is 200 or 206.
    pub fn get_blob(&self, digest: &Digest, offset: u64) -> PullOutcome<Response> {
        let url = self.origin.with_path(format!("/v2/{}/blobs/{digest}", self.repository));
        let range = ("Range", format!("bytes={offset}-"));
        self.get(&url, if offset > 0 { std::slice::from_ref(&range) } else { &[] })
    }

    pub fn pause_before_attempt(&self, attempt: u32) {
        thread::sleep(self.pause_initial.saturating_mul(1 << attempt.min(8)).min(PAUSE_MAX));
    }

    /// GET with patience: an answer of 200 or 206, or the reason why there is none.
    fn get(&self, url: &Url, headers: &[(&'static str, String)]) -> PullOutcome<Response> {
        let mut attempt = 1;
        loop {
            if self.cancelled.load(Ordering::Relaxed) {
                return Err(PullError::new(Reason::RegistryUnavailable, "the pull was cancelled"));
            }
            let failure = match self.get_once(url, headers) {
                Ok(response) if matches!(response.status, 200 | 206) => return Ok(response),
                Ok(mut response) => {
                    let failure = self.explain(&mut response);
                    if !matches!(response.status, 408 | 429 | 500..=599) {
                        return Err(failure);
                    }
                    if let Some(seconds) = response.header("retry-after").and_then(|value| value.parse().ok()) {
                        thread::sleep(Duration::from_secs(seconds).min(PAUSE_MAX));
                    }
                    failure
                }
                Err(error) if PullError::is_final(&error) => {
                    let step = format!("asking {}", self.origin);
                    return Err(PullError::from_io(error, Reason::RegistryUnavailable, &step));
                }
                Err(error) => {
                    PullError::from_io(error, Reason::RegistryUnavailable, &format!("asking {}", self.origin))
                }
            };
            if attempt == ATTEMPTS_MAX {
                return Err(failure);
            }
            self.pause_before_attempt(attempt);
            attempt += 1;
        }
    }

    /// One try: follows redirects and answers one challenge.
    fn get_once(&self, url: &Url, headers: &[(&'static str, String)]) -> io::Result<Response> {
        let mut url = url.clone();
        let mut answered_challenge = false;
        for _ in 0..=REDIRECTS_MAX + 1 {
            let is_home = url.is_same_origin(&self.origin);
            let mut request = Request { method: "GET", url: &url, headers: headers.to_vec(), body: &[] };
            if let (true, Some(authorization)) = (is_home, self.authorization.borrow().as_ref()) {
                request.headers.push(("Authorization", authorization.clone()));
            }
            let response = self.http.send(&request)?;
            match response.status {
                401 if is_home && !answered_challenge => {
                    answered_challenge = true;
                    *self.authorization.borrow_mut() = Some(self.answer_challenge(&response)?);
                }
                301 | 302 | 303 | 307 | 308 => {
                    let target = response.header("location").and_then(|location| url.join(location));
                    url = target.ok_or_else(|| unavailable(format!("{url} redirects to nowhere")))?;
                    if !url.https && !self.plain_http {
                        return Err(unavailable(format!("{} redirects to {url}, which is not encrypted", self.origin)));
                    }
                }
                _ => return Ok(response),
            }
        }
        Err(unavailable(format!("{} redirects more than {REDIRECTS_MAX} times", self.origin)))
    }

    /// The value of the Authorization header that the challenge asks for.
    fn answer_challenge(&self, response: &Response) -> io::Result<String> {
        let challenges: Vec<Challenge> =
            response.headers_named("www-authenticate").filter_map(Challenge::parse).collect();
        let bearer = challenges.iter().find(|challenge| matches!(challenge, Challenge::Bearer { .. }));
        match bearer.or(challenges.first()) {
            Some(Challenge::Bearer { realm, service, scope }) => {
                self.fetch_token(realm, service.as_deref(), scope.as_deref()).map(|token| format!("Bearer {token}"))
            }
            Some(Challenge::Basic) => {
                let basic = self.basic_authorization();
                basic.ok_or_else(|| {
                    PullError::new(Reason::Unauthorized, format!("{} asks for credentials", self.origin)).into()
                })
            }
            None => Err(PullError::new(
                Reason::Unauthorized,
                format!("{} asks for credentials of an unknown kind", self.origin),
            )
            .into()),
        }
    }

    fn basic_authorization(&self) -> Option<String> {
        let credentials = self.credentials.as_ref().filter(|credentials| !credentials.username.is_empty())?;
        Some(format!("Basic {}", STANDARD.encode(format!("{}:{}", credentials.username, credentials.password))))
    }

    fn fetch_token(&self, realm: &str, service: Option<&str>, scope: Option<&str>) -> io::Result<String> {
        let realm = Url::parse(realm)
            .ok_or_else(|| unavailable(format!("{} names a token service without an address", self.origin)))?;
        if !realm.https && !self.plain_http {
            return Err(unavailable(format!("the token service {realm} is not encrypted")));
        }
        let own_scope = format!("repository:{}:pull", self.repository);
        let mut fields = vec![("scope", scope.unwrap_or(&own_scope))];
        fields.extend(service.map(|service| ("service", service)));

        let identity = self
            .credentials
            .as_ref()
            .map(|credentials| credentials.identity_token.as_str())
            .filter(|token| !token.is_empty());
        let mut response = if let Some(identity) = identity {
            fields.extend([("grant_type", "refresh_token"), ("refresh_token", identity), ("client_id", "atoll")]);
            let body = encode_form(&fields);
            let headers = vec![("Content-Type", "application/x-www-form-urlencoded".to_owned())];
            self.http.send(&Request { method: "POST", url: &realm, headers, body: body.as_bytes() })?
        } else {
            let separator = if realm.path.contains('?') { '&' } else { '?' };
            let url = realm.with_path(format!("{}{separator}{}", realm.path, encode_form(&fields)));
            let headers = self.basic_authorization().map(|basic| ("Authorization", basic)).into_iter().collect();
            self.http.send(&Request { method: "GET", url: &url, headers, body: &[] })?
        };
        match response.status {
            200 => {}
            400..=403 => {
                return Err(PullError::new(
                    Reason::Unauthorized,
                    format!("the token service {realm} refuses the credentials"),
                )
                .into());
            }
            status => return Err(io::Error::other(format!("the token service {realm} answers {status}"))),
        }
        #[derive(Deserialize)]
        struct TokenAnswer {
            token: Option<String>,
            access_token: Option<String>,
        }
        let content = response.body.read_all(TOKEN_BYTES_MAX)?;
        let answer: TokenAnswer = serde_json::from_slice(&content)?;
        let token = answer.token.or(answer.access_token).filter(|token| !token.is_empty());
        token.ok_or_else(|| unavailable(format!("the token service {realm} sends no token")))
    }

    fn explain(&self, response: &mut Response) -> PullError {
        #[derive(Deserialize)]
        struct ErrorAnswer {
            errors: Vec<RegistryError>,
        }
        #[derive(Deserialize)]
        struct RegistryError {
            #[serde(default)]
            code: String,
            #[serde(default)]
            message: String,
        }
        let status = response.status;
        let content = response.body.read_all(ERROR_BODY_BYTES_MAX).unwrap_or_default();
        let error =
            serde_json::from_slice::<ErrorAnswer>(&content).ok().and_then(|answer| answer.errors.into_iter().next());
        let (code, message) = error.map(|error| (error.code, error.message)).unwrap_or_default();
        let reason = match (code.as_str(), status) {
            ("NAME_UNKNOWN" | "NAME_INVALID", _) => Reason::NameUnknown,
            ("MANIFEST_UNKNOWN" | "BLOB_UNKNOWN" | "TAG_INVALID", _) | (_, 404) => Reason::ManifestUnknown,
            (_, 401 | 403) => Reason::Unauthorized,
            (_, 406 | 416) => Reason::Unsupported,
            _ => Reason::RegistryUnavailable,
        };
        let quote: String = format!("{code} {message}").trim().escape_debug().take(QUOTE_CHARACTERS_MAX).collect();
        let colon = if quote.is_empty() { "" } else { ": " };
        PullError::new(reason, format!("{} answers {status} for '{}'{colon}{quote}", self.origin, self.repository))
    }
}

impl PullError {
    /// Whether an I/O error carries a reason of ours.
    pub fn is_inside(error: &io::Error) -> bool {
        error.get_ref().is_some_and(|inner| inner.is::<Self>())
    }

    /// Whether no further attempt would change an I/O error: a reason of ours, or a partner that TLS does not trust.
    pub fn is_final(error: &io::Error) -> bool {
        let is_tls = error.get_ref().is_some_and(|inner| inner.is::<rustls::Error>());
        Self::is_inside(error) || is_tls
    }
}

/// An answer that further attempts will not change.
fn unavailable(text: String) -> io::Error {
    PullError::new(Reason::RegistryUnavailable, text).into()
}

/// Path components as the distribution specification allows them, so that a name cannot lead to another endpoint.
fn is_repository(name: &str) -> bool {
    let is_component = |component: &str| {
        !component.is_empty()
            && component
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-".contains(&byte))
            && component.bytes().any(|byte| byte.is_ascii_alphanumeric())
    };
    name.len() <= 255 && name.split('/').all(is_component)
}

fn encode_form(fields: &[(&str, &str)]) -> String {
    let encode = |text: &str| -> String {
        text.bytes()
            .map(|byte| match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
                _ => format!("%{byte:02X}"),
            })
            .collect()
    };
    fields.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect::<Vec<_>>().join("&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_names_of_repositories_and_nothing_that_leads_elsewhere() {
        for name in ["busybox", "library/busybox", "a-b/c.d/e__f"] {
            assert!(is_repository(name), "{name}");
        }
        for name in ["", "a//b", "../x", "a/../b", "a/..", "A", "a b", "a?b", "a%2fb", "/a", "a/"] {
            assert!(!is_repository(name), "{name}");
        }
    }

    #[test]
    fn encodes_forms() {
        assert_eq!(
            encode_form(&[("scope", "repository:a/b:pull"), ("service", "x y")]),
            "scope=repository%3Aa%2Fb%3Apull&service=x%20y"
        );
    }
}
