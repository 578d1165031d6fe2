//! Demand: what the standards demand of each spoilt parameter, to be held against what came.
//!
//! One table in the order of a flow, written from the standards and not from the servers. A refusal names the checks
//! that may say it; an acceptance names the reason, for which there is a sentence (`break-why-…`).

mod device;
#[cfg(test)]
mod tests;
mod token;

use serde::Serialize;
use shared::flow::Party;

use super::mutation::{Asked, Mutation};
use super::outcome::{Outcome, Verdict};
use crate::record::parameter::{ParameterPlace, header};
use crate::record::view::{ExchangeView, FlowView};

/// What is demanded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Demand {
    /// Whether somebody has to say no.
    pub(crate) refusal: bool,
    /// The checks that may say it. Of an acceptance: those that may say no further on, where the flow asks for more
    /// than it got.
    pub(crate) checks: &'static [&'static str],
    /// Where the rule stands.
    pub(crate) reference: &'static str,
    /// Why nobody says no; the end of a language key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) why: Option<&'static str>,
}

impl Demand {
    const fn no(checks: &'static [&'static str], reference: &'static str) -> Self {
        Self {
            refusal: true,
            checks,
            reference,
            why: None,
        }
    }

    const fn yes(why: &'static str, reference: &'static str) -> Self {
        Self {
            refusal: false,
            checks: &[],
            reference,
            why: Some(why),
        }
    }

    const fn or_later(self, checks: &'static [&'static str]) -> Self {
        Self { checks, ..self }
    }

    /// Whether this is what came.
    pub(super) fn is_met_by(&self, outcome: &Outcome) -> bool {
        let failed = outcome.failed_check.as_deref();
        let by_these = failed.is_some_and(|failed| self.checks.contains(&failed));
        by_these || (!self.refusal && outcome.result == Verdict::Accepted)
    }
}

/// What of a flow decides what is demanded.
#[expect(clippy::struct_excessive_bools, reason = "facts are yes or no")]
#[derive(Default)]
struct Facts {
    /// The code is bound to a verifier.
    pkce: bool,
    /// An ID token comes with the tokens.
    openid: bool,
    /// An ID token comes with the answer to this very exchange.
    brings_id_token: bool,
    /// The API is called.
    calls_api: bool,
    /// The client proves by an assertion who it is, in this very exchange (RFC 7523 §2.2).
    asserts: bool,
    /// A proof of possession comes with this very exchange (RFC 9449).
    proves: bool,
    /// A token is exchanged in this very exchange (RFC 8693).
    exchanges: bool,
}

impl Facts {
    fn of(flow: &FlowView, exchange: &ExchangeView) -> Self {
        let has = |name: &str| {
            let mut all = flow.exchanges.iter().flat_map(|one| &one.parameters);
            all.any(|one| one.name == name)
        };
        let sends = |name: &str| {
            let mut all = exchange.parameters.iter();
            all.any(|one| one.name == name && one.place == ParameterPlace::RequestBody)
        };
        let mut exchanges = flow.exchanges.iter();
        Self {
            pkce: has("code_challenge"),
            openid: has("id_token"),
            brings_id_token: exchange
                .parameters
                .iter()
                .any(|one| one.name == "id_token" && one.place == ParameterPlace::ResponseBody),
            calls_api: exchanges.any(|one| one.to == Party::ResourceServer),
            asserts: sends("client_assertion"),
            proves: header(&exchange.request.headers, "dpop").is_some(),
            exchanges: sends("subject_token"),
        }
    }
}

/// What is demanded when `asked` is done to `exchange` of `flow`.
pub(super) fn of(flow: &FlowView, exchange: &ExchangeView, asked: &Asked) -> Demand {
    let (name, mutation) = (asked.parameter.as_str(), asked.mutation);
    let facts = Facts::of(flow, exchange);
    let by_client = || token::client(name, (mutation, asked.place), &facts);
    match (&exchange.to, exchange.path.as_str()) {
        (Party::AuthServer, "/authorize") => authorize(name, mutation, &facts),
        (Party::AuthServer, "/par") => {
            by_client().unwrap_or_else(|| authorize(name, mutation, &facts))
        }
        (Party::AuthServer, "/login") => login(name, mutation),
        (Party::AuthServer, "/consent") => consent(name, mutation, &facts),
        (Party::AuthServer, "/device_authorization") => {
            by_client().unwrap_or_else(|| device::authorization(name, mutation))
        }
        (Party::AuthServer, "/device") => device::entry(name, mutation),
        (Party::AuthServer, "/device/confirm") => device::confirm(name, mutation),
        (Party::ClientApp, "/callback") => callback(name, mutation, &facts),
        (Party::AuthServer, "/token") => by_client()
            .or_else(|| token::exchange(name, mutation).filter(|_| facts.exchanges))
            .unwrap_or_else(|| token::token(name, mutation, &facts)),
        (Party::AuthServer, "/revoke" | "/introspect") => {
            let asks = exchange.path == "/introspect";
            by_client().unwrap_or_else(|| about_token(name, mutation, asks))
        }
        (Party::ResourceServer, _) | (Party::AuthServer, "/userinfo") => bearer(mutation, &facts),
        _ => IGNORED,
    }
}

