//! Whom people may sign in with: the provider of the realm, and those of `[sign_in]`.

use serde::{Deserialize, Serialize};
use shared::serve::ConfigSecret;

use crate::clients::ClientConfig;
use crate::flow::Step;

/// The name of the realm's own provider in forms.
const OWN: &str = "own";

/// `[sign_in]`: signing in with OpenID Connect.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SignInConfig {
    /// As which client, at the realm's own provider. Default `portal` / `portal-secret`.
    pub client: ClientConfig,
    /// Other providers. Default none.
    pub providers: Vec<ProviderConfig>,
}

impl Default for SignInConfig {
    fn default() -> Self {
        Self {
            client: ClientConfig {
                client_id: "portal".to_owned(),
                private_key_jwt: false,
                client_secret: Some(ConfigSecret::new("portal-secret")),
            },
            providers: Vec::new(),
        }
    }
}

/// A provider besides the realm's own: discovery tells the rest.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProviderConfig {
    /// What forms call it: `a`-`z`, `0`-`9` and `-`.
    pub slug: String,
    /// What people call it.
    pub name: String,
    /// Its issuer identifier, compared character by character (OpenID Connect Discovery §4.3).
    pub issuer: String,
    /// The registration of this program there.
    pub client: ClientConfig,
}

/// A provider, and this program's registration there.
#[derive(Clone, Debug)]
pub(crate) struct Provider {
    /// What forms call it.
    pub(crate) slug: String,
    /// What people call it; empty for the realm's own, which the pages name.
    pub(crate) name: String,
    /// Its issuer identifier.
    pub(crate) issuer: String,
    /// Who this program is there.
    pub(crate) client: ClientConfig,
}

impl Provider {
    /// All providers of a realm, its own first.
    pub(crate) fn all(step: &Step<'_>) -> Vec<Self> {
        let config = &step.state.sign_in;
        let own = Self {
            slug: OWN.to_owned(),
            name: String::new(),
            issuer: step.issuer(),
            client: config.client.clone(),
        };
        let others = config.providers.iter().map(|other| Self {
            slug: other.slug.clone(),
            name: other.name.clone(),
            issuer: other.issuer.clone(),
            client: other.client.clone(),
        });
        std::iter::once(own).chain(others).collect()
    }

    /// The provider that a form names; the realm's own without a name.
    pub(crate) fn find(step: &Step<'_>, slug: Option<&str>) -> Option<Self> {
        let slug = slug.unwrap_or(OWN);
        Self::all(step)
            .into_iter()
            .find(|provider| provider.slug == slug)
    }
}
