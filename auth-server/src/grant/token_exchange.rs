//! Token exchange (RFC 8693): a client gives an access token that it was handed, and gets another for itself, of the
//! same person and the same grant, narrower, and no longer alive.
//!
//! **Delegation** (§1.1): with an `actor_token`, its own, the new token says in `act` who acts for the person, and
//! inside it who acted before. **Impersonation**: without one, and only where a rule allows it, nobody behind the
//! person can be seen. Who may exchange whose tokens, for whom, is a rule of the client's policy: by default nobody
//! may (`exchange_target`: for whom). Revoking the person's grant kills what was exchanged too.
//!
//! ID tokens are no subject tokens here: they are meant for their client alone and belong to no grant, so that
//! nothing could take back what they were exchanged for.

use std::fmt::{self, Display};

use shared::dpop::DpopFault;
use shared::flow::{CheckDef, catalog};
use shared::oauth::{AccessTokenClaims, Actor, GrantType, Scope, TokenResponse};
use shared::observe::Observation;
use shared::seed::ExchangeRule;
use shared::time::Lifetime;

use super::request::without_person;
use super::{Grant, TokenError, TokenRequest, exchange_target};
use crate::issue::access_token::{self, Exchanged};
use crate::issue::verification::Presented;
use crate::store::{DbConnection, Stored, grants, people};

/// Token types (§3).
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
const JWT: &str = "urn:ietf:params:oauth:token-type:jwt";

/// The most parties that may stand behind each other in `act`.
const DEEPEST: usize = 8;

/// What is wrong with a request, or with a token in it (§2.2.2: `invalid_request`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ExchangeFault {
    /// §3.
    #[error(
        "subject_token_type and actor_token_type must name an access token or a JWT access token"
    )]
    TokenType,
    /// §2.1: "MUST NOT be included when the `actor_token` parameter is not included".
    #[error("actor_token and actor_token_type come together or not at all")]
    ActorType,
    /// §2.1.
    #[error("requested_token_type must name an access token or a JWT access token")]
    RequestedType,
    /// OpenID Connect Core §8.1: what it holds would tell its bearer the subject that others know.
    #[error(
        "a client whose subjects are pairwise gets no JWT: its holder would read the person's own subject"
    )]
    RequestedJwt,
    /// §2.2.2.
    #[error("the subject token is malformed, unknown, expired or revoked")]
    Subject,
    /// §2.2.2.
    #[error("the actor token is not alive, or was not issued to this client")]
    Actor,
    /// §5.
    #[error("this client may not exchange tokens of that client in this way")]
    NotAllowed,
    /// §4.4.
    #[error("the subject token names another party that may act")]
    MayAct,
    /// §4.1.
    #[error("too many parties act for each other already")]
    TooDeep,
}

/// RFC 8693.
pub(crate) struct TokenExchange;

/// A request as it was read: what is exchanged, and for what.
struct Asked<'a> {
    subject: &'a str,
    actor: Option<&'a str>,
    jwt: bool,
}

impl Grant for TokenExchange {
    fn grant_type(&self) -> GrantType {
        GrantType::TokenExchange
    }

    fn checks(&self) -> &'static [&'static CheckDef] {
        &[
            &catalog::REQUEST_PARAMETER_PRESENT,
            &catalog::EXCHANGE_TOKEN_TYPE,
            &catalog::EXCHANGE_REQUESTED_TYPE,
            &catalog::EXCHANGE_SUBJECT,
            &catalog::EXCHANGE_ACTOR,
            &catalog::EXCHANGE_ALLOWED,
            &catalog::EXCHANGE_MAY_ACT,
            &catalog::EXCHANGE_TARGET,
            &catalog::EXCHANGE_RESOURCE_GRANTED,
            &catalog::EXCHANGE_SCOPE,
            &catalog::GRANT_NOT_REVOKED,
        ]
    }

    fn redeem(
        &self,
        request: &TokenRequest,
        tx: &mut DbConnection,
    ) -> Result<TokenResponse, TokenError> {
        let asked = asked(request)?;
        let subject = subject(request, tx, asked.subject)?;
        let actor = actor(request, tx, asked.actor)?;
        ensure_key(request, &subject, actor.as_ref())?;
        let rule = rule(request, &subject, actor.as_ref())?;
        ensure_may_act(request, &subject, actor.as_ref())?;
        let audience = exchange_target::target(request, tx, (&subject, rule))?;
        let scope = scope(request, &subject)?;
        let act = actor.map(|actor| chain(&subject, &actor));
        let lifetime = lifetime(request, &subject);
        ensure_granted(request, tx, &subject, lifetime)?;
        if let Some(actor) = &act {
            request.observation.note("actor", &actor.sub);
        }
        let exchanged = Exchanged {
            audience,
            scope: scope.clone(),
            act,
            lifetime,
            jwt: asked.jwt,
        };
        let issued = access_token::issue_exchanged(tx, request.issue(), &subject, exchanged)?;
        let kind = if asked.jwt { JWT } else { ACCESS_TOKEN };
        Ok(TokenResponse {
            issued_token_type: Some(kind.to_owned()),
            ..request.response(issued, &scope)
        })
    }
}

