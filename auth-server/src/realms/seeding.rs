//! Filling a realm from a seed: idempotent, and quick where nothing changed.
//!
//! A password is hashed anew only if the stored hash does not verify it, so that a start from an existing store
//! changes nothing. That is found out when the realm is there already, for Argon2id is slow: whoever signs in waits for
//! it, and nobody else.

use std::collections::BTreeSet;

use shared::oauth::{InitialAccessToken, Secret, SecretKind};
use shared::realm::RealmName;
use shared::seed::{
    ClientSeed, PersonSeed, RealmSeed, SecurityProfile, SeedError, SigningAlgorithm,
};
use shared::time::Timestamp;

use super::{RealmError, Realms};
use crate::client::{Client, PolicyDefaults, Registration, profile, row_of};
use crate::issue::keys::SigningKey;
use crate::store::clients::ClientRow;
use crate::store::people::{self, PersonRow};
use crate::store::realms::{self, RealmRow};
use crate::store::{DbConnection, StoreError, clients, signing_keys, stored};

/// Makes or updates a realm whose addresses are filled in.
pub(super) async fn seed(realms: &Realms, seed: &RealmSeed) -> Result<(), RealmError> {
    realms.0.passwords.settled(&seed.name).await;
    let now = realms.clock_now(&seed.name);
    let (people, doubts) = people_rows(realms, seed, now).await?;
    let (name, seed, store) = (seed.name.clone(), seed.clone(), &realms.0.store);
    // Before the realm is there: nobody signs in by a password that may be another's.
    let settling = (!doubts.is_empty()).then(|| realms.0.passwords.settle(&name));
    store.write(move |tx| fill(tx, &seed, &people, now)).await?;
    if let Some(settling) = settling {
        let realms = realms.clone();
        tokio::spawn(async move {
            for doubt in doubts {
                let sub = doubt.sub.clone();
                if let Err(error) = compare(&realms, &name, doubt, now).await {
                    tracing::error!(%error, realm = %name, %sub, "a password of the seed could not be put in");
                }
            }
            drop(settling);
        });
    }
    Ok(())
}

/// A password that a seed gives, and a hash that may be another's.
struct Doubt {
    sub: String,
    stored: String,
    password: String,
}

/// Puts the seed's password in, where it is not the one that is stored. What was changed meanwhile stays.
async fn compare(
    realms: &Realms,
    realm: &RealmName,
    doubt: Doubt,
    now: Timestamp,
) -> Result<(), RealmError> {
    let Doubt {
        sub,
        stored,
        password,
    } = doubt;
    let passwords = &realms.0.passwords;
    let hash = passwords.hash_seeded(Some(stored.clone()), password).await;
    let hash = hash.ok_or_else(|| not_hashed(&sub))?;
    if hash == stored {
        return Ok(());
    }
    let name = realm.clone();
    let put = move |tx: &mut DbConnection| {
        people::replace_password(tx, &name, &sub, (&stored, &hash), now)
    };
    Ok(realms.0.store.write(put).await?)
}

fn not_hashed(whose: &str) -> RealmError {
    RealmError::Secret(format!("{whose}'s password cannot be hashed"))
}

fn fill(
    tx: &mut DbConnection,
    seed: &RealmSeed,
    people: &[PersonRow],
    now: Timestamp,
) -> Result<(), RealmError> {
    put_realm(tx, seed, now)?;
    for row in people {
        put_person(tx, &seed.name, row)?;
    }
    let policy = policy_of(seed, &PolicyDefaults::default());
    for client in &seed.clients {
        put_client(tx, (&seed.name, &policy), client, now)?;
    }
    warn_of_profile(tx, &seed.name, &policy)
}

/// A salt for pairwise subjects: 256 random bits.
fn random_salt() -> Result<String, RealmError> {
    let salt = Secret::<Salt>::generate().map_err(|error| RealmError::Secret(error.to_string()))?;
    Ok(salt.expose().to_owned())
}

