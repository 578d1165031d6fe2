//! A client's public keys: those that it registered by value (`jwks`), or those at its `jwks_uri` (RFC 7591 §2).
//!
//! May use jsonwebtoken and the guarded HTTP client. What was fetched is kept for [`STALENESS`]; a `kid` that is
//! not in it is looked for once more, so that a client can rotate its keys at any time, but only so often that
//! nobody can make this server call a client in a storm.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::DecodingKey;
use serde_json::{Map, Value};
use shared::observe::Observation;
use shared::realm::RealmName;

use super::Client;
use super::signed::JwsAlgorithm;
use crate::outbound::{FetchError, Outbound};
use crate::realms::Realm;

/// How old keys that were fetched may be.
pub(crate) const STALENESS: Duration = Duration::from_mins(5);

/// How many fetches of one `jwks_uri` may follow each other at once.
const BURST: u32 = 4;

/// After how long one more fetch of a `jwks_uri` is allowed.
const REFILL: Duration = Duration::from_secs(10);

/// The most `jwks_uri`s whose keys are kept; beyond it all are forgotten, and fetched again as they come.
const MOST: usize = 1000;

/// The most keys of one set that are looked at.
const MOST_KEYS: usize = 50;

/// The smallest RSA modulus, in bits (RFC 7518 §3.3).
const SMALLEST_RSA: usize = 2048;
/// The largest, so that a verification stays cheap.
const LARGEST_RSA: usize = 8192;

/// Members of private and symmetric keys (RFC 7518 §6).
const SECRET_MEMBERS: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// Why keys may not be registered, or are not to be had.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeysError {
    /// RFC 7517 §5.
    #[error("they are no JWK Set")]
    NoSet,
    /// A key that the client should have kept.
    #[error("one of them is a private key")]
    Private,
    /// RFC 7518 §6.4: what is published is no secret.
    #[error("one of them is symmetric")]
    Symmetric,
    /// RFC 7518 §3.3.
    #[error("one of them is an RSA key of fewer than 2048 or more than 8192 bits")]
    Size,
    /// A member is missing or malformed.
    #[error("one of them is malformed")]
    Malformed,
    /// The client registered neither `jwks` nor `jwks_uri`.
    #[error("the client registered none")]
    None,
    /// They could not be fetched.
    #[error("jwks_uri: {0}")]
    Fetch(#[from] FetchError),
    /// They were fetched too often of late, and not found.
    #[error("jwks_uri was fetched often enough of late")]
    TooOften,
}

/// A public key that verifies signatures.
#[derive(Clone, Debug)]
pub(crate) struct PublicKey {
    kid: Option<String>,
    algorithms: Vec<JwsAlgorithm>,
    /// What verifies.
    pub(super) key: DecodingKey,
}

/// The keys of one client, as far as they verify signatures by an algorithm that is known here.
#[derive(Clone, Debug, Default)]
pub(crate) struct PublicKeys(Vec<PublicKey>);

impl PublicKeys {
    /// Judges the keys that a client registers: private, symmetric, weak and malformed ones are refused; keys for
    /// other uses and of other kinds are left out (RFC 7517 §5).
    ///
    /// # Errors
    /// [`KeysError`].
    pub(crate) fn register(set: &Value) -> Result<Self, KeysError> {
        let read: Result<Vec<_>, _> = members(set)?.map(read).collect();
        Ok(Self(read?.into_iter().flatten().collect()))
    }

    /// Reads keys that were fetched: one that is not fit for use is left out, as if it were not there.
    fn fetched(set: &Value) -> Result<Self, KeysError> {
        let fit = members(set)?.filter_map(|key| read(key).ok().flatten());
        Ok(Self(fit.collect()))
    }

    /// The keys that may have signed by `algorithm` under `kid`; all that fit, where no `kid` is named.
    pub(crate) fn fitting(&self, kid: Option<&str>, algorithm: JwsAlgorithm) -> Vec<&PublicKey> {
        let named = |key: &&PublicKey| kid.is_none() || key.kid.as_deref() == kid;
        self.0
            .iter()
            .filter(|key| key.algorithms.contains(&algorithm))
            .filter(named)
            .collect()
    }
}

