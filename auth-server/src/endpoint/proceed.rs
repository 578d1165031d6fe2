//! What `/authorize`, `/login` and `/consent` have in common: to decide, and to do what was decided
//! (RFC 6749 §4.1.2 and §4.2.2).

use std::sync::Arc;

use actix_web::HttpResponse;
use shared::oauth::{AuthorizationCode, GrantType, InteractionHandle, Scope};
use shared::realm::RealmName;
use shared::store::Outcome as _;
use shared::time::Timestamp;

use crate::authorization::{
    Allowed, AuthorizationRequest, AuthorizeError, Callback, Circumstances, Decision, OWN_API,
    Ownership, PageError, SignedIn, decide,
};
use crate::client::Client;
use crate::issue::authorization_code::{self, Binding, Granted};
use crate::issue::claims::scope_of;
use crate::issue::{GrantDetails, Issue, subject};
use crate::realms::Realm;
use crate::request::session::{Session, read_allowed};
use crate::request::visit::Visit;
use crate::request::waiting::Waiting;
use crate::store::consents::{self, ConsentRow};
use crate::store::pushed_requests::{self, Use};
use crate::store::{DbConnection, StoreError, interactions, stored};

/// Decides what becomes of a request, and does it: asks for sign-in or consent, answers, or refuses.
///
/// # Errors
/// [`AuthorizeError`].
pub(crate) async fn proceed(
    visit: &Visit,
    mut waiting: Waiting,
    session: Option<&Session>,
) -> Result<HttpResponse, AuthorizeError> {
    match decision(visit, &waiting, session).await? {
        Decision::Login => {
            let handle = Box::pin(waiting.store(visit)).await?;
            Ok(visit.see_other(&format!("/login?interaction={}", handle.expose())))
        }
        Decision::SelectAccount => {
            let handle = Box::pin(waiting.store(visit)).await?;
            let path = format!("/select-account?interaction={}", handle.expose());
            Ok(visit.see_other(&path))
        }
        Decision::Consent(_) => {
            let handle = Box::pin(waiting.store(visit)).await?;
            Ok(visit.see_other(&format!("/consent?interaction={}", handle.expose())))
        }
        Decision::Issue(who) => {
            let granting = Granting {
                permissions: waiting.interaction.request.permissions(&waiting.client),
                consent: Consent::AsBefore,
            };
            answer(visit, waiting, who, granting).await
        }
        Decision::Refuse(refusal) => {
            let callback = Box::new(waiting.callback.clone());
            Box::pin(take(visit, &waiting)).await?;
            Err(AuthorizeError::Redirect(callback, refusal))
        }
    }
}

/// Decides, from what is remembered of this person and this client.
///
/// # Errors
/// [`AuthorizeError::Store`].
pub(crate) async fn decision(
    visit: &Visit,
    waiting: &Waiting,
    session: Option<&Session>,
) -> Result<Decision, AuthorizeError> {
    let remembered = match session {
        Some(session) => remembered(visit, waiting, session).await?,
        None => None,
    };
    let seen_as = session.map(|session| {
        let sub = session.signed_in.subject.as_str();
        subject::seen_by(&waiting.client, &visit.realm, sub)
    });
    let permissions = waiting.interaction.request.permissions(&waiting.client);
    let apis = apis(&visit.realm, &waiting.interaction.request);
    let circumstances = Circumstances {
        signed_in: session.map(|session| &session.signed_in),
        seen_as: seen_as.as_deref(),
        permissions: &permissions,
        apis: &apis,
        begun_for_this: waiting.interaction.begun_session.as_ref(),
        chosen_for_this: waiting.interaction.chosen_session.as_ref(),
        remembered: remembered.as_ref(),
        ownership: ownership(waiting),
        now: visit.now(),
    };
    Ok(decide(
        &waiting.interaction.request,
        circumstances,
        &visit.observation,
    ))
}

/// Whose client it is; and whether that can be told at all (RFC 8252 §8.6).
fn ownership(waiting: &Waiting) -> Ownership {
    let (client, request) = (&waiting.client, &waiting.interaction.request);
    if client.is_anybody(&request.redirect_uri, request.response_type) {
        return Ownership::Anybody;
    }
    Ownership::of(client.first_party)
}

/// What this person has allowed this client before.
async fn remembered(
    visit: &Visit,
    waiting: &Waiting,
    session: &Session,
) -> Result<Option<Allowed>, StoreError> {
    let client = waiting.client.id.as_str();
    let known = session.consented.as_ref();
    if let Some(known) = known.filter(|known| known.client_id == client) {
        return Ok(known.allowed.clone());
    }
    let realm = visit.realm_name();
    let sub = session.person.subject.to_string();
    let client_id = waiting.client.id.to_string();
    let allowed = move |tx: &mut DbConnection| allowed(tx, &realm, &sub, &client_id);
    Box::pin(visit.state.store.look_up(allowed)).await
}

