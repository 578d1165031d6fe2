//! The `WWW-Authenticate` challenge of a protected resource, to write and to read: `Bearer` (RFC 6750 §3) or `DPoP`
//! (RFC 9449 §7.1), with what a stronger sign-in would need (RFC 9470 §3).
//!
//! May use nothing but the error codes.

use std::fmt;

use super::error::{ErrorCode, describe};

/// How a token is to be presented.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ChallengeScheme {
    /// RFC 6750 §2.1.
    #[default]
    Bearer,
    /// RFC 9449 §7.1.
    Dpop,
}

impl ChallengeScheme {
    /// As it stands on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Bearer => "Bearer",
            Self::Dpop => "DPoP",
        }
    }
}

/// `WWW-Authenticate: Bearer …` or `DPoP …`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Challenge {
    /// How a token is to be presented.
    pub scheme: ChallengeScheme,
    /// The protection realm.
    pub realm: String,
    /// The code; absent when no token came (RFC 6750 §3.1: "SHOULD NOT include an error code").
    pub error: Option<ErrorCode>,
    /// A sentence for the developer.
    pub error_description: Option<String>,
    /// The scope that would be needed.
    pub scope: Option<String>,
    /// How the person would have to sign in (RFC 9470 §3), the preferred way first, separated by spaces.
    pub acr_values: Option<String>,
    /// How long ago they may have signed in, in seconds (RFC 9470 §3).
    pub max_age: Option<u32>,
    /// How proofs may be signed (RFC 9449 §7.1), separated by spaces.
    pub algs: Option<String>,
    /// Where the resource describes itself (RFC 9728 §5.1).
    pub resource_metadata: Option<String>,
}

impl fmt::Display for Challenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = self.scheme.as_str();
        write!(f, "{scheme} realm=\"{}\"", describe(&self.realm))?;
        let error = self.error.map(|error| error.as_str().to_owned());
        let max_age = self.max_age.map(|seconds| seconds.to_string());
        let members = [
            ("error", &error),
            ("error_description", &self.error_description),
            ("scope", &self.scope),
            ("acr_values", &self.acr_values),
            ("max_age", &max_age),
            ("algs", &self.algs),
            ("resource_metadata", &self.resource_metadata),
        ];
        for (name, value) in members {
            if let Some(value) = value {
                write!(f, ", {name}=\"{}\"", describe(value))?;
            }
        }
        Ok(())
    }
}

impl Challenge {
    /// The parameters of a `Bearer` or `DPoP` challenge as name and value, in order; empty for another scheme.
    /// Quoted strings are unquoted (RFC 9110 §11.2).
    #[must_use]
    pub fn read(header: &str) -> Vec<(String, String)> {
        let Some((scheme, mut rest)) = header.trim().split_once(' ') else {
            return Vec::new();
        };
        let mut parameters = Vec::new();
        let known = ["bearer", "dpop"];
        if !known.iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
            return parameters;
        }
        while let Some((name, after)) = rest.split_once('=') {
            let name = name.trim_start_matches([',', ' ', '\t']).trim_end();
            if !is_token(name) {
                // Another challenge, or none of its parameters.
                break;
            }
            let (value, after) = if let Some(quoted) = after.trim_start().strip_prefix('"') {
                unquoted(quoted)
            } else {
                let (value, after) = after.split_once(',').unwrap_or((after, ""));
                (value.trim().to_owned(), after)
            };
            parameters.push((name.to_owned(), value));
            rest = after;
        }
        parameters
    }
}

/// RFC 9110 §5.6.2.
fn is_token(text: &str) -> bool {
    let of_tokens = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    !text.is_empty() && text.bytes().all(of_tokens)
}

/// What a quoted string says, and what follows it (RFC 9110 §5.6.4); `text` begins after its first quote. One that does
/// not end says everything.
fn unquoted(text: &str) -> (String, &str) {
    let mut said = String::new();
    let mut rest = text.chars();
    while let Some(character) = rest.next() {
        match character {
            '"' => return (said, rest.as_str()),
            '\\' => said.extend(rest.next()),
            other => said.push(other),
        }
    }
    (said, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_challenge_reads_back() {
        let challenge = Challenge {
            realm: "provider".to_owned(),
            error: Some(ErrorCode::InsufficientScope),
            scope: Some("photos:read".to_owned()),
            ..Challenge::default()
        };
        let text = challenge.to_string();
        assert_eq!(
            text,
            "Bearer realm=\"provider\", error=\"insufficient_scope\", scope=\"photos:read\""
        );
        assert_eq!(
            Challenge::read(&text)[1],
            ("error".to_owned(), "insufficient_scope".to_owned())
        );
        let read = Challenge::read(
            r#"Bearer error_description=" a \", error=\"b", error = c , DPoP x="y""#,
        );
        let read: Vec<_> = read.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let said = [("error_description", " a \", error=\"b"), ("error", "c")];
        assert_eq!(read, said);
        let step_up = Challenge {
            scheme: ChallengeScheme::Dpop,
            realm: "provider".to_owned(),
            error: Some(ErrorCode::InsufficientUserAuthentication),
            max_age: Some(60),
            algs: Some("ES256 PS256".to_owned()),
            ..Challenge::default()
        };
        let text = step_up.to_string();
        assert!(text.starts_with("DPoP realm="), "{text}");
        let read = Challenge::read(&text);
        assert!(read.contains(&("max_age".to_owned(), "60".to_owned())));
        assert!(read.contains(&("algs".to_owned(), "ES256 PS256".to_owned())));
    }
}
