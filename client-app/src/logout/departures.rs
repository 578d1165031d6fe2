//! Departures: browsers that are away to sign out, and sessions that have ended of late.
//!
//! Knows neither HTTP nor actix. In memory and bounded; a departure belongs to the browser that was sent away, and is
//! found by its `state`, once (RP-Initiated Logout 1.0 §2). What ended is remembered so that whoever is told second,
//! or comes back last, can be told what the first did.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use shared::flow::ExchangeId;
use shared::oauth::{Digest, SessionToken};
use shared::realm::RealmName;

use super::{Meant, Way};

/// The most of each that are remembered; the oldest gives way.
const MOST: usize = 500;

/// A browser that is away to sign out.
#[derive(Clone, Debug)]
pub(super) struct Departure {
    /// Whose browser it is.
    pub(super) owner: Digest,
    /// In which realm.
    pub(super) realm: RealmName,
    /// The state that it must come back with.
    pub(super) state: String,
    /// Whose session is to end: this one.
    pub(super) meant: Meant,
    /// The run that it is, where it is not who is signed in.
    pub(super) run: Option<String>,
}

/// A session that has ended.
#[derive(Clone, Debug)]
pub(super) struct Ended {
    realm: RealmName,
    client_id: String,
    sid: String,
    /// By what.
    pub(super) way: Way,
    /// The exchange in which it ended.
    pub(super) exchange: ExchangeId,
}

/// Both lists.
#[derive(Debug, Default)]
pub(crate) struct Departures(Mutex<Lists>);

#[derive(Debug, Default)]
struct Lists {
    away: VecDeque<Departure>,
    ended: VecDeque<Ended>,
}

impl Departures {
    /// Remembers a browser that is sent away.
    pub(super) fn insert(&self, departure: Departure) {
        let mut lists = self.lock();
        while lists.away.len() >= MOST {
            lists.away.pop_front();
        }
        lists.away.push_back(departure);
    }

    /// The departure of this browser with `state`: once, and never again.
    pub(super) fn take(&self, owner: &Digest, realm: &RealmName, state: &str) -> Option<Departure> {
        let given = SessionToken::from_text(state).digest();
        let mut lists = self.lock();
        let place = lists.away.iter().position(|one| {
            let sent = SessionToken::from_text(one.state.as_str()).digest();
            one.owner.matches(owner) && one.realm == *realm && sent.matches(&given)
        })?;
        lists.away.remove(place)
    }

    /// Remembers what ended the session `sid` of a client.
    pub(super) fn ended(
        &self,
        realm: &RealmName,
        (client_id, sid): (&str, &str),
        (way, exchange): (Way, &ExchangeId),
    ) {
        let mut lists = self.lock();
        while lists.ended.len() >= MOST {
            lists.ended.pop_front();
        }
        lists.ended.push_back(Ended {
            realm: realm.clone(),
            client_id: client_id.to_owned(),
            sid: sid.to_owned(),
            way,
            exchange: exchange.clone(),
        });
    }

    /// What ended the session `sid` of a client, if it ended of late.
    pub(super) fn what_ended(
        &self,
        realm: &RealmName,
        client_id: &str,
        sid: &str,
    ) -> Option<Ended> {
        let lists = self.lock();
        let mut ended = lists.ended.iter();
        ended
            .find(|one| one.realm == *realm && one.client_id == client_id && one.sid == sid)
            .cloned()
    }

    fn lock(&self) -> MutexGuard<'_, Lists> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_comes_back_once_with_its_own_state() {
        let (departures, home) = (Departures::default(), RealmName::default_realm());
        let browser = || SessionToken::generate().unwrap().digest();
        let (alice, mallory) = (browser(), browser());
        departures.insert(Departure {
            owner: alice.clone(),
            realm: home.clone(),
            state: "s".to_owned(),
            meant: Meant::default(),
            run: None,
        });
        assert!(departures.take(&mallory, &home, "s").is_none());
        assert!(departures.take(&alice, &home, "other").is_none());
        assert!(departures.take(&alice, &home, "s").is_some());
        assert!(departures.take(&alice, &home, "s").is_none());
    }

    #[test]
    fn the_first_that_ended_a_session_is_remembered() {
        let (departures, home) = (Departures::default(), RealmName::default_realm());
        for way in [Way::BackChannel, Way::FrontChannel] {
            let exchange = ExchangeId::new(1);
            departures.ended(&home, ("web", "sid"), (way, &exchange));
        }
        let found = departures.what_ended(&home, "web", "sid").unwrap();
        assert_eq!(found.way, Way::BackChannel);
        assert!(departures.what_ended(&home, "portal", "sid").is_none());
    }
}
