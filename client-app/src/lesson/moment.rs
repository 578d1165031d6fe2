//! Moments: the exchanges of a flow that a lesson points at, each found by what it carried, never by its place.
//!
//! A predicate over [`ExchangeView`], so that a stranger's flow is read as well as our own client's
//! (RFC 6749 §4.1 to §6, RFC 7636).

use shared::flow::{Kind, Outcome, Party};

use crate::record::parameter::ParameterPlace;
use crate::record::view::ExchangeView;

/// One moment: its name in the language files, and how its exchange is recognised.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    /// `lesson-{lesson}-see-{name}` tells what is to be seen there.
    pub(super) name: &'static str,
    /// Whether an exchange is this moment.
    pub(super) is: fn(&ExchangeView) -> bool,
}

/// A moment of this name.
pub(super) const fn moment(name: &'static str, is: fn(&ExchangeView) -> bool) -> Moment {
    Moment { name, is }
}

use ParameterPlace::{
    RedirectFragment, RedirectQuery, RequestBody, RequestHeader, RequestQuery, ResponseBody,
};

fn value<'e>(exchange: &'e ExchangeView, name: &str, places: &[ParameterPlace]) -> Option<&'e str> {
    let mut all = exchange.parameters.iter();
    let found = all.find(|one| one.name == name && places.contains(&one.place));
    found.map(|one| one.value.as_str())
}

fn has(exchange: &ExchangeView, name: &str, places: &[ParameterPlace]) -> bool {
    value(exchange, name, places).is_some()
}

fn answered_well(exchange: &ExchangeView) -> bool {
    exchange
        .status
        .is_some_and(|status| (200..300).contains(&status))
}

fn outcome(exchange: &ExchangeView, check: impl Fn(&str) -> bool, outcome: Outcome) -> bool {
    let mut checks = exchange.checks.iter();
    checks.any(|one| check(&one.id) && one.outcome == outcome)
}

/// The authorization request as the auth server got it (RFC 6749 §4.1.1).
pub(super) fn asks(exchange: &ExchangeView) -> bool {
    exchange.to == Party::AuthServer
        && exchange.path == "/authorize"
        && has(exchange, "client_id", &[RequestQuery, RequestBody])
}

/// The request is pushed, server to server (RFC 9126 §2.1).
pub(super) fn pushes(exchange: &ExchangeView) -> bool {
    exchange.to == Party::AuthServer && exchange.path == "/par"
}

/// The browser refers to a pushed request (RFC 9126 §4).
pub(super) fn refers(exchange: &ExchangeView) -> bool {
    asks(exchange) && has(exchange, "request_uri", &[RequestQuery, RequestBody])
}

/// The request is for a code and an ID token at once (OpenID Connect Core §3.3.2.1).
pub(super) fn asks_for_hybrid(exchange: &ExchangeView) -> bool {
    let asked = value(exchange, "response_type", &[RequestQuery, RequestBody]);
    let has_both = |asked: &str| {
        let mut words = asked
            .split(' ')
            .filter(|word| ["code", "id_token"].contains(word));
        words.next().is_some() && words.next().is_some()
    };
    asks(exchange) && asked.is_some_and(has_both)
}

/// Code and ID token arrive at the client together (OpenID Connect Core §3.3.2.5).
pub(super) fn hybrid_arrives(exchange: &ExchangeView) -> bool {
    let places = &[RequestQuery, RequestBody];
    exchange.to != Party::AuthServer
        && has(exchange, "code", places)
        && has(exchange, "id_token", places)
}

/// The ID token vouches for the code beside it (OpenID Connect Core §3.3.2.11).
pub(super) fn code_hash_fits(exchange: &ExchangeView) -> bool {
    outcome(exchange, |id| id == "id_token.c_hash", Outcome::Passed)
}

/// The request names the key with which the code will be redeemed (RFC 9449 §10).
pub(super) fn names_a_key(exchange: &ExchangeView) -> bool {
    (asks(exchange) || pushes(exchange)) && has(exchange, "dpop_jkt", &[RequestQuery, RequestBody])
}

