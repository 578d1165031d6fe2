//! One way of verifying a person, for the sign-in page and for the password grant (RFC 6749 §4.3), with the
//! same limits on guesses (§10.7).
//!
//! Guesses are counted per account *and* address, and per address: who guesses at Alice's password from
//! somewhere does not lock Alice out elsewhere. Nor in a browser in which she has signed in before, wherever it is:
//! that one has a count of its own. An attempt [holds a place](crate::store::attempts) under its limit while its
//! password is hashed, so that a burst of parallel guesses gets no further than guesses one after another; and since
//! a right password gives its place back, those who come with many right ones at once wait in [line](super::line)
//! and are not refused, as long as there is room for them. An unknown name takes the same time and is counted in the
//! same way as a wrong password.

use std::net::IpAddr;
use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use shared::flow::catalog as check;
use shared::oauth::Digest;
use shared::observe::Observation;
use shared::realm::RealmName;
use shared::time::{Lifetime, Timestamp};

use super::line::{Desk, Line, Turn};
use crate::config::LimitsConfig;
use crate::realms::Realm;
use crate::state::AppState;
use crate::store::attempts::{self, Attempt, Begun, Ended};
use crate::store::limits::{self, Limit, Room};
use crate::store::people::{self, PersonRow};
use crate::store::{DbConnection, StoreError, Stored, known_places};

/// The longest password that is hashed, in bytes: a longer one is nobody's.
const LONGEST_PASSWORD: usize = 1024;

/// How long a browser is known after somebody signed in with it: as long as its cookie lives.
pub(crate) const DEVICE_KNOWN: Lifetime = Lifetime::from_minutes(180 * 24 * 60);

/// From where somebody tries to sign in.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// The address.
    pub(crate) address: IpAddr,
    /// The browser, where it has been given an id.
    pub(crate) device: Option<Digest>,
}

/// Under what a browser is known to be a person's.
pub(crate) fn known_device(device: &Digest, sub: &str) -> String {
    format!("device {} {sub}", device.as_str())
}

/// Under what a browser is known to be somebody's, whoever that is.
pub(crate) fn known_browser(device: &Digest) -> String {
    format!("browser {}", device.as_str())
}

/// Why a person is not believed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SignInError {
    /// Unknown name or wrong password: nobody learns which.
    #[error("the user name or the password is wrong")]
    Wrong,
    /// Too many failures of this account from this address, or from this address at all.
    #[error("there were too many failed attempts; try again in {retry_after}")]
    TooMany {
        /// When the next attempt counts again.
        retry_after: Lifetime,
    },
    /// More people sign in now than may wait for it, or waiting took too long: the password was not looked at.
    #[error("more people sign in at the moment than can wait for it")]
    Full,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Verifies a person's name and password, as sent from `place`; records [`check::LOGIN_ATTEMPTS`] and
/// [`check::LOGIN_CREDENTIALS`].
///
/// # Errors
/// [`SignInError`].
pub(crate) async fn sign_in(
    state: &AppState,
    realm: &Realm,
    (username, password): (&str, &str),
    place: Place,
    observation: &Observation,
) -> Result<PersonRow, SignInError> {
    state.passwords.settled(&realm.name).await;
    let (person, attempt, room) = prepare(state, realm, place, username).await?;
    let hash = person.as_ref().map(|person| person.password_hash.clone());
    let verdict = match room {
        // Who has failed too often does not take the room of those who have not.
        Room::Exhausted { retry_after } => Verdict::TooMany { retry_after },
        Room::Left => judge(state, realm, attempt, (hash, password)).await?,
    };
    let limited = match verdict {
        Verdict::Decided { .. } => None,
        Verdict::TooMany { retry_after } => Some(retry_after),
    };
    let got = if limited.is_none() { "few" } else { "too many" };
    observation
        .require(
            &check::LOGIN_ATTEMPTS,
            limited.is_none(),
            "few wrong passwords of late, for this account and from this address",
            got,
        )
        .or_else(|| SignInError::TooMany {
            retry_after: limited.unwrap_or(Lifetime::from_seconds(1)),
        })?;
    let right = matches!(verdict, Verdict::Decided { right: true });
    let got = if right { "both" } else { "not both" };
    observation
        .require_some(
            &check::LOGIN_CREDENTIALS,
            person.filter(|_| right),
            "a known user name and its password",
            got,
        )
        .ok_or(SignInError::Wrong)
}

/// Finds out whom an attempt is about, what it is counted under, and whether that is used up already.
async fn prepare(
    state: &AppState,
    realm: &Realm,
    place: Place,
    username: &str,
) -> Stored<(Option<PersonRow>, Attempt, Room)> {
    let id =
        shared::oauth::random_id().map_err(|error| StoreError::Unavailable(error.to_string()))?;
    let limits = state.limits.clone();
    let (realm, now, username) = (realm.name.clone(), realm.now(), username.to_owned());
    let look = move |tx: &mut DbConnection| {
        let person = people::find_by_username(tx, &realm, &username)?;
        let at_home = match (&place.device, &person) {
            (Some(device), Some(person)) => {
                let key = known_device(device, &person.sub);
                known_places::is_known(tx, &realm, &key, now)?.then_some(key)
            }
            _ => None,
        };
        let keys = match at_home {
            Some(device) => at_home_keys(&limits, &device),
            None => elsewhere_keys(&limits, &username, place.address),
        };
        let mut room = Room::Left;
        for (key, limit) in &keys {
            if room == Room::Left {
                room = limits::room(tx, &realm, key, *limit, now)?;
            }
        }
        Ok((person, Attempt { id, keys }, room))
    };
    state.store.look_up(look).await
}

