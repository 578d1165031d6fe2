//! Which of the runs that happen wholly in a browser are whose: implicit leaves no [`super::Run`] behind.
//!
//! Knows neither HTTP nor actix. In memory only: at most [`MAX_RUNS`], each for [`LIFETIME`]. What is kept is the
//! exchange that brought the page whose script ends the run, and a digest of the cookie of its browser.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use shared::flow::ExchangeId;
use shared::oauth::Digest;
use shared::realm::RealmName;

/// The most runs that are kept; the oldest gives way.
const MAX_RUNS: usize = 1000;
/// How long a run is kept, as those of [`super::RunStore`].
const LIFETIME: Duration = Duration::from_hours(1);

/// One of them.
struct Ended {
    at: Instant,
    browser: Digest,
    realm: RealmName,
    exchange: ExchangeId,
}

/// The runs of all browsers that no server took part in to the end.
#[derive(Default)]
pub(crate) struct RunsInBrowser(Mutex<VecDeque<Ended>>);

impl std::fmt::Debug for RunsInBrowser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RunsInBrowser({})", self.lock().len())
    }
}

impl RunsInBrowser {
    /// Remembers that `browser` was brought its answer by `exchange`.
    pub(crate) fn insert(&self, browser: Digest, realm: RealmName, exchange: ExchangeId) {
        let mut runs = self.lock();
        while runs.len() >= MAX_RUNS || runs.front().is_some_and(Ended::is_old) {
            runs.pop_front();
        }
        runs.push_back(Ended {
            at: Instant::now(),
            browser,
            realm,
            exchange,
        });
    }

    /// The exchanges of this browser's runs, the newest first.
    pub(crate) fn exchanges_of(&self, browser: &Digest, realm: &RealmName) -> Vec<ExchangeId> {
        let runs = self.lock();
        let own = runs.iter().rev().filter(|run| !run.is_old());
        own.filter(|run| run.browser.matches(browser) && run.realm == *realm)
            .map(|run| run.exchange.clone())
            .collect()
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Ended>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ended {
    fn is_old(&self) -> bool {
        self.at.elapsed() >= LIFETIME
    }
}

#[cfg(test)]
mod tests {
    use shared::oauth::SessionToken;

    use super::*;

    #[test]
    fn a_browser_finds_its_own_runs_in_its_realm_and_nobody_elses() {
        let runs = RunsInBrowser::default();
        let browser = |name: &str| SessionToken::from_text(name).digest();
        let (home, blue) = (
            RealmName::default_realm(),
            "blue".parse::<RealmName>().unwrap(),
        );
        let ids: Vec<_> = (0..4).map(ExchangeId::new).collect();
        runs.insert(browser("a"), home.clone(), ids[0].clone());
        runs.insert(browser("b"), home.clone(), ids[1].clone());
        runs.insert(browser("a"), blue.clone(), ids[2].clone());
        runs.insert(browser("a"), home.clone(), ids[3].clone());
        let newest_first = [ids[3].clone(), ids[0].clone()];
        assert_eq!(runs.exchanges_of(&browser("a"), &home), newest_first);
        assert_eq!(runs.exchanges_of(&browser("a"), &blue), [ids[2].clone()]);
        assert!(runs.exchanges_of(&browser("c"), &home).is_empty());
    }

    #[test]
    fn the_oldest_gives_way() {
        let (runs, home) = (RunsInBrowser::default(), RealmName::default_realm());
        let browser = SessionToken::from_text("a").digest();
        for at in 0..1005 {
            runs.insert(browser.clone(), home.clone(), ExchangeId::new(at));
        }
        assert_eq!(runs.exchanges_of(&browser, &home).len(), MAX_RUNS);
    }
}