/// The parameters (§2.1): which tokens, and of which types.
fn asked(request: &TokenRequest) -> Result<Asked<'_>, TokenError> {
    let params = &request.params;
    let (subject, subject_type) = required(request)?;
    let (actor, actor_type) = (params.get("actor_token"), params.get("actor_token_type"));
    let is_known = |kind: &str| matches!(kind, ACCESS_TOKEN | JWT);
    let paired = actor.is_some() == actor_type.is_some();
    let fault = if paired {
        ExchangeFault::TokenType
    } else {
        ExchangeFault::ActorType
    };
    request
        .observation
        .require(
            &catalog::EXCHANGE_TOKEN_TYPE,
            paired && is_known(subject_type) && actor_type.is_none_or(is_known),
            format_args!("{ACCESS_TOKEN} or {JWT}"),
            format_args!(
                "subject: {}; actor: {}",
                excerpt(subject_type),
                actor_type.map_or("none".to_owned(), excerpt)
            ),
        )
        .or(TokenError::Exchange(fault))?;
    let jwt = ensure_requested_type(request)?;
    Ok(Asked {
        subject,
        actor,
        jwt,
    })
}

/// §2.1: whether a JWT is asked for. A client whose subjects are pairwise gets none (§2.2.2: what is "unacceptable
/// based on policy" is refused): in it would stand the subject that all others know (OpenID Connect Core §8.1).
fn ensure_requested_type(request: &TokenRequest) -> Result<bool, TokenError> {
    let pairwise = request.client.sector().is_some();
    let requested = request.params.get("requested_token_type");
    let jwt = requested == Some(JWT);
    let (held, fault) = match requested {
        None | Some(ACCESS_TOKEN) => (true, ExchangeFault::RequestedType),
        Some(JWT) => (!pairwise, ExchangeFault::RequestedJwt),
        Some(_) => (false, ExchangeFault::RequestedType),
    };
    let expected = if pairwise {
        format!("{ACCESS_TOKEN} or none, as the subjects of this client are pairwise")
    } else {
        format!("{ACCESS_TOKEN}, {JWT} or none")
    };
    request
        .observation
        .require(
            &catalog::EXCHANGE_REQUESTED_TYPE,
            held,
            expected,
            requested.map_or("none".to_owned(), excerpt),
        )
        .or(TokenError::Exchange(fault))?;
    Ok(jwt)
}

/// `subject_token` and `subject_token_type`: both, in one check.
fn required(request: &TokenRequest) -> Result<(&str, &str), TokenError> {
    let [token, kind] =
        ["subject_token", "subject_token_type"].map(|name| request.params.get(name));
    let (got, missing) = match (token, kind) {
        (Some(_), Some(_)) => ("both", "subject_token"),
        (None, _) => ("no subject_token", "subject_token"),
        (Some(_), None) => ("no subject_token_type", "subject_token_type"),
    };
    request
        .observation
        .require_some(
            &catalog::REQUEST_PARAMETER_PRESENT,
            token.zip(kind),
            "subject_token and subject_token_type",
            got,
        )
        .ok_or(TokenError::ParameterMissing(missing))
}

