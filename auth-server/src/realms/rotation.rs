//! Rotating signing keys: a new one is published, signs once every verifier can have seen it, and the old one verifies
//! until the last token that it signed has expired.

use shared::realm::RealmName;
use shared::seed::SigningAlgorithm;
use shared::time::{Lifetime, Timestamp};

use super::{LEEWAY, RealmError, Realms, past};
use crate::issue::IssueError;
use crate::issue::keys::SigningKey;
use crate::store::signing_keys::{self, SigningKeyRow};
use crate::store::{DbConnection, Stored, past_keys, realms};

/// The moments of one rotation.
#[derive(Clone, Copy, Debug)]
struct Moments {
    now: Timestamp,
    /// When the new keys begin to sign, and the old ones end to.
    active_from: Timestamp,
    /// When the last token of the old ones has expired.
    gone_at: Timestamp,
}

impl Realms {
    /// Rotates the keys of a realm: a new one for each algorithm in use is published at once and signs after
    /// the configured announcement; the old one verifies until the last token that it signed has expired.
    /// Returns the moment from which the new keys sign.
    ///
    /// # Errors
    /// [`RealmError`].
    pub async fn rotate_keys(&self, realm: &RealmName) -> Result<Timestamp, RealmError> {
        let moments = self.moments(realm).await?;
        self.rotate(realm, moments, moments.now).await?;
        Ok(moments.active_from)
    }

    /// [`Realms::rotate_keys`] for the keys that were published longer ago than `every`; nothing where there are
    /// none. Of several processes that ask at once, one rotates.
    ///
    /// # Errors
    /// [`RealmError`].
    pub(crate) async fn rotate_keys_due(
        &self,
        realm: &RealmName,
        every: Lifetime,
    ) -> Result<Option<Timestamp>, RealmError> {
        let moments = self.moments(realm).await?;
        let rotated = self.rotate(realm, moments, moments.now - every).await?;
        Ok(rotated.then_some(moments.active_from))
    }

    async fn moments(&self, realm: &RealmName) -> Result<Moments, RealmError> {
        let now = self.clock_now(realm);
        let active_from = now + self.0.announcement;
        let gone_at = active_from + self.find(realm).await?.longest_token + LEEWAY;
        Ok(Moments {
            now,
            active_from,
            gone_at,
        })
    }

    /// Rotates those algorithms whose newest key was published at `before` or earlier; whether there was one.
    async fn rotate(
        &self,
        realm: &RealmName,
        moments: Moments,
        before: Timestamp,
    ) -> Result<bool, RealmError> {
        let name = realm.clone();
        let list = move |tx: &mut DbConnection| signing_keys::list(tx, &name, moments.now);
        let rows = self.0.store.read(list).await?;
        let due = due(&rows, before);
        if due.is_empty() {
            return Ok(false);
        }
        let name = realm.clone();
        // Before the transaction: an RSA key takes long enough to be waited for.
        let fresh = tokio::task::spawn_blocking(move || fresh(&name, &due, moments))
            .await
            .map_err(|error| RealmError::Secret(error.to_string()))??;
        let name = realm.clone();
        let exchange = move |tx: &mut DbConnection| exchange(tx, &name, &fresh, (moments, before));
        let rotated = self.0.store.write(exchange).await?;
        self.forget(realm);
        Ok(rotated)
    }
}

/// The algorithms whose newest key was published at `before` or earlier.
fn due(rows: &[SigningKeyRow], before: Timestamp) -> Vec<SigningAlgorithm> {
    let newest = |algorithm: &SigningAlgorithm| {
        let own = rows
            .iter()
            .filter(|row| row.algorithm == algorithm.as_str());
        own.map(|row| row.announced_at).max()
    };
    let is_due = |algorithm: &SigningAlgorithm| {
        newest(algorithm).is_some_and(|announced| announced <= before.as_unix())
    };
    SigningAlgorithm::ALL.into_iter().filter(is_due).collect()
}

/// A new key for each of `algorithms`.
fn fresh(
    realm: &RealmName,
    algorithms: &[SigningAlgorithm],
    moments: Moments,
) -> Result<Vec<SigningKeyRow>, IssueError> {
    let times = (moments.now, moments.active_from);
    let make = |&algorithm: &SigningAlgorithm| SigningKey::generate(realm, algorithm, times);
    algorithms.iter().map(make).collect()
}

/// Lets the old keys retire in favour of `fresh`; whether there were any. One rotation at a time, in whatever process:
/// where another did the same a moment ago, nothing is left to retire, and nothing is put in its place.
fn exchange(
    tx: &mut DbConnection,
    realm: &RealmName,
    fresh: &[SigningKeyRow],
    (moments, before): (Moments, Timestamp),
) -> Result<bool, RealmError> {
    realms::hold(tx, realm)?;
    let rows = signing_keys::list(tx, realm, moments.now)?;
    let still_due = due(&rows, before);
    let mut rotated = false;
    for key in fresh {
        if !still_due.iter().any(|due| due.as_str() == key.algorithm) {
            continue;
        }
        let own = |row: &&SigningKeyRow| row.algorithm == key.algorithm && row.retired_at.is_none();
        for row in rows.iter().filter(own) {
            past_keys::put(tx, &past(row, moments.active_from)?)?;
        }
        if retire(tx, realm, key, moments)? > 0 {
            signing_keys::insert(tx, key)?;
            rotated = true;
        }
    }
    Ok(rotated)
}

fn retire(
    tx: &mut DbConnection,
    realm: &RealmName,
    key: &SigningKeyRow,
    moments: Moments,
) -> Stored<usize> {
    let ends = (moments.active_from, moments.gone_at);
    signing_keys::retire(tx, realm, &key.algorithm, ends)
}