fn allowed(
    tx: &mut DbConnection,
    realm: &RealmName,
    sub: &str,
    client_id: &str,
) -> Result<Option<Allowed>, StoreError> {
    let row = consents::find(tx, realm, sub, client_id)?;
    row.map(|row| read_allowed(&row.scope, &row.scopes))
        .transpose()
}

/// Whether the person was asked now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Consent {
    /// They were, and it is to be remembered.
    Now,
    /// They were not: it was remembered, or is not needed.
    AsBefore,
}

/// What is granted.
#[derive(Clone, Debug)]
pub(crate) struct Granting {
    /// What was agreed to of what was asked for: the scope, and what covers claims.
    pub(crate) permissions: Scope,
    /// How it came about.
    pub(crate) consent: Consent,
}

/// Answers with a code or, legacy, with a token. A request that waited is taken out in the same transaction,
/// so that it is answered once.
///
/// # Errors
/// [`PageError::InteractionGone`] when it was answered meanwhile; failures by way of the client.
pub(crate) async fn answer(
    visit: &Visit,
    waiting: Waiting,
    who: SignedIn,
    granting: Granting,
) -> Result<HttpResponse, AuthorizeError> {
    let Waiting {
        interaction,
        client,
        callback,
        handle,
    } = waiting;
    let (request, pushed) = (interaction.request, interaction.pushed);
    warn_of_legacy(visit, &request, &client);
    let (realm, now) = (
        signing_realm(visit, &request, &client, &callback).await?,
        visit.now(),
    );
    note_lives(visit, &request, &client);
    let issued = visit
        .state
        .store
        .write(
            move |tx| -> Result<Vec<(&'static str, String)>, AuthorizeError> {
                if let Some(handle) = handle {
                    let digest = handle.digest();
                    let taken = interactions::take(tx, &realm.name, digest.as_str(), now)?;
                    taken.ok_or(PageError::InteractionGone)?;
                }
                use_up(tx, &realm.name, pushed.as_deref(), now)?;
                let issue = Issue {
                    realm: &realm,
                    client: &client,
                    now,
                    key: None,
                };
                if granting.consent == Consent::Now {
                    remember(tx, issue, (&request, &who), &granting.permissions)?;
                }
                issue_response(
                    tx,
                    issue,
                    &request,
                    &granted(&request, &who, &granting.permissions),
                )
            },
        )
        .await;
    let parameters = match issued {
        Ok(parameters) => parameters,
        Err(error) if error.is_refusal() => return Err(error),
        Err(error) => return Err(error.by_way_of(&callback, &visit.observation)),
    };
    let meter = &visit.state.meter;
    meter.answered(&parameters, visit.observation.id());
    let pairs: Vec<_> = parameters
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    Ok(visit.deliver(callback.answer(&pairs)))
}

/// Says in the log and in the record that an access token travels through the browser.
fn warn_of_legacy(visit: &Visit, request: &AuthorizationRequest, client: &Client) {
    if request.is_legacy() {
        tracing::warn!(
            realm = %visit.realm.name, client_id = %client.id, legacy = "implicit",
            "issues an access token in the front channel, which RFC 9700 section 2.1.2 advises against"
        );
        visit.observation.note("legacy", "implicit");
    }
}

/// The realm, with a key for the ID token, where the answer carries one.
async fn signing_realm(
    visit: &Visit,
    request: &AuthorizationRequest,
    client: &Client,
    callback: &Callback,
) -> Result<Arc<Realm>, AuthorizeError> {
    if !request.response_type.gives_id_token() {
        return Ok(Arc::clone(&visit.realm));
    }
    let algorithm = client.policy.id_token_algorithm;
    let found = visit
        .state
        .realms
        .find_signing(&visit.realm, algorithm)
        .await;
    found.map_err(|error| AuthorizeError::from(error).by_way_of(callback, &visit.observation))
}

/// Notes how long a code and an ID token live: the protocol tells nobody of the first, and where the record hides
/// tokens, their own `exp` is hidden too.
fn note_lives(visit: &Visit, request: &AuthorizationRequest, client: &Client) {
    let (now, policy) = (visit.now(), &client.policy);
    if request.response_type.gives_code() {
        visit
            .observation
            .note("code_expires_at", now + policy.code_lifetime);
    }
    if request.response_type.gives_id_token() {
        visit
            .observation
            .note("id_token_expires_at", now + policy.id_token_lifetime);
    }
}

