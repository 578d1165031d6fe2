//! Who signs in: one way of verifying a person, for the login page and for the password grant
//! (RFC 6749 §4.3), with the same limits on guesses (§10.7).

use std::net::IpAddr;

use aws_lc_rs::digest::{SHA256, digest};
use shared::flow::{CheckDef, catalog};
use shared::observe::Observation;
use shared::time::Lifetime;

use crate::realms::Realm;
use crate::state::AppState;
use crate::store::limits::{self, Limit, Room};
use crate::store::people::{self, PersonRow};
use crate::store::{StoreError, Stored};

/// The checks of a sign-in, in order.
pub(crate) const CHECKS: &[&CheckDef] = &[&catalog::LOGIN_ATTEMPTS, &catalog::LOGIN_CREDENTIALS];

/// Why a person is not believed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SignInError {
    /// Unknown name or wrong password: nobody learns which.
    #[error("the user name or the password is wrong")]
    Wrong,
    /// Too many failures of this account, or from this address.
    #[error("there were too many failed attempts; try again in {retry_after}")]
    TooMany {
        /// When the next attempt counts again.
        retry_after: Lifetime,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Verifies a person's name and password, as sent from `address`.
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
    let attempts = Attempts::new(state, realm, username, address);
    let (room, person) = attempts.begin(username).await?;
    let limited = match room {
        Room::Left => None,
        Room::Exhausted { retry_after } => Some(retry_after),
    };
    observation
        .require(
            &catalog::LOGIN_ATTEMPTS,
            limited.is_none(),
            "few wrong passwords of late, for this account and from this address",
            if limited.is_none() { "few" } else { "too many" },
        )
        .or_else(|| SignInError::TooMany {
            retry_after: limited.unwrap_or(Lifetime::from_seconds(1)),
        })?;
    let hash = person.as_ref().map(|person| person.password_hash.clone());
    let right = state.passwords.verify(hash, password.to_owned()).await;
    let verdict = observation.require(
        &catalog::LOGIN_CREDENTIALS,
        right,
        "a known user name and its password",
        if right { "both" } else { "not both" },
    );
    if !verdict.passed() {
        attempts.count().await?;
    }
    verdict.or(SignInError::Wrong)?;
    attempts.forget().await?;
    person.ok_or(SignInError::Wrong)
}

/// The two counts of an attempt: of the account (known or not), and of the address.
struct Attempts<'a> {
    state: &'a AppState,
    realm: &'a Realm,
    account: String,
    address: String,
}

impl<'a> Attempts<'a> {
    fn new(state: &'a AppState, realm: &'a Realm, username: &str, address: IpAddr) -> Self {
        // A digest: people type passwords into the wrong field, and names have no bound.
        let name = digest(&SHA256, username.as_bytes());
        Self {
            state,
            realm,
            account: format!("login-account {name:?}"),
            address: format!("login-address {address}"),
        }
    }

    fn limits(&self) -> (Limit, Limit) {
        let limits = &self.state.limits;
        let limit = |attempts| Limit {
            attempts,
            window: limits.window,
        };
        (
            limit(limits.login_per_account),
            limit(limits.login_per_address),
        )
    }

    /// Whether there is room for an attempt, and who it is about.
    async fn begin(&self, username: &str) -> Stored<(Room, Option<PersonRow>)> {
        let (per_account, per_address) = self.limits();
        let (account, address) = (self.account.clone(), self.address.clone());
        let (realm, now) = (self.realm.name.clone(), self.realm.now());
        let username = username.to_owned();
        let read = move |tx: &mut crate::store::DbConnection| {
            let person = people::find_by_username(tx, &realm, &username)?;
            let room = match limits::room(tx, &realm, &account, per_account, now)? {
                Room::Left => limits::room(tx, &realm, &address, per_address, now)?,
                exhausted @ Room::Exhausted { .. } => exhausted,
            };
            Ok((room, person))
        };
        self.state.store.read(read).await
    }

    async fn count(&self) -> Stored<()> {
        self.state.guessed.add(&self.realm.name, &self.account);
        let (per_account, per_address) = self.limits();
        let (account, address) = (self.account.clone(), self.address.clone());
        let (realm, now) = (self.realm.name.clone(), self.realm.now());
        let write = move |tx: &mut crate::store::DbConnection| {
            limits::count(tx, &realm, &account, per_account, now)?;
            limits::count(tx, &realm, &address, per_address, now)
        };
        self.state.store.write(write).await
    }

    /// The account's owner has come: their own slips count no more. Those of the address do.
    async fn forget(&self) -> Stored<()> {
        if !self.state.guessed.may_hold(&self.realm.name, &self.account) {
            return Ok(());
        }
        let (realm, account) = (self.realm.name.clone(), self.account.clone());
        self.state
            .store
            .write(move |tx| limits::clear(tx, &realm, &account))
            .await
    }
}