/// What the salt of pairwise subjects is among secrets: it is stored as it is, for it has to be used.
enum Salt {}

impl SecretKind for Salt {
    const NAME: &'static str = "subject_salt";
}

/// Gives a realm that an older program made the salt that it lacks.
pub(super) async fn salt(realms: &Realms, name: &RealmName) -> Result<(), RealmError> {
    let (name, salt) = (name.clone(), random_salt()?);
    let put = move |tx: &mut DbConnection| realms::put_salt(tx, &name, &salt);
    Ok(realms.0.store.write(put).await?)
}

/// The realm itself with its policy, and its first key. From here on, whoever else fills it waits.
fn put_realm(tx: &mut DbConnection, seed: &RealmSeed, now: Timestamp) -> Result<(), RealmError> {
    let name = &seed.name;
    let unknown = || RealmError::Unknown(name.clone());
    if realms::find(tx, name)?.is_none() {
        let row = RealmRow {
            realm: name.to_string(),
            policy: stored::write(&policy_of(seed, &PolicyDefaults::default())),
            created_at: now.as_unix(),
            subject_salt: random_salt()?,
        };
        realms::insert_new(tx, &row)?;
    }
    let row = realms::hold(tx, name)?.ok_or_else(unknown)?;
    let before: PolicyDefaults = stored::read("realms.policy", &row.policy)?;
    let policy = stored::write(&policy_of(seed, &before));
    if row.policy != policy {
        realms::set_policy(tx, name, &policy)?;
    }
    let keys = signing_keys::list(tx, name, now)?;
    let es256 = SigningAlgorithm::Es256;
    if !keys.iter().any(|key| key.algorithm == es256.as_str()) {
        signing_keys::insert(tx, &SigningKey::generate(name, es256, (now, now))?)?;
    }
    Ok(())
}

/// What holds for all clients of a realm, and who may register more.
fn policy_of(seed: &RealmSeed, before: &PolicyDefaults) -> PolicyDefaults {
    let tokens = seed.initial_access_tokens.iter();
    PolicyDefaults {
        clients: seed.policy.clone(),
        registration: seed.registration,
        initial_access_tokens: tokens
            .map(|token| InitialAccessToken::from_text(token).digest())
            .collect(),
        machine_scopes: seed.machine_scopes.clone(),
        resources: seed.resources.clone(),
        claims_locales: seed
            .people
            .iter()
            .flat_map(|person| person.claims.languages())
            .map(str::to_owned)
            .collect(),
        ..before.clone()
    }
}

/// Who says that a client keeps to a profile registers it so that it can. What cannot be read back of what the seed says
/// is the seed's fault, and told as such: nothing is stored yet.
fn ensure_profile(row: &ClientRow, policy: &PolicyDefaults) -> Result<(), RealmError> {
    let at = |member: &str, reason: String| {
        let key = format!("realm {}, client {}{member}", row.realm, row.client_id);
        RealmError::Seed(SeedError::Invalid { key, reason })
    };
    let client = Client::from_row(row, policy).map_err(|error| match error {
        StoreError::Corrupt { what, detail } => {
            let column = what.split_once('.').map_or(what, |(_, column)| column);
            at(&format!(", {column}"), detail)
        }
        other => RealmError::Store(other),
    })?;
    let missed = profile::missed(&client);
    if missed.is_empty() {
        return Ok(());
    }
    Err(at(
        "",
        format!("misses of its profile: {}", profile::named(&missed)),
    ))
}

/// Clients that the seed does not name stay, those that registered themselves too: where the realm's profile is newer
/// than they are, the operator is told which of them get nothing any more, and why.
fn warn_of_profile(
    tx: &mut DbConnection,
    realm: &RealmName,
    policy: &PolicyDefaults,
) -> Result<(), RealmError> {
    if policy.clients.profile.unwrap_or_default() == SecurityProfile::None {
        return Ok(());
    }
    for row in clients::list(tx, realm)? {
        // One that cannot be read is told of where it is used.
        let client = Client::from_row(&row, policy).ok();
        let missed = client.as_ref().map(profile::missed).unwrap_or_default();
        if !missed.is_empty() {
            tracing::warn!(
                %realm, client_id = %row.client_id, rules = %profile::named(&missed),
                "the registration of this client does not keep to the realm's profile: it is refused until it does"
            );
        }
    }
    Ok(())
}

