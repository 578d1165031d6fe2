//! One way of verifying a person, for the sign-in page and for the password grant (RFC 6749 §4.3), with the
//! same limits on guesses (§10.7).
//!
//! Guesses are counted per account *and* address, and per address: who guesses at Alice's password from
//! somewhere does not lock Alice out elsewhere. An attempt is counted before the password is hashed and given
//! back when it was right, so that a burst of parallel guesses is counted too. An unknown name takes the same
//! time and is counted in the same way as a wrong password.

use std::net::IpAddr;

use aws_lc_rs::digest::{SHA256, digest};
use shared::flow::catalog as check;
use shared::observe::Observation;
use shared::realm::RealmName;
use shared::time::Lifetime;

use crate::realms::Realm;
use crate::state::AppState;
use crate::store::limits::{self, Limit, Room};
use crate::store::people::{self, PersonRow};
use crate::store::{DbConnection, StoreError, Stored};

/// The longest password that is hashed, in bytes: a longer one is nobody's.
const LONGEST_PASSWORD: usize = 1024;

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

/// Verifies a person's name and password, as sent from `address`; records [`check::LOGIN_ATTEMPTS`] and
/// [`check::LOGIN_CREDENTIALS`].
///
/// # Errors
/// [`SignInError`].
pub(crate) async fn sign_in(
    state: &AppState,
    realm: &Realm,
    (username, password): (&str, &str),
    address: IpAddr,
    observation: &Observation,
) -> Result<PersonRow, SignInError> {
    let attempts = Attempts::new(state, username, address);
    let (room, person) = begin(state, realm, attempts.clone(), username).await?;
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

/// Counts an attempt, where there is room for it, and finds out whom it is about.
async fn begin(
    state: &AppState,
    realm: &Realm,
    attempts: Attempts,
    username: &str,
) -> Stored<(Room, Option<PersonRow>)> {
    let (realm, now, username) = (realm.name.clone(), realm.now(), username.to_owned());
    let begin = move |tx: &mut DbConnection| {
        for (key, limit) in &attempts.0 {
            let room = limits::room(tx, &realm, key, *limit, now)?;
            if room != Room::Left {
                return Ok((room, None));
            }
        }
        for (key, limit) in &attempts.0 {
            limits::count(tx, &realm, key, *limit, now)?;
        }
        let person = people::find_by_username(tx, &realm, &username)?;
        Ok((Room::Left, person))
    };
    state.store.write(begin).await
}

/// What an attempt is counted under, and how often each may fail: the account from this address, then the
/// address.
#[derive(Clone)]
struct Attempts([(String, Limit); 2]);

impl Attempts {
    fn new(state: &AppState, username: &str, address: IpAddr) -> Self {
        // A digest: people type passwords into the wrong field, and names have no bound.
        let name = digest(&SHA256, username.as_bytes());
        let limit = |attempts| Limit {
            attempts,
            window: state.limits.window,
        };
        Self([
            (
                format!("login-account {address} {name:?}"),
                limit(state.limits.login_per_account),
            ),
            (
                format!("login-address {address}"),
                limit(state.limits.login_per_address),
            ),
        ])
    }

    /// It was right: the account's own slips count no more, and the address gets this attempt back.
    fn give_back(&self, tx: &mut DbConnection, realm: &RealmName) -> Stored<()> {
        let [(account, _), (address, _)] = &self.0;
        limits::clear(tx, realm, account)?;
        limits::give_back(tx, realm, address)
    }
}
