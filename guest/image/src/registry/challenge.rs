//! What a registry wants to see before it answers (WWW-Authenticate, RFC 9110 section 11).

use std::collections::HashMap;

#[derive(Debug, PartialEq, Eq)]
pub enum Challenge {
    Basic,
    Bearer { realm: String, service: Option<String>, scope: Option<String> },
}

/// Longest header that is looked at.
const CHALLENGE_BYTES_MAX: usize = 8 * 1024;

impl Challenge {
    /// The best of one header's challenges: Bearer before Basic.
    pub fn parse(header: &str) -> Option<Self> {
        let header = header.get(..CHALLENGE_BYTES_MAX.min(header.len()))?;
        let (scheme, rest) = header.trim().split_once(' ').unwrap_or((header.trim(), ""));
        if scheme.eq_ignore_ascii_case("basic") {
            return Some(Self::Basic);
        }
        if !scheme.eq_ignore_ascii_case("bearer") {
            return None;
        }
        let mut parameters = parse_parameters(rest);
        Some(Self::Bearer {
            realm: parameters.remove("realm")?,
            service: parameters.remove("service"),
            scope: parameters.remove("scope"),
        })
    }
}

fn parse_parameters(text: &str) -> HashMap<String, String> {
    let mut parameters = HashMap::new();
    let mut rest = text.trim_start();
    while let Some((name, after)) = rest.split_once('=') {
        let (value, after) =
            if let Some(quoted) = after.strip_prefix('"') { split_quoted(quoted) } else { split_token(after) };
        parameters.entry(name.trim().to_ascii_lowercase()).or_insert(value);
        rest = after.trim_start_matches([',', ' ', '\t']);
    }
    parameters
}

fn split_quoted(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut characters = text.char_indices();
    while let Some((index, character)) = characters.next() {
        match character {
            '"' => return (value, &text[index + 1..]),
            '\\' => value.extend(characters.next().map(|(_, escaped)| escaped)),
            other => value.push(other),
        }
    }
    (value, "")
}

fn split_token(text: &str) -> (String, &str) {
    let end = text.find([',', ' ']).unwrap_or(text.len());
    (text[..end].to_owned(), &text[end..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_usual_bearer_challenge() {
        let header =
            r#"Bearer realm="https://auth.example/token",service="registry.example",scope="repository:a/b:pull,push""#;
        assert_eq!(
            Challenge::parse(header),
            Some(Challenge::Bearer {
                realm: "https://auth.example/token".into(),
                service: Some("registry.example".into()),
                scope: Some("repository:a/b:pull,push".into()),
            })
        );
    }

    #[test]
    fn reads_basic_and_refuses_the_unknown() {
        assert_eq!(Challenge::parse("Basic realm=\"x\""), Some(Challenge::Basic));
        for header in ["", "Digest realm=\"x\"", "Bearer service=\"x\"", "Bearer", "Bearer realm"] {
            assert_eq!(Challenge::parse(header), None, "{header}");
        }
    }

    #[test]
    fn survives_broken_quoting() {
        assert_eq!(
            Challenge::parse(r#"Bearer realm="a\"b, service=c"#),
            Some(Challenge::Bearer { realm: "a\"b, service=c".into(), service: None, scope: None })
        );
    }
}
