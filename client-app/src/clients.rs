//! `[clients]`: as which clients the print shop is registered at the provider, and with which secrets.
//!
//! The defaults are the demo's cast (`config/demo.toml`).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use shared::serve::ConfigSecret;

use crate::flow::Grant;

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
}

impl ClientConfig {
    fn public(id: &str) -> Self {
        Self {
            client_id: id.to_owned(),
            client_secret: None,
        }
    }

    fn confidential(id: &str, secret: &str) -> Self {
        Self {
            client_id: id.to_owned(),
            client_secret: Some(ConfigSecret::new(secret)),
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
        }
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
