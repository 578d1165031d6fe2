//! Pages that hold a browser: each asks again and again, and one that does so no more was left.
//!
//! A page that was closed tells nobody. While it is believed to be open the realm's clock stands still for it, so it
//! is believed only for a while after it was heard last; then its request goes on as it came, if its browser comes
//! back after all. Only the client app, which shows these pages, judges.

use std::time::Duration;

use tokio::time::Instant;

use super::decision::{Release, Verdict};
use super::waiting::{Hold, WaitState};
use super::{Controls, PauseLimits};
use crate::flow::ExchangeId;
use crate::realm::RealmName;

/// How many times longer a page is believed in a tab that is not looked at: browsers let it ask once a minute.
const HIDDEN_LONGER: u32 = 8;

/// How a page that holds a browser is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// Somebody looks at it: it asks every few seconds.
    Watched,
    /// It stands in a tab that is not looked at.
    Hidden,
    /// Without scripts somebody writes in it: it does not ask at all.
    Written,
}

impl Presence {
    /// How long a page is believed to be open that was heard so.
    pub(super) fn believed(self, limits: PauseLimits) -> Duration {
        let longest = Duration::from_secs(limits.longest.as_seconds().into());
        let heard = Duration::from_secs(limits.page.as_seconds().into());
        match self {
            Self::Watched => heard,
            Self::Hidden => heard.saturating_mul(HIDDEN_LONGER),
            Self::Written => longest,
        }
        .min(longest)
    }
}

/// Until when a page is believed to be open that was just given out; a connection is seen to close.
pub(super) fn believed_at_first(hold: &Hold, limits: PauseLimits) -> Option<Instant> {
    let by_page = matches!(hold, Hold::Page { .. });
    by_page.then(|| Instant::now() + Presence::Watched.believed(limits))
}

impl Controls {
    /// The page that holds the browser of this request was heard.
    pub fn heard_from(&self, realm: &RealmName, id: &ExchangeId, presence: Presence) {
        let believed = presence.believed(self.limits());
        let mut state = self.lock();
        let books = state.realms.get_mut(realm);
        let entry = books.and_then(|books| {
            let mut waiting = books.waiting.iter_mut();
            waiting.find(|entry| entry.paused.id == *id)
        });
        if let Some(until) = entry.and_then(|entry| entry.believed_until.as_mut()) {
            *until = Instant::now() + believed;
        }
    }

    /// Lets those go on whose page was not heard for too long.
    pub fn release_abandoned(&self) {
        if !self.is_active() {
            return;
        }
        let now = Instant::now();
        let abandoned: Vec<(RealmName, ExchangeId)> = {
            let state = self.lock();
            let all = state.realms.values().flat_map(|books| &books.waiting);
            let abandoned = all.filter(|entry| {
                let silent = entry.believed_until.is_some_and(|until| until <= now);
                silent && entry.paused.state == WaitState::Waiting
            });
            let named =
                abandoned.map(|entry| (entry.paused.realm.clone(), entry.paused.id.clone()));
            named.collect()
        };
        if abandoned.is_empty() {
            return;
        }
        self.change(|state| {
            for (realm, id) in &abandoned {
                if let Some(books) = state.realms.get_mut(realm) {
                    books.settle(id, Verdict::Released(Release::Abandoned));
                }
            }
        });
    }
}
