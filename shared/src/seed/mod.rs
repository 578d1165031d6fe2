//! The readable file that fills realms with people, clients and photos.
//!
//! `config/demo.toml` is the cast of every page, test and document; it is embedded in the programs
//! and is what they use unless told otherwise. A workshop copies and edits it. Tests build seeds
//! in code: every field is public, and the constructors fill in what is usual.
//!
//! URIs may contain `{client_app}`, `{auth_server}` and `{resource_server}`: the public URLs of
//! the realm, put in by [`Seed::resolve`], so that a seed follows moved ports and other realms.

mod check;
mod client;
mod metadata;
mod person;
mod photo;

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::realm::{Addresses, RealmName};

pub use client::{
    AccessTokenFormat, AssertionAudience, AuthMethod, ClientPolicy, ClientSeed, ExcessScope,
    ExchangeRule, NonceDemand, PkceRule, REGISTRABLE_GRANT_TYPES, ScopeClaims, SecurityProfile,
    SigningAlgorithm,
};
pub use metadata::{ApplicationType, ClientMetadata, SubjectType};
pub use person::{AddressSeed, Claims, PersonSeed};
pub use photo::{PhotoSeed, Theme};

/// The demo's cast, as text.
pub const DEMO: &str = include_str!("../../../config/demo.toml");

/// Realms to fill.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seed {
    /// The realms, each `[[realm]]` in the file.
    #[serde(rename = "realm")]
    pub realms: Vec<RealmSeed>,
}

/// A realm, and who and what is in it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RealmSeed {
    /// Its name: `default` is the realm at the root.
    #[serde(default)]
    pub name: RealmName,
    /// What holds for all its clients unless they say otherwise.
    #[serde(default)]
    pub policy: ClientPolicy,
    /// Whether clients may register themselves (RFC 7591 §3).
    #[serde(default)]
    pub registration: RegistrationRule,
    /// What lets a client register itself where `registration` is `protected`. Stored as digests only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub initial_access_tokens: Vec<String>,
    /// Scope tokens that a client which registered itself may have for itself, where no person is asked (RFC 6749
    /// §4.4), if it registered them. Default: none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub machine_scopes: Vec<String>,
    /// What its tokens can be meant for besides its own API (RFC 8707 §2): absolute URIs without a fragment.
    #[serde(default)]
    pub resources: Vec<String>,
    /// Those who can sign in.
    #[serde(default)]
    pub people: Vec<PersonSeed>,
    /// The registered clients.
    #[serde(default)]
    pub clients: Vec<ClientSeed>,
    /// What people keep at the provider.
    #[serde(default)]
    pub photos: Vec<PhotoSeed>,
}

/// Whether clients may register themselves (RFC 7591 §3).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RegistrationRule {
    /// Nobody: clients are what the seed says.
    #[default]
    Off,
    /// Whoever has an initial access token.
    Protected,
    /// Everybody who reaches this server: for a demo on loopback.
    Open,
}

impl RegistrationRule {
    /// As it stands in a seed.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Protected => "protected",
            Self::Open => "open",
        }
    }
}

/// Why a seed is not usable.
#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    /// The file cannot be read.
    #[error("cannot read the seed file {}: {source}", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A key is unknown, missing, or has a value of another type.
    #[error("{place}: `{key}`: {reason}")]
    Key {
        /// The file, or what else was read, with the line where known.
        place: String,
        /// The key, as `realm[0].clients[2].pkce`.
        key: String,
        /// What is wrong.
        reason: String,
    },
    /// Everything can be read but does not fit together.
    #[error("{key}: {reason}")]
    Invalid {
        /// The realm and the person, client or photo in it.
        key: String,
        /// What is wrong.
        reason: String,
    },
}

impl Seed {
    /// The demo: `config/demo.toml` as it was when the program was built.
    ///
    /// # Errors
    /// [`SeedError`], if somebody built the program with a broken file; a test prevents that.
    pub fn demo() -> Result<Self, SeedError> {
        Self::parse(DEMO, "the built-in config/demo.toml")
    }

    /// Reads a seed file.
    ///
    /// # Errors
    /// [`SeedError`], which names the file and the key.
    pub fn load(path: &Path) -> Result<Self, SeedError> {
        let text = std::fs::read_to_string(path).map_err(|source| SeedError::Read {
            path: path.to_path_buf(),
            source,
        })?;
        Self::parse(&text, &path.display().to_string())
    }

    /// Reads a seed from `text`; `place` is what errors call it.
    ///
    /// # Errors
    /// [`SeedError`].
    pub fn parse(text: &str, place: &str) -> Result<Self, SeedError> {
        let at = |span: Option<std::ops::Range<usize>>| {
            let before = span.and_then(|span| text.get(..span.start));
            match before {
                Some(before) => format!("{place}, line {}", before.matches('\n').count() + 1),
                None => place.to_owned(),
            }
        };
        let key = |error: &toml::de::Error, key: String| SeedError::Key {
            place: at(error.span()),
            key,
            reason: error.message().to_owned(),
        };
        let document =
            toml::Deserializer::parse(text).map_err(|error| key(&error, String::new()))?;
        let seed: Self = serde_path_to_error::deserialize(document)
            .map_err(|error| key(error.inner(), error.path().to_string()))?;
        seed.check()?;
        Ok(seed)
    }

