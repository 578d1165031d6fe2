//! Ending a session, and what ends with it (OpenID Connect Back-Channel Logout 1.0 §2.7).
//!
//! May use the store. Grants with `offline_access` outlive the session: the person allowed just that. All others
//! of the session end, so that their refresh tokens stop working.
//!
//! A person may have any number of grants, and others write meanwhile: so no unit of work looks at more than
//! [`STEP`] of them. The session ends in the last step: who was not answered is still signed in, and signs out again.

use std::collections::{BTreeMap, BTreeSet};

use shared::realm::RealmName;
use shared::time::Timestamp;

use crate::authorization::OFFLINE_ACCESS;
use crate::store::granted::{self, GrantInBrief};
use crate::store::sessions::{self, SessionRow};
use crate::store::{DbConnection, Store, StoreError, Stored};

/// The most grants that one unit of work looks at.
const STEP: usize = 1000;

/// A session that has just ended.
#[derive(Clone, Debug)]
pub(crate) struct Ended {
    /// What it is called in ID tokens.
    pub(crate) sid: String,
    /// Who was signed in.
    pub(crate) sub: String,
    /// The clients that were given something in it.
    pub(crate) clients: Vec<String>,
}

/// Ends the sessions that are stored under these digests, as far as they have not ended. Goes on where whoever asked
/// for it goes away.
///
/// # Errors
/// [`StoreError`]; then those of at least one person have not ended.
pub(crate) async fn end_all(
    store: &Store,
    realm: &RealmName,
    digests: Vec<String>,
    now: Timestamp,
) -> Stored<Vec<Ended>> {
    let (store, realm) = (store.clone(), realm.clone());
    let ending = tokio::spawn(async move {
        let name = realm.clone();
        let rows = store
            .look_up(move |tx| sessions::list_unended(tx, &name, &digests))
            .await?;
        let mut of_people: BTreeMap<String, Vec<SessionRow>> = BTreeMap::new();
        for row in rows {
            of_people.entry(row.sub.clone()).or_default().push(row);
        }
        let mut ended = Vec::new();
        for (sub, rows) in of_people {
            let mut walk = Walk::of(sub, rows.iter().map(|row| row.sid.clone()));
            loop {
                let (name, rows) = (realm.clone(), rows.clone());
                let step = move |tx: &mut DbConnection| -> Stored<(Walk, Vec<Ended>)> {
                    let there = walk.step(tx, &name, now)?;
                    let rows = if there { rows } else { Vec::new() };
                    let ended = end_rows(tx, &name, (&walk, rows), now)?;
                    Ok((walk, ended))
                };
                let (walked, now_ended) = store.write(step).await?;
                walk = walked;
                ended.extend(now_ended);
                if walk.is_there {
                    break;
                }
            }
        }
        Ok(ended)
    });
    let stopped = |error| StoreError::Unavailable(format!("signing out stopped: {error}"));
    ending.await.map_err(stopped)?
}

/// Ends these sessions, what goes with them having ended.
fn end_rows(
    tx: &mut DbConnection,
    realm: &RealmName,
    (walk, rows): (&Walk, Vec<SessionRow>),
    now: Timestamp,
) -> Stored<Vec<Ended>> {
    let mut ended = Vec::new();
    for row in rows {
        let row = sessions::end(tx, realm, &row.digest, now)?;
        ended.extend(row.map(|row| walk.after(row)).transpose()?);
    }
    Ok(ended)
}

/// What makes way for another session in the browser of `former`, before [`replace`]: where its person has so many
/// grants that one unit of work would be long, what ends with it ends first. Nothing ends where the `next`
/// one goes on under its `sid`.
///
/// # Errors
/// [`StoreError`].
pub(crate) async fn make_way(
    store: &Store,
    realm: &RealmName,
    ((sub, sid), next): ((&str, &str), &str),
    now: Timestamp,
) -> Stored<Walk> {
    let mut walk = Walk::of(sub.to_owned(), [sid.to_owned()]);
    if sid == next {
        return Ok(walk);
    }
    let (name, of) = (realm.clone(), sub.to_owned());
    let many = store
        .look_up(move |tx| granted::are_more_than(tx, &name, &of, STEP))
        .await?;
    while many && !walk.is_there {
        let name = realm.clone();
        let step = move |tx: &mut DbConnection| -> Stored<Walk> {
            walk.step(tx, &name, now)?;
            Ok(walk)
        };
        walk = store.write(step).await?;
    }
    Ok(walk)
}

