//! What a running server does by itself, now and then: it deletes what has expired, and rotates keys that are due.
//!
//! Every process of a server does so; who comes second finds nothing left to do.

use std::time::{Duration, Instant};

use shared::realm::RealmName;
use shared::time::Lifetime;

use crate::state::AppState;
use crate::store::{StoreError, sweep};

/// The most rows that are deleted in one transaction: a request that wants to write waits for one such at most.
const BATCH: usize = 500;
/// How long others may write between two transactions of a sweep.
const PAUSE: Duration = Duration::from_millis(10);
/// The least and the most between two looks at whether keys are due.
const LOOK: (Duration, Duration) = (Duration::from_millis(500), Duration::from_mins(1));

/// Deletes what has expired, realm by realm, each by its own clock, every so often.
pub(crate) async fn sweep_forever(state: AppState, every: Lifetime) {
    loop {
        tokio::time::sleep(span(every)).await;
        for name in names(&state).await {
            let began = Instant::now();
            let swept = sweep(&state, &name).await;
            state.meter.swept(began, swept.as_ref().ok().copied());
            if let Err(error) = swept {
                tracing::warn!(%error, "a sweep failed");
            }
        }
    }
}

/// Rotates the keys of each realm whose newest are older than `every` on its clock.
pub(crate) async fn rotate_forever(state: AppState, every: Lifetime) {
    let (least, most) = LOOK;
    let look = (span(every) / 4).clamp(least, most);
    loop {
        tokio::time::sleep(look).await;
        for name in names(&state).await {
            match state.realms.rotate_keys_due(&name, every).await {
                Ok(Some(from)) => tracing::info!(realm = %name, %from, "new keys are published"),
                Ok(None) => {}
                Err(error) => tracing::warn!(%error, "keys were not rotated"),
            }
        }
    }
}

/// Deletes the expired rows of one realm; how many.
async fn sweep(state: &AppState, name: &RealmName) -> Result<usize, StoreError> {
    let mut rows = 0_usize;
    let now = state.observer.clocks.of(name).now();
    loop {
        let realm = name.clone();
        let swept = state
            .store
            .write(move |tx| sweep::batch(tx, &realm, now, BATCH))
            .await?;
        if swept == 0 {
            return Ok(rows);
        }
        rows = rows.saturating_add(swept);
        tokio::time::sleep(PAUSE).await;
    }
}

async fn names(state: &AppState) -> Vec<RealmName> {
    state.realms.list().await.unwrap_or_else(|error| {
        tracing::warn!(%error, "the realms cannot be listed");
        Vec::new()
    })
}

fn span(lifetime: Lifetime) -> Duration {
    Duration::from_secs(u64::from(lifetime.as_seconds()))
}
