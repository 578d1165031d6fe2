//! The end of sessions in the run store: tokens are dropped, and what ended them is remembered
//! (OpenID Connect Back-Channel Logout 1.0 §2.7, Front-Channel Logout 1.0 §2).

use shared::oauth::{Digest, SessionToken};
use shared::realm::RealmName;

use super::{Run, RunStore};
use crate::jwt::Jwt;
use crate::logout::{Found, Meant, SignedOut};

impl Run {
    /// Person and session at the provider, as the ID token names them.
    fn identity(&self) -> Option<(String, Option<String>)> {
        let id_token = self.tokens.iter().rev().find_map(|set| set.id_token.as_deref());
        let jwt = Jwt::decode(id_token?)?;
        let sid = jwt.text("sid").map(str::to_owned);
        Some((jwt.text("sub")?.to_owned(), sid))
    }

    /// Whether it is one of the sessions that are meant: of this client, of this person where one is named, and
    /// this one where one is named.
    fn is_meant(&self, meant: &Meant) -> bool {
        let Some((sub, sid)) = self.identity() else {
            return false;
        };
        self.client_id == meant.client_id
            && meant.sub.as_ref().is_none_or(|meant| *meant == sub)
            && (meant.sid.is_none() || meant.sid == sid)
    }

    /// Whether it is one of them that ended before.
    fn was_meant(&self, meant: &Meant) -> bool {
        let ended = self.signed_out.as_ref();
        self.client_id == meant.client_id
            && ended.is_some_and(|ended| meant.sid.is_some() && ended.sid == meant.sid)
    }

    /// Ends it: its tokens are dropped, and so is the code that could be tried again.
    fn sign_out(&mut self, mut left: SignedOut) {
        if let Some((_, sid)) = self.identity() {
            left.sid = sid;
        }
        self.tokens.clear();
        self.code = None;
        self.latest = None;
        self.signed_out = Some(left);
    }
}

impl RunStore {
    /// Ends the sessions that are meant.
    pub(crate) fn sign_out(&self, realm: &RealmName, meant: &Meant, left: &SignedOut) -> Found {
        let mut found = Found::default();
        let mut runs = self.lock();
        let runs = runs.runs.values_mut().map(|(_, run)| run);
        for run in runs.filter(|run| run.realm == *realm) {
            if run.is_meant(meant) {
                run.sign_out(left.clone());
                found.ended = found.ended.saturating_add(1);
            } else if run.was_meant(meant) {
                found.before = found.before.saturating_add(1);
            }
        }
        found
    }

    /// The run of this owner that was sent to sign out with `state`: once, and never again. Where nothing has ended
    /// its session, it ends now.
    pub(crate) fn return_signed_out(
        &self,
        owner: &Digest,
        realm: &RealmName,
        (state, left): (&str, SignedOut),
    ) -> Option<Run> {
        let given = SessionToken::from_text(state).digest();
        let sent = |run: &Run| {
            let leaving = run.leaving.as_deref();
            leaving.is_some_and(|sent| SessionToken::from_text(sent).digest().matches(&given))
        };
        let mut runs = self.lock();
        runs.forget_old();
        let mut runs = runs.runs.values_mut().map(|(_, run)| run);
        let run = runs.find(|run| run.owner.matches(owner) && run.realm == *realm && sent(run))?;
        run.leaving = None;
        if run.signed_out.is_none() {
            run.sign_out(left);
        }
        Some(run.clone())
    }
}
