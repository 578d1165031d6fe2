//! A clock for each realm: it runs with the wall clock until it is advanced or paused, and stands still while
//! something waits at a breakpoint.
//!
//! | file | what is in it |
//! |---|---|
//! | this | [`Clock`]: one realm's |
//! | `set` | [`Clocks`]: those of all realms |
//!
//! May use `shared::time` and tokio's watch channel. Everybody who shows a clock, or has to keep one of another
//! process in step, is told when any of them changes ([`Clocks::watch`]).

mod set;
#[cfg(test)]
mod tests;

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use serde::{Deserialize, Serialize};
use tokio::sync::watch;

pub use self::set::Clocks;

use crate::time::{Lifetime, Timestamp, wall_clock_us};

/// How a realm's time relates to the wall clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hands {
    /// Running, this many milliseconds ahead of the wall clock.
    Running {
        /// Milliseconds.
        ahead_ms: i64,
    },
    /// Standing still at this moment.
    Paused {
        /// Milliseconds since the epoch.
        at_ms: i64,
    },
}

/// What a person chose, and what breakpoints make of it.
#[derive(Debug)]
struct Works {
    hands: Hands,
    /// How many hold the clock.
    holds: u32,
    /// Where it stands while it is held, in milliseconds since the epoch.
    held_at_ms: i64,
    /// Whether anybody ever moved, paused or held it.
    touched: bool,
}

impl Works {
    fn now_ms(&self) -> i64 {
        match self.hands {
            Hands::Paused { at_ms } => at_ms,
            Hands::Running { .. } if self.holds > 0 => self.held_at_ms,
            Hands::Running { ahead_ms } => wall_clock_ms().saturating_add(ahead_ms),
        }
    }

    const fn advance(&mut self, by_ms: i64) {
        self.hands = match self.hands {
            Hands::Running { ahead_ms } => Hands::Running {
                ahead_ms: ahead_ms.saturating_add(by_ms),
            },
            Hands::Paused { at_ms } => Hands::Paused {
                at_ms: at_ms.saturating_add(by_ms),
            },
        };
        self.held_at_ms = self.held_at_ms.saturating_add(by_ms);
    }

    fn reading(&self) -> Reading {
        let wall_ms = wall_clock_ms();
        let paused = matches!(self.hands, Hands::Paused { .. });
        let held = self.holds > 0;
        let now_ms = match self.hands {
            // From the same look at the wall clock, so that a running clock is ahead by what it was moved.
            Hands::Running { ahead_ms } if !held => wall_ms.saturating_add(ahead_ms),
            _ => self.now_ms(),
        };
        Reading {
            now_ms,
            ahead_ms: now_ms.saturating_sub(wall_ms),
            paused,
            held,
        }
    }
}

/// What a clock shows at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The realm's time, in milliseconds since the epoch.
    pub now_ms: i64,
    /// How far it is ahead of the wall clock, in milliseconds; negative for a clock that stood still for long.
    pub ahead_ms: i64,
    /// Whether a person paused it.
    pub paused: bool,
    /// Whether it stands still because something waits at a breakpoint.
    pub held: bool,
}

impl Reading {
    /// The realm's time in whole seconds.
    #[must_use]
    pub const fn now(&self) -> Timestamp {
        Timestamp::from_unix(self.now_ms.div_euclid(1000))
    }

    /// Whether it stands still, whatever the reason.
    #[must_use]
    pub const fn stands_still(&self) -> bool {
        self.paused || self.held
    }
}

/// A clock that would be further ahead of the wall clock than is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a realm's clock may be at most {most} ahead of the wall clock")]
pub struct TooFarAhead {
    /// How far it may be.
    pub most: Lifetime,
}

/// The clock of one realm: it runs with the wall clock until it is advanced or paused.
///
/// Clones share the same hands.
#[derive(Clone, Debug)]
pub struct Clock {
    works: Arc<RwLock<Works>>,
    changes: watch::Sender<u64>,
}

impl Default for Clock {
    fn default() -> Self {
        Self::telling(watch::Sender::new(0))
    }
}

impl Clock {
    /// A clock that tells its changes to `changes`.
    fn telling(changes: watch::Sender<u64>) -> Self {
        let works = Works {
            hands: Hands::Running { ahead_ms: 0 },
            holds: 0,
            held_at_ms: 0,
            touched: false,
        };
        Self {
            works: Arc::new(RwLock::new(works)),
            changes,
        }
    }