/// The client proves its key where it gets tokens (RFC 9449 §5).
pub(super) fn key_is_proven(exchange: &ExchangeView) -> bool {
    exchange.path == "/token" && outcome(exchange, |id| id == "dpop.signature", Outcome::Passed)
}

/// The API accepts a token with its key (RFC 9449 §7.1).
pub(super) fn bound_token_opens(exchange: &ExchangeView) -> bool {
    exchange.to == Party::ResourceServer
        && outcome(exchange, |id| id == "dpop.token_hash", Outcome::Passed)
}

/// The API refuses a token that came without its key (RFC 9449 §7.2).
pub(super) fn stolen_token_is_refused(exchange: &ExchangeView) -> bool {
    let of_key = ["token.scheme", "token.key", "dpop.present"];
    exchange.to == Party::ResourceServer
        && outcome(exchange, |id| of_key.contains(&id), Outcome::Failed)
}

/// A token is handed to a back end behind the client.
pub(super) fn token_is_handed_over(exchange: &ExchangeView) -> bool {
    exchange.to == Party::ClientApp && has(exchange, "access_token", &[RequestHeader])
}

/// A token is exchanged for another (RFC 8693 §2.1).
pub(super) fn token_is_exchanged(exchange: &ExchangeView) -> bool {
    is_token_request(exchange, "urn:ietf:params:oauth:grant-type:token-exchange")
}

/// The client asks for what the API demanded (RFC 9470 §4).
pub(super) fn asks_for_new_sign_in(exchange: &ExchangeView) -> bool {
    let demanded = ["max_age", "acr_values"];
    asks(exchange)
        && demanded
            .iter()
            .any(|name| has(exchange, name, &[RequestQuery, RequestBody]))
}

/// The API accepts the sign-in behind a token (RFC 9470 §3).
pub(super) fn sign_in_is_recent_enough(exchange: &ExchangeView) -> bool {
    exchange.to == Party::ResourceServer
        && outcome(
            exchange,
            |id| id == "authentication.sufficient",
            Outcome::Passed,
        )
}

/// The same, with a scope (RFC 6749 §3.3).
pub(super) fn asks_for_scope(exchange: &ExchangeView) -> bool {
    asks(exchange) && has(exchange, "scope", &[RequestQuery, RequestBody])
}

/// The same, with a `state` (RFC 6749 §10.12).
pub(super) fn asks_with_state(exchange: &ExchangeView) -> bool {
    asks(exchange) && has(exchange, "state", &[RequestQuery, RequestBody])
}

/// The same, with a code challenge (RFC 7636 §4.3).
pub(super) fn asks_with_challenge(exchange: &ExchangeView) -> bool {
    asks(exchange) && has(exchange, "code_challenge", &[RequestQuery, RequestBody])
}

/// The person signs in at the auth server.
pub(super) fn signs_in(exchange: &ExchangeView) -> bool {
    exchange.to == Party::AuthServer && exchange.path == "/login" && exchange.method == "POST"
}

/// The person says yes or no (RFC 6749 §4.1.1).
pub(super) fn decides(exchange: &ExchangeView) -> bool {
    exchange.to == Party::AuthServer && exchange.path == "/consent" && exchange.method == "POST"
}

/// The answer of the auth server that sends the browser back with a code (RFC 6749 §4.1.2).
pub(super) fn code_is_given(exchange: &ExchangeView) -> bool {
    exchange.to == Party::AuthServer && has(exchange, "code", &[RedirectQuery])
}

/// The browser brings the code to the client (RFC 6749 §4.1.2).
pub(super) fn code_arrives(exchange: &ExchangeView) -> bool {
    exchange.to != Party::AuthServer
        && exchange.to != Party::ResourceServer
        && has(exchange, "code", &[RequestQuery])
}

/// The client verified `state` and `iss` (RFC 9207 §2.4).
pub(super) fn state_is_checked(exchange: &ExchangeView) -> bool {
    let reached = [Outcome::Passed, Outcome::Failed];
    reached
        .into_iter()
        .any(|wanted| outcome(exchange, |id| id == "state.matches", wanted))
}

