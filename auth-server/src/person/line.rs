//! Where attempts to sign in wait: a room with a line for each account and place from which it is tried, first come,
//! first served, and desks at which they are decided.
//!
//! Only whoever is at the head of a line waits for a desk, so that a crowd at one account is not before everybody else;
//! the others wait for their turn and cost nothing. An attempt goes to a desk before it takes a place under its limits:
//! a place is held for about as long as a password takes to hash, and the database is asked by as few at a time as
//! there are desks, not by the whole crowd. Where other processes hold all places the head of the line asks again and
//! again, and at once when somebody before it was decided in this process. Whoever finds the room full is sent away at
//! once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use shared::realm::RealmName;
use tokio::sync::{Notify, OwnedMutexGuard, OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

/// How long is waited in a line at most: on a busy machine a hundred hashes take their time, and who waits may hang up.
const LONGEST_WAIT: Duration = Duration::from_mins(2);
/// How long the head of a line waits before it asks again: at first, and at most.
const PAUSE: (Duration, Duration) = (Duration::from_millis(20), Duration::from_millis(320));
/// Desks beyond the passwords that are hashed at the same time: while the outcome of one is written the next is hashed.
const MORE_DESKS: usize = 2;
/// How many lines are kept before those are forgotten in which nobody stands.
const KEPT: usize = 1024;

/// Each line in which somebody stands, and some that are empty by now.
type Known = HashMap<(RealmName, String), Weak<Line>>;

/// The room of one process, with its lines. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Lines {
    known: Arc<Mutex<Known>>,
    room: Arc<Semaphore>,
    desks: Arc<Semaphore>,
}

