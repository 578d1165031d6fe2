//! Realms in memory: issuer, policy, clock, keys and clients of each, read from the store as they are needed.
//!
//! Staleness is bounded: what another process changed (a key that was rotated, a policy, a client) is seen
//! after [`STALENESS`] at the latest, what this process changed, at once. A realm that is in use is read anew before
//! that, beside the requests, so that none of them waits for it. A key is announced for longer than
//! that before it signs, so no process meets a signature whose key it does not know.

mod accepted;
mod documents;
mod realm;
mod rotation;
mod seeding;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use shared::realm::{Addresses, RealmName};
use shared::seed::{RealmSeed, Seed, SigningAlgorithm};
use shared::time::{Clocks, Lifetime, Timestamp};

use crate::client::{Client, Clients};
use crate::issue::IssueError;
use crate::issue::keys::{SigningKey, public_jwk};
use crate::issue::verification::{VerifiedTokens, none_verified};
use crate::password::Passwords;
use crate::store::clients::ClientRow;
use crate::store::past_keys::PastKeyRow;
use crate::store::signing_keys::SigningKeyRow;
use crate::store::{DbConnection, Store, StoreError, signing_keys};

pub(crate) use documents::Rendered;
pub(crate) use realm::Realm;

/// How old what is kept in memory may be.
pub(crate) const STALENESS: Duration = crate::client::STALENESS;

/// How old a realm is that is read anew while it may still be used.
const RENEWED: Duration = Duration::from_secs(1);

/// How long whoever asks for what everybody may know waits for a store that does not answer.
const SOON: Duration = Duration::from_secs(1);

/// How old that may be then: as long as resource servers use keys while nobody tells them newer ones.
const LAST_KNOWN: Duration = Duration::from_hours(1);

/// How much longer than the longest-lived token an old key is kept: clocks of verifiers differ.
const LEEWAY: Lifetime = Lifetime::from_minutes(5);

/// Why a realm cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RealmError {
    /// There is no such realm.
    #[error("there is no realm {0}")]
    Unknown(RealmName),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A key or password could not be made or read.
    #[error("{0}")]
    Secret(String),
    /// The seed does not fit together.
    #[error(transparent)]
    Seed(#[from] shared::seed::SeedError),
}

impl From<IssueError> for RealmError {
    fn from(error: IssueError) -> Self {
        match error {
            IssueError::Store(error) => Self::Store(error),
            other => Self::Secret(other.to_string()),
        }
    }
}

impl shared::store::Outcome for RealmError {
    fn is_refusal(&self) -> bool {
        matches!(self, Self::Unknown(_))
    }
}

/// The realms of one auth server. Cheap to clone; the clones share what they know.
#[derive(Clone, Debug)]
pub struct Realms(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    store: Store,
    addresses: Addresses,
    clocks: Clocks,
    announcement: Lifetime,
    passwords: Passwords,
    clients: Clients,
    verified: VerifiedTokens,
    known: RwLock<HashMap<RealmName, Kept>>,
    /// How often something was forgotten: what was read before that is not kept.
    forgotten: AtomicU64,
    /// Held while a key is made, so that this process makes one and not several.
    making_key: tokio::sync::Mutex<()>,
}

/// A realm in memory.
#[derive(Debug)]
struct Kept {
    read_at: Instant,
    realm: Arc<Realm>,
    /// Whether it is being read anew.
    renewing: AtomicBool,
}

/// What the realms of a server stand on.
pub(crate) struct Foundation {
    pub(crate) store: Store,
    pub(crate) addresses: Addresses,
    pub(crate) clocks: Clocks,
    pub(crate) announcement: Lifetime,
    pub(crate) passwords: Passwords,
}

impl Realms {
    /// The realms that `foundation` holds.
    pub(crate) fn new(foundation: Foundation) -> Self {
        Self(Arc::new(Inner {
            store: foundation.store,
            addresses: foundation.addresses,
            clocks: foundation.clocks,
            announcement: foundation.announcement,
            passwords: foundation.passwords,
            clients: Clients::default(),
            verified: none_verified(),
            known: RwLock::default(),
            forgotten: AtomicU64::default(),
            making_key: tokio::sync::Mutex::default(),
        }))
    }

    /// Makes a realm, or brings an existing one to what the seed says: people and clients that changed are
    /// updated, those that the seed does not name stay. Its placeholders are filled in here.
    ///
    /// # Errors
    /// [`RealmError`].
    pub async fn create(&self, seed: &RealmSeed) -> Result<(), RealmError> {
        seeding::seed(self, &seed.resolve(&self.0.addresses)).await?;
        self.forget(&seed.name);
        Ok(())
    }

    /// [`Realms::create`] for each realm of `seed`.
    ///
    /// # Errors
    /// [`RealmError`].
    pub async fn fill(&self, seed: &Seed) -> Result<(), RealmError> {
        seed.check()?;
        for realm in &seed.realms {
            self.create(realm).await?;
        }
        Ok(())
    }

    /// How long the oldest key that signs has done so, in seconds, of the realms in memory; 0 without any.
    pub(crate) fn oldest_signing_key(&self) -> i64 {
        let known = self.0.known.read().unwrap_or_else(PoisonError::into_inner);
        let ages = known
            .values()
            .filter_map(|kept| kept.realm.keys.signed_for(kept.realm.now()));
        ages.max().unwrap_or(0)
    }

    /// The names of all realms.
    ///
    /// # Errors
    /// [`RealmError`].
    pub async fn list(&self) -> Result<Vec<RealmName>, RealmError> {
        Ok(self.0.store.read(crate::store::realms::list).await?)
    }

