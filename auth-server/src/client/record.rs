//! Between a client and its row: what a seed registers, and what the store gives back.

use serde::de::DeserializeOwned;
use shared::oauth::{
    ClientSecret, Digest, GrantType, ResponseType, Scope, TokenEndpointAuthMethod,
};
use shared::realm::RealmName;
use shared::seed::{
    AccessTokenFormat, AuthMethod, ClientMetadata, ClientPolicy, ClientSeed, SubjectType,
};
use shared::time::Timestamp;

use super::policy::of_registered;
use super::{Client, ClientKind, Policy, PolicyDefaults};
use crate::store::StoreError;
use crate::store::clients::ClientRow;

/// A client to be registered, its addresses filled in.
pub(crate) struct Registration<'a> {
    /// The realm.
    pub(crate) realm: &'a RealmName,
    /// What the seed says.
    pub(crate) seed: &'a ClientSeed,
    /// When.
    pub(crate) now: Timestamp,
}

/// The row of a client as a seed describes it.
///
/// # Errors
/// [`StoreError::Corrupt`] when a value has no form in JSON.
pub(crate) fn row_of(registration: &Registration<'_>) -> Result<ClientRow, StoreError> {
    let Registration { realm, seed, now } = *registration;
    let json = |list: &[String]| {
        serde_json::to_string(list).map_err(|error| StoreError::corrupt("clients", error))
    };
    let methods = seed.auth_methods();
    let methods: Vec<&str> = methods.iter().map(|method| method.as_str()).collect();
    Ok(ClientRow {
        realm: realm.to_string(),
        client_id: seed.client_id.clone(),
        name: seed.name.clone(),
        description: seed.description.clone(),
        kind: if seed.is_public() {
            "public"
        } else {
            "confidential"
        }
        .to_owned(),
        secret_digest: seed
            .client_secret
            .as_ref()
            .map(|secret| ClientSecret::from_text(secret).digest().as_str().to_owned()),
        auth_methods: methods.join(" "),
        redirect_uris: json(&seed.redirect_uris)?,
        post_logout_redirect_uris: json(&seed.post_logout_redirect_uris)?,
        grant_types: seed.grant_types.join(" "),
        response_types: json(&seed.response_types())?,
        scope: seed.scopes.join(" "),
        allowed_origins: json(&seed.allowed_origins)?,
        first_party: seed.first_party,
        may_introspect: seed.may_introspect,
        policy: serde_json::to_string(&seed.policy)
            .map_err(|error| StoreError::corrupt("clients.policy", error))?,
        created_at: now.as_unix(),
        updated_at: now.as_unix(),
        metadata: serde_json::to_string(&seed.metadata)
            .map_err(|error| StoreError::corrupt("clients.metadata", error))?,
        // A MAC needs the secret itself: kept only for clients that authenticate in this way.
        mac_secret: seed
            .auth_methods()
            .contains(&AuthMethod::ClientSecretJwt)
            .then(|| seed.client_secret.clone())
            .flatten(),
        registration_digest: None,
    })
}

impl Client {
    /// What a row means in its realm.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] for a value that this program cannot have written.
    pub(crate) fn from_row(row: &ClientRow, realm: &PolicyDefaults) -> Result<Self, StoreError> {
        let kind = kind_of(row)?;
        let is_public = matches!(kind, ClientKind::Public);
        let own = own_policy(row, realm, is_public)?;
        let mut metadata: ClientMetadata = json("clients.metadata", &row.metadata)?;
        let mut policy = Policy::resolve(realm, &own, is_public)
            .map_err(|error| StoreError::corrupt("clients.policy", error))?
            .tightened(&mut metadata);
        if metadata.subject_type == Some(SubjectType::Pairwise) {
            // A JWT would tell it the subject that the resource server knows.
            policy.access_token_format = AccessTokenFormat::Opaque;
        }
        let response_types: Vec<String> = json("clients.response_types", &row.response_types)?;
        Ok(Self {
            id: row
                .client_id
                .parse()
                .map_err(|error| StoreError::corrupt("clients.client_id", error))?,
            name: name_of(row),
            description: row.description.clone(),
            self_registered: row
                .registration_digest
                .as_ref()
                .map(|_| Timestamp::from_unix(row.updated_at)),
            kind,
            mac_secret: row.mac_secret.clone().map(ClientSecret::from_text),
            auth_methods: parse_all(
                "clients.auth_methods",
                row.auth_methods.split_ascii_whitespace(),
                TokenEndpointAuthMethod::parse,
            )?,
            redirect_uris: json("clients.redirect_uris", &row.redirect_uris)?,
            post_logout_redirect_uris: json(
                "clients.post_logout_redirect_uris",
                &row.post_logout_redirect_uris,
            )?,
            grant_types: parse_all(
                "clients.grant_types",
                row.grant_types.split_ascii_whitespace(),
                GrantType::parse,
            )?,
            response_types: parse_all(
                "clients.response_types",
                response_types.iter().map(String::as_str),
                ResponseType::parse,
            )?,
            scope: row
                .scope
                .parse::<Scope>()
                .map_err(|error| StoreError::corrupt("clients.scope", error))?,
            allowed_origins: json("clients.allowed_origins", &row.allowed_origins)?,
            first_party: row.first_party,
            may_introspect: row.may_introspect,
            policy,
            metadata,
        })
    }
}

/// What people call it: its identifier where it has no name.
fn name_of(row: &ClientRow) -> String {
    if row.name.is_empty() {
        return row.client_id.clone();
    }
    row.name.clone()
}

/// The client's own policy: what its row says, under the realm's where it registered itself.
fn own_policy(
    row: &ClientRow,
    realm: &PolicyDefaults,
    is_public: bool,
) -> Result<ClientPolicy, StoreError> {
    let own: ClientPolicy = json("clients.policy", &row.policy)?;
    Ok(match row.registration_digest {
        Some(_) => of_registered(realm, own, is_public),
        None => own,
    })
}

/// Whether it can keep a secret, and the digest of the one that it has.
fn kind_of(row: &ClientRow) -> Result<ClientKind, StoreError> {
    match (&*row.kind, &row.secret_digest) {
        ("confidential", digest) => Ok(ClientKind::Confidential {
            secret: digest.clone().map(Digest::from_stored),
        }),
        ("public", None) => Ok(ClientKind::Public),
        (kind, _) => Err(StoreError::corrupt("clients.kind", kind)),
    }
}

fn json<T: DeserializeOwned>(what: &'static str, text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::corrupt(what, error))
}

fn parse_all<'a, T>(
    what: &'static str,
    words: impl Iterator<Item = &'a str>,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<Vec<T>, StoreError> {
    words
        .map(|word| parse(word).ok_or_else(|| StoreError::corrupt(what, word)))
        .collect()
}
