//! Account: who is signed in at the print shop, from where, and what the provider said of them.
//!
//! Knows neither HTTP nor actix. In memory, at most [`MAX_ACCOUNTS`]; one for each browser session and realm. Ended by
//! the person, or by the provider: by `sid`, or by `sub` for all sessions of a person (Back-Channel Logout §2.6).

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use shared::flow::{Check, ExchangeId};
use shared::oauth::Digest;
use shared::realm::RealmName;

/// The most accounts that are kept; the oldest gives way.
const MAX_ACCOUNTS: usize = 1000;

/// Somebody who is signed in here.
#[derive(Clone)]
pub(crate) struct Account {
    /// Whose browser session it is.
    pub(crate) owner: Digest,
    /// In which realm.
    pub(crate) realm: RealmName,
    /// The provider's issuer identifier: with `sub` it names a person, nothing else does (OpenID Connect Core §5.7).
    pub(crate) issuer: String,
    /// As which client.
    pub(crate) client_id: String,
    /// Who, at that issuer.
    pub(crate) sub: String,
    /// The provider's login session, where it said.
    pub(crate) sid: Option<String>,
    /// The ID token: a hint at a later sign-in or sign-out.
    pub(crate) id_token: String,
    /// Where the provider signs people out, if it does.
    pub(crate) end_session_endpoint: Option<String>,
    /// The claims of the ID token and of userinfo, as text, in order.
    pub(crate) claims: Vec<(String, String)>,
    /// Every check that was made on the way.
    pub(crate) checks: Vec<Check>,
    /// The exchange that completed it.
    pub(crate) exchange: ExchangeId,
}

impl Account {
    /// What people are called: the claim `name`, else `sub`.
    pub(crate) fn name(&self) -> &str {
        self.claims
            .iter()
            .find(|(name, _)| name == "name")
            .map_or(self.sub.as_str(), |(_, value)| value)
    }
}

/// Whose sessions end (Back-Channel Logout §2.4): those of a login session, or all of a person.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ending<'a> {
    /// The issuer that says so.
    pub(crate) issuer: &'a str,
    /// The person, where named.
    pub(crate) sub: Option<&'a str>,
    /// The login session, where named.
    pub(crate) sid: Option<&'a str>,
}

impl Ending<'_> {
    fn is_of(&self, account: &Account) -> bool {
        account.issuer == self.issuer
            && (self.sub.is_some() || self.sid.is_some())
            && self.sub.is_none_or(|sub| account.sub == sub)
            && self
                .sid
                .is_none_or(|sid| account.sid.as_deref() == Some(sid))
    }
}

/// Everybody who is signed in.
#[derive(Default)]
pub(crate) struct Accounts(Mutex<VecDeque<Account>>);

impl std::fmt::Debug for Accounts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Accounts({})", self.lock().len())
    }
}

impl Accounts {
    /// Signs somebody in, in place of who was signed in with this browser before.
    pub(crate) fn sign_in(&self, account: Account) {
        let mut all = self.lock();
        all.retain(|other| !(other.owner.matches(&account.owner) && other.realm == account.realm));
        while all.len() >= MAX_ACCOUNTS {
            all.pop_front();
        }
        all.push_back(account);
    }

    /// Who is signed in with this browser.
    pub(crate) fn of(&self, owner: &Digest, realm: &RealmName) -> Option<Account> {
        let all = self.lock();
        all.iter()
            .find(|account| account.owner.matches(owner) && account.realm == *realm)
            .cloned()
    }

    /// Signs out who is signed in with this browser; gives them back.
    pub(crate) fn sign_out(&self, owner: &Digest, realm: &RealmName) -> Option<Account> {
        let mut all = self.lock();
        let place = all
            .iter()
            .position(|account| account.owner.matches(owner) && account.realm == *realm)?;
        all.remove(place)
    }

    /// Ends what the provider says has ended, in this realm; gives back who was signed out.
    pub(crate) fn end(&self, realm: &RealmName, ending: Ending<'_>) -> Vec<Account> {
        let mut all = self.lock();
        let (ended, stays): (VecDeque<_>, VecDeque<_>) = all
            .drain(..)
            .partition(|account| account.realm == *realm && ending.is_of(account));
        *all = stays;
        ended.into()
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Account>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(sub: &str, sid: &str) -> Account {
        let token = shared::oauth::SessionToken::generate().unwrap();
        Account {
            owner: token.digest(),
            realm: RealmName::default_realm(),
            issuer: "https://op.example".to_owned(),
            client_id: "portal".to_owned(),
            sub: sub.to_owned(),
            sid: Some(sid.to_owned()),
            id_token: String::new(),
            end_session_endpoint: None,
            claims: Vec::new(),
            checks: Vec::new(),
            exchange: ExchangeId::new(0),
        }
    }

    #[test]
    fn the_provider_ends_a_session_or_a_person_and_nothing_else() {
        let (all, home) = (Accounts::default(), RealmName::default_realm());
        for (sub, sid) in [("alice", "1"), ("alice", "2"), ("bob", "3")] {
            all.sign_in(account(sub, sid));
        }
        let ending = |issuer, sub, sid| Ending { issuer, sub, sid };
        let ended = |ending| all.end(&home, ending).len();
        assert_eq!(
            ended(ending("https://evil.example", Some("alice"), None)),
            0
        );
        assert_eq!(ended(ending("https://op.example", None, None)), 0);
        assert_eq!(
            ended(ending("https://op.example", Some("bob"), Some("1"))),
            0
        );
        assert_eq!(ended(ending("https://op.example", None, Some("1"))), 1);
        assert_eq!(ended(ending("https://op.example", Some("alice"), None)), 1);
        assert_eq!(
            ended(ending("https://op.example", Some("bob"), Some("3"))),
            1
        );
    }
}