/// Somebody who is in the room, until this is dropped.
#[derive(Debug)]
pub(super) struct Inside(#[expect(dead_code, reason = "held")] OwnedSemaphorePermit);

/// A desk, until this is dropped.
#[derive(Debug)]
pub(super) struct Desk(#[expect(dead_code, reason = "held")] OwnedSemaphorePermit);

/// One line.
#[derive(Debug, Default)]
pub(super) struct Line {
    head: Arc<tokio::sync::Mutex<()>>,
    decided: Notify,
}

/// Somebody at the head of a line.
#[derive(Debug)]
pub(super) struct Turn {
    line: Arc<Line>,
    pause: Duration,
    until: Instant,
    _head: OwnedMutexGuard<()>,
}

impl Lines {
    /// A room for as many as `waiting` beside those who are at a desk, where `hashes` passwords are hashed at a time.
    pub(crate) fn new(hashes: usize, waiting: usize) -> Self {
        let desks = hashes.max(1).saturating_add(MORE_DESKS);
        let all = desks.saturating_add(waiting);
        let semaphore =
            |permits: usize| Arc::new(Semaphore::new(permits.min(Semaphore::MAX_PERMITS)));
        Self {
            known: Arc::default(),
            room: semaphore(all),
            desks: semaphore(desks),
        }
    }

    /// Goes in. `None`: the room is full.
    pub(super) fn enter(&self) -> Option<Inside> {
        let room = Arc::clone(&self.room);
        room.try_acquire_owned().ok().map(Inside)
    }

    /// Waits for a desk, for no longer than the head of a line may. `None`: that took too long.
    pub(super) async fn desk(&self, turn: &Turn) -> Option<Desk> {
        let desk = Arc::clone(&self.desks).acquire_owned();
        let desk = tokio::time::timeout_at(turn.until, desk).await.ok()?;
        // It is closed by nobody.
        desk.ok().map(Desk)
    }

    /// The line of those who try what is counted under `key`.
    pub(super) fn line(&self, realm: &RealmName, key: &str) -> Arc<Line> {
        let mut lines = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let place = (realm.clone(), key.to_owned());
        if let Some(line) = lines.get(&place).and_then(Weak::upgrade) {
            return line;
        }
        if lines.len() >= KEPT {
            lines.retain(|_, line| line.strong_count() > 0);
        }
        let line = Arc::new(Line::default());
        lines.insert(place, Arc::downgrade(&line));
        line
    }
}

impl Line {
    /// Waits for the head of the line. `None`: that took too long.
    pub(super) async fn turn(self: Arc<Self>) -> Option<Turn> {
        let until = Instant::now() + LONGEST_WAIT;
        let head = Arc::clone(&self.head).lock_owned();
        let head = tokio::time::timeout_at(until, head).await.ok()?;
        Some(Turn {
            line: self,
            pause: PAUSE.0,
            until,
            _head: head,
        })
    }

    /// Tells the head of the line that somebody was decided.
    pub(super) fn decided(&self) {
        self.decided.notify_one();
    }
}

impl Turn {
    /// Waits until it is worth asking again. `None`: that took too long.
    pub(super) async fn again(mut self) -> Option<Self> {
        if Instant::now() >= self.until {
            return None;
        }
        let _ = tokio::time::timeout(self.pause, self.line.decided.notified()).await;
        self.pause = (self.pause * 2).min(PAUSE.1);
        Some(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_came_first_is_first_and_who_left_is_not_waited_for() {
        let (lines, realm) = (Lines::new(2, 100), RealmName::default_realm());
        let line = || lines.line(&realm, "alice");
        let first = line().turn().await.unwrap();
        let (told, mut order) = tokio::sync::mpsc::unbounded_channel();
        for number in 0..3 {
            let (line, told) = (line(), told.clone());
            let waiting = tokio::spawn(async move {
                let _turn = line.turn().await.unwrap();
                told.send(number).unwrap();
            });
            tokio::task::yield_now().await;
            if number == 1 {
                waiting.abort();
            }
        }
        let other = lines.line(&realm, "bob");
        assert!(other.turn().await.is_some(), "another line");
        drop((first, told));
        assert_eq!(order.recv().await, Some(0));
        assert_eq!(order.recv().await, Some(2));
        assert_eq!(order.recv().await, None);
    }

    #[tokio::test]
    async fn nobody_waits_for_ever_and_a_decision_is_told_at_once() {
        let (lines, realm) = (Lines::new(2, 100), RealmName::default_realm());
        let line = lines.line(&realm, "alice");
        let mut turn = Arc::clone(&line).turn().await.unwrap();
        assert!(turn.until > Instant::now() + LONGEST_WAIT / 2);
        turn.pause = LONGEST_WAIT;
        line.decided();
        let told = tokio::time::timeout(LONGEST_WAIT / 4, turn.again()).await;
        let mut turn = told.expect("it was told of the decision").unwrap();
        assert_eq!(turn.pause, PAUSE.1, "the next pause is bounded");
        turn.until = Instant::now();
        assert!(turn.again().await.is_none());
        assert!(lines.line(&realm, "alice").turn().await.is_some());
    }

    #[tokio::test]
    async fn few_are_at_a_desk_some_are_in_the_room_and_the_rest_is_sent_away() {
        let (lines, realm) = (Lines::new(1, 2), RealmName::default_realm());
        let inside: Vec<_> = std::iter::from_fn(|| lines.enter()).collect();
        assert_eq!(inside.len(), 1 + MORE_DESKS + 2);
        let mut desks = Vec::new();
        for account in ["a", "b", "c", "d"] {
            let mut turn = lines.line(&realm, account).turn().await.unwrap();
            turn.until = Instant::now() + Duration::from_millis(50);
            desks.extend(lines.desk(&turn).await);
        }
        assert_eq!(desks.len(), 1 + MORE_DESKS);
        desks.pop();
        let turn = lines.line(&realm, "d").turn().await.unwrap();
        assert!(lines.desk(&turn).await.is_some(), "one is free again");
        drop(inside);
        assert!(lines.enter().is_some());
        assert!(Lines::new(usize::MAX, usize::MAX).enter().is_some());
    }

    #[test]
    fn lines_in_which_nobody_stands_are_forgotten() {
        let (lines, realm) = (Lines::new(2, 100), RealmName::default_realm());
        let kept = lines.line(&realm, "kept");
        for number in 0..3 * KEPT {
            drop(lines.line(&realm, &number.to_string()));
        }
        assert!(lines.known.lock().unwrap().len() <= KEPT + 1);
        assert!(Arc::ptr_eq(&kept, &lines.line(&realm, "kept")));
    }
}
