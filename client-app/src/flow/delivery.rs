//! How an authorization request travels to the provider: in the address bar (RFC 6749 §4.1.1), pushed beforehand
//! (RFC 9126), signed as a request object (RFC 9101), or by all the rules of FAPI 2.0.
//!
//! The request is the same each time. What differs is who can read it on its way, and who could change it; by FAPI 2.0
//! also who asks: a client that has a key for a secret, and whose tokens are bound to another.

use serde_json::{Map, Value, json};
use shared::flow::{ValueKind, ValuePlace};
use shared::time::Lifetime;
use url::Url;

use super::{Answer, Refusal, Step};
use crate::clients::ClientConfig;
use crate::record::parameter::Parameter;
use crate::record::view::FlowView;

/// How long a signed request is good: as long as it takes to get there.
const SIGNED_LIFETIME: Lifetime = Lifetime::from_minutes(5);

/// How the request travels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Delivery {
    /// Every parameter in the query.
    #[default]
    Address,
    /// Server to server; the browser carries a reference.
    Pushed,
    /// In the query as one signed JWT.
    Signed,
    /// Pushed by a client that proves by its key who it is, for tokens that are bound (FAPI 2.0 Security Profile).
    Fapi,
}

impl Delivery {
    /// All of them, in the order in which they are offered.
    pub(crate) const ALL: [Self; 4] = [Self::Address, Self::Pushed, Self::Signed, Self::Fapi];

    /// Its name in forms, in addresses and in language keys.
    pub(crate) const fn slug(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Pushed => "pushed",
            Self::Signed => "signed",
            Self::Fapi => "fapi",
        }
    }

    /// How a recorded flow's request travelled, as far as it can be told: pushed or not, and by which client.
    pub(crate) fn of_flow(recorded: &FlowView) -> Self {
        let mut pushed = recorded.exchanges.iter();
        let Some(pushed) = pushed.find(|exchange| exchange.path == "/par") else {
            return Self::default();
        };
        let by_key = |parameter: &Parameter| parameter.name == "client_assertion";
        if pushed.parameters.iter().any(by_key) {
            Self::Fapi
        } else {
            Self::Pushed
        }
    }

    /// The one of this name.
    pub(crate) fn from_slug(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.slug() == slug)
    }

    /// Where the browser is sent with the request that stands in the query of `url`.
    ///
    /// # Errors
    /// [`Refusal`]: the provider took no pushed request, or nothing could be signed.
    pub(crate) async fn carry(self, step: &Step<'_>, url: String) -> Result<String, Refusal> {
        let client = step.state.clients.asking(self);
        match self {
            Self::Address => Ok(url),
            Self::Pushed | Self::Fapi => push(step, client, &url).await,
            Self::Signed => sign(step, client, &url),
        }
    }
}

/// The parameters of an authorization request.
fn parameters(url: &Url) -> Vec<(String, String)> {
    url.query_pairs().into_owned().collect()
}

/// An authorization request with nothing in it but these.
fn request_with(url: &str, pairs: &[(&str, &str)]) -> Result<Url, Refusal> {
    let mut url = request(url)?;
    url.query_pairs_mut().clear().extend_pairs(pairs);
    Ok(url)
}

/// RFC 9126 §2: the client sends the request itself and proves who it is; the browser gets a reference.
async fn push<'a>(step: &Step<'a>, client: &'a ClientConfig, url: &str) -> Result<String, Refusal> {
    let asked = parameters(&request(url)?);
    let pairs: Vec<_> = asked
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let pushed = step.form_of(client, format!("{}/par", step.issuer()), &pairs);
    let pushed = pushed
        .map_err(|error| Refusal::internal(&error))?
        .header("accept", "application/json");
    let sent = step
        .state
        .http
        .send(pushed, step.realm, Some(step.observation));
    let response = sent
        .await
        .map_err(|error| Refusal::provider_away(&error.to_string()))?;
    let answer = Answer::from(&response);
    let body: Value = response
        .json()
        .map_err(|error| Refusal::unreadable(&error.to_string()).with_answer(answer.clone()))?;
    let text = |name: &str| body.get(name).and_then(Value::as_str);
    match (response.status, text("request_uri")) {
        (201, Some(reference)) => {
            let pairs = [
                ("client_id", client.client_id.as_str()),
                ("request_uri", reference),
            ];
            Ok(request_with(url, &pairs)?.into())
        }
        (201, None) => Err(Refusal::unreadable("no request_uri").with_answer(answer)),
        _ => {
            let error = text("error").unwrap_or("invalid_request");
            Err(Refusal::at_callback(error, text("error_description")).with_answer(answer))
        }
    }
}

fn request(url: &str) -> Result<Url, Refusal> {
    Url::parse(url).map_err(|error| Refusal::internal(&error))
}

/// What travels inside the JWT joins this exchange to the others of its flow, as if it stood in the address.
fn follow(step: &Step<'_>, claims: &Map<String, Value>) {
    for (name, kind) in [
        ("state", ValueKind::State),
        ("nonce", ValueKind::Nonce),
        ("code_challenge", ValueKind::CodeChallenge),
    ] {
        if let Some(value) = claims.get(name).and_then(Value::as_str) {
            let place = ValuePlace::RedirectQuery;
            step.observation.carries(kind, value, place);
        }
    }
}

/// RFC 9101 §5.1: all parameters in a JWT of the client's, and beside it only whose it is.
fn sign(step: &Step<'_>, client: &ClientConfig, url: &str) -> Result<String, Refusal> {
    let now = step.now();
    let mut claims: Map<String, Value> = parameters(&request(url)?)
        .into_iter()
        .map(|(name, value)| (name, Value::String(value)))
        .collect();
    claims.extend([
        ("iss".to_owned(), json!(client.client_id)),
        ("aud".to_owned(), json!(step.issuer())),
        ("nbf".to_owned(), json!(now.as_unix())),
        ("exp".to_owned(), json!((now + SIGNED_LIFETIME).as_unix())),
    ]);
    let signed = step.state.signing.sign("oauth-authz-req+jwt", &claims);
    let object = signed.map_err(|error| Refusal::internal(&error))?;
    follow(step, &claims);
    let pairs = [
        ("client_id", client.client_id.as_str()),
        ("request", object.as_str()),
    ];
    Ok(request_with(url, &pairs)?.into())
}
