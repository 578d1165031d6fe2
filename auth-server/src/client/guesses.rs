//! Limits on guesses at a client's secret (RFC 6749 §2.3.1).
//!
//! May use the store. Wrong secrets are counted for each client and address. An address is no person: where the client
//! itself lives at an address from which somebody guesses, it is not locked out by a few. That is so on loopback, which
//! everybody on this machine shares, and where it proved itself before: there a thousand wrong ones are answered, and
//! beyond them one a second. Whoever guesses right is answered as the client is, so a limit that bounds them cannot
//! except the client: it bounds both, and is over a second after they stop. Where nothing can be guessed nobody is kept
//! waiting: a secret that this server made has 256 random bits, and a private key is no guess.

use std::net::IpAddr;

use shared::realm::RealmName;
use shared::time::{Lifetime, Timestamp};

use super::Client;
use crate::realms::Realm;
use crate::state::AppState;
use crate::store::limits::{self, Limit, Room};
use crate::store::{DbConnection, StoreError, Stored, known_places};

/// How long a client that proved itself is at home at an address.
const AT_HOME: Lifetime = Lifetime::from_minutes(7 * 24 * 60);

/// Where a client is at home and its limit is used up, one in so long is looked at.
const TRICKLE: Limit = Limit {
    attempts: 1,
    window: Lifetime::from_seconds(1),
};

/// Whether credentials may be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// They may.
    Allowed,
    /// Somebody guesses from an address of which the client was never seen: wrong, whatever they are.
    Refused,
    /// So many were wrong where the client is at home that nobody is told for now what these are.
    Later {
        /// When to come back.
        retry_after: Lifetime,
    },
}

/// Wrong secrets for one client from one address. All unknown clients of an address share one count, so that
/// strangers cannot fill the store.
pub(super) struct Guesses<'a> {
    state: &'a AppState,
    realm: &'a Realm,
    counts: Counts,
    /// Whether there is nothing to guess.
    random: bool,
}

/// What is counted, and under what.
#[derive(Clone, Debug)]
struct Counts {
    /// Under which the address is known, and strangers are counted.
    key: String,
    strangers: Limit,
    at_home: Limit,
    /// Whether everybody is at home there.
    shared: bool,
}

impl<'a> Guesses<'a> {
    pub(super) fn new(
        state: &'a AppState,
        realm: &'a Realm,
        client: Option<&Client>,
        address: IpAddr,
    ) -> Self {
        let name = client.map_or("", |client| client.id.as_str());
        let limit = |attempts| Limit {
            attempts,
            window: state.limits.window,
        };
        Self {
            state,
            realm,
            counts: Counts {
                key: format!("client-secret {address} {name}"),
                strangers: limit(state.limits.client_secret),
                at_home: limit(state.limits.client_secret_at_home),
                shared: address.to_canonical().is_loopback(),
            },
            random: client.is_some_and(|client| client.self_registered.is_some()),
        }
    }

    /// Whether these credentials may be looked at, if they are `right`; wrong ones are counted. Whether there is room
    /// and that it was used is one unit of work, so that many at once are as few as many one after another. The count
    /// is the store's, so that it is the same for all processes and after a restart; where nobody guessed a short time
    /// ago, whoever proved themselves here need not be looked up.
    pub(super) async fn judge(&self, right: bool) -> Stored<Look> {
        if right && (self.random || self.is_far_from_its_limit().await?) {
            return Ok(Look::Allowed);
        }
        let (realm, counts) = (self.realm.name.clone(), self.counts.clone());
        if !right {
            let window = counts.at_home.window;
            self.state.guessed.note_guess(&realm, &counts.key, window);
        }
        let now = self.realm.now();
        let judge = move |tx: &mut DbConnection| counts.judge(tx, &realm, right, now);
        self.state.store.write(judge).await
    }

    /// Whether the client is at home here and nobody guesses much: known to this process where nobody did of late, else
    /// to the store.
    async fn is_far_from_its_limit(&self) -> Stored<bool> {
        let (realm, counts) = (&self.realm.name, &self.counts);
        let known = counts.shared || self.state.guessed.is_known(realm, &counts.key);
        if known && !self.state.guessed.was_guessed_at(realm, &counts.key) {
            return Ok(true);
        }
        let (realm, counts) = (realm.clone(), counts.clone());
        let now = self.realm.now();
        let look = move |tx: &mut DbConnection| -> Stored<bool> {
            if !(known || known_places::is_known(tx, &realm, &counts.key, now)?) {
                return Ok(false);
            }
            let limit = counts.at_home;
            let failed = limits::failures(tx, &realm, &counts.home_key(), limit, now)?;
            // Near it, many at once are judged one after another.
            Ok(failed < limit.attempts / 2)
        };
        self.state.store.look_up(look).await
    }

    /// Remembers that the client is at home at this address: here, and for all processes.
    pub(super) async fn succeeded(&self) {
        let (realm, key) = (&self.realm.name, &self.counts.key);
        if self.counts.shared || self.state.guessed.is_known(realm, key) {
            return;
        }
        let (realm, key) = (realm.clone(), key.clone());
        let at_home = self.realm.now() + AT_HOME;
        let note = move |tx: &mut DbConnection| known_places::know(tx, &realm, &key, at_home);
        match Box::pin(self.state.store.write(note)).await {
            Ok(()) => self.state.guessed.know(&self.realm.name, &self.counts.key),
            // It is who it is all the same.
            Err(error) => tracing::warn!(%error, "where a client is at home was not noted"),
        }
    }
}

impl Counts {
    fn home_key(&self) -> String {
        format!("at-home {}", self.key)
    }

    /// Looks at the count, and counts what is wrong.
    fn judge(
        &self,
        tx: &mut DbConnection,
        realm: &RealmName,
        right: bool,
        now: Timestamp,
    ) -> Result<Look, StoreError> {
        let at_home = self.shared || known_places::is_known(tx, realm, &self.key, now)?;
        if !at_home {
            return Ok(
                match one(tx, realm, (&self.key, self.strangers), right, now)? {
                    Room::Left => Look::Allowed,
                    Room::Exhausted { .. } => Look::Refused,
                },
            );
        }
        let home = self.home_key();
        if one(tx, realm, (&home, self.at_home), right, now)? == Room::Left {
            return Ok(Look::Allowed);
        }
        let trickle = format!("trickle {}", self.key);
        Ok(match one(tx, realm, (&trickle, TRICKLE), right, now)? {
            Room::Left => Look::Allowed,
            Room::Exhausted { retry_after } => Look::Later { retry_after },
        })
    }
}

/// Whether there is room under a key; a wrong one takes it.
fn one(
    tx: &mut DbConnection,
    realm: &RealmName,
    (key, limit): (&str, Limit),
    right: bool,
    now: Timestamp,
) -> Stored<Room> {
    limits::hold(tx, realm, key, now)?;
    let room = limits::room(tx, realm, key, limit, now)?;
    if room == Room::Left && !right {
        limits::count(tx, realm, key, limit, now)?;
    }
    Ok(room)
}