/// RFC 6749 §3.1, §3.2: what a server does not know, it ignores.
const IGNORED: Demand = Demand::yes("ignored", "RFC 6749 §3.1");
/// Of a code or a verifier that belongs together with another one.
const PKCE: Demand = Demand::no(&["pkce.s256"], "RFC 7636 §4.6");

/// Of a reference to a pushed request.
const REFERENCE: [&str; 4] = [
    "request_uri.known",
    "request_uri.client",
    "request_uri.not_expired",
    "request_uri.unused",
];
/// Of a request object.
const OBJECT: [&str; 4] = [
    "request_object.well_formed",
    "request_object.algorithm",
    "request_object.key_known",
    "request_object.signature",
];

/// For which API tokens are asked for (RFC 8707 §2).
const fn resource(mutation: Mutation) -> Demand {
    match mutation {
        Mutation::LeaveOut => Demand::yes("target-default", "RFC 8707 §2"),
        _ => Demand::no(&["resource.known", "resource.granted"], "RFC 8707 §2"),
    }
}

/// The authorization request (RFC 6749 §4.1.1, §4.2.1).
fn authorize(name: &str, mutation: Mutation, facts: &Facts) -> Demand {
    use Mutation::{ChangeOne, LeaveOut, SendTwice, UseAnothers, UseOld};
    match (name, mutation) {
        ("resource", SendTwice) => Demand::yes("several-targets", "RFC 8707 §2"),
        (_, SendTwice) => Demand::no(&["request.no_repeats"], "RFC 6749 §3.1"),
        ("response_type", _) => Demand::no(&["response_type.supported"], "RFC 6749 §3.1.1"),
        ("client_id", LeaveOut) => Demand::no(&["request.parameter_present"], "RFC 6749 §4.1.1"),
        ("client_id", UseAnothers) => Demand::no(
            &["redirect_uri.exact_match", "request_uri.client"],
            "RFC 9700 §2.1",
        ),
        ("request_uri" | "request" | "redirect_uri", LeaveOut) => {
            Demand::no(&["redirect_uri.present"], "OpenID Connect Core §3.1.2.1")
        }
        // It is the client's, and what it says is right, but for somebody else or of yesterday.
        ("request_uri", UseAnothers) | ("request", UseAnothers | UseOld) => {
            Demand::no(&["state.matches"], "RFC 6749 §10.12")
        }
        ("request_uri", _) => Demand::no(&REFERENCE, "RFC 9126 §4"),
        ("request", _) => Demand::no(&OBJECT, "RFC 9101 §6"),
        ("client_id", _) => Demand::no(&["client.known"], "RFC 6749 §4.1.2.1"),
        ("redirect_uri", _) => Demand::no(&["redirect_uri.exact_match"], "RFC 9700 §2.1"),
        ("scope", LeaveOut) => {
            Demand::yes("scope-default", "RFC 6749 §3.3").or_later(&["scope.sufficient"])
        }
        ("scope", _) => Demand::no(&["scope.allowed"], "RFC 6749 §3.3"),
        ("state", _) => Demand::no(&["state.matches"], "RFC 6749 §10.12"),
        ("nonce", _) if facts.openid => {
            Demand::no(&["id_token.nonce"], "OpenID Connect Core §3.1.3.7 (11)")
        }
        ("code_challenge", LeaveOut) => Demand::no(&["pkce.present"], "RFC 9700 §2.1.1"),
        ("code_challenge", _) => PKCE,
        ("code_challenge_method", _) => Demand::no(&["pkce.method"], "RFC 7636 §4.3"),
        ("response_mode", LeaveOut) => {
            Demand::yes("mode-default", "OAuth 2.0 Multiple Response Types §2.1")
        }
        ("response_mode", _) => Demand::no(
            &["response_mode.allowed"],
            "OAuth 2.0 Multiple Response Types §2.1",
        ),
        ("prompt", ChangeOne) => Demand::no(&["prompt.valid"], "OpenID Connect Core §3.1.2.1"),
        ("resource", _) => resource(mutation),
        ("dpop_jkt", LeaveOut) => Demand::yes("code-unbound", "RFC 9449 §10"),
        ("dpop_jkt", _) => Demand::no(&["dpop.jkt", "dpop.code_key"], "RFC 9449 §10"),
        _ => IGNORED,
    }
}

/// Sign-in: how it is done is the server's own affair (RFC 6749 §3.1), that it is done is not.
fn login(name: &str, mutation: Mutation) -> Demand {
    match (name, mutation) {
        // Who signs in on the way to a device's page brings its code along (RFC 8628 §3.3).
        (_, Mutation::SendTwice) | ("user_code", Mutation::LeaveOut) => {
            Demand::yes("own-form", "RFC 6749 §3.1")
        }
        ("username" | "password", _) => Demand::no(&["login.credentials"], "RFC 6749 §3.1"),
        ("user_code", _) => device::user_code(mutation),
        _ => own_form(name),
    }
}

