//! The end of sessions in the run store: tokens are dropped, and what ended them is remembered
//! (OpenID Connect Back-Channel Logout 1.0 §2.7, Front-Channel Logout 1.0 §2).

use shared::realm::RealmName;

use super::{Run, RunStore};
use crate::jwt::Jwt;
use crate::logout::{Meant, SignedOut};

impl Run {
    /// Whose session it is, as its newest ID token says.
    pub(crate) fn meant(&self) -> Option<Meant> {
        let mut sets = self.tokens.iter().rev();
        let jwt = Jwt::decode(sets.find_map(|set| set.id_token.as_deref())?)?;
        Some(Meant {
            client_id: self.client_id.clone(),
            sub: Some(jwt.text("sub")?.to_owned()),
            sid: jwt.text("sid").map(str::to_owned),
        })
    }

    /// Ends its session: its tokens are dropped, and so is the code that could be tried again.
    fn sign_out(&mut self, left: SignedOut) {
        self.tokens.clear();
        self.code = None;
        self.latest = None;
        self.signed_out = Some(left);
    }
}

impl RunStore {
    /// Ends the sessions that are meant; the `sid` of each, where it has one.
    pub(crate) fn sign_out(
        &self,
        realm: &RealmName,
        meant: &Meant,
        left: &SignedOut,
    ) -> Vec<Option<String>> {
        let mut runs = self.lock();
        let runs = runs.runs.values_mut().map(|(_, run)| run);
        let mut sids = Vec::new();
        for run in runs.filter(|run| run.realm == *realm) {
            let Some(own) = run.meant() else { continue };
            let sub = own.sub.unwrap_or_default();
            if meant.includes(&own.client_id, &sub, own.sid.as_deref()) {
                run.sign_out(left.clone());
                sids.push(own.sid);
            }
        }
        sids
    }
}
