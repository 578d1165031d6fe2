//! The apps that may act for a person, as `/apps` lists them: by client, from its grants and the consent to it.

use std::collections::BTreeMap;

use shared::oauth::{GrantType, Scope};
use shared::page::Frame;
use shared::realm::RealmName;
use shared::time::Timestamp;

use super::consent::in_order;
use crate::authorization::OFFLINE_ACCESS;
use crate::issue::GrantDetails;
use crate::page::{App, GrantLine, ScopeWords, date_and_time, registered_by};
use crate::store::grants::GrantRow;
use crate::store::{DbConnection, StoreError, Stored, clients, consents, grants, stored};

/// A client that may act for somebody.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "facts are yes or no")]
pub(super) struct Acting {
    client_id: String,
    name: String,
    first_party: bool,
    self_registered: bool,
    implicit: bool,
    password: bool,
    scope: Scope,
    since: i64,
    grants: Vec<GrantRow>,
}

impl Acting {
    /// All of a person's, by identifier.
    pub(super) fn list(
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
                .entry(grant.client_id.clone())
                .or_insert_with(|| Self::since(grant.created_at));
            one.add(&scope, grant.created_at);
            one.implicit |= came_through_browser(&grant)?;
            one.password |= grant.grant_type == GrantType::Password.as_str();
            one.grants.push(grant);
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
                one.self_registered = row.registration_digest.is_some();
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

    /// In the reader's words.
    pub(super) fn shown(self, frame: &Frame) -> App {
        App {
            client_id: self.client_id,
            name: self.name,
            registered_by: registered_by(frame, self.self_registered),
            first_party: self.first_party,
            implicit: self.implicit,
            password: self.password,
            scopes: in_order(&self.scope)
                .map(|token| ScopeWords::of(frame, token.as_str()))
                .collect(),
            since: date_and_time(Timestamp::from_unix(self.since)),
            grants: self.grants.into_iter().map(line).collect(),
        }
    }
}

/// Whether the grant gave an access token through the browser: implicit, or hybrid with a token (RFC 9700 §2.1.2).
fn came_through_browser(grant: &GrantRow) -> Stored<bool> {
    let details: GrantDetails = stored::read("grants.details", &grant.details)?;
    Ok(match details.response_type {
        Some(response_type) => response_type.gives_token(),
        // Granted by an older program, or not by way of the authorization endpoint.
        None => grant.grant_type == GrantType::Implicit.as_str(),
    })
}

fn line(grant: GrantRow) -> GrantLine {
    let by_password = grant.grant_type == GrantType::Password.as_str();
    let legacy = by_password || came_through_browser(&grant).unwrap_or(true);
    GrantLine {
        id: grant.grant_id,
        legacy,
        grant_type: grant.grant_type,
        offline: grant.scope.split(' ').any(|token| token == OFFLINE_ACCESS),
        scope: grant.scope,
        since: date_and_time(Timestamp::from_unix(grant.created_at)),
    }
}
