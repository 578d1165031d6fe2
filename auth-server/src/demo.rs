//! What pages print of the demo: names and passwords that everybody knows, found by value (a password of the
//! published seed), so that a workshop's own secrets are never shown.

use std::sync::Arc;

use shared::oauth::GrantType;
use shared::realm::{Addresses, RealmName};
use shared::seed::{RealmSeed, Seed, SeedError};

use crate::page::{DemoClient, DemoPerson, GrantName};

/// The demo's cast as far as it is in use. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Demo(Arc<Vec<RealmSeed>>);

impl Demo {
    /// What of `seed` is the published demo's.
    ///
    /// # Errors
    /// [`SeedError`] when the published seed cannot be read.
    pub(crate) fn of(seed: &Seed, addresses: &Addresses) -> Result<Self, SeedError> {
        let published = Seed::demo()?;
        let realms = || published.realms.iter();
        let passwords: Vec<_> = realms()
            .flat_map(|realm| &realm.people)
            .map(|one| &one.password)
            .collect();
        let secrets: Vec<_> = realms()
            .flat_map(|realm| &realm.clients)
            .map(|one| &one.client_secret)
            .collect();
        let known = |realm: &RealmSeed| {
            let mut realm = realm.resolve(addresses);
            realm
                .people
                .retain(|person| passwords.contains(&&person.password));
            realm
                .clients
                .retain(|client| secrets.contains(&&client.client_secret));
            realm
        };
        Ok(Self(Arc::new(seed.realms.iter().map(known).collect())))
    }

    /// Whether anything of it is in use.
    pub(crate) fn is_in_use(&self) -> bool {
        self.0.iter().any(|realm| !realm.people.is_empty())
    }

    /// Its people in `realm`.
    pub(crate) fn people(&self, realm: &RealmName) -> Vec<DemoPerson> {
        let people = self.realm(realm).flat_map(|realm| &realm.people);
        people
            .map(|person| DemoPerson {
                name: person
                    .claims
                    .name
                    .clone()
                    .unwrap_or_else(|| person.username.clone()),
                username: person.username.clone(),
                password: person.password.clone(),
            })
            .collect()
    }

    /// Its clients in `realm`.
    pub(crate) fn clients(&self, realm: &RealmName) -> Vec<DemoClient> {
        let clients = self.realm(realm).flat_map(|realm| &realm.clients);
        clients
            .map(|client| DemoClient {
                name: client.name.clone(),
                client_id: client.client_id.clone(),
                secret: client.client_secret.clone(),
                grants: client.grant_types.iter().map(|name| grant(name)).collect(),
                redirect_uris: client.redirect_uris.clone(),
            })
            .collect()
    }

    fn realm(&self, name: &RealmName) -> impl Iterator<Item = &RealmSeed> {
        self.0.iter().filter(move |realm| realm.name == *name)
    }
}

fn grant(name: &str) -> GrantName {
    GrantName {
        name: name.to_owned(),
        legacy: GrantType::parse(name).is_some_and(GrantType::is_legacy),
    }
}
