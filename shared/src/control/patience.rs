//! Patience: a caller's time-out does not run while something waits in its realm.
//!
//! May use tokio.

use std::time::Duration;

use tokio::time::Instant;

use super::Controls;
use super::books::Books;
use crate::realm::RealmName;

impl Controls {
    /// Ends once `limit` has passed in `realm`, not counting the time in which something waits there. As no
    /// request waits longer than [`PauseLimits::longest`], neither does this.
    pub async fn patience(&self, realm: &RealmName, limit: Duration) {
        let mut changes = self.watch();
        let mut left = limit;
        // A little more than any wait, so that whoever waited to the limit is still answered.
        let mut grace = self.longest() + limit;
        loop {
            changes.borrow_and_update();
            let paused = self.is_active() && self.is_paused(realm) && !grace.is_zero();
            let rest = if paused { &mut grace } else { &mut left };
            let begun = Instant::now();
            tokio::select! {
                () = tokio::time::sleep(*rest) => if !paused { return; },
                _ = changes.changed() => {}
            }
            *rest = rest.saturating_sub(begun.elapsed());
        }
    }

    /// Whether anything waits in `realm`, here or in another process.
    #[must_use]
    pub fn is_paused(&self, realm: &RealmName) -> bool {
        let state = self.lock();
        let books = state.realms.get(realm);
        books.is_some_and(Books::is_paused)
    }
}