    /// Whether the seed fits together: names are unique, owners exist, URIs are absolute.
    ///
    /// # Errors
    /// [`SeedError::Invalid`], which names the first thing that does not.
    pub fn check(&self) -> Result<(), SeedError> {
        check::check(self)
    }

    /// The same seed with real addresses in place of `{client_app}`, `{auth_server}` and
    /// `{resource_server}`.
    #[must_use]
    pub fn resolve(&self, addresses: &Addresses) -> Self {
        Self {
            realms: self
                .realms
                .iter()
                .map(|realm| realm.resolve(addresses))
                .collect(),
        }
    }

    /// Whoever in this seed has a password or secret of the demo, which everybody knows: one
    /// sentence each, for [`crate::serve::listen::refuse_public_demo`].
    #[must_use]
    pub fn demo_credentials(&self) -> Vec<String> {
        let demo = Self::demo().unwrap_or_default();
        let people = |seed: &Self| -> Vec<(String, String)> {
            let people = seed.realms.iter().flat_map(|realm| &realm.people);
            people
                .map(|person| (person.username.clone(), person.password.clone()))
                .collect()
        };
        let clients = |seed: &Self| -> Vec<(String, String)> {
            let clients = seed.realms.iter().flat_map(|realm| &realm.clients);
            clients
                .filter_map(|client| {
                    Some((client.client_id.clone(), client.client_secret.clone()?))
                })
                .collect()
        };
        // By value, not by name: a renamed alice with the old password counts too.
        let known = |all: Vec<(String, String)>, of_demo: &[(String, String)], what: &str| {
            all.into_iter()
                .filter(|(_, secret)| of_demo.iter().any(|(_, demo)| demo == secret))
                .map(|(name, _)| format!("{what} {name} has a password of the published demo"))
                .collect::<Vec<_>>()
        };
        let mut found = known(people(self), &people(&demo), "person");
        found.extend(known(clients(self), &clients(&demo), "client"));
        found.sort();
        found.dedup();
        found
    }

    /// The realm of this name.
    #[must_use]
    pub fn realm(&self, name: &RealmName) -> Option<&RealmSeed> {
        self.realms.iter().find(|realm| realm.name == *name)
    }
}

impl RealmSeed {
    /// An empty realm.
    #[must_use]
    pub fn new(name: RealmName) -> Self {
        Self {
            name,
            ..Self::default()
        }
    }

    /// A copy of the demo's default realm under another name.
    ///
    /// # Errors
    /// As [`Seed::demo`].
    pub fn demo_named(name: RealmName) -> Result<Self, SeedError> {
        let demo = Seed::demo()?.realms.into_iter().next().unwrap_or_default();
        Ok(Self { name, ..demo })
    }

    /// The same realm with real addresses in place of the placeholders.
    #[must_use]
    pub fn resolve(&self, addresses: &Addresses) -> Self {
        let mut realm = self.clone();
        let places = [
            ("{client_app}", addresses.client(&self.name)),
            ("{auth_server}", addresses.issuer(&self.name)),
            ("{resource_server}", addresses.resource(&self.name)),
        ];
        let put = |text: &mut String| {
            for (placeholder, url) in &places {
                if text.contains(placeholder) {
                    *text = text.replace(placeholder, url);
                }
            }
        };
        realm.resources.iter_mut().for_each(&put);
        for client in &mut realm.clients {
            client.each_uri(&put);
        }
        for person in &mut realm.people {
            let claims = &mut person.claims;
            for uri in [
                &mut claims.profile,
                &mut claims.picture,
                &mut claims.website,
            ] {
                uri.iter_mut().for_each(&put);
            }
        }
        // An origin (RFC 6454) has no path: of a realm's address only scheme and authority count.
        for client in &mut realm.clients {
            for origin in &mut client.allowed_origins {
                if let Ok(url) = url::Url::parse(origin) {
                    *origin = url.origin().ascii_serialization();
                }
            }
        }
        realm
    }

    /// Adds a person.
    #[must_use]
    pub fn with_person(mut self, person: PersonSeed) -> Self {
        self.people.push(person);
        self
    }

    /// Adds a client, in place of one with the same id.
    #[must_use]
    pub fn with_client(mut self, client: ClientSeed) -> Self {
        self.clients
            .retain(|other| other.client_id != client.client_id);
        self.clients.push(client);
        self
    }

    /// The client of this id.
    #[must_use]
    pub fn client(&self, client_id: &str) -> Option<&ClientSeed> {
        self.clients
            .iter()
            .find(|client| client.client_id == client_id)
    }

    /// The client of this id, to change.
    pub fn client_mut(&mut self, client_id: &str) -> Option<&mut ClientSeed> {
        self.clients
            .iter_mut()
            .find(|client| client.client_id == client_id)
    }

    /// The person of this user name.
    #[must_use]
    pub fn person(&self, username: &str) -> Option<&PersonSeed> {
        self.people
            .iter()
            .find(|person| person.username == username)
    }
}

#[cfg(test)]
mod tests;