/// What a token says, if it is an access token of this realm that may be used now; else what is wrong with it.
fn read(
    request: &TokenRequest,
    tx: &mut DbConnection,
    token: &str,
) -> Stored<Result<AccessTokenClaims, String>> {
    // What is wrong with it is told in one check of this grant: the token's own checks speak of who presents one.
    let quiet = Observation::nowhere();
    let wrong = |quiet: &Observation| {
        let failed = quiet.failed_check();
        failed.map_or("no access token".to_owned(), |check| {
            format!("{} failed", check.id)
        })
    };
    let Ok(presented) = Presented::read(token, &request.realm, request.now, &quiet) else {
        return Ok(Err(wrong(&quiet)));
    };
    if let Some(mut known) = presented.claims(tx, &request.realm, &quiet)?
        && known.is_alive(tx, &request.realm, request.now, &quiet)?
    {
        return Ok(Ok(known.claims));
    }
    Ok(Err(wrong(&quiet)))
}

/// §2.2.2: the subject token is alive, and so is who it speaks for.
fn subject(
    request: &TokenRequest,
    tx: &mut DbConnection,
    token: &str,
) -> Result<AccessTokenClaims, TokenError> {
    let mut read = read(request, tx, token)?;
    if let Ok(claims) = &read
        && claims.gid.is_some()
        && people::find(tx, &request.realm.name, claims.sub.as_str())?.is_none()
    {
        read = Err("the person is gone".to_owned());
    }
    let got = read.as_ref().err().cloned();
    request
        .observation
        .require_some(
            &catalog::EXCHANGE_SUBJECT,
            read.ok(),
            "an access token of this realm that may be used now",
            got.unwrap_or_else(|| "such a token".to_owned()),
        )
        .ok_or(TokenError::Exchange(ExchangeFault::Subject))
}

/// §2.1: who acts proves it by an access token of its own.
fn actor(
    request: &TokenRequest,
    tx: &mut DbConnection,
    token: Option<&str>,
) -> Result<Option<AccessTokenClaims>, TokenError> {
    let Some(token) = token else {
        let none = "no actor_token was sent";
        let _ = request
            .observation
            .require(&catalog::EXCHANGE_ACTOR, true, none, none);
        return Ok(None);
    };
    let client = &request.client.id;
    let (actor, got) = match read(request, tx, token)? {
        Ok(claims) if claims.client_id == *client => (Some(claims), format!("issued to {client}")),
        Ok(claims) => (None, format!("issued to {}", claims.client_id)),
        Err(fault) => (None, fault),
    };
    request
        .observation
        .require_some(
            &catalog::EXCHANGE_ACTOR,
            actor,
            format_args!("an access token that was issued to {client} and may be used now"),
            got,
        )
        .map(Some)
        .ok_or(TokenError::Exchange(ExchangeFault::Actor))
}

/// What is bound to a key is exchanged for nothing that is bound to none (RFC 9449 §5): whoever exchanges brings a
/// proof of a key of its own. Says nothing where no token is bound.
fn ensure_key(
    request: &TokenRequest,
    subject: &AccessTokenClaims,
    actor: Option<&AccessTokenClaims>,
) -> Result<(), TokenError> {
    let bound = subject.cnf.is_some() || actor.is_some_and(|actor| actor.cnf.is_some());
    if !bound {
        return Ok(());
    }
    let proven = request.proof.is_some();
    let got = if proven { "a proof" } else { "none" };
    let expected = "a proof: the token that is exchanged is bound to a key";
    request
        .observation
        .require(&catalog::DPOP_PRESENT, proven, expected, got)
        .or(TokenError::Dpop {
            fault: DpopFault::Missing,
            nonce: None,
        })
}