fn is_token_request(exchange: &ExchangeView, grant: &str) -> bool {
    exchange.to == Party::AuthServer
        && exchange.path == "/token"
        && value(exchange, "grant_type", &[RequestBody]) == Some(grant)
}

/// The code is traded (RFC 6749 §4.1.3).
pub(super) fn code_is_traded(exchange: &ExchangeView) -> bool {
    is_token_request(exchange, "authorization_code")
}

/// The same, with the verifier (RFC 7636 §4.5).
pub(super) fn verifier_is_shown(exchange: &ExchangeView) -> bool {
    code_is_traded(exchange) && has(exchange, "code_verifier", &[RequestBody])
}

/// A check of PKCE said no (RFC 7636 §4.6, RFC 9700 §2.1.1).
pub(super) fn pkce_refused(exchange: &ExchangeView) -> bool {
    outcome(exchange, |id| id.starts_with("pkce."), Outcome::Failed)
}

/// The client takes the person's password in a form of its own.
pub(super) fn password_is_typed(exchange: &ExchangeView) -> bool {
    exchange.to != Party::AuthServer && has(exchange, "password", &[RequestBody])
}

/// The password is traded for tokens (RFC 6749 §4.3.2).
pub(super) fn password_is_traded(exchange: &ExchangeView) -> bool {
    is_token_request(exchange, "password")
}

/// The client asks for itself (RFC 6749 §4.4.2).
pub(super) fn client_asks_for_itself(exchange: &ExchangeView) -> bool {
    is_token_request(exchange, "client_credentials")
}

/// The client asks by an assertion of its own (RFC 7523 §2.1).
pub(super) fn asks_by_assertion(exchange: &ExchangeView) -> bool {
    is_token_request(exchange, "urn:ietf:params:oauth:grant-type:jwt-bearer")
}

/// The auth server fetches the client's public keys (RFC 7591 §2 `jwks_uri`).
pub(super) fn client_keys_are_fetched(exchange: &ExchangeView) -> bool {
    exchange.from == Party::AuthServer && exchange.path == "/jwks"
}

/// The provider has agreed that this client asks for this person (RFC 7523 §3 (2)).
pub(super) fn subject_is_agreed(exchange: &ExchangeView) -> bool {
    outcome(exchange, |id| id == "assertion.subject", Outcome::Passed)
}

/// A device asks for its codes (RFC 8628 §3.1).
pub(super) fn device_asks(exchange: &ExchangeView) -> bool {
    exchange.to == Party::AuthServer && exchange.path == "/device_authorization"
}

fn is_poll(exchange: &ExchangeView) -> bool {
    is_token_request(exchange, "urn:ietf:params:oauth:grant-type:device_code")
}

/// A device polls, and nobody has decided (RFC 8628 §3.5).
pub(super) fn device_waits(exchange: &ExchangeView) -> bool {
    is_poll(exchange) && !answered_well(exchange)
}

/// A person types the code (RFC 8628 §3.3).
pub(super) fn user_code_is_entered(exchange: &ExchangeView) -> bool {
    exchange.to == Party::AuthServer && exchange.path == "/device" && exchange.method == "POST"
}

/// The person says yes or no (RFC 8628 §5.4).
pub(super) fn device_is_confirmed(exchange: &ExchangeView) -> bool {
    exchange.to == Party::AuthServer
        && exchange.path == "/device/confirm"
        && exchange.method == "POST"
}

/// The device's poll brings tokens (RFC 8628 §3.5).
pub(super) fn device_code_is_traded(exchange: &ExchangeView) -> bool {
    is_poll(exchange) && answered_well(exchange)
}

/// The token stands in the fragment of a redirect (RFC 6749 §4.2.2).
pub(super) fn token_in_fragment(exchange: &ExchangeView) -> bool {
    exchange.to == Party::AuthServer && has(exchange, "access_token", &[RedirectFragment])
}

/// A script read the fragment: nothing of it was sent to any server.
pub(super) fn fragment_is_read(exchange: &ExchangeView) -> bool {
    exchange.kind == Kind::InBrowser
}

