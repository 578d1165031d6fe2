//! What a running server does by itself, now and then: it deletes what has expired, and rotates keys that are due.
//!
//! Every process of a server does so; who comes second finds nothing left to do.

use std::time::{Duration, Instant};

use shared::realm::RealmName;
use shared::store::StoreUrl;
use shared::time::Lifetime;

use crate::state::AppState;
use crate::store::{StoreError, sweep};

/// How long one transaction of a sweep should take where it has the only writer, with its commit: a request that wants
/// to write waits for one such at most.
const HELD: Duration = Duration::from_millis(40);
/// The fewest and the most rows that are deleted in one transaction. Fewer would cost more to commit than to delete.
const BATCH: (usize, usize) = (100, 500);
/// How long others may write between two transactions of a sweep, at least.
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
    // PostgreSQL has many writers, and nobody wants the rows that a sweep locks.
    let alone = !matches!(state.store.url(), StoreUrl::Postgres(_));
    let mut most = if alone { BATCH.0 } else { BATCH.1 };
    loop {
        let realm = name.clone();
        let (swept, began) = state
            .store
            .write(move |tx| {
                // Waiting for the writer holds nobody.
                let began = Instant::now();
                sweep::batch(tx, &realm, now, most).map(|swept| (swept, began))
            })
            .await?;
        if swept == 0 {
            return Ok(rows);
        }
        rows = rows.saturating_add(swept);
        let took = began.elapsed();
        if alone {
            most = next_batch(most, took);
        }
        // As long as it took: half of the writer's time is for others, however slow the machine is.
        tokio::time::sleep(took.clamp(PAUSE, HELD)).await;
    }
}

/// How many rows are deleted next, where `rows` took so long: as many as take [`HELD`], on this machine, now. A row
/// costs by what it touches: with a large table each lies on pages of its own.
fn next_batch(rows: usize, took: Duration) -> usize {
    let (fewest, most) = BATCH;
    let fitting = HELD
        .as_micros()
        .saturating_mul(u128::try_from(rows).unwrap_or(u128::MAX))
        / took.as_micros().max(1);
    // A single quick one proves little.
    let fitting = usize::try_from(fitting).unwrap_or(most).min(rows * 2);
    fitting.clamp(fewest, most)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sweep_deletes_as_many_rows_at_once_as_take_its_time() {
        let ms = Duration::from_millis;
        assert_eq!(next_batch(100, ms(1)), 200, "twice as many at most");
        assert_eq!(next_batch(400, ms(5)), 500, "not more than the most");
        assert_eq!(next_batch(400, ms(80)), 200);
        assert_eq!(next_batch(400, ms(40)), 400);
        assert_eq!(next_batch(200, Duration::from_secs(9)), 100, "not fewer");
        assert_eq!(next_batch(100, Duration::ZERO), 200);
    }
}
