//! `id_token_hint` of a logout request, as checks (RP-Initiated Logout 1.0 §2 and §4). What proves a hint is
//! [`crate::issue::id_token_hint`]'s.

use shared::flow::{CheckDef, catalog as check};
use shared::observe::Observation;

use crate::authorization::{AuthorizeError, PageError};
use crate::issue::id_token_hint::{self, InvalidHint};
use crate::realms::Realm;
use crate::store::Store;

pub(crate) use crate::issue::id_token_hint::Hint;

/// Verifies a hint: it reads as an ID token, a key of this realm signed it, and the realm issued it.
///
/// # Errors
/// [`PageError::LogoutHint`].
pub(crate) async fn verify(
    token: &str,
    store: &Store,
    realm: &Realm,
    observation: &Observation,
) -> Result<Hint, AuthorizeError> {
    let verified = id_token_hint::verify(token, store, realm).await?;
    // Each check with what it expects; the hint is stopped at one of them, or at none.
    let steps: [(&CheckDef, &str); 4] = [
        (&check::LOGOUT_HINT_READABLE, "JWT"),
        (
            &check::LOGOUT_HINT_KEY,
            "a key of this realm, present or past",
        ),
        (&check::LOGOUT_HINT_SIGNATURE, "a signature by that key"),
        (&check::LOGOUT_HINT_ISSUER, realm.issuer.as_str()),
    ];
    let stopped_at = verified.as_ref().err().map(|invalid| match invalid {
        InvalidHint::Unreadable(got) => (0, got.clone()),
        InvalidHint::KeyUnknown => (1, "no such key".to_owned()),
        InvalidHint::Signature | InvalidHint::Audience => (2, invalid.to_string()),
        InvalidHint::Issuer(got) => (3, got.clone()),
    });
    for (step, (known, expected)) in steps.into_iter().enumerate() {
        match &stopped_at {
            Some((at, got)) if *at == step => observation
                .require(known, false, expected, got)
                .or(PageError::LogoutHint)?,
            _ => {
                let _ = observation.require(known, true, expected, expected);
            }
        }
    }
    verified.map_err(|_| PageError::LogoutHint.into())
}
