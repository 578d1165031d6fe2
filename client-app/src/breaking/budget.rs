//! Budget: how many wrong passwords, secrets and user codes may be sent on purpose, so that nobody locks himself out.
//!
//! The auth server counts wrong secrets (50 in five minutes for a client and an address) and wrong passwords (10 for
//! an account, 100 for an address; RFC 6749 §2.3.1, §10.7) and wrong user codes (5 for an account; RFC 8628 §5.1), and
//! the robot comes from the same address as the person who asks. The limits stay as they are; the robot stays well below them. Counted on the realm's clock, as they are.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use shared::realm::RealmName;
use shared::time::{Lifetime, Timestamp};

use super::mutation::Mutation;
use super::offer::Class;

/// How long a wrong guess counts at the auth server, by default.
const WINDOW: Lifetime = Lifetime::from_minutes(5);

/// What is guessed at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Guess {
    /// A client's secret: at most 20 of the 50.
    Secret,
    /// A person's password: at most 6 of the 10.
    Password,
    /// The code that a device shows: at most 3 of the 5.
    UserCode,
}

impl Guess {
    /// How many are made in a window.
    pub(super) const fn most(self) -> usize {
        match self {
            Self::Secret => 20,
            Self::Password => 6,
            Self::UserCode => 3,
        }
    }

    /// What a mutation of a parameter of this class guesses at, if anything.
    pub(super) const fn of(class: Class, mutation: Mutation, at_provider: bool) -> Option<Self> {
        match (class, mutation) {
            // Refused before anything is compared.
            (_, Mutation::SendAgain) => None,
            (Class::ClientId | Class::ClientSecret, _) if at_provider => Some(Self::Secret),
            (_, Mutation::SendTwice) => None,
            (Class::Username | Class::Password, _) => Some(Self::Password),
            // One that is left out is never looked up; an old one and another's exist.
            (Class::UserCode, Mutation::ChangeOne) => Some(Self::UserCode),
            _ => None,
        }
    }
}

/// The guesses of late, realm by realm.
#[derive(Debug, Default)]
pub(super) struct Budget(Mutex<HashMap<(RealmName, Guess), VecDeque<Timestamp>>>);

impl Budget {
    /// Takes one guess of the budget.
    ///
    /// # Errors
    /// How long to wait, when there is none left.
    pub(super) fn take(
        &self,
        realm: &RealmName,
        guess: Guess,
        now: Timestamp,
    ) -> Result<(), Lifetime> {
        let mut made = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let made = made.entry((realm.clone(), guess)).or_default();
        while made.front().is_some_and(|first| *first + WINDOW <= now) {
            made.pop_front();
        }
        if let Some(first) = made.front()
            && made.len() >= guess.most()
        {
            let left = (*first + WINDOW).seconds_since(now).max(1);
            return Err(Lifetime::from_seconds(
                u32::try_from(left).unwrap_or(u32::MAX),
            ));
        }
        made.push_back(now);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guesses_run_out_and_come_back_with_time() {
        let (budget, realm) = (Budget::default(), RealmName::default_realm());
        let take = |at: i64| budget.take(&realm, Guess::Password, Timestamp::from_unix(at));
        for at in 0..6 {
            assert!(take(at).is_ok());
        }
        assert_eq!(take(100).unwrap_err(), Lifetime::from_seconds(200));
        assert!(
            budget
                .take(&realm, Guess::Secret, Timestamp::from_unix(100))
                .is_ok()
        );
        assert!(take(300).is_ok());
        assert!(take(300).is_err());
    }
}