fn put_person(tx: &mut DbConnection, realm: &RealmName, row: &PersonRow) -> Result<(), RealmError> {
    match people::find(tx, realm, &row.sub)? {
        None => {
            // Somebody else had the name: a subject is never given to another person, a name may be.
            if let Some(other) = people::find_by_username(tx, realm, &row.username)? {
                people::delete(tx, realm, &other.sub)?;
            }
            people::insert(tx, row)?;
        }
        Some(old) => {
            let same = old.username == row.username
                && old.password_hash == row.password_hash
                && old.claims == row.claims;
            if !same {
                people::update(tx, row)?;
            }
        }
    }
    Ok(())
}

fn put_client(
    tx: &mut DbConnection,
    (realm, policy): (&RealmName, &PolicyDefaults),
    seed: &ClientSeed,
    now: Timestamp,
) -> Result<(), RealmError> {
    let mut row = row_of(&Registration { realm, seed, now })?;
    ensure_profile(&row, policy)?;
    match clients::find(tx, realm, &row.client_id)? {
        None => clients::insert(tx, &row)?,
        Some(old) => {
            row.created_at = old.created_at;
            row.updated_at = old.updated_at;
            if row != old {
                row.updated_at = now.as_unix();
                clients::update(tx, &row)?;
            }
        }
    }
    Ok(())
}

/// The rows of all people, and which of their stored passwords may be others. Only those of new people are hashed
/// here, each once, as many at a time as the server may hash.
async fn people_rows(
    realms: &Realms,
    seed: &RealmSeed,
    now: Timestamp,
) -> Result<(Vec<PersonRow>, Vec<Doubt>), RealmError> {
    let name = seed.name.clone();
    let passwords = &realms.0.passwords;
    let stored = realms
        .0
        .store
        .read(move |tx| people::list(tx, &name))
        .await?;
    let old = |person: &PersonSeed| stored.iter().find(|row| row.sub == person.sub);
    let new = seed.people.iter().filter(|person| old(person).is_none());
    let new: BTreeSet<&str> = new.map(|person| person.password.as_str()).collect();
    let hashing: Vec<_> = new
        .into_iter()
        .map(|password| {
            let (passwords, password) = (passwords.clone(), password.to_owned());
            tokio::spawn(async move { passwords.hash_seeded(None, password).await })
        })
        .collect();
    for hash in hashing {
        // Where there is none, whose it is says so below.
        let _ = hash.await;
    }
    let (mut rows, mut doubts) = (Vec::new(), Vec::new());
    for person in &seed.people {
        let hash = match old(person) {
            None => passwords.hash_seeded(None, person.password.clone()).await,
            Some(row) => Some(row.password_hash.clone()),
        };
        let hash = hash.ok_or_else(|| not_hashed(&person.username))?;
        if old(person).is_some() && !passwords.is_known_as(&hash, &person.password) {
            doubts.push(Doubt {
                sub: person.sub.clone(),
                stored: hash.clone(),
                password: person.password.clone(),
            });
        }
        rows.push(person_row(&seed.name, person, hash, now)?);
    }
    Ok((rows, doubts))
}

fn person_row(
    realm: &RealmName,
    person: &PersonSeed,
    password_hash: String,
    now: Timestamp,
) -> Result<PersonRow, StoreError> {
    Ok(PersonRow {
        realm: realm.to_string(),
        sub: person.sub.clone(),
        username: person.username.clone(),
        password_hash,
        claims: serde_json::to_string(&person.claims)
            .map_err(|error| StoreError::corrupt("people.claims", error))?,
        updated_at: now.as_unix(),
    })
}