/// What a person agreed to: of the scope, and of the claims that were asked for by name.
fn granted(request: &AuthorizationRequest, who: &SignedIn, permissions: &Scope) -> Granted {
    let covered = |claim: &str| scope_of(claim).is_some_and(|token| permissions.contains(token));
    let details = GrantDetails {
        resources: request.resources.clone(),
        claims: request.wishes.claims.clone().retaining(covered),
        claims_locales: request.wishes.claims_locales.clone(),
        code_jkt: request.dpop_jkt.clone(),
        response_type: Some(request.response_type),
        ..GrantDetails::signed_in_by(who.means)
    };
    Granted {
        grant_type: if request.response_type.gives_code() {
            GrantType::AuthorizationCode
        } else {
            GrantType::Implicit
        },
        sub: who.subject.to_string(),
        scope: request
            .scope
            .iter()
            .filter(|token| permissions.contains(token.as_str()))
            .cloned()
            .collect(),
        sid: Some(who.sid.to_string()),
        auth_time: who.auth_time,
        nonce: request.nonce.clone(),
        details,
    }
}

/// Issues what was asked for: the parameters of the authorization response but `state` and `iss`.
fn issue_response(
    tx: &mut DbConnection,
    issue: Issue<'_>,
    request: &AuthorizationRequest,
    granted: &Granted,
) -> Result<Vec<(&'static str, String)>, AuthorizeError> {
    let binding = Binding {
        redirect_uri: Some(request.redirect_uri.clone()),
        code_challenge: request.code_challenge.clone(),
    };
    let wanted = (request.response_type, binding);
    let answered = authorization_code::answer(tx, issue, granted, wanted)?;
    let code = answered.code.as_ref().map(AuthorizationCode::expose);
    let mut parameters: Vec<_> = code
        .map(|code| ("code", code.to_owned()))
        .into_iter()
        .collect();
    if let Some(token) = answered.access_token {
        parameters.extend([
            ("access_token", token.value),
            ("token_type", "Bearer".to_owned()),
            ("expires_in", token.lifetime.as_seconds().to_string()),
        ]);
        if !granted.scope.is_empty() {
            parameters.push(("scope", granted.scope.to_string()));
        }
    }
    parameters.extend(answered.id_token.map(|token| ("id_token", token)));
    Ok(parameters)
}

/// The APIs that the tokens are to be meant for: the realm's own where the request names none (RFC 8707 §2).
fn apis(realm: &Realm, request: &AuthorizationRequest) -> Vec<String> {
    let own = || OWN_API.to_owned();
    let named = request.resources.iter().map(|one| {
        if *one == realm.resource {
            own()
        } else {
            one.clone()
        }
    });
    let none = request.resources.is_empty().then(own);
    named.chain(none).collect()
}

/// What was allowed before, changed by this answer: of what was asked for, what was ticked now and no more, at each of
/// the APIs that it is for.
fn remember(
    tx: &mut DbConnection,
    issue: Issue<'_>,
    (request, who): (&AuthorizationRequest, &SignedIn),
    ticked: &Scope,
) -> Result<(), StoreError> {
    let realm = &issue.realm.name;
    let before = allowed(tx, realm, who.subject.as_str(), issue.client.id.as_str())?;
    let (mut now, asked) = (
        before.unwrap_or_default(),
        request.permissions(issue.client),
    );
    for api in apis(issue.realm, request) {
        let scope = now.scopes.entry(api).or_default();
        *scope = scope.difference(&asked).union(ticked);
    }
    let all = now.scopes.values();
    let all = all.fold(Scope::default(), |all, scope| all.union(scope));
    let row = ConsentRow {
        realm: realm.to_string(),
        sub: who.subject.to_string(),
        client_id: issue.client.id.to_string(),
        scope: all.to_string(),
        granted_at: issue.now.as_unix(),
        scopes: stored::write(&now.scopes),
    };
    consents::put(tx, &row)
}

/// RFC 9126 §4: a pushed request is answered once, in whichever window that is.
fn use_up(
    tx: &mut DbConnection,
    realm: &RealmName,
    pushed: Option<&str>,
    now: Timestamp,
) -> Result<(), AuthorizeError> {
    let Some(digest) = pushed else { return Ok(()) };
    match pushed_requests::use_up(tx, realm, digest, now)? {
        Use::First => Ok(()),
        Use::Over => Err(PageError::InteractionGone.into()),
    }
}

/// Takes a request out of the store without a code or token; one that does not wait there is none the worse.
///
/// # Errors
/// [`PageError::InteractionGone`] when it was answered meanwhile.
pub(crate) async fn take(visit: &Visit, waiting: &Waiting) -> Result<(), AuthorizeError> {
    let digest = waiting.handle.as_ref().map(InteractionHandle::digest);
    let pushed = waiting.interaction.pushed.clone();
    if digest.is_none() && pushed.is_none() {
        return Ok(());
    }
    let (realm, now) = (visit.realm_name(), visit.now());
    visit
        .state
        .store
        .write(move |tx| {
            if let Some(digest) = digest {
                let taken = interactions::take(tx, &realm, digest.as_str(), now)?;
                taken.ok_or(PageError::InteractionGone)?;
            }
            use_up(tx, &realm, pushed.as_deref(), now)
        })
        .await
}
