//! Who may pass: the access token that a handler asks for as a parameter, with the scope it needs.
//!
//! ```ignore
//! async fn list(token: AccessToken<PhotosRead>, state: Data<AppState>) -> …
//! ```
//! When the handler's first line runs, everything about the token is verified: RFC 9068 §4 for a JWT, RFC 7662
//! for an opaque token, RFC 6750 §3.1 for the refusal. The checks stand in the order in which they run.

pub mod policy;

mod authentication;
mod credentials;
mod error;
mod introspection;
mod issuer;
mod jwt;
mod key;
pub(crate) mod proof;
pub(crate) mod scope;
mod seeded;

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use shared::dpop::{self, Thumbprint};
use shared::flow::CheckDef;
use shared::flow::catalog as check;
use shared::oauth::{AccessToken as Token, ChallengeScheme, ClientId, Scope, Subject, well_known};
use shared::observe::Observation;
use shared::realm::RealmName;
use shared::recent::{Fingerprint, Recent};
use shared::time::Timestamp;

use credentials::Presented;
pub(crate) use error::{AccessError, Refusal};
pub(crate) use issuer::Issuers;
pub(crate) use jwt::Remembered;
use jwt::{Expected, UnverifiedJwt};
use policy::{Introspect, TokenPolicy};
use proof::PresentedProof;
pub(crate) use proof::Proofs;
use scope::{Needs, Opens};
pub(crate) use seeded::SeededRealms;

use crate::state::AppState;

/// The most tokens whose signatures are remembered.
const MOST_REMEMBERED: usize = 4096;

/// How long a token is remembered that does not come again.
const REMEMBERED: Duration = Duration::from_mins(5);

/// No token was verified yet.
pub(crate) fn none_verified() -> Recent<Remembered> {
    Recent::new(MOST_REMEMBERED, REMEMBERED)
}

/// The checks before it is known what kind of token it is.
const PRESENTED: [&CheckDef; 4] = [
    &check::TOKEN_SINGLE_METHOD,
    &check::TOKEN_NOT_IN_QUERY,
    &check::TOKEN_PRESENT,
    &check::TOKEN_WELL_FORMED,
];

/// Whom a verified token speaks for, and what it permits.
#[derive(Debug)]
struct Bearer {
    sub: Subject,
    client_id: ClientId,
    scope: Scope,
    /// The key that the token is bound to (RFC 9449 §6).
    key: Option<Thumbprint>,
    /// How strongly the person proved who they are, and when (RFC 9470 §6).
    acr: Option<String>,
    auth_time: Option<Timestamp>,
}

impl Bearer {
    /// RFC 9068 §5: a client that acts for itself stands in `sub` as in `client_id`.
    fn is_person(&self) -> bool {
        self.sub.as_str() != self.client_id.as_str()
    }
}

/// A verified access token that permits what `N` asks for.
#[derive(Debug)]
pub(crate) struct AccessToken<N> {
    /// The realm in which it is good.
    pub(crate) realm: RealmName,
    bearer: Bearer,
    /// A nonce for the next proof, where it is time for one (RFC 9449 §8.2).
    fresh_nonce: Option<String>,
    needs: PhantomData<N>,
}

impl<N: Needs> AccessToken<N> {
    /// Whom it speaks for: a person wherever `N` opens for people.
    pub(crate) fn sub(&self) -> &str {
        self.bearer.sub.as_str()
    }

    /// Whether it permits `scope` besides.
    pub(crate) fn permits(&self, scope: &str) -> bool {
        self.bearer.scope.contains(scope)
    }

    async fn verified(
        (presented, proof): (Presented, PresentedProof),
        realm: RealmName,
        state: &AppState,
        observation: &Observation,
    ) -> Result<Self, AccessError> {
        let policy = state.tokens.of(&realm);
        // Where nobody can be asked about any other, it is read as a JWT whatever it looks like.
        let is_jwt = presented.is_jwt() || !state.seeded.may_ask(&realm);
        let scheme = presented.scheme();
        let refused = scheme == ChallengeScheme::Bearer && state.demands_bound_tokens(&realm);
        if refused {
            observation.plan(&PRESENTED);
            observation.plan(&[&check::TOKEN_SCHEME]);
        } else {
            plan::<N>(policy, (is_jwt, scheme), observation);
        }
        let token = presented.token(observation)?;
        if refused {
            // Before anybody is asked about it: it cannot be good, whatever it is.
            proof::refuse_bearer(observation)?;
        }
        let bearer = if is_jwt {
            verify_jwt(&token, &realm, state, observation).await?
        } else {
            let answer = introspection::require_active(state, &realm, &token, observation).await?;
            let (issuer, audience) = (
                state.addresses.issuer(&realm),
                state.addresses.resource(&realm),
            );
            let expected = Expected {
                issuer: &issuer,
                audience: &audience,
                now: state.clocks.of(&realm).now(),
                policy,
            };
            introspection::bearer(answer, &expected, observation)?
        };
        observation.note("client_id", &bearer.client_id);
        observation.note("sub", &bearer.sub);
        let presented = (scheme, &token, bearer.key.as_ref());
        let fresh_nonce = proof.require(state, &realm, presented, observation).await?;
        require_permission::<N>(&bearer, observation)?;
        if let Some(demanded) = N::OPERATION.and_then(|name| policy.step_up.get(name)) {
            let now = state.clocks.of(&realm).now();
            authentication::require(&bearer, demanded, now, observation)?;
        }
        Ok(Self {
            realm,
            bearer,
            fresh_nonce,
            needs: PhantomData,
        })
    }
}

