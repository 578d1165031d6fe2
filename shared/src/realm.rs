//! Realms: isolated worlds, each with an issuer, clients, people, keys, policy, clock and flows of its own.
//!
//! May use actix-web only to read a realm from a path. A realm other than the default lives at `/r/{realm}`
//! on all three services, so that its issuer has a path (RFC 8414 §3.1).

use std::cmp::Ordering;
use std::fmt;
use std::future::{Ready, ready};
use std::hash::{Hash, Hasher};
use std::str::FromStr;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::error::InternalError;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use url::Url;

/// The longest realm name, in bytes.
const MAX_NAME: usize = 40;

/// The name of a realm: 1 to 40 of `a`-`z`, `0`-`9` and `-`, beginning with a letter or digit.
///
/// As an actix extractor it reads the path segment `realm`; without one it is the default realm, which is at the
/// root alone. Clones share its text: everything that happens is told in which realm it does.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct RealmName(Name);

/// The one name that almost every request has, or another.
#[derive(Clone, Default, PartialEq, Eq)]
enum Name {
    #[default]
    Default,
    Other(Arc<str>),
}

/// The name of the realm at the root.
const DEFAULT: &str = "default";

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
    pub const fn default_realm() -> Self {
        Self(Name::Default)
    }

    /// Whether this is the realm at the root.
    #[must_use]
    pub const fn is_default(&self) -> bool {
        matches!(self.0, Name::Default)
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Name::Default => DEFAULT,
            Name::Other(name) => name,
        }
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
            format!("/r/{self}")
        }
    }

    /// The name of a cookie of this realm: ports do not separate cookies, so each realm has names of its own.
    #[must_use]
    pub fn cookie_name(&self, name: &str) -> String {
        if self.is_default() {
            name.to_owned()
        } else {
            format!("{name}.{self}")
        }
    }
}

impl fmt::Display for RealmName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for RealmName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RealmName").field(&self.as_str()).finish()
    }
}

impl Hash for RealmName {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

/// As text, by which realms are listed.
impl Ord for RealmName {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl PartialOrd for RealmName {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Serialize for RealmName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
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
        Ok(Self(match name {
            DEFAULT => Name::Default,
            _ => Name::Other(name.into()),
        }))
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
        name.as_str().to_owned()
    }
}

impl FromRequest for RealmName {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let segment = request.match_info().get("realm");
        ready(Self::of_segment(segment).map_err(no_realm))
    }
}

/// A path under a name that no realm can have leads nowhere: the protocol's endpoints say so in its own form.
fn no_realm(error: NoRealmThere) -> actix_web::Error {
    let answer = HttpResponse::NotFound()
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .json(serde_json::json!({
            "error": "invalid_request",
            "error_description": "there is no realm of this name",
        }));
    InternalError::from_response(error, answer).into()
}

/// The public base URLs of the three services, without a trailing slash (`http://localhost:9000`).
///
/// The same for the browser and for the services themselves: a back-channel request keeps the public URL.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Addresses {
    /// Where the client app is reached.
    #[serde(deserialize_with = "base_url")]
    pub client_app: String,
    /// Where the auth server is reached: the issuer of the default realm.
    #[serde(deserialize_with = "base_url")]
    pub auth_server: String,
    /// Where the resource server is reached: the audience of the default realm.
    #[serde(deserialize_with = "base_url")]
    pub resource_server: String,
}

/// A base URL, to which paths are added: by `http` or `https`, with neither user, query nor fragment (RFC 8414 §2), and
/// no slash at its end. As it stands: identifiers are compared as text.
fn base_url<'de, D: Deserializer<'de>>(value: D) -> Result<String, D::Error> {
    let text = String::deserialize(value)?;
    let url = Url::parse(&text).map_err(|error| D::Error::custom(format!("{text}: {error}")))?;
    let plain = matches!(url.scheme(), "http" | "https")
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none()
        && !text.ends_with('/');
    if plain {
        Ok(text)
    } else {
        Err(D::Error::custom(format!(
            "{text} is not http:// or https:// with a host, and without user, query, fragment and a slash at its end"
        )))
    }
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
    fn addresses_are_base_urls() {
        let read = |address: &str| {
            let text = serde_json::json!({ "auth_server": address });
            serde_json::from_value::<Addresses>(text)
        };
        for good in ["http://localhost:9000", "https://id.example/auth"] {
            assert_eq!(read(good).unwrap().auth_server, good);
        }
        for bad in [
            "localhost:9000",
            "ftp://localhost",
            "http://localhost:9000/",
            "http://localhost:9000/path?x",
            "http://localhost:9000#y",
            "http://me:secret@localhost:9000",
            "http://",
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
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
