//! What the issuers of the realms say of themselves (RFC 8414) and their keys (RFC 7517), kept for a while.
//!
//! May use the HTTP client. One request for many callers: who comes while keys are being fetched waits for that
//! answer. An unknown `kid` makes us look again at once, then not again for a while, so that made-up key ids
//! cannot turn callers against the auth server. Spans are measured on the machine's monotonic clock.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use shared::oauth::{ServerMetadata, well_known};
use shared::observe::{HttpClient, HttpRequest, HttpResponse, Observation};
use shared::realm::{Addresses, RealmName};
use shared::time::Lifetime;

use super::error::AccessError;
use super::key::VerificationKey;
use crate::config::KeysConfig;

/// How long after a failure old keys are used without asking again.
const RETRY: Duration = Duration::from_secs(2);

/// An issuer as it was when we looked.
#[derive(Debug)]
pub(super) struct Issuer {
    /// Where to ask about tokens (RFC 7662).
    pub(super) introspection_endpoint: String,
    keys: Vec<Arc<VerificationKey>>,
}

impl Issuer {
    fn key(&self, kid: &str) -> Option<Arc<VerificationKey>> {
        self.keys.iter().find(|key| key.kid() == kid).cloned()
    }
}

/// The issuers of all realms; clones are the same ones.
#[derive(Clone, Debug)]
pub(crate) struct Issuers(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    http: HttpClient,
    addresses: Addresses,
    config: KeysConfig,
    kept: Mutex<HashMap<RealmName, Arc<Kept>>>,
}

/// What is kept of one realm's issuer.
#[derive(Debug)]
struct Kept {
    /// Held by whoever is asking the auth server.
    asking: tokio::sync::Mutex<()>,
    memory: Mutex<Memory>,
}

#[derive(Debug, Default)]
struct Memory {
    issuer: Option<(Arc<Issuer>, Instant)>,
    /// How often the auth server was asked, to notice that another caller just did.
    asked: u64,
    /// When it was asked in vain, and why; empty again once it answered.
    failed: Option<(Instant, String)>,
    /// When an unknown key id last made us look.
    looked_again: Option<Instant>,
    used: Option<Instant>,
}

fn span(lifetime: Lifetime) -> Duration {
    Duration::from_secs(u64::from(lifetime.as_seconds()))
}

impl Issuers {
    /// Nothing is fetched yet.
    pub(crate) fn new(http: HttpClient, addresses: Addresses, config: KeysConfig) -> Self {
        Self(Arc::new(Inner {
            http,
            addresses,
            config,
            kept: Mutex::default(),
        }))
    }

    /// Whether the auth server knows `realm`.
    ///
    /// # Errors
    /// [`AccessError::UnknownRealm`], [`AccessError::AuthServerAway`].
    pub(crate) async fn require_realm(
        &self,
        realm: &RealmName,
        cause: &Observation,
    ) -> Result<(), AccessError> {
        self.of(realm, cause).await.map(|_| ())
    }

    /// The issuer of `realm`.
    ///
    /// # Errors
    /// As [`Issuers::require_realm`].
    pub(super) async fn of(
        &self,
        realm: &RealmName,
        cause: &Observation,
    ) -> Result<Arc<Issuer>, AccessError> {
        let kept = self.kept(realm);
        match kept.remembered(&self.0.config) {
            Some(issuer) => Ok(issuer),
            None => self.ask(&kept, realm, cause).await,
        }
    }

