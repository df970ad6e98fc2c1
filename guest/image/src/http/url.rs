//! The part of URLs that a registry client needs.

use std::fmt;

/// Longest URL; object stores sign theirs with a few kilobytes.
const URL_BYTES_MAX: usize = 16 * 1024;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Url {
    pub https: bool,
    /// Without the brackets of an IPv6 address.
    pub host: String,
    pub port: u16,
    /// Path and query, beginning with a slash.
    pub path: String,
}

impl Url {
    /// From "registry.example:5000", a registry as references name it.
    pub fn of_registry(registry: &str, plain_http: bool) -> Option<Self> {
        // Docker Hub's name in references is not where it is served.
        let registry =
            if registry == "docker.io" || registry == "index.docker.io" { "registry-1.docker.io" } else { registry };
        Self::parse(&format!("{}://{registry}/", if plain_http { "http" } else { "https" }))
    }

    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > URL_BYTES_MAX || text.bytes().any(|byte| byte <= b' ' || byte >= 0x7f) {
            return None;
        }
        let (scheme, rest) = text.split_once("://")?;
        let https = match scheme.to_ascii_lowercase().as_str() {
            "https" => true,
            "http" => false,
            _ => return None,
        };
        let authority_end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(authority_end);
        let (host, port) = split_authority(authority)?;
        let port = match port {
            Some(port) => port,
            None if https => 443,
            None => 80,
        };
        let path = path.split('#').next().unwrap_or_default();
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        Some(Self { https, host: host.to_ascii_lowercase(), port, path })
    }

    /// Where a Location header leads from here.
    pub fn join(&self, location: &str) -> Option<Self> {
        if location.contains("://") {
            return Self::parse(location);
        }
        let scheme = if self.https { "https" } else { "http" };
        if let Some(authority) = location.strip_prefix("//") {
            return Self::parse(&format!("{scheme}://{authority}"));
        }
        let path = if location.starts_with('/') {
            location.to_owned()
        } else {
            let directory = self
                .path
                .split('?')
                .next()
                .and_then(|path| path.rsplit_once('/'))
                .map_or("", |(directory, _)| directory);
            format!("{directory}/{location}")
        };
        Self::parse(&format!("{scheme}://{}{path}", self.authority()))
    }

    #[must_use]
    pub fn with_path(&self, path: String) -> Self {
        Self { path, ..self.clone() }
    }

    pub fn is_same_origin(&self, other: &Self) -> bool {
        self.https == other.https && self.host == other.host && self.port == other.port
    }

    /// For the Host header: the port only where it is not the scheme's own.
    pub fn authority(&self) -> String {
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        let usual = if self.https { 443 } else { 80 };
        if self.port == usual { host } else { format!("{host}:{}", self.port) }
    }
}

/// Without path and query, which may carry signatures.
impl fmt::Display for Url {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}://{}", if self.https { "https" } else { "http" }, self.authority())
    }
}

fn split_authority(authority: &str) -> Option<(&str, Option<u16>)> {
    let (host, port) = if let Some(rest) = authority.strip_prefix('[') {
        let (host, rest) = rest.split_once(']')?;
        (host, rest.strip_prefix(':').or(if rest.is_empty() { Some("") } else { None })?)
    } else {
        authority.split_once(':').unwrap_or((authority, ""))
    };
    // User names in URLs are not for us, and nothing else odd either.
    let is_plain = |character: char| character.is_ascii_alphanumeric() || matches!(character, '.' | '-' | '_' | ':');
    if host.is_empty() || !host.chars().all(is_plain) {
        return None;
    }
    if port.is_empty() {
        Some((host, None))
    } else {
        port.parse().ok().filter(|port| *port != 0).map(|port| (host, Some(port)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_registries_as_references_name_them() {
        let url = Url::of_registry("127.0.0.1:5000", true).unwrap();
        assert_eq!(
            (url.https, url.host.as_str(), url.port, url.authority().as_str()),
            (false, "127.0.0.1", 5000, "127.0.0.1:5000")
        );
        assert_eq!(Url::of_registry("docker.io", false).unwrap().host, "registry-1.docker.io");
        assert_eq!(Url::of_registry("[::1]:5000", false).unwrap().authority(), "[::1]:5000");
    }

    #[test]
    fn follows_every_form_of_location() {
        let base = Url::parse("https://a.example/v2/x/blobs/1?y=1").unwrap();
        for (location, expected) in [
            ("https://b.example:444/z?s=1", ("b.example", 444, "/z?s=1")),
            ("//b.example/z", ("b.example", 443, "/z")),
            ("/z", ("a.example", 443, "/z")),
            ("2", ("a.example", 443, "/v2/x/blobs/2")),
        ] {
            let url = base.join(location).unwrap();
            assert_eq!((url.host.as_str(), url.port, url.path.as_str()), expected);
        }
    }

    #[test]
    fn refuses_what_is_not_a_plain_url() {
        for text in [
            "ftp://a/",
            "https://",
            "https://user:secret@a/",
            "https://a:0/",
            "https://a:99999/",
            "https://a/ b",
            "https://a\r\nX: y/",
            "https://[::1/",
        ] {
            assert_eq!(Url::parse(text), None, "{text}");
        }
    }
}
