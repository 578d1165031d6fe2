//! How a client of the shop proves who it is: by its secret (RFC 6749 §2.3.1), by the shop's key (RFC 7523 §2.2), or not at
//! all, where it can do neither.

use serde_json::json;
use shared::oauth::random_id;
use shared::observe::HttpRequest;
use shared::time::{Lifetime, Timestamp};

use super::Step;
use crate::clients::ClientConfig;
use crate::signing::{SigningError, SigningKey};

/// The one `client_assertion_type` (RFC 7523 §2.2).
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// How long an assertion is good: as long as it takes to get there.
const LIFETIME: Lifetime = Lifetime::from_minutes(1);

/// A client, the key by which it proves who it is, and to whom: each request gets an assertion of its own, as each is
/// good once.
#[derive(Clone, Debug)]
pub(crate) struct ByKey<'a> {
    key: &'a SigningKey,
    client_id: &'a str,
    issuer: String,
    now: Timestamp,
}

impl ByKey<'_> {
    /// The two parameters of an assertion that was not used before: for the issuer alone, as a plain string (FAPI 2.0
    /// Security Profile §5.3.2.1).
    ///
    /// # Errors
    /// [`SigningError`].
    pub(crate) fn parameters(&self) -> Result<[(&'static str, String); 2], SigningError> {
        let claims = json!({
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": self.issuer,
            "jti": random_id().map_err(|_| SigningError::NoKey)?,
            "iat": self.now.as_unix(),
            "exp": (self.now + LIFETIME).as_unix(),
        });
        let assertion = self.key.sign("client-authentication+jwt", &claims)?;
        Ok([
            ("client_assertion_type", ASSERTION_TYPE.to_owned()),
            ("client_assertion", assertion),
        ])
    }

    /// A form body with such parameters at its end.
    ///
    /// # Errors
    /// [`SigningError`].
    pub(crate) fn appended_to(&self, body: &[u8]) -> Result<Vec<u8>, SigningError> {
        let parameters = self.parameters()?;
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(parameters);
        let separator: &[u8] = if body.is_empty() { b"" } else { b"&" };
        Ok([body, separator, form.finish().as_bytes()].concat())
    }
}

impl<'a> Step<'a> {
    /// The key of `client`, where it proves by it who it is.
    pub(crate) fn by_key(&self, client: &'a ClientConfig) -> Option<ByKey<'a>> {
        client.private_key_jwt.then(|| ByKey {
            key: &self.state.signing,
            client_id: &client.client_id,
            issuer: self.issuer(),
            now: self.now(),
        })
    }

    /// A form request in which `client` proves who it is, as it can.
    ///
    /// # Errors
    /// [`SigningError`].
    pub(crate) fn form_of(
        &self,
        client: &'a ClientConfig,
        url: String,
        parameters: &[(&str, &str)],
    ) -> Result<HttpRequest, SigningError> {
        if let Some(by_key) = self.by_key(client) {
            let proof = by_key.parameters()?;
            let named = [("client_id", client.client_id.as_str())];
            let proof = proof.iter().map(|(name, value)| (*name, value.as_str()));
            let own = parameters
                .iter()
                .copied()
                .filter(|(name, _)| *name != "client_id");
            let all: Vec<_> = own.chain(named).chain(proof).collect();
            return Ok(HttpRequest::post_form(url, &all));
        }
        if client.client_secret.is_some() {
            let request = HttpRequest::post_form(url, parameters);
            return Ok(request.header("authorization", client.basic()));
        }
        let named = [("client_id", client.client_id.as_str())];
        let all: Vec<_> = parameters.iter().copied().chain(named).collect();
        Ok(HttpRequest::post_form(url, &all))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jwt::Jwt;

    #[test]
    fn each_request_has_an_assertion_of_its_own() {
        shared::serve::tls::install_crypto_provider();
        let key = SigningKey::generate().unwrap();
        let by_key = ByKey {
            key: &key,
            client_id: "web-fapi",
            issuer: "http://localhost:9000".to_owned(),
            now: Timestamp::from_unix(1_800_000_000),
        };
        let read = || {
            let body = by_key.appended_to(b"a=b").unwrap();
            let form: Vec<_> = url::form_urlencoded::parse(&body).into_owned().collect();
            assert_eq!(form[0], ("a".to_owned(), "b".to_owned()));
            assert_eq!(form[1].1, ASSERTION_TYPE);
            Jwt::decode(&form[2].1).unwrap()
        };
        let (one, other) = (read(), read());
        assert_eq!(one.text("aud"), Some("http://localhost:9000"));
        assert_eq!(one.text("iss"), one.text("sub"));
        assert_ne!(one.text("jti"), other.text("jti"));
        let bare = by_key.appended_to(b"").unwrap();
        assert!(bare.starts_with(b"client_assertion_type="));
    }
}
