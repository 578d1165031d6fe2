//! Where tokens stand in an exchange: in parameters of the protocol, and anywhere else where a JWT is written.

use serde::Serialize;

use super::read::looks_like_jwt;
use crate::record::parameter::ParameterPlace;
use crate::record::view::ExchangeView;

/// The most tokens that are opened of one exchange.
const MOST: usize = 12;
/// The most of one text that is searched, in bytes.
const MOST_SEARCHED: usize = 64 * 1024;

/// What a token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Use {
    /// An access token (RFC 9068).
    AccessToken,
    /// An ID token (OpenID Connect Core §2).
    IdToken,
    /// A refresh token (RFC 6749 §1.5).
    RefreshToken,
    /// A `DPoP` proof (RFC 9449 §4).
    DpopProof,
    /// Any other JWT.
    Jwt,
}

/// The request or the response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// It was sent with the request.
    Request,
    /// It came with the response, or with what the response redirects to.
    Response,
}

impl Side {
    /// The side on which this place is.
    pub(super) const fn of(place: ParameterPlace) -> Self {
        match place {
            ParameterPlace::RequestQuery
            | ParameterPlace::RequestHeader
            | ParameterPlace::RequestBody => Self::Request,
            ParameterPlace::RedirectQuery
            | ParameterPlace::RedirectFragment
            | ParameterPlace::ResponseBody => Self::Response,
        }
    }
}

/// A token where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// The parameter, the member or the header that holds it.
    pub(super) name: String,
    pub(super) place: ParameterPlace,
    pub(super) meant: Use,
    /// The token itself.
    pub(super) text: String,
}

/// The tokens of an exchange, each once a side, in the order in which they stand.
pub(super) fn tokens_of(exchange: &ExchangeView) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    let mut add = |one: Found| {
        let side = Side::of(one.place);
        let is_new = |known: &Found| known.text != one.text || Side::of(known.place) != side;
        if found.len() < MOST && found.iter().all(is_new) {
            found.push(one);
        }
    };
    for parameter in &exchange.parameters {
        let (name, place) = (&parameter.name, parameter.place);
        let made = |meant, text: &str| Found {
            name: name.clone(),
            place,
            meant,
            text: text.to_owned(),
        };
        match use_of(name) {
            Some(meant) if !parameter.value.is_empty() => add(made(meant, &parameter.value)),
            _ => written(&parameter.value).for_each(|text| add(made(Use::Jwt, text))),
        }
    }
    let sides = [
        (
            &exchange.request,
            ParameterPlace::RequestHeader,
            ParameterPlace::RequestBody,
        ),
        (
            &exchange.response,
            ParameterPlace::ResponseBody,
            ParameterPlace::ResponseBody,
        ),
    ];
    for (message, in_header, in_body) in sides {
        for header in &message.headers {
            let is_proof = header.name.eq_ignore_ascii_case("dpop");
            for text in written(&header.value) {
                add(Found {
                    name: header.name.clone(),
                    place: in_header,
                    meant: if is_proof { Use::DpopProof } else { Use::Jwt },
                    text: text.to_owned(),
                });
            }
        }
        for text in written(&message.body.text) {
            add(Found {
                name: String::new(),
                place: in_body,
                meant: Use::Jwt,
                text: text.to_owned(),
            });
        }
    }
    found
}

/// What a parameter of this name holds, if it holds a token.
fn use_of(name: &str) -> Option<Use> {
    Some(match name {
        "access_token" | "token" | "subject_token" | "actor_token" => Use::AccessToken,
        "id_token" | "id_token_hint" => Use::IdToken,
        "refresh_token" => Use::RefreshToken,
        _ => return None,
    })
}

/// The JWTs that are written in a text.
fn written(text: &str) -> impl Iterator<Item = &str> {
    let mut end = text.len().min(MOST_SEARCHED);
    while !text.is_char_boundary(end) {
        end = end.saturating_sub(1);
    }
    let of_token = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let words = text
        .get(..end)
        .unwrap_or_default()
        .split(move |c| !of_token(c));
    words.filter(|word| looks_like_jwt(word))
}