    /// The key `kid` of `realm`'s issuer, if it has one.
    ///
    /// # Errors
    /// As [`Issuers::require_realm`]: where the auth server is away, an unknown key cannot be judged.
    pub(super) async fn key(
        &self,
        realm: &RealmName,
        kid: &str,
        cause: &Observation,
    ) -> Result<Option<Arc<VerificationKey>>, AccessError> {
        let kept = self.kept(realm);
        let before = kept.lock().asked;
        let remembered = kept.remembered(&self.0.config);
        let known = remembered.as_ref().and_then(|issuer| issuer.key(kid));
        if known.is_some() {
            return Ok(known);
        }
        // Whoever comes while somebody looks waits for what that one finds: the key may be in it.
        let asking = kept.asking.lock().await;
        if kept.lock().asked == before {
            if remembered.is_some() && !kept.may_look_again(span(self.0.config.refetch))? {
                return Ok(None);
            }
            self.look(&kept, realm, cause).await?;
        }
        drop(asking);
        match kept.standing(span(self.0.config.stale))?.key(kid) {
            // Old keys that stand in for an auth server that is away say nothing of a new one.
            None => kept.failure().map_or(Ok(None), Err),
            known => {
                // It was not made up: the next one that is unknown makes us look again at once.
                kept.lock().looked_again = None;
                Ok(known)
            }
        }
    }

    fn kept(&self, realm: &RealmName) -> Arc<Kept> {
        let mut all = self.0.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if !all.contains_key(realm) && all.len() >= self.0.config.max_realms.max(1) {
            let oldest = all
                .iter()
                .min_by_key(|(_, kept)| kept.lock().used)
                .map(|(name, _)| name.clone());
            if let Some(oldest) = oldest {
                all.remove(&oldest);
            }
        }
        let kept = all.entry(realm.clone()).or_insert_with(|| {
            Arc::new(Kept {
                asking: tokio::sync::Mutex::default(),
                memory: Mutex::default(),
            })
        });
        kept.lock().used = Some(Instant::now());
        Arc::clone(kept)
    }

    fn forget(&self, realm: &RealmName) {
        let mut all = self.0.kept.lock().unwrap_or_else(PoisonError::into_inner);
        all.remove(realm);
    }

    /// Asks the auth server, or waits for whoever is asking it already.
    async fn ask(
        &self,
        kept: &Kept,
        realm: &RealmName,
        cause: &Observation,
    ) -> Result<Arc<Issuer>, AccessError> {
        let before = kept.lock().asked;
        let _asking = kept.asking.lock().await;
        if kept.lock().asked == before {
            self.look(kept, realm, cause).await?;
        }
        kept.standing(span(self.0.config.stale))
    }

    /// Asks, for whoever holds [`Kept::asking`], and keeps what is answered.
    ///
    /// # Errors
    /// [`AccessError::UnknownRealm`]. Any other failure is kept in place of an answer.
    async fn look(
        &self,
        kept: &Kept,
        realm: &RealmName,
        cause: &Observation,
    ) -> Result<(), AccessError> {
        match self.fetch(realm, cause).await {
            Err(AccessError::UnknownRealm) => {
                self.forget(realm);
                let mut memory = kept.lock();
                memory.asked = memory.asked.wrapping_add(1);
                (memory.issuer, memory.failed) = (None, None);
                Err(AccessError::UnknownRealm)
            }
            answer => {
                kept.remember(answer);
                Ok(())
            }
        }
    }

    /// The issuer's metadata and keys (RFC 8414 §3, RFC 7517 §5).
    async fn fetch(&self, realm: &RealmName, cause: &Observation) -> Result<Issuer, AccessError> {
        let addresses = &self.0.addresses;
        let issuer = addresses.issuer(realm);
        // RFC 8414 §3.1: the well-known part stands before the issuer's path.
        let url = format!(
            "{}{}{}",
            addresses.auth_server,
            well_known::OAUTH_AUTHORIZATION_SERVER,
            realm.base_path()
        );
        let metadata = self.get(url, realm, cause).await?;
        if metadata.status == 404 {
            return Err(AccessError::UnknownRealm);
        }
        let metadata: ServerMetadata = read(&metadata)?;
        let ours = format!("{}/", addresses.auth_server);
        // RFC 8414 §3.3: the issuer must be identical, or the metadata must not be used.
        if metadata.issuer != issuer || !metadata.jwks_uri.starts_with(&ours) {
            let reason = format!("the metadata of {issuer} is {}'s", metadata.issuer);
            return Err(AccessError::AuthServerAway(reason));
        }
        let answer = self.get(metadata.jwks_uri, realm, cause).await?;
        require_ok(&answer)?;
        let keys = VerificationKey::read_set(&answer.body)
            .map_err(|error| AccessError::AuthServerAway(format!("no key set: {error}")))?;
        Ok(Issuer {
            introspection_endpoint: metadata.introspection_endpoint,
            keys: keys.into_iter().map(Arc::new).collect(),
        })
    }