/// What became of an attempt.
#[derive(Clone, Copy)]
enum Verdict {
    /// The password was looked at.
    Decided {
        /// Whether it is the person's.
        right: bool,
    },
    /// It was not looked at: there were too many failures.
    TooMany {
        /// When the next attempt counts again.
        retry_after: Lifetime,
    },
}

/// Waits for a desk and for a place under the limits, and decides then whether a password is right.
async fn judge(
    state: &AppState,
    realm: &Realm,
    attempt: Attempt,
    (hash, password): (Option<String>, &str),
) -> Result<Verdict, SignInError> {
    let _inside = state.lines.enter().ok_or(SignInError::Full)?;
    let key = attempt.keys.first().map_or("", |(key, _)| key.as_str());
    let line = state.lines.line(&realm.name, key);
    let mut turn = Arc::clone(&line).turn().await;
    let attempt = Arc::new(attempt);
    while let Some(at_head) = turn {
        let desk = state.lines.desk(&at_head).await;
        let at_desk = desk.ok_or(SignInError::Full)?;
        let one = Trying {
            state: state.clone(),
            realm: realm.name.clone(),
            attempt: Arc::clone(&attempt),
            hash: hash.clone(),
            password: password.to_owned(),
            line: Arc::clone(&line),
        };
        // A task of its own: whoever hangs up has tried all the same, and leaves no place held.
        let tried = tokio::spawn(one.once(at_head, at_desk)).await;
        match tried.map_err(|error| StoreError::Unavailable(error.to_string()))?? {
            Tried::Judged(verdict) => return Ok(verdict),
            Tried::Full(at_head) => turn = at_head.again().await,
            Tried::Lapsed => {
                let late = "an attempt to sign in was decided too late";
                return Err(StoreError::Busy(late.to_owned()).into());
            }
        }
    }
    Err(SignInError::Full)
}

/// An attempt on its way to a decision.
struct Trying {
    state: AppState,
    realm: RealmName,
    attempt: Arc<Attempt>,
    hash: Option<String>,
    password: String,
    line: Arc<Line>,
}

/// How far an attempt came.
enum Tried {
    /// There is a verdict.
    Judged(Verdict),
    /// Others hold all places; it is still at the head of its line.
    Full(Turn),
    /// It was decided so late that its places had lapsed.
    Lapsed,
}

impl Trying {
    /// Takes places, hashes and gives the places back. The turn ends as soon as it is known that there are places; the
    /// desk is free when they are given back, or when there are none.
    async fn once(self, turn: Turn, _desk: Desk) -> Stored<Tried> {
        match self.begin().await? {
            Begun::Full => return Ok(Tried::Full(turn)),
            Begun::Exhausted { retry_after } => {
                return Ok(Tried::Judged(Verdict::TooMany { retry_after }));
            }
            Begun::Held => drop(turn),
        }
        let right = self.password.len() <= LONGEST_PASSWORD
            && (self.state.passwords)
                .verify(self.hash.clone(), self.password.clone())
                .await;
        let ended = self.end(right).await;
        self.line.decided();
        Ok(match ended? {
            Ended::Counted => Tried::Judged(Verdict::Decided { right }),
            Ended::Lapsed => Tried::Lapsed,
        })
    }

    async fn begin(&self) -> Stored<Begun> {
        let (realm, attempt) = (self.realm.clone(), Arc::clone(&self.attempt));
        let now = self.now();
        let begin = move |tx: &mut DbConnection| attempts::begin(tx, &realm, &attempt, now);
        self.state.store.write(begin).await
    }

    async fn end(&self, right: bool) -> Stored<Ended> {
        let (realm, attempt) = (self.realm.clone(), Arc::clone(&self.attempt));
        let outcome = (right, self.now());
        let end = move |tx: &mut DbConnection| attempts::end(tx, &realm, &attempt, outcome);
        self.state.store.write(end).await
    }

    fn now(&self) -> Timestamp {
        self.state.observer.clocks.of(&self.realm).now()
    }
}

/// What is counted for an account at this address, then for the address.
fn elsewhere_keys(limits: &LimitsConfig, username: &str, address: IpAddr) -> Vec<(String, Limit)> {
    // A digest: people type passwords into the wrong field, and names have no bound.
    let name = digest(&SHA256, username.as_bytes());
    let limit = |attempts| Limit {
        attempts,
        window: limits.window,
    };
    vec![
        (
            format!("login-account {address} {name:?}"),
            limit(limits.login_per_account),
        ),
        (
            format!("login-address {address}"),
            limit(limits.login_per_address),
        ),
    ]
}

/// What is counted for a person's own browser: who has it in their hands may guess as often as at a new address, and
/// no more.
fn at_home_keys(limits: &LimitsConfig, device: &str) -> Vec<(String, Limit)> {
    let limit = Limit {
        attempts: limits.login_per_account,
        window: limits.window,
    };
    vec![(format!("login-{device}"), limit)]
}
