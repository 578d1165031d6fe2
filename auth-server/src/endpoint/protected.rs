//! What a resource of this server (UserInfo) demands of an access token: RFC 6750 for bearers, RFC 9449 §7 for tokens
//! that are bound to a key; and how it says no.

use actix_web::http::StatusCode;
use actix_web::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use actix_web::{HttpRequest, HttpResponse};
use shared::dpop::{self, DpopFault, ProofAlgorithm};
use shared::flow::{CheckDef, catalog};
use shared::oauth::{AccessTokenClaims, Challenge, ChallengeScheme, ErrorBody, ErrorCode};
use shared::observe::Observation;

use super::answer;
use crate::grant::TokenError;
use crate::issue::verification::{NotUsable, Presented};
use crate::realms::Realm;
use crate::request::proof::{PresentedProof, ProofError, use_once};
use crate::state::AppState;
use crate::store::{DbConnection, StoreError};

/// The checks before the token is read.
const CHECKS: &[&CheckDef] = &[
    &catalog::TOKEN_SINGLE_METHOD,
    &catalog::TOKEN_NOT_IN_QUERY,
    &catalog::TOKEN_PRESENT,
];

/// The checks of a token that comes with a proof, after it was read.
const KEY_CHECKS: &[&CheckDef] = &[&catalog::TOKEN_SCHEME];

/// Why a token does not open the door.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AccessError {
    /// RFC 6750 §3: no token came.
    #[error("there is no access token")]
    Missing,
    /// RFC 6750 §2: "Clients MUST NOT use more than one method".
    #[error("the access token comes in more than one way; send one Authorization header")]
    TwoMethods,
    /// RFC 6750 §3.1.
    #[error("the access token is malformed, unknown, expired or revoked")]
    Invalid,
    /// RFC 9449 §7.2.
    #[error("the access token is bound to a key: present it as DPoP, with a proof")]
    BoundToKey,
    /// RFC 9449 §7.1.
    #[error("the access token is bound to no key: present it as Bearer")]
    BoundToNoKey,
    /// RFC 9449 §4.3 (12).
    #[error("the access token is bound to another key than that of the proof")]
    AnotherKey,
    /// RFC 9449 §4.3; with the nonce that the next proof should have.
    #[error("{0}")]
    Proof(DpopFault, Option<String>),
    /// RFC 6750 §3.1.
    #[error("the access token lacks the scope openid")]
    Scope,
    /// The server failed.
    #[error(transparent)]
    Failed(#[from] TokenError),
}

impl From<StoreError> for AccessError {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<NotUsable> for AccessError {
    fn from(_: NotUsable) -> Self {
        Self::Invalid
    }
}

impl From<ProofError> for AccessError {
    fn from(error: ProofError) -> Self {
        match error {
            ProofError::Refused { fault, nonce } => Self::Proof(fault, nonce),
            ProofError::Store(error) => error.into(),
        }
    }
}

impl shared::store::Outcome for AccessError {
    fn is_refusal(&self) -> bool {
        !matches!(self, Self::Failed(_))
    }
}

/// An access token as it came.
struct Credentials {
    scheme: ChallengeScheme,
    token: String,
}

/// A token that was verified, and a nonce for the next proof where it is time for one (RFC 9449 §8.2).
pub(crate) struct Verified {
    /// What the token says.
    pub(crate) claims: AccessTokenClaims,
    /// For `DPoP-Nonce`.
    pub(crate) nonce: Option<String>,
}

/// What may carry an access token.
#[derive(Clone, Copy)]
pub(crate) struct Carrier<'a> {
    /// The request.
    pub(crate) request: &'a HttpRequest,
    /// `access_token` of its form body (RFC 6750 §2.2), where it has one.
    pub(crate) in_body: Option<&'a str>,
}

