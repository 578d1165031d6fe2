//! One realm as it stood a moment ago.

use std::collections::BTreeSet;

use aws_lc_rs::hmac;
use shared::dpop::Nonces;
use shared::oauth::{GrantType, RedirectUri, Scope};
use shared::realm::{Addresses, RealmName};
use shared::seed::SigningAlgorithm;
use shared::serve::Csrf;
use shared::time::{Clock, Lifetime, Timestamp};

use super::RealmError;
use super::accepted::Accepted;
use super::documents::Documents;
use crate::client::{Client, PolicyDefaults};
use crate::issue::keys::KeySet;
use crate::issue::verification::VerifiedTokens;
use crate::store::signing_keys::SigningKeyRow;
use crate::store::{DbConnection, StoreError, clients, realms, signing_keys};

/// A realm: its issuer, policy, clock, keys, and what its clients may do taken together.
pub(crate) struct Realm {
    /// Its name.
    pub(crate) name: RealmName,
    /// Its issuer identifier (RFC 8414 §2).
    pub(crate) issuer: String,
    /// The audience of its access tokens.
    pub(crate) resource: String,
    /// Its policy.
    pub(crate) policy: PolicyDefaults,
    /// The secret salt of its pairwise subjects.
    pub(crate) subject_salt: String,
    /// Its signing keys.
    pub(crate) keys: KeySet,
    /// The nonces that it gives to clients for their `DPoP` proofs (RFC 9449 §8).
    pub(crate) nonces: Nonces,
    /// Makes and checks the tokens of its forms.
    pub(crate) forms: Csrf,
    /// What its clients may do taken together.
    pub(crate) offer: Offer,
    /// How it is asked, and how it signs.
    pub(crate) accepted: Accepted,
    /// Access tokens whose signatures were found right of late.
    pub(crate) verified: VerifiedTokens,
    /// Its public documents as they are sent.
    pub(crate) documents: Documents,
    /// The longest life of a signed token.
    pub(super) longest_token: Lifetime,
    clock: Clock,
}

impl std::fmt::Debug for Realm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Realm")
            .field("name", &self.name)
            .field("issuer", &self.issuer)
            .finish_non_exhaustive()
    }
}

/// What the clients of a realm may do, taken together: what they may ask for, and whose scripts may call.
#[derive(Debug, Default)]
pub(crate) struct Offer {
    /// Scope tokens that at least one client may ask for.
    pub(crate) scope: Scope,
    /// Scope tokens that at least one client may ask a person for.
    pub(crate) scope_of_people: Scope,
    /// Origins whose scripts may call.
    pub(crate) origins: BTreeSet<String>,
    /// How ID tokens and UserInfo responses are signed.
    pub(crate) signing_algorithms: Vec<SigningAlgorithm>,
}

/// Nonces under what every process of the realm has: its ES256 keys, of which there always is one. The newest
/// that is in use makes them; the others are announced or retired, and their nonces are known too.
fn nonces(rows: &[SigningKeyRow], now: Timestamp) -> Nonces {
    let es256 = SigningAlgorithm::Es256.as_str();
    let mut rows: Vec<_> = rows.iter().filter(|row| row.algorithm == es256).collect();
    rows.sort_by_key(|row| row.active_from > now.as_unix());
    Nonces::new(rows.iter().map(|row| row.private_key_pem.as_bytes()))
}

/// Tokens of forms under what every process of the realm has, and nobody else: the salt of its subjects.
fn forms(subject_salt: &str, addresses: &Addresses) -> Csrf {
    // A key of its own, whatever else the salt is used for.
    let salt = hmac::Key::new(hmac::HMAC_SHA256, subject_salt.as_bytes());
    let key = hmac::sign(&salt, b"forms of the auth server");
    Csrf::new(key.as_ref(), &addresses.auth_server)
}

impl Realm {
    /// Reads a realm.
    ///
    /// # Errors
    /// [`RealmError`].
    pub(super) fn load(
        tx: &mut DbConnection,
        name: &RealmName,
        addresses: &Addresses,
        (clock, verified): (Clock, VerifiedTokens),
    ) -> Result<Self, RealmError> {
        let row = realms::find(tx, name)?.ok_or_else(|| RealmError::Unknown(name.clone()))?;
        let policy: PolicyDefaults = serde_json::from_str(&row.policy)
            .map_err(|error| StoreError::corrupt("realms.policy", error))?;
        let rows = signing_keys::list(tx, name, clock.now())?;
        let keys = KeySet::from_rows(&rows)?;
        let nonces = nonces(&rows, clock.now());
        let (mut offer, mut accepted) = (Offer::default(), Accepted::of(&policy));
        let mut longest_token = Lifetime::from_seconds(0);
        for row in clients::list(tx, name)? {
            let client = Client::from_row(&row, &policy)?;
            longest_token = longest_token
                .max(client.policy.access_token_lifetime)
                .max(client.policy.id_token_lifetime);
            accepted.add(&client);
            offer.add(&client);
        }
        Ok(Self {
            name: name.clone(),
            issuer: addresses.issuer(name),
            resource: addresses.resource(name),
            policy,
            forms: forms(&row.subject_salt, addresses),
            subject_salt: row.subject_salt,
            keys,
            nonces,
            offer,
            accepted,
            verified,
            documents: Documents::default(),
            longest_token,
            clock,
        })
    }

    /// What its tokens can be meant for: its own API first (RFC 8707 §2).
    pub(crate) fn resources(&self) -> Vec<String> {
        let own = std::iter::once(&self.resource);
        own.chain(&self.policy.resources).cloned().collect()
    }

    /// Whether scripts of all of a client's origins may call.
    pub(super) fn shares_with(&self, client: &Client) -> bool {
        origins_of(client).all(|origin| self.offer.origins.contains(&origin))
    }

    /// The realm's time.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

/// The origins of a client's pages: those that the operator named, and those to which its answers go.
fn origins_of(client: &Client) -> impl Iterator<Item = String> {
    let answers = client.redirect_uris.iter().map(RedirectUri::origin);
    client.allowed_origins.iter().cloned().chain(answers)
}

impl Offer {
    /// The most that clients may give themselves: what people are asked for anyway, and OpenID Connect's own
    /// (Core §5.4); never what machines alone were given by the operator.
    pub(crate) fn registrable_scope(&self) -> Scope {
        const STANDARD: &str = "openid profile email address phone offline_access";
        let standard: Scope = STANDARD.parse().unwrap_or_default();
        standard.union(&self.scope_of_people)
    }

    fn add(&mut self, client: &Client) {
        self.origins.extend(origins_of(client));
        if client.grant_types.contains(&GrantType::AuthorizationCode) {
            self.scope_of_people = self.scope_of_people.union(&client.scope);
        }
        self.scope = self.scope.union(&client.scope);
        let userinfo = client.metadata.userinfo_signed_response_alg.as_deref();
        let userinfo = userinfo.and_then(SigningAlgorithm::parse);
        for algorithm in [client.policy.id_token_algorithm]
            .into_iter()
            .chain(userinfo)
        {
            if !self.signing_algorithms.contains(&algorithm) {
                self.signing_algorithms.push(algorithm);
            }
        }
    }
}
