//! `[clients]`: as which clients the print shop is registered at the provider, and with which secrets.
//!
//! The defaults are the demo's cast (`config/demo.toml`).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use shared::serve::ConfigSecret;

use crate::flow::{Delivery, Grant};

/// The registrations, one for each way of asking.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ClientsConfig {
    /// With a back end: authorization code and refresh. Default `web` / `web-secret`.
    pub web: ClientConfig,
    /// In the browser, without a secret: implicit. Default `spa`.
    pub spa: ClientConfig,
    /// First party: password and refresh. Default `trusted` / `trusted-secret`.
    pub trusted: ClientConfig,
    /// A machine: client credentials. Default `service` / `service-secret`.
    pub service: ClientConfig,
    /// A back end behind the shop, which exchanges the shop's tokens (RFC 8693). Default `print-lab` /
    /// `print-lab-secret`.
    pub lab: ClientConfig,
    /// Without a keyboard: device authorization (RFC 8628) and refresh. Default `tv`.
    pub tv: ClientConfig,
    /// With a back end, by the rules of FAPI 2.0: authorization code and refresh. Default `web-fapi`, by its key.
    pub fapi: ClientConfig,
    /// A job that asks in a person's name by an assertion that it signs (RFC 7523 §2.1). Default `album-job`
    /// / `album-job-secret`.
    pub album: ClientConfig,
    /// In whose name: a subject identifier. Default `alice-0001`.
    pub album_subject: String,
}

/// One registration (RFC 6749 §2).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientConfig {
    /// The client identifier (RFC 6749 §2.2).
    pub client_id: String,
    /// The client secret (RFC 6749 §2.3.1); left out for a public client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<ConfigSecret>,
    /// Whether it proves who it is by the print shop's own key, in place of a secret (RFC 7523 §2.2). Default `false`.
    #[serde(default)]
    pub private_key_jwt: bool,
}

impl ClientConfig {
    fn public(id: &str) -> Self {
        Self {
            client_id: id.to_owned(),
            client_secret: None,
            private_key_jwt: false,
        }
    }

    fn with_key(id: &str) -> Self {
        Self {
            private_key_jwt: true,
            ..Self::public(id)
        }
    }

    fn confidential(id: &str, secret: &str) -> Self {
        Self {
            client_id: id.to_owned(),
            client_secret: Some(ConfigSecret::new(secret)),
            private_key_jwt: false,
        }
    }

    /// The `Authorization` header by which the client proves who it is: id and secret are form-encoded first
    /// (RFC 6749 §2.3.1).
    pub(crate) fn basic(&self) -> String {
        let encode = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
        let id: String = encode(&self.client_id);
        let secret = self.client_secret.as_ref();
        let secret: String = encode(secret.map_or("", ConfigSecret::expose));
        format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")))
    }
}

impl Default for ClientsConfig {
    fn default() -> Self {
        Self {
            web: ClientConfig::confidential("web", "web-secret"),
            spa: ClientConfig::public("spa"),
            trusted: ClientConfig::confidential("trusted", "trusted-secret"),
            service: ClientConfig::confidential("service", "service-secret"),
            lab: ClientConfig::confidential("print-lab", "print-lab-secret"),
            tv: ClientConfig::public("tv"),
            fapi: ClientConfig::with_key("web-fapi"),
            album: ClientConfig::confidential("album-job", "album-job-secret"),
            album_subject: "alice-0001".to_owned(),
        }
    }
}

impl ClientsConfig {
    /// The client that runs `grant`. What was got by one grant is refreshed by the same client.
    pub(crate) const fn of(&self, grant: Grant) -> &ClientConfig {
        match grant {
            Grant::AuthorizationCode | Grant::RefreshToken => &self.web,
            Grant::ClientCredentials => &self.service,
            Grant::Device => &self.tv,
            Grant::Password => &self.trusted,
            Grant::Implicit => &self.spa,
            Grant::JwtBearer => &self.album,
        }
    }

    /// The client that asks for a code by `delivery`.
    pub(crate) fn asking(&self, delivery: Delivery) -> &ClientConfig {
        match delivery {
            Delivery::Fapi => &self.fapi,
            Delivery::Address | Delivery::Pushed | Delivery::Signed => &self.web,
        }
    }

    /// The client of a run of `grant` that began as `client_id`.
    pub(crate) fn of_run(&self, grant: Grant, client_id: &str) -> &ClientConfig {
        if client_id == self.fapi.client_id {
            &self.fapi
        } else {
            self.of(grant)
        }
    }

    /// How the client of this name asks again: as its provider demands.
    pub(crate) fn delivery_of(&self, client_id: &str) -> Delivery {
        if client_id == self.fapi.client_id {
            Delivery::Fapi
        } else {
            Delivery::default()
        }
    }

    /// The clients of which somebody can be signed out.
    pub(crate) fn signed_in(&self) -> [&str; 2] {
        [&self.web.client_id, &self.fapi.client_id]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reserved_characters_are_encoded_before_the_base64() {
        let client = ClientConfig::confidential("a b", "p:w+d%");
        let encoded = client.basic();
        let decoded = STANDARD
            .decode(encoded.trim_start_matches("Basic "))
            .unwrap();
        assert_eq!(decoded, b"a+b:p%3Aw%2Bd%25");
    }
}
