//! What UserInfo says to the client that got a token (OpenID Connect Core §5.3.2): plain, or signed for it alone.

use serde_json::{Map, Value};
use shared::oauth::AccessTokenClaims;
use shared::seed::SigningAlgorithm;
use shared::time::Timestamp;

use super::keys::JwtType;
use super::{GrantDetails, IssueError, claims, subject};
use crate::client::Client;
use crate::realms::Realm;
use crate::store::{DbConnection, Stored, grants, people, stored};

/// The claims that the token permits: by its scope, and by name as its grant says. Without `sub`, which is the
/// client's business. `None` where the token speaks for nobody.
///
/// # Errors
/// [`crate::store::StoreError`].
pub(crate) fn permitted(
    tx: &mut DbConnection,
    realm: &Realm,
    token: &AccessTokenClaims,
) -> Stored<Option<Map<String, Value>>> {
    if people::find(tx, &realm.name, token.sub.as_str())?.is_none() {
        return Ok(None);
    }
    let known = claims::of_person(tx, &realm.name, token.sub.as_str())?;
    let grant = match &token.gid {
        Some(gid) => grants::find(tx, &realm.name, gid.as_str())?,
        None => None,
    };
    let details: GrantDetails = match grant {
        Some(grant) => stored::read("grants.details", &grant.details)?,
        None => GrantDetails::default(),
    };
    let wishes = (&details.claims.userinfo, &*details.claims_locales);
    Ok(Some(claims::permitted(known, &token.scope, wishes)))
}

/// The claims with the subject as the client knows it.
pub(crate) fn named(
    (client, realm): (&Client, &Realm),
    sub: &str,
    permitted: Map<String, Value>,
) -> Map<String, Value> {
    let seen = subject::seen_by(client, realm, sub);
    let mut told = Map::new();
    told.insert("sub".to_owned(), Value::from(seen));
    told.extend(permitted);
    told
}

/// How the client registered to be told: signed by this algorithm, or plain.
pub(crate) fn algorithm(client: &Client) -> Option<SigningAlgorithm> {
    let registered = client.metadata.userinfo_signed_response_alg.as_deref();
    registered.and_then(SigningAlgorithm::parse)
}

/// The claims as a JWT for the client alone (§5.3.2: with `iss` and `aud`).
///
/// # Errors
/// [`IssueError`].
pub(crate) fn signed(
    (client, realm): (&Client, &Realm),
    (algorithm, now): (SigningAlgorithm, Timestamp),
    mut told: Map<String, Value>,
) -> Result<String, IssueError> {
    told.insert("iss".to_owned(), Value::from(realm.issuer.clone()));
    told.insert("aud".to_owned(), Value::from(client.id.to_string()));
    let key = realm.keys.signer(algorithm, now)?;
    key.sign(JwtType::IdToken, &told)
}
