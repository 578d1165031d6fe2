//! Realms: isolated worlds, each with an issuer, clients, people, keys, policy, clock and flows of its own.
//!
//! May use actix-web only to read a realm from a path. A realm other than the default lives at `/r/{realm}`
//! on all three services, so that its issuer has a path (RFC 8414 §3.1).

use std::fmt;
use std::future::{Ready, ready};
use std::str::FromStr;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use serde::{Deserialize, Serialize};

/// The longest realm name, in bytes.
const MAX_NAME: usize = 40;

/// The name of a realm: 1 to 40 of `a`-`z`, `0`-`9` and `-`, beginning with a letter or digit.
///
/// As an actix extractor it reads the path segment `realm`; without one it is the default realm, which is at the
/// root alone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RealmName(String);

/// A path under which no realm can be.
#[derive(Debug, thiserror::Error)]
pub enum NoRealmThere {
    /// No realm has such a name.
    #[error(transparent)]
    Name(#[from] InvalidRealmName),
    /// The default realm has one address, the root: an issuer is compared as text (RFC 8414 §3.3).
    #[error("the default realm is at the root, and nowhere else")]
    DefaultIsAtRoot,
}

/// Text that cannot name a realm.
#[derive(Debug, thiserror::Error)]
#[error(
    "a realm's name is 1 to 40 of a-z, 0-9 and '-', beginning with a letter or digit; got {0:?}"
)]
pub struct InvalidRealmName(String);

impl RealmName {
    /// The realm at the root of every service.
    #[must_use]
    pub fn default_realm() -> Self {
        Self("default".to_owned())
    }

    /// Whether this is the realm at the root.
    #[must_use]
    pub fn is_default(&self) -> bool {
        self.0 == "default"
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The realm of a path whose segment `realm` is `segment`; without one, the default realm.
    ///
    /// # Errors
    /// [`NoRealmThere`].
    pub fn of_segment(segment: Option<&str>) -> Result<Self, NoRealmThere> {
        let Some(name) = segment else {
            return Ok(Self::default_realm());
        };
        let realm: Self = name.parse()?;
        if realm.is_default() {
            return Err(NoRealmThere::DefaultIsAtRoot);
        }
        Ok(realm)
    }

    /// What a path of this realm begins with: empty for the default realm, else `/r/{realm}`.
    #[must_use]
    pub fn base_path(&self) -> String {
        if self.is_default() {
            String::new()
        } else {
            format!("/r/{}", self.0)
        }
    }

    /// The name of a cookie of this realm: ports do not separate cookies, so each realm has names of its own.
    #[must_use]
    pub fn cookie_name(&self, name: &str) -> String {
        if self.is_default() {
            name.to_owned()
        } else {
            format!("{name}.{}", self.0)
        }
    }
}

impl Default for RealmName {
    fn default() -> Self {
        Self::default_realm()
    }
}

impl fmt::Display for RealmName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for RealmName {
    type Err = InvalidRealmName;

    fn from_str(name: &str) -> Result<Self, InvalidRealmName> {
        let allowed = name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if name.is_empty() || name.len() > MAX_NAME || !allowed || name.starts_with('-') {
            return Err(InvalidRealmName(name.chars().take(80).collect()));
        }
        Ok(Self(name.to_owned()))
    }
}

impl TryFrom<String> for RealmName {
    type Error = InvalidRealmName;

    fn try_from(name: String) -> Result<Self, InvalidRealmName> {
        name.parse()
    }
}

impl From<RealmName> for String {
    fn from(name: RealmName) -> Self {
        name.0
    }
}

impl FromRequest for RealmName {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let segment = request.match_info().get("realm");
        ready(Self::of_segment(segment).map_err(actix_web::error::ErrorNotFound))
    }
}

/// The public base URLs of the three services, without a trailing slash (`http://localhost:9000`).
///
/// The same for the browser and for the services themselves: a back-channel request keeps the public URL.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Addresses {
    /// Where the client app is reached.
    pub client_app: String,
    /// Where the auth server is reached: the issuer of the default realm.
    pub auth_server: String,
    /// Where the resource server is reached: the audience of the default realm.
    pub resource_server: String,
}

impl Addresses {
    /// The addresses on fixed ports of `localhost`.
    #[must_use]
    pub fn localhost(client_app: u16, auth_server: u16, resource_server: u16) -> Self {
        Self::on_localhost("http", [client_app, auth_server, resource_server])
    }

    /// The same by HTTPS.
    #[must_use]
    pub fn localhost_by_https(client_app: u16, auth_server: u16, resource_server: u16) -> Self {
        Self::on_localhost("https", [client_app, auth_server, resource_server])
    }

    fn on_localhost(scheme: &str, ports: [u16; 3]) -> Self {
        let [client_app, auth_server, resource_server] =
            ports.map(|port| format!("{scheme}://localhost:{port}"));
        Self {
            client_app,
            auth_server,
            resource_server,
        }
    }

    /// The issuer identifier of `realm` (RFC 8414 §2): compared as text, never normalised.
    #[must_use]
    pub fn issuer(&self, realm: &RealmName) -> String {
        format!("{}{}", self.auth_server, realm.base_path())
    }

    /// The resource identifier of `realm` (RFC 9728 §1.2): the audience of its access tokens.
    #[must_use]
    pub fn resource(&self, realm: &RealmName) -> String {
        format!("{}{}", self.resource_server, realm.base_path())
    }

    /// The base URL of the client app in `realm`.
    #[must_use]
    pub fn client(&self, realm: &RealmName) -> String {
        format!("{}{}", self.client_app, realm.base_path())
    }
}

impl Default for Addresses {
    fn default() -> Self {
        Self::localhost(8080, 9000, 9001)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_realm_has_an_issuer_of_its_own() {
        let addresses = Addresses::default();
        let blue: RealmName = "team-blue".parse().unwrap();
        assert_eq!(
            addresses.issuer(&RealmName::default_realm()),
            "http://localhost:9000"
        );
        assert_eq!(addresses.issuer(&blue), "http://localhost:9000/r/team-blue");
        assert_eq!(blue.cookie_name("as_session"), "as_session.team-blue");
    }

    #[test]
    fn a_name_cannot_leave_its_path() {
        for name in ["", "a/b", "..", "A", "-x", "ä"] {
            assert!(name.parse::<RealmName>().is_err(), "{name}");
        }
    }

    #[test]
    fn the_default_realm_is_at_the_root_alone() {
        assert!(RealmName::of_segment(None).unwrap().is_default());
        assert_eq!(
            RealmName::of_segment(Some("blue")).unwrap().as_str(),
            "blue"
        );
        for segment in ["default", "Blue"] {
            assert!(RealmName::of_segment(Some(segment)).is_err(), "{segment}");
        }
    }
}