fn members(set: &Value) -> Result<impl Iterator<Item = &Map<String, Value>>, KeysError> {
    let keys = set.get("keys").and_then(Value::as_array);
    let keys = keys.ok_or(KeysError::NoSet)?;
    if keys.iter().any(|key| !key.is_object()) {
        return Err(KeysError::NoSet);
    }
    Ok(keys.iter().take(MOST_KEYS).filter_map(Value::as_object))
}

/// One key; `None` where it is for another use or of another kind.
fn read(jwk: &Map<String, Value>) -> Result<Option<PublicKey>, KeysError> {
    let text = |name: &str| jwk.get(name).and_then(Value::as_str);
    if text("kty") == Some("oct") {
        return Err(KeysError::Symmetric);
    }
    if SECRET_MEMBERS.iter().any(|name| jwk.contains_key(*name)) {
        return Err(KeysError::Private);
    }
    let part = |name: &str| text(name).ok_or(KeysError::Malformed);
    let unreadable = |_| KeysError::Malformed;
    let (key, algorithms) = match (part("kty")?, text("crv")) {
        ("RSA", _) => {
            let bits = bits(part("n")?)?;
            if !(SMALLEST_RSA..=LARGEST_RSA).contains(&bits) {
                return Err(KeysError::Size);
            }
            let key = DecodingKey::from_rsa_components(part("n")?, part("e")?);
            let algorithms = vec![JwsAlgorithm::Rs256, JwsAlgorithm::Ps256];
            (key.map_err(unreadable)?, algorithms)
        }
        ("EC", Some("P-256")) => {
            sized(part("x")?)?;
            sized(part("y")?)?;
            let key = DecodingKey::from_ec_components(part("x")?, part("y")?);
            (key.map_err(unreadable)?, vec![JwsAlgorithm::Es256])
        }
        ("OKP", Some("Ed25519")) => {
            sized(part("x")?)?;
            let key = DecodingKey::from_ed_components(part("x")?);
            (key.map_err(unreadable)?, vec![JwsAlgorithm::EdDsa])
        }
        _ => return Ok(None),
    };
    let verifies = text("use").is_none_or(|one| one == "sig")
        && jwk.get("key_ops").is_none_or(|operations| {
            let operations = operations.as_array();
            operations.is_some_and(|all| all.iter().any(|one| one == "verify"))
        });
    let only = text("alg");
    let algorithms: Vec<_> = algorithms
        .into_iter()
        .filter(|one| only.is_none_or(|only| one.is_named(only)))
        .collect();
    let kid = text("kid").map(str::to_owned);
    let fit = verifies && !algorithms.is_empty();
    Ok(fit.then_some(PublicKey {
        kid,
        algorithms,
        key,
    }))
}

/// The length of a base64url number, in bits, without leading zeros.
fn bits(number: &str) -> Result<usize, KeysError> {
    let bytes = URL_SAFE_NO_PAD
        .decode(number)
        .map_err(|_| KeysError::Malformed)?;
    let significant = bytes.iter().skip_while(|byte| **byte == 0);
    let first = bytes.iter().find(|byte| **byte != 0);
    let unused = first.map_or(0, |byte| byte.leading_zeros());
    let all = significant.count().saturating_mul(8);
    Ok(all.saturating_sub(usize::try_from(unused).unwrap_or(0)))
}

/// Every coordinate that is known here has 32 bytes (RFC 7518 §6.2.1.2, RFC 8037 §2).
fn sized(coordinate: &str) -> Result<(), KeysError> {
    match URL_SAFE_NO_PAD.decode(coordinate) {
        Ok(bytes) if bytes.len() == 32 => Ok(()),
        _ => Err(KeysError::Malformed),
    }
}

