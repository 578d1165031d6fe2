//! `GET` and `POST /apps`: the apps that may act for a person, and taking it back (RFC 9700 §2; RFC 7009 §5).
//!
//! Taking back ends every grant that the person gave to the client, so that its refresh tokens stop working and
//! its access tokens are refused wherever this server is asked; and forgets the consent.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use shared::oauth::{GrantType, Scope};
use shared::page::{self, Frame, Tone};
use shared::realm::RealmName;
use shared::time::Timestamp;

use super::consent::in_order;
use crate::authorization::AuthorizeError;
use crate::page::{App, Apps, ScopeWords, date_and_time};
use crate::request::session::Session;
use crate::request::visit::Visit;
use crate::store::{DbConnection, StoreError, Stored, clients, consents, grants};

/// Shows them; who is not signed in signs in first.
pub(crate) async fn get(visit: Visit) -> HttpResponse {
    let result = show(&visit).await;
    visit.answer(result)
}

/// Takes one back.
pub(crate) async fn post(visit: Visit, payload: web::Payload) -> HttpResponse {
    let result = submit(&visit, payload).await;
    visit.answer(result)
}

async fn show(visit: &Visit) -> Result<HttpResponse, AuthorizeError> {
    let Some(session) = visit.session().await? else {
        return Ok(visit.see_other("/login"));
    };
    let (realm, sub) = (visit.realm_name(), session.person.subject.to_string());
    let now = visit.now();
    let acting = visit
        .state
        .store
        .read(move |tx| Acting::list(tx, &realm, &sub, now))
        .await?;
    let taken_back = visit.request.query_string().strip_prefix("taken_back=");
    let gone = match taken_back {
        Some(client_id) => client_name(visit, client_id).await?,
        None => None,
    };
    let mut frame = visit.frame.clone();
    if let Some(client) = gone {
        let text = frame.ta("apps-taken-back", [("client", client)]);
        frame = frame.with_notice(Tone::Success, text);
    }
    let acting = acting.into_iter().map(|one| one.shown(&frame)).collect();
    let page = Apps {
        here: "apps",
        csrf: visit.csrf(&purpose(&session)).token(),
        person: Some(session.person.name),
        acting,
        frame,
    };
    Ok(page::html(&page, StatusCode::OK))
}

async fn submit(visit: &Visit, payload: web::Payload) -> Result<HttpResponse, AuthorizeError> {
    let form = visit.form(payload).await?;
    let Some(session) = visit.session().await? else {
        return Ok(visit.see_other("/login"));
    };
    visit.verify(&form, &purpose(&session))?;
    let client_id = form.get("client_id").unwrap_or_default().to_owned();
    let (realm, now) = (visit.realm_name(), visit.now());
    let (sub, id) = (session.person.subject.to_string(), client_id.clone());
    visit
        .state
        .store
        .write(move |tx| -> Stored<()> {
            grants::revoke_all(tx, &realm, (&sub, &id), now)?;
            consents::delete(tx, &realm, &sub, &id)?;
            Ok(())
        })
        .await?;
    let encoded: String = url::form_urlencoded::byte_serialize(client_id.as_bytes()).collect();
    Ok(visit.see_other(&format!("/apps?taken_back={encoded}")))
}

fn purpose(session: &Session) -> String {
    format!("apps:{}", session.signed_in.sid)
}

/// The name of a client, by its form-encoded id.
async fn client_name(visit: &Visit, encoded: &str) -> Result<Option<String>, StoreError> {
    let query = format!("id={encoded}");
    let Some((_, id)) = url::form_urlencoded::parse(query.as_bytes()).next() else {
        return Ok(None);
    };
    let client = visit.state.client(&visit.realm, &id).await?;
    Ok(client.map(|client| client.name.clone()))
}

/// A client that may act for somebody, from its grants and the consent to it.
#[derive(Debug, Default)]
struct Acting {
    client_id: String,
    name: String,
    first_party: bool,
    implicit: bool,
    password: bool,
    scope: Scope,
    since: i64,
}

impl Acting {
    /// All of a person's, by name.
    fn list(
        tx: &mut DbConnection,
        realm: &RealmName,
        sub: &str,
        now: Timestamp,
    ) -> Stored<Vec<Self>> {
        let corrupt = |error| StoreError::corrupt("grants.scope", error);
        let mut found: BTreeMap<String, Self> = BTreeMap::new();
        for grant in grants::list_alive(tx, realm, sub, now)? {
            let scope = grant.scope.parse().map_err(corrupt)?;
            let one = found
                .entry(grant.client_id)
                .or_insert_with(|| Self::since(grant.created_at));
            one.add(&scope, grant.created_at);
            one.implicit |= grant.grant_type == GrantType::Implicit.as_str();
            one.password |= grant.grant_type == GrantType::Password.as_str();
        }
        for consent in consents::list(tx, realm, sub)? {
            let one = found
                .entry(consent.client_id)
                .or_insert_with(|| Self::since(consent.granted_at));
            one.add(&consent.scope.parse().map_err(corrupt)?, consent.granted_at);
        }
        for row in clients::list(tx, realm)? {
            if let Some(one) = found.get_mut(&row.client_id) {
                one.name = row.name;
                one.first_party = row.first_party;
            }
        }
        for (id, one) in &mut found {
            one.client_id.clone_from(id);
            if one.name.is_empty() {
                one.name.clone_from(id);
            }
        }
        Ok(found.into_values().collect())
    }

    fn since(moment: i64) -> Self {
        Self {
            since: moment,
            ..Self::default()
        }
    }

    fn add(&mut self, scope: &Scope, moment: i64) {
        self.scope = self.scope.union(scope);
        self.since = self.since.min(moment);
    }

    fn shown(self, frame: &Frame) -> App {
        App {
            client_id: self.client_id,
            name: self.name,
            registered_by: frame.t("consent-registered-by-operator"),
            first_party: self.first_party,
            implicit: self.implicit,
            password: self.password,
            scopes: in_order(&self.scope)
                .map(|token| ScopeWords::of(frame, token.as_str()))
                .collect(),
            since: date_and_time(Timestamp::from_unix(self.since)),
        }
    }
}