/// Verifies the access token of a request, and the proof that it comes with; `after` are the checks that the caller
/// runs next.
///
/// # Errors
/// [`AccessError`].
pub(crate) async fn verify(
    state: &AppState,
    realm: &std::sync::Arc<Realm>,
    (carrier, after): (Carrier<'_>, &[&CheckDef]),
    observation: &Observation,
) -> Result<Verified, AccessError> {
    observation.plan(CHECKS);
    let credentials = credentials(carrier, observation)?;
    let proof = PresentedProof::of(carrier.request, &state.addresses);
    let presented = Presented::read(&credentials.token, realm, realm.now(), observation)?;
    let is_dpop = credentials.scheme == ChallengeScheme::Dpop;
    if is_dpop {
        observation.plan(KEY_CHECKS);
        observation.plan(&[&catalog::DPOP_PRESENT]);
        observation.plan(dpop::CHECKS);
        observation.plan(&[&catalog::DPOP_TOKEN_HASH, &catalog::TOKEN_KEY]);
        observation.plan(dpop::REPLAY_CHECKS);
    }
    observation.plan(after);
    let claims = alive(state, realm, presented, observation).await?;
    ensure_scheme(&claims, credentials.scheme, observation)?;
    let nonce = match &claims.cnf {
        None => None,
        Some(_) => {
            prove(
                state,
                realm,
                (&claims, &credentials.token),
                (&proof, observation),
            )
            .await?
        }
    };
    Ok(Verified { claims, nonce })
}

/// What the token says, if it is alive.
async fn alive(
    state: &AppState,
    realm: &std::sync::Arc<Realm>,
    presented: Presented,
    observation: &Observation,
) -> Result<AccessTokenClaims, AccessError> {
    let (realm, observation) = (std::sync::Arc::clone(realm), observation.clone());
    let read = move |tx: &mut DbConnection| {
        let mut known = presented
            .claims(tx, &realm, &observation)?
            .ok_or(AccessError::Invalid)?;
        if !known.is_alive(tx, &realm, realm.now(), &observation)? {
            return Err(AccessError::Invalid);
        }
        Ok(known.claims)
    };
    state.store.look_up(read).await
}

/// RFC 9449 §7.1 and §7.2: a bound token comes as `DPoP`, another as `Bearer`. Says nothing where there is nothing
/// to say.
fn ensure_scheme(
    claims: &AccessTokenClaims,
    scheme: ChallengeScheme,
    observation: &Observation,
) -> Result<(), AccessError> {
    let (expected, error) = if claims.cnf.is_some() {
        (ChallengeScheme::Dpop, AccessError::BoundToKey)
    } else {
        (ChallengeScheme::Bearer, AccessError::BoundToNoKey)
    };
    if scheme == expected && scheme == ChallengeScheme::Bearer {
        return Ok(());
    }
    observation
        .require(
            &catalog::TOKEN_SCHEME,
            scheme == expected,
            expected.as_str(),
            scheme.as_str(),
        )
        .or(error)
}

/// The proof is right, of the token's key, and used for the first time.
async fn prove(
    state: &AppState,
    realm: &Realm,
    (claims, token): (&AccessTokenClaims, &str),
    (presented, observation): (&PresentedProof, &Observation),
) -> Result<Option<String>, AccessError> {
    let client = state
        .client(realm, claims.client_id.as_str())
        .await?
        .ok_or(AccessError::Invalid)?;
    let got = if presented.is_there() {
        "a proof"
    } else {
        "none"
    };
    observation
        .require(&catalog::DPOP_PRESENT, presented.is_there(), "a proof", got)
        .or(AccessError::Proof(DpopFault::Missing, None))?;
    let proof = presented.judge((realm, &client), Some(token), observation)?;
    let bound = claims.cnf.as_ref().map(|cnf| &cnf.jkt);
    observation
        .require(
            &catalog::TOKEN_KEY,
            bound == Some(&proof.thumbprint),
            bound.map_or("no key", |key| key.as_str()),
            &proof.thumbprint,
        )
        .or(AccessError::AnotherKey)?;
    use_once(state, realm, &proof, observation).await?;
    let fresh = || realm.nonces.make(realm.name.as_str(), realm.now());
    Ok(proof.nonce_ageing.then(fresh))
}

/// The token of the `Authorization` header (RFC 6750 §2.1, RFC 9449 §7.1) or of the form (RFC 6750 §2.2): nowhere else,
/// and in one of them.
fn credentials(
    Carrier { request, in_body }: Carrier<'_>,
    observation: &Observation,
) -> Result<Credentials, AccessError> {
    let in_query = request
        .query_string()
        .split('&')
        .any(|pair| pair.split('=').next() == Some("access_token"));
    let ways = request.headers().get_all(AUTHORIZATION).count()
        + usize::from(in_query)
        + usize::from(in_body.is_some());
    observation
        .require(&catalog::TOKEN_SINGLE_METHOD, ways <= 1, "one way", ways)
        .or(AccessError::TwoMethods)?;
    observation
        .require(
            &catalog::TOKEN_NOT_IN_QUERY,
            !in_query,
            "no token in the URL",
            if in_query { "one in the URL" } else { "none" },
        )
        .or(AccessError::Missing)?;
    let header = request.headers().get(AUTHORIZATION);
    let in_body = in_body.map(|token| Credentials {
        scheme: ChallengeScheme::Bearer,
        token: token.to_owned(),
    });
    let found = header
        .and_then(|value| value.to_str().ok())
        .and_then(read)
        .or(in_body);
    let got = if found.is_some() { "one" } else { "none" };
    observation
        .require_some(
            &catalog::TOKEN_PRESENT,
            found,
            "Authorization: Bearer or DPoP",
            got,
        )
        .ok_or(AccessError::Missing)
}

fn read(header: &str) -> Option<Credentials> {
    let (scheme, token) = header.split_once(' ')?;
    let scheme = [ChallengeScheme::Bearer, ChallengeScheme::Dpop]
        .into_iter()
        .find(|known| scheme.eq_ignore_ascii_case(known.as_str()))?;
    let token = token.trim().to_owned();
    (!token.is_empty()).then_some(Credentials { scheme, token })
}

/// Says no: by `WWW-Authenticate` (RFC 6750 §3, RFC 9449 §7.1) and in JSON.
pub(crate) fn refuse(error: &AccessError, realm: &str, observation: &Observation) -> HttpResponse {
    let (scheme, code) = match error {
        AccessError::Failed(error) => return answer::error(error, observation),
        // RFC 6750 §3: "the resource server SHOULD NOT include an error code".
        AccessError::Missing => (ChallengeScheme::Bearer, None),
        AccessError::TwoMethods => (ChallengeScheme::Bearer, Some(ErrorCode::InvalidRequest)),
        AccessError::Invalid | AccessError::BoundToNoKey => {
            (ChallengeScheme::Bearer, Some(ErrorCode::InvalidToken))
        }
        AccessError::BoundToKey | AccessError::AnotherKey => {
            (ChallengeScheme::Dpop, Some(ErrorCode::InvalidToken))
        }
        AccessError::Proof(fault, _) => (ChallengeScheme::Dpop, Some(fault.code())),
        AccessError::Scope => (ChallengeScheme::Bearer, Some(ErrorCode::InsufficientScope)),
    };
    let status = match (scheme, code) {
        // RFC 9449 §7.1: 401, although the same codes are 400 at the token endpoint.
        (ChallengeScheme::Dpop, _) | (_, None) => StatusCode::UNAUTHORIZED,
        (_, Some(code)) => StatusCode::from_u16(code.status()).unwrap_or(StatusCode::UNAUTHORIZED),
    };
    let challenge = |scheme| Challenge {
        scheme,
        realm: realm.to_owned(),
        error: code,
        error_description: code.map(|_| error.to_string()),
        scope: (code == Some(ErrorCode::InsufficientScope)).then(|| "openid".to_owned()),
        algs: (scheme == ChallengeScheme::Dpop).then(|| dpop::algs(&ProofAlgorithm::DEFAULT)),
        ..Challenge::default()
    };
    let mut response = answer::uncached(status);
    response.append_header((WWW_AUTHENTICATE, challenge(scheme).to_string()));
    if code.is_none() {
        // Either kind of token would do.
        let other = challenge(ChallengeScheme::Dpop).to_string();
        response.append_header((WWW_AUTHENTICATE, other));
    }
    let response = match code {
        Some(code) => response.json(ErrorBody::new(code, error)),
        None => response.finish(),
    };
    let nonce = match error {
        AccessError::Proof(_, nonce) => nonce.as_deref(),
        _ => None,
    };
    answer::with_nonce(response, nonce)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemes_are_read_in_any_case() {
        for (header, scheme) in [
            ("Bearer abc", ChallengeScheme::Bearer),
            ("bearer  abc", ChallengeScheme::Bearer),
            ("DPoP abc", ChallengeScheme::Dpop),
            ("dpop abc", ChallengeScheme::Dpop),
        ] {
            let found = read(header).unwrap();
            assert_eq!((found.scheme, &*found.token), (scheme, "abc"), "{header}");
        }
        for header in ["Basic abc", "Bearer", "Bearer ", "abc"] {
            assert!(read(header).is_none(), "{header}");
        }
    }
}
