//! The `id_token_hint` of an authorization request, looked up among the realm's keys before it is judged
//! (OpenID Connect Core §3.1.2.1). May use the store.

use shared::oauth::Params;

use crate::issue::id_token_hint::{self, Hint, InvalidHint};
use crate::realms::Realm;
use crate::state::AppState;
use crate::store::Stored;

/// What the hint proves, or why nothing; `None` where none was sent.
///
/// # Errors
/// [`crate::store::StoreError`].
pub(crate) async fn proven(
    params: &Params,
    (state, realm): (&AppState, &Realm),
) -> Stored<Option<Result<Hint, InvalidHint>>> {
    match params.get("id_token_hint") {
        None => Ok(None),
        Some(token) => Box::pin(id_token_hint::verify(token, &state.store, realm))
            .await
            .map(Some),
    }
}