    async fn get(
        &self,
        url: String,
        realm: &RealmName,
        cause: &Observation,
    ) -> Result<HttpResponse, AccessError> {
        let request = HttpRequest::get(url).header("accept", "application/json");
        let sent = self.0.http.send(request, realm, Some(cause));
        sent.await
            .map_err(|error| AccessError::AuthServerAway(error.to_string()))
    }
}

impl Kept {
    fn lock(&self) -> std::sync::MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The issuer, if it needs no asking: fresh, or not fresh any more but just asked for in vain.
    fn remembered(&self, config: &KeysConfig) -> Option<Arc<Issuer>> {
        let memory = self.lock();
        let (issuer, fetched) = memory.issuer.as_ref()?;
        let just_failed = memory
            .failed
            .as_ref()
            .is_some_and(|(at, _)| at.elapsed() < RETRY);
        let age = fetched.elapsed();
        let usable = age < span(config.fresh) || (just_failed && age < span(config.stale));
        usable.then(|| Arc::clone(issuer))
    }

    /// Whether an unknown key id may make us look again now; looking counts from here. Where the last look was in
    /// vain the key may well be a new one, and we try again as soon as after any other failure.
    ///
    /// # Errors
    /// [`AccessError::AuthServerAway`] where we looked a moment ago in vain.
    fn may_look_again(&self, pause: Duration) -> Result<bool, AccessError> {
        let mut memory = self.lock();
        let pause = match &memory.failed {
            Some(_) => pause.min(RETRY),
            None => pause,
        };
        if memory
            .looked_again
            .is_some_and(|looked| looked.elapsed() < pause)
        {
            return match &memory.failed {
                Some((_, reason)) => Err(AccessError::AuthServerAway(reason.clone())),
                None => Ok(false),
            };
        }
        memory.looked_again = Some(Instant::now());
        Ok(true)
    }

    fn failure(&self) -> Option<AccessError> {
        let memory = self.lock();
        let (_, reason) = memory.failed.as_ref()?;
        Some(AccessError::AuthServerAway(reason.clone()))
    }

    fn remember(&self, answer: Result<Issuer, AccessError>) {
        let mut memory = self.lock();
        memory.asked = memory.asked.wrapping_add(1);
        match answer {
            Ok(issuer) => {
                memory.issuer = Some((Arc::new(issuer), Instant::now()));
                memory.failed = None;
            }
            Err(AccessError::AuthServerAway(reason)) => {
                memory.failed = Some((Instant::now(), reason));
            }
            Err(error) => memory.failed = Some((Instant::now(), error.to_string())),
        }
    }

    /// What stands after somebody asked: the answer, or in its place one of at most `stale` ago, else the failure.
    fn standing(&self, stale: Duration) -> Result<Arc<Issuer>, AccessError> {
        let memory = self.lock();
        match (&memory.issuer, &memory.failed) {
            (Some((issuer, _)), None) => Ok(Arc::clone(issuer)),
            (Some((issuer, fetched)), Some(_)) if fetched.elapsed() < stale => {
                Ok(Arc::clone(issuer))
            }
            (_, Some((_, reason))) => Err(AccessError::AuthServerAway(reason.clone())),
            (None, None) => Err(AccessError::UnknownRealm),
        }
    }
}

fn require_ok(answer: &HttpResponse) -> Result<(), AccessError> {
    if answer.status == 200 {
        return Ok(());
    }
    let reason = format!("the auth server answered {}", answer.status);
    Err(AccessError::AuthServerAway(reason))
}

fn read<T: serde::de::DeserializeOwned>(answer: &HttpResponse) -> Result<T, AccessError> {
    require_ok(answer)?;
    answer
        .json()
        .map_err(|error| AccessError::AuthServerAway(format!("unreadable metadata: {error}")))
}
