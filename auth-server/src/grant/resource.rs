//! Resource indicators at the token endpoint (RFC 8707 §2.2): a token may be meant for fewer APIs than were granted,
//! never for others.

use std::borrow::Cow;

use shared::flow::{CheckDef, catalog};

use super::{TokenError, TokenRequest};
use crate::issue::GrantDetails;
use crate::store::grants::GrantRow;
use crate::store::{StoreError, stored};

/// The check of what a request of this grant asks for, by the check ahead of which it stands: one that uses something up.
pub(crate) fn ahead_of(check: &CheckDef) -> Option<&'static CheckDef> {
    let ahead = [
        (&catalog::CODE_UNUSED, &catalog::RESOURCE_GRANTED),
        (&catalog::DEVICE_CODE_UNUSED, &catalog::RESOURCE_GRANTED),
        (&catalog::REFRESH_TOKEN_CURRENT, &catalog::RESOURCE_GRANTED),
        (&catalog::ASSERTION_JTI_UNUSED, &catalog::RESOURCE_KNOWN),
    ];
    let of_check = ahead.iter().find(|(one, _)| one.id == check.id);
    of_check.map(|(_, resources)| *resources)
}

impl TokenRequest {
    /// What is asked for, each once.
    fn resources(&self) -> Vec<String> {
        let mut asked: Vec<String> = self.params.all("resource").map(str::to_owned).collect();
        asked.sort_unstable();
        asked.dedup();
        asked
    }

    /// What tokens of `grant` may be meant for.
    fn granted(&self, grant: &GrantRow) -> Result<Vec<String>, StoreError> {
        let details: GrantDetails = stored::read("grants.details", &grant.details)?;
        if details.resources.is_empty() {
            return Ok(vec![self.realm.resource.clone()]);
        }
        Ok(details.resources)
    }

    /// §2.2: what is asked for is among what was granted.
    ///
    /// # Errors
    /// [`TokenError::Target`].
    pub(crate) fn ensure_resources(&self, grant: &GrantRow) -> Result<(), TokenError> {
        let asked = self.resources();
        if asked.is_empty() {
            return Ok(());
        }
        let granted = self.granted(grant)?;
        self.observation
            .require(
                &catalog::RESOURCE_GRANTED,
                asked.iter().all(|one| granted.contains(one)),
                granted.join(" or "),
                brief(&asked),
            )
            .or(TokenError::Target)
    }

    /// §2: without a person who granted, what is asked for is any API of the realm.
    ///
    /// # Errors
    /// [`TokenError::Target`].
    pub(crate) fn known_resources(&self) -> Result<Vec<String>, TokenError> {
        let asked = self.resources();
        if asked.is_empty() {
            return Ok(asked);
        }
        let known = self.realm.resources();
        self.observation
            .require(
                &catalog::RESOURCE_KNOWN,
                asked.iter().all(|one| known.contains(one)),
                known.join(" or "),
                brief(&asked),
            )
            .or(TokenError::Target)?;
        Ok(asked)
    }

    /// The grant as this access token has it: meant for what is asked for, or for all that was granted.
    ///
    /// # Errors
    /// [`TokenError::Target`], for a grant whose resources were not ensured before.
    pub(super) fn narrowed<'g>(
        &self,
        grant: &'g GrantRow,
    ) -> Result<Cow<'g, GrantRow>, TokenError> {
        let asked = self.resources();
        if asked.is_empty() {
            return Ok(Cow::Borrowed(grant));
        }
        let granted = self.granted(grant)?;
        if !asked.iter().all(|one| granted.contains(one)) {
            return Err(TokenError::Target);
        }
        let mut details: GrantDetails = stored::read("grants.details", &grant.details)?;
        details.resources = asked;
        Ok(Cow::Owned(GrantRow {
            details: stored::write(&details),
            ..grant.clone()
        }))
    }
}

/// What is asked for, as far as it is shown.
fn brief(asked: &[String]) -> String {
    asked.join(" ").chars().take(300).collect()
}
