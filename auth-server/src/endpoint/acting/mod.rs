//! The apps that may act for a person, as `/apps` lists them: by client, from its grants and the consent to it.

mod search;

use shared::oauth::{GrantType, Scope};
use shared::page::Frame;
use shared::realm::RealmName;
use shared::time::Timestamp;

use search::Search;

use super::consent::in_order;
use crate::authorization::OFFLINE_ACCESS;
use crate::issue::GrantDetails;
use crate::page::{App, GrantLine, ScopeWords, date_and_time, registered_by};
use crate::store::clients::ClientRow;
use crate::store::grants::GrantRow;
use crate::store::{DbConnection, Store, StoreError, Stored, clients, consents, stored};

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
    /// How many live grants there are among those that were looked at, and whether there may be more.
    count: usize,
    more: bool,
    /// The latest of them.
    grants: Vec<GrantRow>,
}

/// How many of them have a line on the page.
const SHOWN: usize = 20;

impl Acting {
    /// All of a person's, by identifier. However many grants there are, no unit of work looks at more than some.
    pub(super) async fn list(
        store: &Store,
        realm: RealmName,
        sub: String,
        now: Timestamp,
    ) -> Stored<Vec<Self>> {
        Self::found_by(store, Search::new(realm, sub, now)).await
    }

    async fn found_by(store: &Store, mut search: Search) -> Stored<Vec<Self>> {
        loop {
            let step = move |tx: &mut DbConnection| -> Stored<(Search, bool)> {
                let done = search.step(tx)?;
                Ok((search, done))
            };
            let done;
            (search, done) = store.read(step).await?;
            if done {
                return store.read(move |tx| Self::registered(tx, search)).await;
            }
        }
    }

    /// What was found and what was agreed to, of clients that there are: what was granted to one that was removed went
    /// with it.
    fn registered(tx: &mut DbConnection, search: Search) -> Stored<Vec<Self>> {
        let Search {
            realm,
            sub,
            mut found,
            ..
        } = search;
        for consent in consents::list(tx, &realm, &sub)? {
            let one = found
                .entry(consent.client_id)
                .or_insert_with(|| Self::since(consent.granted_at));
            let scope = consent.scope.parse();
            let corrupt = |error| StoreError::corrupt("consents.scope", error);
            one.add(&scope.map_err(corrupt)?, consent.granted_at);
        }
        let ids: Vec<&String> = found.keys().collect();
        let registered = clients::list_these(tx, &realm, &ids)?;
        let mut acting: Vec<Self> = registered
            .into_iter()
            .filter_map(|row| Some(found.remove(&row.client_id)?.of_client(row)))
            .collect();
        acting.sort_by(|one, other| one.client_id.cmp(&other.client_id));
        Ok(acting)
    }

    /// What the live grants to a client say; there may be `more`, granted before `oldest`.
    fn of_grants(mut alive: Vec<GrantRow>, oldest: i64, more: bool) -> Stored<Self> {
        let corrupt = |error| StoreError::corrupt("grants.scope", error);
        let mut one = Self::since(alive.first().map_or(oldest, |grant| grant.created_at));
        for grant in &alive {
            one.add(&grant.scope.parse().map_err(corrupt)?, grant.created_at);
            one.implicit |= came_through_browser(grant)?;
            one.password |= grant.grant_type == GrantType::Password.as_str();
        }
        alive.sort_by(|one, other| {
            let by_moment = other.created_at.cmp(&one.created_at);
            by_moment.then_with(|| one.grant_id.cmp(&other.grant_id))
        });
        (one.count, one.more) = (alive.len(), more);
        alive.truncate(SHOWN);
        one.grants = alive;
        Ok(one)
    }

    fn of_client(mut self, row: ClientRow) -> Self {
        self.name = if row.name.is_empty() {
            row.client_id.clone()
        } else {
            row.name
        };
        self.client_id = row.client_id;
        self.first_party = row.first_party;
        self.self_registered = row.registration_digest.is_some();
        self
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
            count: self.count,
            more: self.more,
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

#[cfg(test)]
mod tests;