    /// The realm's time in whole seconds.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        Timestamp::from_unix(self.now_ms().div_euclid(1000))
    }

    /// The realm's time in milliseconds since the epoch.
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        self.read().now_ms()
    }

    /// Moves the realm's time forward by `by`, running or not.
    pub fn advance(&self, by: Lifetime) {
        let by_ms = i64::from(by.as_seconds()).saturating_mul(1000);
        self.change(|works| works.advance(by_ms));
    }

    /// As [`Clock::advance`], unless the realm's time would then be more than `most` ahead of the wall clock.
    ///
    /// # Errors
    /// [`TooFarAhead`]; the clock stays as it is.
    pub fn advance_within(&self, by: Lifetime, most: Lifetime) -> Result<(), TooFarAhead> {
        let [by_ms, most_ms] =
            [by, most].map(|span| i64::from(span.as_seconds()).saturating_mul(1000));
        let mut advanced = Ok(());
        self.change(|works| {
            let ahead_ms = works.reading().ahead_ms;
            if ahead_ms.saturating_add(by_ms) > most_ms {
                advanced = Err(TooFarAhead { most });
            } else {
                works.advance(by_ms);
            }
        });
        advanced
    }

    /// What it shows, all of one moment.
    #[must_use]
    pub fn reading(&self) -> Reading {
        self.read().reading()
    }

    /// Stops the realm's time where it is.
    pub fn pause(&self) {
        self.change(|works| {
            let at_ms = works.now_ms();
            works.hands = Hands::Paused { at_ms };
        });
    }

    /// Lets the realm's time run on from where it stands; while something waits at a breakpoint, as soon as
    /// nothing does.
    pub fn resume(&self) {
        self.change(|works| {
            let now_ms = works.now_ms();
            let ahead_ms = now_ms.saturating_sub(wall_clock_ms());
            works.hands = Hands::Running { ahead_ms };
            works.held_at_ms = now_ms;
        });
    }

    /// Holds the realm's time where it is until what is returned is dropped. Holds nest; a clock that a person
    /// paused stays paused afterwards.
    #[must_use = "time stands still only as long as the hold is kept"]
    pub fn hold(&self) -> ClockHold {
        self.change(|works| {
            works.held_at_ms = works.now_ms();
            works.holds = works.holds.saturating_add(1);
        });
        ClockHold(self.clone())
    }

    /// Whether a person paused it.
    #[must_use]
    pub fn is_paused(&self) -> bool {
        matches!(self.read().hands, Hands::Paused { .. })
    }

    /// Whether it stands still because something waits at a breakpoint.
    #[must_use]
    pub fn is_held(&self) -> bool {
        self.read().holds > 0
    }

    /// How it goes at this moment, whatever the reason: to keep another process in step.
    #[must_use]
    pub fn hands(&self) -> Hands {
        let works = self.read();
        if works.holds > 0 {
            let at_ms = works.now_ms();
            return Hands::Paused { at_ms };
        }
        works.hands
    }

    /// Goes as a clock of another process does.
    pub fn follow(&self, hands: Hands) {
        if self.read().hands == hands {
            return;
        }
        self.change(|works| {
            works.hands = hands;
            works.held_at_ms = match hands {
                Hands::Running { ahead_ms } => wall_clock_ms().saturating_add(ahead_ms),
                Hands::Paused { at_ms } => at_ms,
            };
        });
    }

    /// Whether nobody ever moved it, and nobody but the set of clocks has it.
    fn is_idle(&self) -> bool {
        let works = self.read();
        Arc::strong_count(&self.works) == 1 && !works.touched
    }

    fn change(&self, how: impl FnOnce(&mut Works)) {
        {
            let mut works: RwLockWriteGuard<'_, Works> =
                self.works.write().unwrap_or_else(PoisonError::into_inner);
            works.touched = true;
            how(&mut works);
        }
        self.changes
            .send_modify(|number| *number = number.wrapping_add(1));
    }

    fn read(&self) -> RwLockReadGuard<'_, Works> {
        self.works.read().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Keeps a realm's time where it is; dropping it lets time run on.
#[derive(Debug)]
pub struct ClockHold(Clock);

impl Drop for ClockHold {
    fn drop(&mut self) {
        self.0.change(|works| {
            works.holds = works.holds.saturating_sub(1);
            if works.holds == 0
                && let Hands::Running { .. } = works.hands
            {
                let ahead_ms = works.held_at_ms.saturating_sub(wall_clock_ms());
                works.hands = Hands::Running { ahead_ms };
            }
        });
    }
}

fn wall_clock_ms() -> i64 {
    wall_clock_us().div_euclid(1000)
}
