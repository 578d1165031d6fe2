//! One way of verifying a person, for the sign-in page and for the password grant (RFC 6749 §4.3), with the
//! same limits on guesses (§10.7).
//!
//! Guesses are counted per account *and* address, and per address: who guesses at Alice's password from
//! somewhere does not lock Alice out elsewhere. Nor in a browser in which she has signed in before, wherever it is:
//! that one has a count of its own. An attempt is counted before the password is hashed and given
//! back when it was right, so that a burst of parallel guesses is counted too. An unknown name takes the same
//! time and is counted in the same way as a wrong password.

use std::net::IpAddr;

use aws_lc_rs::digest::{SHA256, digest};
use shared::flow::catalog as check;
use shared::oauth::Digest;
use shared::observe::Observation;
use shared::realm::RealmName;
use shared::time::Lifetime;

use crate::config::LimitsConfig;
use crate::realms::Realm;
use crate::state::AppState;
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
    let begun = begin(state, realm, place, username).await?;
    let (room, person, attempts) = (begun.room, begun.person, begun.attempts);
    let limited = match room {
        Room::Left => None,
        Room::Exhausted { retry_after } => Some(retry_after),
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
    let hash = person.as_ref().map(|person| person.password_hash.clone());
    let right = password.len() <= LONGEST_PASSWORD
        && state.passwords.verify(hash, password.to_owned()).await;
    let got = if right { "both" } else { "not both" };
    let person = observation
        .require_some(
            &check::LOGIN_CREDENTIALS,
            person.filter(|_| right),
            "a known user name and its password",
            got,
        )
        .ok_or(SignInError::Wrong)?;
    let name = realm.name.clone();
    state
        .store
        .write(move |tx| attempts.give_back(tx, &name))
        .await?;
    Ok(person)
}

/// An attempt that was counted, or for which there was no room.
struct Begun {
    room: Room,
    person: Option<PersonRow>,
    attempts: Attempts,
}

/// Counts an attempt, where there is room for it, and finds out whom it is about.
async fn begin(state: &AppState, realm: &Realm, place: Place, username: &str) -> Stored<Begun> {
    let limits = state.limits.clone();
    let (realm, now, username) = (realm.name.clone(), realm.now(), username.to_owned());
    let begin = move |tx: &mut DbConnection| {
        let person = people::find_by_username(tx, &realm, &username)?;
        let at_home = match (&place.device, &person) {
            (Some(device), Some(person)) => {
                let key = known_device(device, &person.sub);
                known_places::is_known(tx, &realm, &key, now)?.then_some(key)
            }
            _ => None,
        };
        let attempts = match at_home {
            Some(device) => Attempts::at_home(&limits, &device),
            None => Attempts::elsewhere(&limits, &username, place.address),
        };
        for (key, limit) in &attempts.0 {
            let room = limits::room(tx, &realm, key, *limit, now)?;
            if room != Room::Left {
                return Ok(Begun {
                    room,
                    person: None,
                    attempts,
                });
            }
        }
        for (key, limit) in &attempts.0 {
            limits::count(tx, &realm, key, *limit, now)?;
        }
        Ok(Begun {
            room: Room::Left,
            person,
            attempts,
        })
    };
    state.store.write(begin).await
}

/// What an attempt is counted under, and how often each may fail: first what is forgotten when it was right.
#[derive(Clone)]
struct Attempts(Vec<(String, Limit)>);

impl Attempts {
    /// The account from this address, then the address.
    fn elsewhere(limits: &LimitsConfig, username: &str, address: IpAddr) -> Self {
        // A digest: people type passwords into the wrong field, and names have no bound.
        let name = digest(&SHA256, username.as_bytes());
        let limit = |attempts| Limit {
            attempts,
            window: limits.window,
        };
        Self(vec![
            (
                format!("login-account {address} {name:?}"),
                limit(limits.login_per_account),
            ),
            (
                format!("login-address {address}"),
                limit(limits.login_per_address),
            ),
        ])
    }

    /// A person's own browser: who has it in their hands may guess as often as at a new address, and no more.
    fn at_home(limits: &LimitsConfig, device: &str) -> Self {
        let limit = Limit {
            attempts: limits.login_per_account,
            window: limits.window,
        };
        Self(vec![(format!("login-{device}"), limit)])
    }

    /// It was right: the account's own slips count no more, and the address gets this attempt back.
    fn give_back(&self, tx: &mut DbConnection, realm: &RealmName) -> Stored<()> {
        for (at, (key, _)) in self.0.iter().enumerate() {
            if at == 0 {
                limits::clear(tx, realm, key)?;
            } else {
                limits::give_back(tx, realm, key)?;
            }
        }
        Ok(())
    }
}
