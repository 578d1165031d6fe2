//! How much there is in each realm, counted a moment ago.
//!
//! To count is to read every row. What this process changes is counted anew at once; what another process changed is
//! seen after [`STALENESS`] at the latest.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use shared::realm::RealmName;
use shared::store::{Store, StoreError};

use crate::store::{people, photos};

/// How old a count may be.
const STALENESS: Duration = Duration::from_secs(1);

/// The most realms whose counts are kept; beyond it all are forgotten.
const MOST: usize = 1000;

/// How much there is in a realm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Count {
    /// People who keep photos here.
    pub(crate) people: i64,
    /// Their photos.
    pub(crate) photos: i64,
}

/// The counts of all realms; clones are the same ones.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counts(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    kept: RwLock<HashMap<RealmName, (Instant, Count)>>,
    /// How often something was forgotten: what was read before that is not kept.
    forgotten: AtomicU64,
}

impl Counts {
    /// How much there is in `realm`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn of(&self, store: &Store, realm: &RealmName) -> Result<Count, StoreError> {
        if let Some(count) = self.kept(realm) {
            return Ok(count);
        }
        let (read_at, forgotten) = (Instant::now(), self.0.forgotten.load(Ordering::Acquire));
        let name = realm.clone();
        let count = store
            .look_up(move |tx| {
                Ok::<_, StoreError>(Count {
                    people: people::count(tx, &name)?,
                    photos: photos::count(tx, &name)?,
                })
            })
            .await?;
        let mut kept = self.0.kept.write().unwrap_or_else(PoisonError::into_inner);
        if self.0.forgotten.load(Ordering::Acquire) == forgotten {
            if kept.len() >= MOST {
                kept.clear();
            }
            kept.insert(realm.clone(), (read_at, count));
        }
        Ok(count)
    }

    /// Something of `realm` has changed.
    pub(crate) fn forget(&self, realm: &RealmName) {
        let mut kept = self.0.kept.write().unwrap_or_else(PoisonError::into_inner);
        self.0.forgotten.fetch_add(1, Ordering::AcqRel);
        kept.remove(realm);
    }

    fn kept(&self, realm: &RealmName) -> Option<Count> {
        let kept = self.0.kept.read().unwrap_or_else(PoisonError::into_inner);
        let (read_at, count) = kept.get(realm)?;
        (read_at.elapsed() < STALENESS).then_some(*count)
    }
}
