//! The `WWW-Authenticate` challenge of a bearer-protected resource (RFC 6750 §3), to write and to read.
//!
//! May use nothing but the error codes.

use std::fmt;

use super::error::{ErrorCode, describe};

/// `WWW-Authenticate: Bearer …`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Challenge {
    /// The protection realm.
    pub realm: String,
    /// The code; absent when no token came (RFC 6750 §3.1: "SHOULD NOT include an error code").
    pub error: Option<ErrorCode>,
    /// A sentence for the developer.
    pub error_description: Option<String>,
    /// The scope that would be needed.
    pub scope: Option<String>,
    /// Where the resource describes itself (RFC 9728 §5.1).
    pub resource_metadata: Option<String>,
}

impl fmt::Display for Challenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Bearer realm=\"{}\"", describe(&self.realm))?;
        let error = self.error.map(|error| error.as_str().to_owned());
        let members = [
            ("error", &error),
            ("error_description", &self.error_description),
            ("scope", &self.scope),
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
    /// The parameters of a `Bearer` challenge as name and value, in order; empty for another scheme.
    /// Quoted strings are unquoted (RFC 9110 §11.2).
    #[must_use]
    pub fn read(header: &str) -> Vec<(String, String)> {
        let Some((scheme, mut rest)) = header.trim().split_once(' ') else {
            return Vec::new();
        };
        let mut parameters = Vec::new();
        if !scheme.eq_ignore_ascii_case("bearer") {
            return parameters;
        }
        while let Some((name, after)) = rest.split_once('=') {
            let name = name.trim().trim_start_matches(',').trim().to_owned();
            let (value, after) = match after.strip_prefix('"') {
                Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
                None => after.split_once(',').unwrap_or((after, "")),
            };
            parameters.push((name, value.trim().to_owned()));
            rest = after;
        }
        parameters
    }
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
    }
}
