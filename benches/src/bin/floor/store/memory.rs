//! Rows in maps, each in several parts so that two threads seldom want the same.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{ACCESS_LIVES, Change, Changed, Code, Digest, Grant, REFRESH_LIVES, now};

/// The number of parts.
const PARTS: usize = 64;

struct Rows<T>(Vec<Mutex<HashMap<Digest, T>>>);

impl<T> Default for Rows<T> {
    fn default() -> Self {
        Self((0..PARTS).map(|_| Mutex::default()).collect())
    }
}

impl<T: Clone> Rows<T> {
    fn part(&self, key: &Digest) -> Option<MutexGuard<'_, HashMap<Digest, T>>> {
        let at = usize::from(key.first().copied().unwrap_or_default()) % PARTS;
        let part = self.0.get(at)?;
        Some(part.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn put(&self, key: Digest, row: T) {
        if let Some(mut part) = self.part(&key) {
            part.insert(key, row);
        }
    }

    fn take(&self, key: &Digest) -> Option<T> {
        self.part(key)?.remove(key)
    }

    fn get(&self, key: &Digest) -> Option<T> {
        self.part(key)?.get(key).cloned()
    }
}

/// All rows.
#[derive(Default)]
pub(crate) struct Memory {
    codes: Rows<Code>,
    refresh_tokens: Rows<Grant>,
    access_tokens: Rows<Grant>,
    sessions: Rows<String>,
}

impl Memory {
    /// Makes a change.
    pub(crate) fn change(&self, change: Change) -> Changed {
        match change {
            Change::Issue(digest, code) => {
                self.codes.put(digest, code);
                Changed::Done
            }
            Change::Redeem(digest, refresh, access) => {
                let code = self.codes.take(&digest);
                if let Some(code) = &code {
                    let grant = |lives: i64| Grant {
                        client: code.client.clone(),
                        user: code.user.clone(),
                        scope: code.scope.clone(),
                        expires: now() + lives,
                    };
                    self.refresh_tokens.put(refresh, grant(REFRESH_LIVES));
                    if let Some(access) = access {
                        self.access_tokens.put(access, grant(ACCESS_LIVES));
                    }
                }
                Changed::Code(code)
            }
            Change::Rotate(old, new, access) => {
                let grant = self.refresh_tokens.take(&old);
                if let Some(grant) = &grant {
                    self.refresh_tokens.put(new, grant.clone());
                    if let Some(access) = access {
                        self.access_tokens.put(access, grant.clone());
                    }
                }
                Changed::Grant(grant)
            }
            Change::SignIn(digest, user) => {
                self.sessions.put(digest, user);
                Changed::Done
            }
        }
    }

    /// Who is signed in.
    pub(crate) fn session(&self, digest: &Digest) -> Option<String> {
        self.sessions.get(digest)
    }

    /// What an access token stands for.
    pub(crate) fn access_token(&self, digest: &Digest) -> Option<Grant> {
        self.access_tokens.get(digest)
    }
}
