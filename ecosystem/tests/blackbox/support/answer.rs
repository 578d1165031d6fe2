//! An answer, and what can be said of it: status, code, headers, and the one check that failed.

use ecosystem::Realm;
use ecosystem::record::ExchangeView;
use serde_json::Value;
use shared::flow::Outcome;
use url::Url;

use super::http::Response;
use super::world::Tokens;

/// An answer of one of the services, with the record at hand to look it up in.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    realm: Realm,
    /// The answer itself.
    pub(crate) response: Response,
}

impl Answer {
    pub(crate) const fn new(realm: Realm, response: Response) -> Self {
        Self { realm, response }
    }

    /// The status code.
    pub(crate) const fn status(&self) -> u16 {
        self.response.status
    }

    /// The first header of this lower-case name; empty when it is missing.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.response.header(name).unwrap_or_default()
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.response.body)
            .unwrap_or_else(|error| panic!("{error} in {self}"))
    }

    /// It has this status.
    #[track_caller]
    pub(crate) fn is(&self, status: u16) -> &Self {
        assert_eq!(self.status(), status, "{self}");
        self
    }

    /// It carries tokens (RFC 6749 §5.1): 200, JSON, never stored.
    #[track_caller]
    pub(crate) fn tokens(&self) -> Tokens {
        self.is(200).no_store();
        assert_json(self);
        let body = self.json();
        assert_eq!(body["token_type"], "Bearer", "{self}");
        assert!(body["expires_in"].is_u64(), "{self}");
        Tokens::new(body)
    }

    /// It refuses in the protocol's own JSON (RFC 6749 §5.2): this status and this code.
    #[track_caller]
    pub(crate) fn is_refused(&self, status: u16, error: &str) -> &Self {
        self.is(status);
        assert_json(self);
        let body = self.json();
        assert_eq!(body["error"], error, "{self}");
        let description = body["error_description"].as_str().unwrap_or_default();
        let allowed = |c: char| matches!(c, ' '..='!' | '#'..='[' | ']'..='~');
        assert!(description.chars().all(allowed), "{self}");
        for token in ["access_token", "refresh_token", "id_token"] {
            assert!(body.get(token).is_none(), "a refusal with a token: {self}");
        }
        self
    }

    /// Nobody may keep it (RFC 6749 §5.1).
    #[track_caller]
    pub(crate) fn no_store(&self) -> &Self {
        let kept = self.header("cache-control");
        assert!(kept.contains("no-store"), "Cache-Control {kept:?}: {self}");
        self
    }

    /// It says how to authenticate (RFC 9110 §11.6.1).
    #[track_caller]
    pub(crate) fn challenges(&self, scheme: &str) -> &Self {
        let challenge = self.header("www-authenticate");
        let given = challenge.split(' ').next().unwrap_or_default();
        assert!(given.eq_ignore_ascii_case(scheme), "{challenge:?}: {self}");
        self
    }

    /// The parameter `name` of its `WWW-Authenticate` (RFC 6750 §3).
    pub(crate) fn challenge(&self, name: &str) -> Option<String> {
        let challenge = self.header("www-authenticate");
        let parameters = challenge.split_once(' ').map_or("", |(_, rest)| rest);
        parameters.split(", ").find_map(|parameter| {
            let (known, value) = parameter.split_once('=')?;
            (known == name).then(|| value.trim_matches('"').to_owned())
        })
    }

    /// It refuses a bearer token (RFC 6750 §3.1): this status and this code in the challenge.
    #[track_caller]
    pub(crate) fn refuses_token(&self, status: u16, error: &str) -> &Self {
        self.is(status).challenges("Bearer");
        assert_eq!(self.challenge("error").as_deref(), Some(error), "{self}");
        self
    }

    /// It is an error page (RFC 6749 §4.1.2.1): 400, HTML, and leads nowhere.
    #[track_caller]
    pub(crate) fn is_error_page(&self) -> &Self {
        self.is(400).no_store();
        assert!(self.header("content-type").contains("text/html"), "{self}");
        assert_eq!(self.response.header("location"), None, "{self}");
        assert_eq!(self.response.header("refresh"), None, "{self}");
        self
    }

    /// It sends the browser back with an error (RFC 6749 §4.1.2.1): to `callback`, with the exact `state` and
    /// with `iss` (RFC 9207 §2).
    #[track_caller]
    pub(crate) fn sends_back(
        &self,
        error: &str,
        callback: &str,
        state: Option<&str>,
        issuer: &str,
    ) -> &Self {
        assert!(matches!(self.status(), 302 | 303), "{self}");
        self.no_store();
        let target = self.location();
        let fragment = target.fragment().map(str::to_owned);
        let query = fragment.as_deref().or(target.query()).unwrap_or_default();
        let (base, _) = target
            .as_str()
            .split_once(['?', '#'])
            .expect("parameters in the Location");
        assert_eq!(base, callback, "{self}");
        let parameter = |name: &str| parameter(query, name);
        assert_eq!(parameter("error").as_deref(), Some(error), "{self}");
        assert_eq!(parameter("state").as_deref(), state, "{self}");
        assert_eq!(parameter("iss").as_deref(), Some(issuer), "{self}");
        assert_eq!(parameter("code"), None, "{self}");
        assert_eq!(parameter("access_token"), None, "{self}");
        self
    }

    /// Where it leads.
    #[track_caller]
    pub(crate) fn location(&self) -> Url {
        let location = self.response.header("location");
        let location = location.unwrap_or_else(|| panic!("no Location: {self}"));
        self.response.url.join(location).expect("a URL")
    }

    /// The exchange as the record has it.
    pub(crate) async fn exchange(&self) -> ExchangeView {
        let id = self
            .header("exchange-id")
            .parse()
            .unwrap_or_else(|error| panic!("{error}: {self}"));
        let found = self.realm.exchange(&id).await;
        found.unwrap_or_else(|error| panic!("{error}: {self}"))
    }

    /// Exactly one check failed, and it is this one; what comes after it was not reached.
    pub(crate) async fn failed_check(&self, id: &str) {
        let exchange = self.exchange().await;
        let failed: Vec<_> = exchange
            .checks
            .iter()
            .filter(|check| check.outcome == Outcome::Failed)
            .map(|check| check.id.as_str())
            .collect();
        assert_eq!(failed, [id], "{self}\nchecks: {:#?}", exchange.checks);
        let after = exchange
            .checks
            .iter()
            .skip_while(|check| check.outcome != Outcome::Failed);
        let reached: Vec<_> = after
            .skip(1)
            .filter(|check| check.outcome != Outcome::NotReached)
            .collect();
        assert!(reached.is_empty(), "after {id}: {reached:#?}");
        for check in &exchange.checks {
            let known = shared::flow::catalog::find(&check.id);
            assert!(known.is_some(), "{} is not in the catalogue", check.id);
        }
    }

    /// Every check that was reached passed, and this one was reached.
    pub(crate) async fn passed_check(&self, id: &str) {
        let exchange = self.exchange().await;
        let failed = |outcome| outcome == Outcome::Failed;
        let checks = &exchange.checks;
        assert!(
            checks.iter().all(|check| !failed(check.outcome)),
            "{self}\nchecks: {checks:#?}"
        );
        let passed = checks
            .iter()
            .any(|check| check.id == id && check.outcome == Outcome::Passed);
        assert!(passed, "{id} was not reached: {checks:#?}");
    }
}

impl std::fmt::Display for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Response {
            url, status, body, ..
        } = &self.response;
        write!(f, "{url} answered {status}")?;
        let telling = |name: &str| {
            [
                "content-type",
                "cache-control",
                "location",
                "www-authenticate",
            ]
            .contains(&name)
        };
        for (name, value) in &self.response.headers {
            if telling(name) {
                write!(f, "\n  {name}: {value}")?;
            }
        }
        let body = String::from_utf8_lossy(body);
        let shown: String = body.chars().take(2000).collect();
        write!(f, "\n{shown}")
    }
}

#[track_caller]
fn assert_json(answer: &Answer) {
    let kind = answer.header("content-type");
    assert!(kind.starts_with("application/json"), "{answer}");
}

/// The value of a parameter in form text, which must not be repeated.
#[track_caller]
pub(crate) fn parameter(form: &str, name: &str) -> Option<String> {
    let mut values = url::form_urlencoded::parse(form.as_bytes())
        .filter(|(known, _)| known == name)
        .map(|(_, value)| value.into_owned());
    let value = values.next();
    assert_eq!(values.next(), None, "{name} is repeated in {form}");
    value
}
