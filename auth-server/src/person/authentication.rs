//! Proving who one is by user name and password, with a limit on guesses (RFC 6749 §10.7).
//!
//! Guesses are counted per account *and* address, and per address: who guesses at Alice's password from
//! somewhere does not lock Alice out elsewhere. Each attempt is counted before the password is hashed and
//! given back when it was right, so that a burst of parallel guesses is counted too. An unknown name costs
//! the same time and is counted in the same way as a wrong password.

use std::net::IpAddr;

use shared::flow::catalog as check;
use shared::oauth::{Digest, Secret, SecretKind};
use shared::observe::Observation;
use shared::realm::RealmName;
use shared::time::{Lifetime, Timestamp};

use super::Person;
use crate::state::AppState;
use crate::store::limits::{self, Limit, Room};
use crate::store::{StoreError, people};

/// The longest password that is hashed, in bytes: more is wrong without being hashed.
const LONGEST_PASSWORD: usize = 1024;

/// One attempt to sign in.
pub(crate) struct Attempt {
    /// In which realm.
    pub(crate) realm: RealmName,
    /// When, by the realm's clock.
    pub(crate) now: Timestamp,
    /// From where.
    pub(crate) address: Option<IpAddr>,
    /// As whom.
    pub(crate) username: String,
    /// With which password.
    pub(crate) password: String,
}

/// Why somebody is not signed in.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// Unknown name or wrong password: nobody is told which.
    #[error("the user name and password do not belong together")]
    Wrong,
    /// Too many attempts.
    #[error("too many attempts have failed; the next is answered after {0}")]
    Limited(Lifetime),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What the names of limits are made of: a name that may be anything becomes 64 hex digits.
enum Username {}

impl SecretKind for Username {
    const NAME: &'static str = "username";
}

/// Verifies an attempt, and records [`check::LOGIN_ATTEMPTS`] and [`check::LOGIN_CREDENTIALS`].
///
/// # Errors
/// [`Failure`].
pub(crate) async fn authenticate(
    state: &AppState,
    attempt: Attempt,
    observation: &Observation,
) -> Result<Person, Failure> {
    let keys = Keys::of(&attempt, state);
    let (realm, now, counted) = (attempt.realm.clone(), attempt.now, keys.clone());
    let room = state
        .store
        .write(move |tx| -> Result<Room, StoreError> {
            for (key, limit) in &counted.0 {
                let room = limits::room(tx, &realm, key, *limit, now)?;
                if room != Room::Left {
                    return Ok(room);
                }
            }
            for (key, limit) in &counted.0 {
                limits::count(tx, &realm, key, *limit, now)?;
            }
            Ok(Room::Left)
        })
        .await?;
    let expected = "fewer failures than the limit";
    if let Room::Exhausted { retry_after } = room {
        let got = format_args!("the limit is reached for {retry_after}");
        return observation
            .require(&check::LOGIN_ATTEMPTS, false, expected, got)
            .or(Failure::Limited(retry_after))
            .and(Err(Failure::Wrong));
    }
    let _ = observation.require(&check::LOGIN_ATTEMPTS, true, expected, expected);
    let found = verify(state, &attempt).await?;
    let expected = "a user name and its password";
    let got = if found.is_some() {
        expected
    } else {
        "they do not belong together"
    };
    let person = observation
        .require_some(&check::LOGIN_CREDENTIALS, found, expected, got)
        .ok_or(Failure::Wrong)?;
    let (realm, now) = (attempt.realm, attempt.now);
    state
        .store
        .write(move |tx| keys.give_back(tx, &realm, now))
        .await?;
    Ok(person)
}

/// The person, if the password is theirs. Takes as long for an unknown name.
async fn verify(state: &AppState, attempt: &Attempt) -> Result<Option<Person>, StoreError> {
    let (realm, username) = (attempt.realm.clone(), attempt.username.clone());
    let row = state
        .store
        .read(move |tx| people::find_by_username(tx, &realm, &username))
        .await?;
    if attempt.password.len() > LONGEST_PASSWORD {
        return Ok(None);
    }
    let hash = row.as_ref().map(|row| row.password_hash.clone());
    let right = state.passwords.verify(hash, attempt.password.clone()).await;
    row.filter(|_| right)
        .as_ref()
        .map(Person::from_row)
        .transpose()
}

/// What an attempt is counted under, and how much each may have: account and address, then address alone.
#[derive(Clone)]
struct Keys([(String, Limit); 2]);

impl Keys {
    fn of(attempt: &Attempt, state: &AppState) -> Self {
        let username = Secret::<Username>::from_text(&attempt.username);
        let account: Digest = username.digest();
        let address = attempt
            .address
            .map_or_else(|| "unknown".to_owned(), |ip| ip.to_string());
        let limit = |attempts| Limit {
            attempts,
            window: state.limits.window,
        };
        Self([
            (
                format!("login:account:{address}:{}", account.as_str()),
                limit(state.limits.login_per_account),
            ),
            (
                format!("login:address:{address}"),
                limit(state.limits.login_per_address),
            ),
        ])
    }

    /// The attempt was right: the account begins anew, and the address gets this one back.
    fn give_back(
        &self,
        tx: &mut crate::store::DbConnection,
        realm: &RealmName,
        _now: Timestamp,
    ) -> Result<(), StoreError> {
        let [(account, _), (address, _)] = &self.0;
        limits::clear(tx, realm, account)?;
        limits::give_back(tx, realm, address)
    }
}