    /// The realm of this name: from memory, else from the store.
    ///
    /// # Errors
    /// [`RealmError`].
    pub(crate) async fn find(&self, realm: &RealmName) -> Result<Arc<Realm>, RealmError> {
        {
            let known = self.0.known.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(kept) = known.get(realm) {
                let age = kept.read_at.elapsed();
                if age > RENEWED && age < STALENESS && !kept.renewing.swap(true, Ordering::Relaxed)
                {
                    self.renew(realm);
                }
                if age < STALENESS {
                    return Ok(Arc::clone(&kept.realm));
                }
            }
        }
        // Seldom: boxed, so that every request need not have room for it.
        Box::pin(self.reload(realm)).await
    }

    /// The realm of this name for what everybody may know, its keys and its metadata: as it was last read, where the
    /// store is away. Nobody is let in by it.
    ///
    /// # Errors
    /// [`RealmError`].
    pub(crate) async fn find_published(&self, realm: &RealmName) -> Result<Arc<Realm>, RealmError> {
        let found = tokio::time::timeout(SOON, self.find(realm)).await;
        let late = || StoreError::Busy(format!("the realm was not read within {SOON:?}"));
        match found.unwrap_or_else(|_elapsed| Err(late().into())) {
            Err(RealmError::Store(error)) if error.is_transient() => {
                self.last_known(realm).ok_or(error.into())
            }
            found => found,
        }
    }

    fn last_known(&self, realm: &RealmName) -> Option<Arc<Realm>> {
        let known = self.0.known.read().unwrap_or_else(PoisonError::into_inner);
        let kept = known.get(realm)?;
        (kept.read_at.elapsed() < LAST_KNOWN).then(|| Arc::clone(&kept.realm))
    }

    /// Reads a realm anew beside the request that noticed its age.
    fn renew(&self, realm: &RealmName) {
        let (realms, name) = (self.clone(), realm.clone());
        tokio::spawn(async move {
            if let Err(error) = realms.reload(&name).await {
                // Whoever needs it next tries again, and answers for it.
                tracing::warn!(%error, realm = %name, "a realm could not be read anew");
            }
        });
    }

    /// The realm of this name, with a key that signs ID tokens by `algorithm`: RSA keys are made when the
    /// first client needs one.
    ///
    /// # Errors
    /// [`RealmError`].
    pub(crate) async fn find_signing(
        &self,
        realm: &Arc<Realm>,
        algorithm: SigningAlgorithm,
    ) -> Result<Arc<Realm>, RealmError> {
        let now = realm.now();
        if realm.keys.signer(algorithm, now).is_ok() {
            return Ok(Arc::clone(realm));
        }
        let _one = self.0.making_key.lock().await;
        let realm = self.reload(&realm.name).await?;
        if realm.keys.signer(algorithm, now).is_ok() {
            return Ok(realm);
        }
        let (name, of) = (realm.name.clone(), realm.name.clone());
        let key =
            tokio::task::spawn_blocking(move || SigningKey::generate(&name, algorithm, (now, now)))
                .await
                .map_err(|error| RealmError::Secret(error.to_string()))??;
        self.0
            .store
            .write(move |tx| signing_keys::insert_first(tx, &of, &key))
            .await?;
        self.reload(&realm.name).await
    }

    /// The realm of this name, from the store.
    ///
    /// # Errors
    /// [`RealmError`].
    pub(crate) async fn reload(&self, realm: &RealmName) -> Result<Arc<Realm>, RealmError> {
        let (read_at, forgotten) = (Instant::now(), self.0.forgotten.load(Ordering::Acquire));
        let clock = self.0.clocks.of(realm);
        let load = |clock| {
            let (name, addresses) = (realm.clone(), self.0.addresses.clone());
            let known = (clock, Arc::clone(&self.0.verified));
            move |tx: &mut DbConnection| Realm::load(tx, &name, &addresses, known)
        };
        let mut found = self.0.store.read(load(clock.clone())).await?;
        if found.subject_salt.is_empty() {
            seeding::salt(self, realm).await?;
            found = self.0.store.read(load(clock)).await?;
        }
        let realm = Arc::new(found);
        let mut known = self.0.known.write().unwrap_or_else(PoisonError::into_inner);
        if self.0.forgotten.load(Ordering::Acquire) == forgotten {
            let kept = Kept {
                read_at,
                realm: Arc::clone(&realm),
                renewing: AtomicBool::new(false),
            };
            known.insert(realm.name.clone(), kept);
        }
        Ok(realm)
    }

    /// Takes note of a client that registered itself, or changed its registration: scripts of its origins may call
    /// at once.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`].
    pub(crate) fn registered(&self, realm: &Realm, row: &ClientRow) -> Result<(), StoreError> {
        let client = Client::from_row(row, &realm.policy)?;
        if realm.shares_with(&client) {
            self.0.clients.forget(&realm.name);
        } else {
            self.forget(&realm.name);
        }
        Ok(())
    }

    /// The clients of all realms, as far as they are in memory.
    pub(crate) fn clients(&self) -> &Clients {
        &self.0.clients
    }

    fn clock_now(&self, realm: &RealmName) -> Timestamp {
        self.0.clocks.of(realm).now()
    }

    fn forget(&self, realm: &RealmName) {
        self.0.clients.forget(realm);
        let mut known = self.0.known.write().unwrap_or_else(PoisonError::into_inner);
        self.0.forgotten.fetch_add(1, Ordering::AcqRel);
        known.remove(realm);
    }
}

/// What stays of a key that signs no more from `retired_at` on.
fn past(row: &SigningKeyRow, retired_at: Timestamp) -> Result<PastKeyRow, IssueError> {
    Ok(PastKeyRow {
        realm: row.realm.clone(),
        kid: row.kid.clone(),
        jwk: public_jwk(row)?,
        retired_at: row.retired_at.unwrap_or(retired_at.as_unix()),
    })
}