/// §5: the rule that lets this client exchange this token in this way. A token that says who acts is never exchanged
/// for one that does not.
fn rule<'r>(
    request: &'r TokenRequest,
    subject: &AccessTokenClaims,
    actor: Option<&AccessTokenClaims>,
) -> Result<&'r ExchangeRule, TokenError> {
    let of = subject.client_id.as_str();
    let impersonates = actor.is_none();
    let hides = impersonates && subject.act.is_some();
    let rules = &request.client.policy.token_exchange;
    let rule = rules
        .iter()
        .filter(|rule| rule.impersonation || !impersonates)
        .find(|rule| rule.subject_clients.iter().any(|client| client == of))
        .filter(|_| !hides);
    let way = match (impersonates, hides) {
        (_, true) => "impersonation, which would hide who acts already",
        (true, false) => "impersonation",
        (false, _) => "delegation",
    };
    request
        .observation
        .require_some(
            &catalog::EXCHANGE_ALLOWED,
            rule,
            "a rule of this client for tokens of that client, in this way",
            format_args!("a token of {of}; {way}"),
        )
        .ok_or(TokenError::Exchange(ExchangeFault::NotAllowed))
}

/// §4.4: where the token says who may act, it is this party.
fn ensure_may_act(
    request: &TokenRequest,
    subject: &AccessTokenClaims,
    actor: Option<&AccessTokenClaims>,
) -> Result<(), TokenError> {
    let acting = actor.map_or(request.client.id.as_str(), |actor| actor.sub.as_str());
    let named = subject.may_act.as_ref();
    let held = named.is_none_or(|named| {
        let issuer = named.iss.as_ref();
        named.sub == acting && issuer.is_none_or(|issuer| *issuer == request.realm.issuer)
    });
    let depth = subject.act.as_ref().map_or(0, Actor::depth);
    if actor.is_some() && depth >= DEEPEST {
        let expected = format_args!("at most {DEEPEST} who act for each other");
        return request
            .observation
            .require(&catalog::EXCHANGE_MAY_ACT, false, expected, "one more")
            .or(TokenError::Exchange(ExchangeFault::TooDeep));
    }
    request
        .observation
        .require(
            &catalog::EXCHANGE_MAY_ACT,
            held,
            named.map_or("nobody is named", |named| &named.sub),
            acting,
        )
        .or(TokenError::Exchange(ExchangeFault::MayAct))
}

/// §2.1: at most what the subject token permits and this client may have, without what changes the protocol and means
/// nothing in a token that was exchanged; all of that where none is asked for. Nothing comes of nothing alone: of a token
/// that has no scope itself.
fn scope(request: &TokenRequest, subject: &AccessTokenClaims) -> Result<Scope, TokenError> {
    let most = without_person(&subject.scope.intersection(&request.client.scope));
    let asked = request.asked_scope(&most);
    let granted = asked.granted(|| most.clone());
    request
        .observation
        .require_some(
            &catalog::EXCHANGE_SCOPE,
            granted.filter(|scope| !scope.is_empty() || subject.scope.is_empty()),
            format_args!("some of: {most}"),
            fmt::from_fn(|f| match asked.asked {
                None => f.write_str("none: all of that"),
                Some(_) => asked.fmt(f),
            }),
        )
        .ok_or(TokenError::Scope)
}

/// §4.1: the current actor outermost, those before inside.
fn chain(subject: &AccessTokenClaims, actor: &AccessTokenClaims) -> Actor {
    Actor {
        act: subject.act.clone().map(Box::new),
        ..Actor::of(actor.sub.to_string())
    }
}

/// Never beyond the subject token.
fn lifetime(request: &TokenRequest, subject: &AccessTokenClaims) -> Lifetime {
    let left = subject.exp.seconds_since(request.now).max(0);
    let left = Lifetime::from_seconds(u32::try_from(left).unwrap_or(u32::MAX));
    left.min(request.client.policy.access_token_lifetime)
}

/// Locks the grant, so that it cannot be revoked before the new token stands.
fn ensure_granted(
    request: &TokenRequest,
    tx: &mut DbConnection,
    subject: &AccessTokenClaims,
    lifetime: Lifetime,
) -> Result<(), TokenError> {
    let alive = match &subject.gid {
        None => true,
        Some(gid) => {
            let until = request.now + lifetime;
            grants::extend(tx, &request.realm.name, gid.as_str(), until)?
        }
    };
    request
        .observation
        .require(
            &catalog::GRANT_NOT_REVOKED,
            alive,
            "a grant that is alive",
            if alive { "alive" } else { "revoked" },
        )
        .or(TokenError::GrantRevoked)
}

fn excerpt(text: &str) -> String {
    text.chars().take(200).collect()
}
