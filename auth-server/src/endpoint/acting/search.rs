//! Looking through what a person granted for what is alive, the latest of each client first.
//!
//! Others use the store meanwhile: it goes step by step, each step a unit of work of its own that looks at [`STEP`] rows.
//! From `store::granted`; what is found is [`Acting`]'s.

use std::collections::BTreeMap;

use shared::realm::RealmName;
use shared::time::Timestamp;

use super::{Acting, SHOWN};
use crate::store::grants::GrantRow;
use crate::store::{DbConnection, Stored, granted};

/// The most rows that one unit of work looks at.
const STEP: usize = 1000;

/// How many grants to one client are looked at where as many of them are alive as the page lists: whoever made more sees
/// the latest. Where fewer are, those before them are looked at too.
const ENOUGH: usize = 1000;

/// How many grants to all clients are looked at. Of clients that come after that, the latest few are.
const MOST: usize = 50_000;

/// The most clients that are looked at: more than there can be, unless many were removed.
const MOST_CLIENTS: usize = 5000;

/// How far it has come.
pub(super) struct Search {
    pub(super) realm: RealmName,
    pub(super) sub: String,
    now: Timestamp,
    /// How many grants may still be looked at.
    pub(super) left: usize,
    /// The last client that was come to, and how many there were.
    client: String,
    clients: usize,
    /// What is known of it, while it is being looked at.
    looking: Option<Looking>,
    /// The clients that are done with, of which something is alive.
    pub(super) found: BTreeMap<String, Acting>,
}

/// What is known of one client.
#[derive(Default)]
struct Looking {
    /// The last of its grants that was looked at, and when that was granted.
    before: Option<(String, i64)>,
    looked: usize,
    alive: Vec<GrantRow>,
}

impl Search {
    /// Nothing was looked at yet.
    pub(super) fn new(realm: RealmName, sub: String, now: Timestamp) -> Self {
        Self {
            realm,
            sub,
            now,
            left: MOST,
            client: String::new(),
            clients: 0,
            looking: None,
            found: BTreeMap::new(),
        }
    }

    /// Looks at some more; whether that was all.
    pub(super) fn step(&mut self, tx: &mut DbConnection) -> Stored<bool> {
        let mut rows = STEP;
        while rows > 0 {
            let Some(mut looking) = self.looking.take() else {
                rows -= 1;
                let whose = (self.sub.as_str(), self.client.as_str());
                let next = granted::next_client(tx, &self.realm, whose)?;
                let Some(next) = next.filter(|_| self.clients < MOST_CLIENTS) else {
                    return Ok(true);
                };
                (self.client, self.clients) = (next, self.clients + 1);
                self.looking = Some(Looking::default());
                continue;
            };
            let last = self.left == 0;
            let most = if last {
                SHOWN
            } else {
                let wanted = match ENOUGH.saturating_sub(looking.looked) {
                    0 => ENOUGH,
                    some => some,
                };
                wanted.min(rows).min(self.left)
            };
            let before = looking.before.as_ref().map(|(name, _)| name.as_str());
            let whose = (self.sub.as_str(), self.client.as_str(), before);
            let latest = granted::latest(tx, &self.realm, whose, most)?;
            let looked = latest.len();
            rows = rows.saturating_sub(looked.max(1));
            self.left = self.left.saturating_sub(looked);
            looking.add(latest, self.now);
            let enough = looking.looked >= ENOUGH && looking.alive.len() >= SHOWN;
            if looked < most {
                self.keep(looking, false)?;
            } else if enough || last {
                self.keep(looking, true)?;
            } else {
                self.looking = Some(looking);
            }
        }
        Ok(false)
    }

    /// Is done with a client, of which there may be `more`.
    fn keep(&mut self, looking: Looking, more: bool) -> Stored<()> {
        let Looking { before, alive, .. } = looking;
        if let Some((_, oldest)) = before
            && (more || !alive.is_empty())
        {
            let one = Acting::of_grants(alive, oldest, more)?;
            self.found.insert(self.client.clone(), one);
        }
        Ok(())
    }
}

impl Looking {
    fn add(&mut self, latest: Vec<GrantRow>, now: Timestamp) {
        self.looked += latest.len();
        if let Some(last) = latest.last() {
            self.before = Some((last.grant_id.clone(), last.created_at));
        }
        let alive = latest.into_iter().filter(|grant| grant.is_alive(now));
        self.alive.extend(alive);
    }
}
