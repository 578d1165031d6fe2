//! What is demanded of a client that asks a server directly: who it is, and what it asks for tokens with
//! (RFC 6749 §2.3 and §3.2, RFC 7523, RFC 8693).

use super::super::mutation::Mutation;
use super::{Demand, Facts, anothers_code};
use crate::record::parameter::ParameterPlace;

/// Of an assertion that came before (RFC 7523 §3: "MAY ensure that JWTs are not replayed").
const REPLAYED: Demand = Demand::no(&["assertion.jti_unused"], "RFC 7523 §3 (7)");
/// Of an assertion of which a character is another.
const FORGED: Demand = Demand::no(&["assertion.signature"], "RFC 7523 §3 (9)");
/// Of a request that lacks what its grant needs.
const MISSING: Demand = Demand::no(&["request.parameter_present"], "RFC 6749 §5.2");

/// Who the client is and how it proves that (RFC 6749 §2.3): the same at all endpoints that ask for it.
pub(super) fn client(
    name: &str,
    (mutation, place): (Mutation, ParameterPlace),
    facts: &Facts,
) -> Option<Demand> {
    use Mutation::{ChangeOne, LeaveOut, SendAgain, SendTwice, UseAnothers};
    let header = place == ParameterPlace::RequestHeader;
    Some(match (name, mutation) {
        ("client_id" | "client_secret", SendTwice) if header => {
            Demand::no(&["client.single_method"], "RFC 6749 §2.3")
        }
        ("resource" | "audience", SendTwice) => Demand::yes("several-targets", "RFC 8707 §2"),
        (_, SendTwice) => Demand::no(&["request.no_repeats"], "RFC 6749 §3.2"),
        // Who asks is judged before what is asked for: its proof is good once.
        (_, SendAgain) if facts.asserts => REPLAYED,
        (_, SendAgain) if facts.proves => Demand::no(&["dpop.unused"], "RFC 9449 §11.1"),
        ("client_assertion", LeaveOut) => {
            Demand::no(&["client.method_allowed", "client.known"], "RFC 7523 §2.2")
        }
        ("client_assertion", ChangeOne) => FORGED,
        ("client_assertion", _) => REPLAYED,
        ("client_assertion_type", _) => Demand::no(&["assertion.well_formed"], "RFC 7521 §4.2"),
        ("client_id", LeaveOut) if facts.asserts => Demand::yes("asserted-id", "RFC 7521 §4.2"),
        ("client_id", _) if facts.asserts => {
            Demand::no(&["assertion.well_formed"], "RFC 7521 §4.2")
        }
        ("client_id", UseAnothers) => Demand::no(
            &[
                "client.authenticated",
                "client.method_allowed",
                "client.single_method",
            ],
            "RFC 6749 §3.2.1",
        ),
        ("client_id", _) => {
            Demand::no(&["client.known", "client.single_method"], "RFC 6749 §3.2.1")
        }
        ("client_secret", LeaveOut) => Demand::no(
            &["client.authenticated", "client.method_allowed"],
            "RFC 6749 §3.2.1",
        ),
        ("client_secret", _) => Demand::no(&["client.authenticated"], "RFC 6749 §3.2.1"),
        _ => return None,
    })
}