/// Announces the checks of a token that is presented in this way, in order.
fn plan<N: Needs>(
    policy: &TokenPolicy,
    (is_jwt, scheme): (bool, ChallengeScheme),
    observation: &Observation,
) {
    observation.plan(&PRESENTED);
    match (is_jwt, policy.introspect) {
        (true, Introspect::Opaque) => observation.plan(&jwt::CHECKS),
        (true, Introspect::Always) => {
            observation.plan(&jwt::CHECKS);
            observation.plan(&[&check::TOKEN_ACTIVE]);
        }
        (false, _) => observation.plan(&introspection::CHECKS),
    }
    if scheme == ChallengeScheme::Dpop {
        PresentedProof::plan(observation);
    }
    observation.plan(&[&check::SCOPE_SUFFICIENT]);
    if N::OPENS == Opens::People {
        observation.plan(&[&check::TOKEN_SPEAKS_FOR_PERSON]);
    }
    if N::OPERATION.is_some_and(|name| policy.step_up.contains_key(name)) {
        observation.plan(&[&check::AUTHENTICATION_SUFFICIENT]);
    }
}

async fn verify_jwt(
    token: &Token,
    realm: &RealmName,
    state: &AppState,
    observation: &Observation,
) -> Result<Bearer, AccessError> {
    let policy = state.tokens.of(realm);
    let fingerprint = Fingerprint::of(token.expose());
    let before = state.verified.find(&fingerprint);
    let jwt = UnverifiedJwt::read(token.expose(), before.as_deref(), policy, observation)?;
    let key = match jwt.kid() {
        "" => None,
        kid => state.issuers.key(realm, kid, observation).await?,
    };
    let (issuer, audience) = (
        state.addresses.issuer(realm),
        state.addresses.resource(realm),
    );
    let expected = Expected {
        issuer: &issuer,
        audience: &audience,
        now: state.clocks.of(realm).now(),
        policy,
    };
    let claims = jwt.verify(key.as_deref(), &expected, observation)?;
    if let Some(remembered) = key.as_deref().and_then(|key| jwt.to_remember(key)) {
        state.verified.remember(fingerprint, remembered);
    }
    if policy.introspect == Introspect::Always {
        introspection::require_active(state, realm, token, observation).await?;
    }
    Ok(Bearer {
        sub: claims.sub,
        client_id: claims.client_id,
        scope: claims.scope,
        key: claims.cnf.map(|cnf| cnf.jkt),
        acr: claims.acr,
        auth_time: claims.auth_time,
    })
}

/// What the token permits suffices, and it speaks for somebody whose resource this can be.
fn require_permission<N: Needs>(
    bearer: &Bearer,
    observation: &Observation,
) -> Result<(), AccessError> {
    observation
        .require(
            &check::SCOPE_SUFFICIENT,
            bearer.scope.contains(N::SCOPE),
            N::SCOPE,
            &bearer.scope,
        )
        .or(AccessError::InsufficientScope(N::SCOPE))?;
    if N::OPENS == Opens::People {
        observation
            .require(
                &check::TOKEN_SPEAKS_FOR_PERSON,
                bearer.is_person(),
                "a person's sub",
                &bearer.sub,
            )
            .or(AccessError::NoPerson)?;
    }
    Ok(())
}

/// Where the resource of `realm` describes itself (RFC 9728 §3.1).
pub(crate) fn metadata_url(resource_server: &str, realm: &RealmName) -> String {
    format!(
        "{resource_server}{}{}",
        well_known::OAUTH_PROTECTED_RESOURCE,
        realm.base_path()
    )
}

impl<N: Needs + 'static> FromRequest for AccessToken<N> {
    type Error = actix_web::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Self::Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let presented = Presented::of(request);
        let realm = RealmName::from_request(request, payload);
        let observation = Observation::from_request(request, payload);
        let state = request.app_data::<web::Data<AppState>>().cloned();
        let request = request.clone();
        Box::pin(async move {
            let (realm, Ok(observation)) = (realm.await?, observation.await);
            let state = state.ok_or_else(|| {
                actix_web::error::ErrorInternalServerError("no AppState in app_data")
            })?;
            let named = realm.clone();
            let proof = PresentedProof::of(&request, &state.addresses);
            let scheme = presented.scheme();
            let verified = Self::verified((presented, proof), realm, &state, &observation).await;
            if let Ok(Self {
                fresh_nonce: Some(nonce),
                ..
            }) = &verified
            {
                proof::hand_out(&request, nonce);
            }
            verified.map_err(|error| {
                Refusal {
                    presented: scheme,
                    bound: state.demands_bound_tokens(&named),
                    algs: dpop::algs(&state.tokens.of(&named).dpop_signing_algs),
                    error,
                    resource_metadata: metadata_url(&state.addresses.resource_server, &named),
                    realm: named.to_string(),
                    scope: N::SCOPE,
                }
                .into()
            })
        })
    }
}
