//! The tokens of one exchange, wherever they stand, decoded in place and verified step by step.
//!
//! | file | what is in it |
//! |---|---|
//! | `find` | where tokens stand in an exchange |
//! | `read` | a token taken apart, whatever is wrong with it |
//! | `verify` | the checklist: from its three parts to its time |
//! | `view` | a token as the page shows it |
//! | `json` | `GET {base}/api/exchanges/{id}/tokens` |
//!
//! Uses `jwt` and `keys` for the signature (RFC 7515, RFC 7519). A token is hostile text: everything is bounded, and
//! nothing that is wrong with one may keep the page from being shown.

mod find;
mod json;
mod proof;
mod read;
mod verify;
mod view;

pub(crate) use find::Side;
pub(crate) use json::tokens;
pub(crate) use view::TokenCard;

use jsonwebtoken::jwk::Jwk;
use shared::flow::Check;
use shared::page::Frame;
use shared::realm::RealmName;

use crate::jwt::Jwt;
use crate::record::parameter::ParameterPlace;
use crate::record::view::{ExchangeView, FlowView};
use crate::state::AppState;
use find::Found;
use read::Read;
use verify::{Against, Verdict};

/// A token of an exchange, taken apart and verified.
pub(crate) struct Opened {
    found: Found,
    read: Read,
    verdict: Verdict,
    checks: Vec<Check>,
}

/// All tokens of `exchange`, which is part of `flow`: taken apart, and verified as of the moment of the exchange.
pub(crate) async fn open(
    state: &AppState,
    realm: &RealmName,
    flow: Option<&FlowView>,
    exchange: &ExchangeView,
) -> Vec<Opened> {
    let issuer = state.addresses.issuer(realm);
    let resource = state.addresses.resource(realm);
    let mut opened = Vec::new();
    for found in find::tokens_of(exchange) {
        let read = Read::of(&found.text);
        let jwt = read.jwt();
        let ours = jwt.as_ref().filter(|jwt| jwt.text("iss") == Some(&issuer));
        let keys = match ours {
            Some(jwt) => published(state, &issuer, jwt).await,
            None => None,
        };
        let against = Against {
            issuer: &issuer,
            resource: &resource,
            client_id: flow.and_then(|flow| flow.summary.client_id.as_deref()),
            nonce: flow.and_then(nonce_of).filter(|_| !refreshes(exchange)),
            access_token: beside(exchange, found.place),
            now: exchange.realm_time,
        };
        let (verdict, checks) = verify::verify(&found, &read, keys.as_deref(), &against);
        opened.push(Opened {
            found,
            read,
            verdict,
            checks,
        });
    }
    opened
}

impl Opened {
    /// The token as the page shows it, at `now` (realm time, seconds).
    pub(crate) fn card(
        &self,
        frame: &Frame,
        at: usize,
        exchange: &ExchangeView,
        now: i64,
    ) -> TokenCard {
        TokenCard::new(frame, self, (at, exchange.realm_time, now))
    }

    /// Whether it stands in the request or in the response.
    pub(crate) fn side(&self) -> Side {
        Side::of(self.found.place)
    }
}

async fn published(state: &AppState, issuer: &str, jwt: &Jwt) -> Option<Vec<Jwk>> {
    let keys = state.keys.published(&state.http, issuer, jwt).await;
    keys.ok()
}

/// The nonce that the flow's authorization request sent, if it sent one.
fn nonce_of(flow: &FlowView) -> Option<&str> {
    let mut parameters = flow.exchanges.iter().flat_map(|made| &made.parameters);
    let sent = parameters.find(|parameter| {
        parameter.name == "nonce" && parameter.place == ParameterPlace::RequestQuery
    });
    sent.map(|parameter| parameter.value.as_str())
}

/// Whether the exchange refreshes: that asks nothing that could be replayed, so its ID token may leave the nonce out
/// (OpenID Connect Core §12.2).
fn refreshes(exchange: &ExchangeView) -> bool {
    let mut parameters = exchange.parameters.iter();
    parameters.any(|parameter| parameter.name == "grant_type" && parameter.value == "refresh_token")
}

/// The access token that stands at the same place.
fn beside(exchange: &ExchangeView, place: ParameterPlace) -> Option<&str> {
    let mut parameters = exchange.parameters.iter();
    let found =
        parameters.find(|parameter| parameter.name == "access_token" && parameter.place == place);
    found.map(|parameter| parameter.value.as_str())
}

#[cfg(test)]
mod tests;