/// The token request (RFC 6749 §4.1.3, §4.3.2, §4.4.2, §6).
pub(super) fn token(name: &str, mutation: Mutation, facts: &Facts) -> Demand {
    use Mutation::{ChangeOne, LeaveOut, SendAgain, UseAnothers};
    match (name, mutation) {
        (
            "grant_type" | "code" | "device_code" | "refresh_token" | "username" | "password"
            | "assertion",
            LeaveOut,
        ) => MISSING,
        ("grant_type", _) => Demand::no(&["grant.supported"], "RFC 6749 §5.2"),
        ("assertion", ChangeOne) => FORGED,
        ("assertion", _) => REPLAYED,
        ("device_code", ChangeOne) => Demand::no(&["device_code.known"], "RFC 8628 §3.4"),
        ("device_code", UseAnothers) => Demand::yes("device-code-anothers", "RFC 8628 §5.2"),
        ("device_code", _) => Demand::no(&["device_code.unused"], "RFC 8628 §5.2"),
        ("code", ChangeOne) => Demand::no(&["code.known"], "RFC 6749 §4.1.3"),
        ("code", SendAgain) => Demand::no(&["code.unused"], "RFC 6749 §4.1.2"),
        ("code", _) => anothers_code(mutation, facts),
        ("redirect_uri", _) => Demand::no(&["code.redirect_uri"], "RFC 6749 §4.1.3"),
        ("code_verifier", LeaveOut) => Demand::no(&["pkce.verifier_present"], "RFC 9700 §4.8.2"),
        ("code_verifier", _) => super::PKCE,
        ("refresh_token", ChangeOne) => Demand::no(&["refresh_token.known"], "RFC 6749 §6"),
        ("refresh_token", SendAgain) => Demand::yes("refresh-grace", "RFC 9700 §4.14.2"),
        ("refresh_token", UseAnothers) if facts.brings_id_token => {
            Demand::no(&["id_token.subject"], "OpenID Connect Core §12.2")
        }
        ("refresh_token", UseAnothers) => Demand::yes("refresh-anothers", "RFC 6749 §10.4"),
        ("refresh_token", _) => Demand::no(
            &["refresh_token.current", "refresh_token.not_revoked"],
            "RFC 9700 §4.14.2",
        ),
        ("username" | "password", _) => Demand::no(&["login.credentials"], "RFC 6749 §4.3.2"),
        ("scope", LeaveOut) => {
            Demand::yes("scope-default", "RFC 6749 §3.3").or_later(&["scope.sufficient"])
        }
        ("scope", _) => Demand::no(&["scope.allowed", "scope.not_widened"], "RFC 6749 §3.3"),
        ("resource", _) => super::resource(mutation),
        _ => Demand::yes("ignored", "RFC 6749 §3.2"),
    }
}

/// The exchange of a token for another (RFC 8693 §2.1); `None` for what it has in common with other grants.
pub(super) fn exchange(name: &str, mutation: Mutation) -> Option<Demand> {
    use Mutation::{ChangeOne, LeaveOut, UseAnothers, UseOld};
    Some(match (name, mutation) {
        ("subject_token" | "subject_token_type", LeaveOut) => MISSING,
        ("subject_token", ChangeOne) => Demand::no(&["exchange.subject"], "RFC 8693 §2.2.2"),
        ("subject_token", UseAnothers) => Demand::yes("exchange-anothers", "RFC 8693 §2.1"),
        ("subject_token", _) | ("actor_token", UseOld) => {
            Demand::yes("bearer-old", "RFC 6750 §5.3")
        }
        ("actor_token", LeaveOut) => Demand::no(&["exchange.token_type"], "RFC 8693 §2.1"),
        ("actor_token", _) => Demand::no(&["exchange.actor"], "RFC 8693 §2.2.2"),
        ("subject_token_type" | "actor_token_type", _) => {
            Demand::no(&["exchange.token_type"], "RFC 8693 §2.1")
        }
        ("requested_token_type", LeaveOut) => Demand::yes("type-default", "RFC 8693 §2.1"),
        ("requested_token_type", _) => Demand::no(&["exchange.requested_type"], "RFC 8693 §2.1"),
        ("resource" | "audience", LeaveOut) => Demand::yes("target-default", "RFC 8693 §2.1"),
        ("resource" | "audience", _) => Demand::no(&["exchange.target"], "RFC 8693 §2.2.2"),
        ("scope", LeaveOut) => Demand::yes("exchange-scope", "RFC 8693 §2.1"),
        ("scope", _) => Demand::no(&["exchange.scope"], "RFC 6749 §5.2"),
        _ => return None,
    })
}