/// The hidden fields of the server's own forms.
fn own_form(name: &str) -> Demand {
    match name {
        "csrf" | "interaction" => Demand::no(&["csrf.token", "interaction.known"], "RFC 9700 §4.7"),
        _ => Demand::yes("own-form", "RFC 6749 §3.1"),
    }
}

/// Consent (RFC 6749 §4.1 step B): what was not agreed to is not granted.
fn consent(name: &str, mutation: Mutation, facts: &Facts) -> Demand {
    match (name, mutation) {
        (_, Mutation::SendTwice) => Demand::yes("own-form", "RFC 6749 §3.1"),
        ("decision", _) => Demand::no(&["consent.given"], "RFC 6749 §4.1.2.1"),
        ("scope", Mutation::LeaveOut) if facts.calls_api => {
            Demand::no(&["scope.sufficient"], "RFC 6750 §3.1")
        }
        ("scope", _) => {
            Demand::yes("scope-narrowed", "RFC 6749 §3.3").or_later(&["scope.sufficient"])
        }
        _ => own_form(name),
    }
}

/// The authorization response, as the client has to judge it (RFC 6749 §4.1.2).
fn callback(name: &str, mutation: Mutation, facts: &Facts) -> Demand {
    use Mutation::{ChangeOne, LeaveOut, SendAgain, SendTwice};
    match (name, mutation) {
        (_, SendTwice) => Demand::no(&["request.no_repeats"], "RFC 6749 §3.1"),
        (_, SendAgain) | ("state", _) => Demand::no(&["state.matches"], "RFC 6749 §10.12"),
        ("iss", _) => Demand::no(&["iss.matches"], "RFC 9207 §2.4"),
        ("code", LeaveOut) | ("error", _) => {
            Demand::no(&["authorization.succeeded"], "RFC 6749 §4.1.2")
        }
        ("error_description" | "error_uri", _) => {
            Demand::no(&["authorization.succeeded"], "RFC 6749 §4.1.2.1")
        }
        ("code", ChangeOne) => Demand::no(&["code.known"], "RFC 6749 §4.1.3"),
        ("code", _) => anothers_code(mutation, facts),
        _ => Demand::yes("ignored", "RFC 6749 §4.1.2"),
    }
}

/// A code of another execution in the place of one's own.
const fn anothers_code(mutation: Mutation, facts: &Facts) -> Demand {
    match (facts.pkce, mutation) {
        (true, _) => PKCE,
        (false, Mutation::UseOld) => Demand::no(&["code.unused"], "RFC 6749 §4.1.2"),
        (false, _) => Demand::yes("code-injected", "RFC 9700 §4.5").or_later(&["id_token.nonce"]),
    }
}

/// Revocation (RFC 7009) and introspection (RFC 7662) of a token.
fn about_token(name: &str, mutation: Mutation, asks: bool) -> Demand {
    use Mutation::{ChangeOne, LeaveOut};
    match (name, mutation, asks) {
        ("token", LeaveOut, false) => Demand::no(&["token.parameter_present"], "RFC 7009 §2.1"),
        ("token", LeaveOut, true) => Demand::no(&["token.parameter_present"], "RFC 7662 §2.1"),
        ("token", ChangeOne, false) => Demand::yes("revoke-unknown", "RFC 7009 §2.2"),
        ("token", ChangeOne, true) => Demand::no(
            &["token.signature", "token.well_formed", "token.active"],
            "RFC 7662 §2.2",
        )
        .or_inactive(),
        ("token", _, false) => Demand::yes("revoke-own", "RFC 7009 §2.1"),
        ("token", _, true) => {
            Demand::yes("introspect-own", "RFC 7662 §2.1").or_later(&["token.active"])
        }
        ("token_type_hint", _, _) => Demand::yes("hint", "RFC 7009 §2.1"),
        _ => Demand::yes("ignored", "RFC 6749 §3.2"),
    }
}

impl Demand {
    /// An answer of `active: false` is no error: nobody has to say no.
    const fn or_inactive(self) -> Self {
        Self {
            refusal: false,
            why: Some("inactive"),
            ..self
        }
    }
}

/// The API (RFC 6750); with a proof of possession the token is good with its key alone, and the proof with its token
/// (RFC 9449 §7.1).
const fn bearer(mutation: Mutation, facts: &Facts) -> Demand {
    match mutation {
        Mutation::LeaveOut => Demand::no(&["token.present"], "RFC 6750 §3"),
        Mutation::SendTwice => Demand::no(&["token.single_method"], "RFC 6750 §2"),
        _ if facts.proves => Demand::no(
            &[
                "dpop.token_hash",
                "token.key",
                "token.signature",
                "token.active",
            ],
            "RFC 9449 §7.1",
        ),
        Mutation::ChangeOne => Demand::no(&["token.signature", "token.active"], "RFC 9068 §4"),
        Mutation::UseOld => Demand::yes("bearer-old", "RFC 6750 §5.3").or_later(&["token.active"]),
        _ => Demand::yes("bearer-anothers", "RFC 6750 §1.2"),
    }
}
