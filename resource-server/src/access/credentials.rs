//! Where the token stands in a request: in one `Authorization` header, as `Bearer` (RFC 6750 §2.1) or as `DPoP`
//! (RFC 9449 §7.1), and nowhere else.
//!
//! May use actix-web. Tokens in the query are refused, not ignored, so that a client learns of its mistake
//! (RFC 9700 §4.3.2); a token in a form body is not read, as no endpoint here takes forms.

use actix_web::HttpRequest;
use actix_web::http::header;
use shared::flow::catalog as check;
use shared::oauth::{AccessToken as Token, ChallengeScheme};
use shared::observe::Observation;

use super::error::AccessError;

/// The longest token that is read, in bytes.
const MAX_TOKEN: usize = 8 * 1024;

/// What a request carries, before it is judged.
#[derive(Debug)]
pub(super) struct Presented {
    headers: usize,
    in_query: bool,
    /// Scheme and token of the header; `None` for another scheme.
    credentials: Option<(ChallengeScheme, String)>,
}

impl Presented {
    /// Looks at a request.
    pub(super) fn of(request: &HttpRequest) -> Self {
        let mut headers = request.headers().get_all(header::AUTHORIZATION);
        let credentials = headers
            .next()
            .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
            .and_then(|value| {
                let (scheme, rest) = value.split_once(' ').unwrap_or((&value, ""));
                // RFC 9110 §11.1: the scheme is case-insensitive; 1*SP may follow it.
                let scheme = [ChallengeScheme::Bearer, ChallengeScheme::Dpop]
                    .into_iter()
                    .find(|known| scheme.eq_ignore_ascii_case(known.as_str()))?;
                Some((scheme, rest.trim_start_matches(' ').to_owned()))
            });
        let in_query = url::form_urlencoded::parse(request.query_string().as_bytes())
            .any(|(name, _)| name == "access_token");
        Self {
            headers: request.headers().get_all(header::AUTHORIZATION).count(),
            in_query,
            credentials,
        }
    }

    /// Whether the token, if there is one, has the shape of a JWT.
    pub(super) fn is_jwt(&self) -> bool {
        self.credentials
            .as_ref()
            .is_none_or(|(_, token)| token.is_empty() || token.contains('.'))
    }

    /// How the token is presented.
    pub(super) fn scheme(&self) -> ChallengeScheme {
        let credentials = self.credentials.as_ref();
        credentials.map_or(ChallengeScheme::Bearer, |(scheme, _)| *scheme)
    }

    /// The one token, if it came as it should.
    pub(super) fn token(self, observation: &Observation) -> Result<Token, AccessError> {
        let ways = self.headers + usize::from(self.in_query);
        observation
            .require(
                &check::TOKEN_SINGLE_METHOD,
                ways <= 1,
                "one way",
                format_args!("{ways}"),
            )
            .or(AccessError::TwoMethods)?;
        observation
            .require(
                &check::TOKEN_NOT_IN_QUERY,
                !self.in_query,
                "no access_token in the URL",
                if self.in_query {
                    "access_token in the URL"
                } else {
                    "none"
                },
            )
            .or(AccessError::InQuery)?;
        let (_, token) = observation
            .require_some(
                &check::TOKEN_PRESENT,
                self.credentials,
                "Authorization: Bearer … or DPoP …",
                if self.headers == 0 {
                    "no Authorization header"
                } else {
                    "an Authorization header"
                },
            )
            .ok_or(AccessError::Missing)?;
        observation
            .require(
                &check::TOKEN_WELL_FORMED,
                is_b64token(&token),
                format_args!("b64token of at most {MAX_TOKEN} characters"),
                format_args!("{} characters", token.len()),
            )
            .or(AccessError::Malformed)?;
        Ok(Token::from_text(token))
    }
}

/// `1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="` (RFC 6750 §2.1).
fn is_b64token(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    !body.is_empty()
        && text.len() <= MAX_TOKEN
        && body
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-._~+/".contains(&b))
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn judge(uri: &str, headers: &[&str]) -> (Result<String, AccessError>, Option<String>) {
        let mut request = TestRequest::with_uri(uri);
        for header in headers {
            request = request.append_header((header::AUTHORIZATION, *header));
        }
        let observation = Observation::nowhere();
        let token = Presented::of(&request.to_http_request()).token(&observation);
        let failed = observation.failed_check().map(|check| check.id);
        (token.map(|token| token.expose().to_owned()), failed)
    }

    #[::core::prelude::v1::test]
    fn the_scheme_is_case_insensitive() {
        for header in ["Bearer abc.def", "bearer abc.def", "BEARER   abc.def"] {
            assert_eq!(judge("/photos", &[header]).0.unwrap(), "abc.def");
        }
    }

    #[::core::prelude::v1::test]
    fn each_wrong_way_fails_its_own_check() {
        let query = "/photos?x=1&access_token=abc";
        for (uri, headers, id) in [
            ("/photos", &[][..], "token.present"),
            ("/photos", &["Basic d2ViOg=="], "token.present"),
            ("/photos", &["Bearer"], "token.well_formed"),
            ("/photos", &["Bearer "], "token.well_formed"),
            ("/photos", &["Bearer a b"], "token.well_formed"),
            ("/photos", &["Bearer \"abc\""], "token.well_formed"),
            (
                "/photos",
                &["Bearer abc", "Bearer abc"],
                "token.single_method",
            ),
            (query, &["Bearer abc"], "token.single_method"),
            (query, &[], "token.not_in_query"),
        ] {
            let (token, failed) = judge(uri, headers);
            assert!(token.is_err(), "{uri} {headers:?}");
            assert_eq!(failed.as_deref(), Some(id), "{uri} {headers:?}");
        }
    }
}