/// Which keys are wanted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted<'a> {
    /// The key that is named, where one is.
    pub(crate) kid: Option<&'a str>,
    /// What it must sign by.
    pub(crate) algorithm: JwsAlgorithm,
    /// Keys that were tried in vain: the client may have others by now.
    pub(crate) tried: Option<&'a Arc<PublicKeys>>,
}

/// The keys of clients that publish them at a `jwks_uri`, as they were fetched. Clones share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct ClientKeys(Arc<Mutex<Slots>>);

/// The slot of each `jwks_uri` of a realm.
type Slots = HashMap<(RealmName, String), Arc<Slot>>;

/// One `jwks_uri`. Whoever fetches holds it, so that all others wait for the one answer.
type Slot = tokio::sync::Mutex<Published>;

/// What a `jwks_uri` gave.
#[derive(Debug)]
struct Published {
    keys: Option<(Instant, Arc<PublicKeys>)>,
    /// Fetches that are still allowed, as of `counted_at`.
    left: u32,
    counted_at: Instant,
}

impl ClientKeys {
    /// The keys of `client`, with those that are wanted among them if it has such.
    ///
    /// # Errors
    /// [`KeysError`].
    pub(crate) async fn find(
        &self,
        (outbound, realm): (&Outbound, &Realm),
        client: &Client,
        wanted: Wanted<'_>,
        observation: &Observation,
    ) -> Result<Arc<PublicKeys>, KeysError> {
        if let Some(set) = &client.metadata.jwks {
            return Ok(Arc::new(PublicKeys::fetched(set)?));
        }
        let uri = client.metadata.jwks_uri.as_deref();
        let uri = uri.ok_or(KeysError::None)?;
        let slot = self.slot(&realm.name, uri);
        let mut published = slot.lock().await;
        let fresh = published.fresh();
        if let Some(keys) = &fresh
            && !keys.fitting(wanted.kid, wanted.algorithm).is_empty()
            && !wanted.tried.is_some_and(|tried| Arc::ptr_eq(tried, keys))
        {
            return Ok(Arc::clone(keys));
        }
        if !published.may_fetch() {
            return fresh.ok_or(KeysError::TooOften);
        }
        let fetched = fetch(outbound, realm, uri, observation).await;
        match (fetched, fresh) {
            (Ok(keys), _) => {
                let keys = Arc::new(keys);
                published.keys = Some((Instant::now(), Arc::clone(&keys)));
                Ok(keys)
            }
            // What is there is still good, though what was looked for is not in it.
            (Err(_), Some(fresh)) => Ok(fresh),
            (Err(error), None) => Err(error),
        }
    }

    fn slot(&self, realm: &RealmName, uri: &str) -> Arc<Slot> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MOST {
            all.clear();
        }
        let slot = all.entry((realm.clone(), uri.to_owned())).or_default();
        Arc::clone(slot)
    }
}

impl Default for Published {
    fn default() -> Self {
        Self {
            keys: None,
            left: BURST,
            counted_at: Instant::now(),
        }
    }
}

impl Published {
    fn fresh(&self) -> Option<Arc<PublicKeys>> {
        let (read_at, keys) = self.keys.as_ref()?;
        (read_at.elapsed() < STALENESS).then(|| Arc::clone(keys))
    }

    /// Whether one more fetch is allowed; it counts.
    fn may_fetch(&mut self) -> bool {
        while self.left < BURST && self.counted_at.elapsed() >= REFILL {
            self.left = self.left.saturating_add(1);
            self.counted_at += REFILL;
        }
        if self.left == BURST {
            self.counted_at = Instant::now();
        }
        let allowed = self.left > 0;
        self.left = self.left.saturating_sub(1);
        allowed
    }
}

async fn fetch(
    outbound: &Outbound,
    realm: &Realm,
    uri: &str,
    observation: &Observation,
) -> Result<PublicKeys, KeysError> {
    let fetched = outbound.get(realm, uri, Some(observation)).await?;
    let set: Value = serde_json::from_slice(&fetched.body).map_err(|_| KeysError::NoSet)?;
    PublicKeys::fetched(&set)
}