/// Ends the session that is stored under `digest`, since another, `next`, is begun in its browser. Where that one goes
/// on under the same `sid`, because the same person signed in again, nothing else ends, and its clients are the next
/// one's.
pub(crate) fn replace(
    tx: &mut DbConnection,
    realm: &RealmName,
    (digest, next): (&str, &mut SessionRow),
    (mut walk, now): (Walk, Timestamp),
) -> Stored<Option<Ended>> {
    match sessions::end(tx, realm, digest, now)? {
        None => Ok(None),
        Some(row) if row.sid == next.sid => {
            sessions::hand_clients_on(&row, next)?;
            Ok(None)
        }
        Some(row) => {
            walk.step(tx, realm, now)?;
            walk.after(row).map(Some)
        }
    }
}

/// The way along a person's grants to all that belong to some sessions: those that end with them are revoked.
#[derive(Clone, Debug)]
pub(crate) struct Walk {
    sub: String,
    /// The sessions, and the clients that were given something in each, as far as it has come.
    clients: BTreeMap<String, BTreeSet<String>>,
    /// How far it has come: a client and a grant.
    at: (String, String),
    /// Whether it has come to the end.
    is_there: bool,
}

impl Walk {
    fn of(sub: String, sids: impl IntoIterator<Item = String>) -> Self {
        Self {
            sub,
            clients: sids.into_iter().map(|sid| (sid, BTreeSet::new())).collect(),
            at: (String::new(), String::new()),
            is_there: false,
        }
    }

    /// Looks at [`STEP`] grants at most; whether these were the last.
    fn step(&mut self, tx: &mut DbConnection, realm: &RealmName, now: Timestamp) -> Stored<bool> {
        let mut left = STEP;
        loop {
            let (client, grant) = (self.at.0.clone(), self.at.1.clone());
            let place = (&*self.sub, &*client, &*grant);
            let found = granted::some(tx, realm, place, left)?;
            left -= found.len().min(left);
            let ending: Vec<&str> = found
                .iter()
                .filter(|grant| self.is_met(&client, grant))
                .map(|grant| grant.grant_id.as_str())
                .collect();
            granted::revoke(tx, realm, &ending, now)?;
            if let Some(last) = found.last() {
                self.at.1.clone_from(&last.grant_id);
            }
            if left == 0 {
                return Ok(false);
            }
            let Some(next) = granted::next_client(tx, realm, (&self.sub, &client))? else {
                self.is_there = true;
                return Ok(true);
            };
            // To find a client is a look, too.
            left -= 1;
            self.at = (next, String::new());
            if left == 0 {
                return Ok(false);
            }
        }
    }

    /// Notes whose a grant is; whether it ends.
    fn is_met(&mut self, client: &str, grant: &GrantInBrief) -> bool {
        let sid = grant.sid.as_deref().unwrap_or_default();
        let Some(clients) = self.clients.get_mut(sid) else {
            return false;
        };
        if !clients.contains(client) {
            clients.insert(client.to_owned());
        }
        let offline = grant
            .scope
            .split_ascii_whitespace()
            .any(|token| token == OFFLINE_ACCESS);
        grant.revoked_at.is_none() && !offline
    }

    /// A session that has ended, with its clients: those of the grants that were met, and of those that are gone.
    fn after(&self, row: SessionRow) -> Stored<Ended> {
        let mut clients = sessions::clients_of(&row)?;
        clients.extend(self.clients.get(&row.sid).into_iter().flatten().cloned());
        Ok(Ended {
            sid: row.sid,
            sub: row.sub,
            clients: clients.into_iter().collect(),
        })
    }
}

#[cfg(test)]
mod tests;