/// Tokens come with a refresh token, for the first time (RFC 6749 §5.1).
pub(super) fn refresh_token_is_given(exchange: &ExchangeView) -> bool {
    exchange.path == "/token"
        && !is_token_request(exchange, "refresh_token")
        && has(exchange, "refresh_token", &[ResponseBody])
}

/// A refresh token is traded, and another comes (RFC 6749 §6, RFC 9700 §4.14.2).
pub(super) fn refreshes(exchange: &ExchangeView) -> bool {
    is_token_request(exchange, "refresh_token") && answered_well(exchange)
}

/// A refresh token that was spent before is refused (RFC 9700 §4.14.2).
pub(super) fn reuse_is_refused(exchange: &ExchangeView) -> bool {
    is_token_request(exchange, "refresh_token") && !answered_well(exchange)
}

/// An access token is given in a token response (RFC 6749 §5.1).
pub(super) fn token_is_given(exchange: &ExchangeView) -> bool {
    exchange.path == "/token" && has(exchange, "access_token", &[ResponseBody])
}

/// The token response says which scope was granted (RFC 6749 §3.3).
pub(super) fn scope_is_granted(exchange: &ExchangeView) -> bool {
    exchange.path == "/token" && has(exchange, "scope", &[ResponseBody])
}

/// The API is called with an access token (RFC 6750 §2.1).
pub(super) fn api_is_called(exchange: &ExchangeView) -> bool {
    exchange.to == Party::ResourceServer && has(exchange, "access_token", &[RequestHeader])
}

/// The API is called by a script in the browser.
pub(super) fn browser_calls_api(exchange: &ExchangeView) -> bool {
    api_is_called(exchange) && exchange.from == Party::Browser
}

/// The API compares what the token allows with what is asked (RFC 6750 §3.1).
pub(super) fn scope_is_enforced(exchange: &ExchangeView) -> bool {
    let reached = [Outcome::Passed, Outcome::Failed];
    exchange.to == Party::ResourceServer
        && reached
            .into_iter()
            .any(|wanted| outcome(exchange, |id| id == "scope.sufficient", wanted))
}

/// The API verifies the token's signature and claims (RFC 9068 §4).
pub(super) fn token_is_verified(exchange: &ExchangeView) -> bool {
    exchange.to == Party::ResourceServer
        && outcome(exchange, |id| id == "token.signature", Outcome::Passed)
}

/// The client verifies the ID token (OpenID Connect Core §3.1.3.7).
pub(super) fn id_token_is_verified(exchange: &ExchangeView) -> bool {
    outcome(exchange, |id| id == "id_token.signature", Outcome::Passed)
}

/// The issuer's public keys are fetched (RFC 7517 §5).
pub(super) fn keys_are_fetched(exchange: &ExchangeView) -> bool {
    exchange.to == Party::AuthServer && exchange.path == "/jwks"
}

/// A client asks to sign somebody out (OpenID Connect RP-Initiated Logout §2).
pub(super) fn asks_to_sign_out(exchange: &ExchangeView) -> bool {
    let names = ["id_token_hint", "client_id", "post_logout_redirect_uri"];
    exchange.to == Party::AuthServer
        && exchange.path == "/logout"
        && names
            .iter()
            .any(|name| has(exchange, name, &[RequestQuery, RequestBody]))
}

/// The provider's server tells a client that a session has ended (OpenID Connect Back-Channel Logout §2.5).
pub(super) fn is_told_of_the_end(exchange: &ExchangeView) -> bool {
    has(exchange, "logout_token", &[RequestBody])
}

/// The browser tells a client, in a frame (OpenID Connect Front-Channel Logout §3).
pub(super) fn is_framed(exchange: &ExchangeView) -> bool {
    exchange.to != Party::AuthServer
        && has(exchange, "sid", &[RequestQuery])
        && has(exchange, "iss", &[RequestQuery])
}

/// The browser comes back to the client, which compares the state (OpenID Connect RP-Initiated Logout §3).
pub(super) fn returns_signed_out(exchange: &ExchangeView) -> bool {
    let reached = [Outcome::Passed, Outcome::Failed];
    reached
        .into_iter()
        .any(|wanted| outcome(exchange, |id| id == "logout.state", wanted))
}
