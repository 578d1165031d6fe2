//! The `oauth2` crate's client, and the HTTP it speaks: through [`HttpClient`], so that every request of a
//! grant is observed, in its realm, and with the exchange that caused it.
//!
//! May use oauth2. Its types stay here and in `flow/`; the rest of the program sees [`TokenSet`] and [`Refusal`].
//! RFC 6749 §4 (the requests) and §5 (the answers).

use std::future::Future;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};

use oauth2::basic::{
    BasicErrorResponse, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse,
    BasicTokenType,
};
use oauth2::{
    AuthUrl, Client, ClientId, ClientSecret, EndpointNotSet, EndpointSet, ExtraTokenFields,
    HttpRequest as OauthRequest, HttpResponse as OauthResponse, RedirectUrl, RequestTokenError,
    StandardRevocableToken, StandardTokenResponse, TokenResponse, TokenUrl,
};
use serde::{Deserialize, Serialize};
use shared::observe::{HttpClient, HttpError, HttpRequest, HttpResponse, Observation};
use shared::realm::RealmName;
use shared::time::Timestamp;

use crate::clients::ClientConfig;
use crate::flow::{Answer, Asked, ByKey, Refusal, TokenSet};
use crate::proof::{NoProof, ProofKey, wants_nonce};
use crate::signing::SigningError;

/// What OpenID Connect adds to a token response (Core §3.1.3.3).
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct IdTokenField {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id_token: Option<String>,
}

impl ExtraTokenFields for IdTokenField {}

/// A token response (RFC 6749 §5.1) that may hold an ID token.
pub(crate) type TokenAnswer = StandardTokenResponse<IdTokenField, BasicTokenType>;

/// The client of the `oauth2` crate with an authorization and a token endpoint.
pub(crate) type OauthClient = Client<
    BasicErrorResponse,
    TokenAnswer,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
>;

/// Why a token request got no tokens, in the crate's words.
pub(crate) type TokenRequestError = RequestTokenError<TransportError, BasicErrorResponse>;

/// An address in the configuration that is no URL.
#[derive(Debug, thiserror::Error)]
#[error("{0} is not a URL")]
pub(crate) struct InvalidAddress(String);

/// Makes the client `id` with `secret` for the server whose issuer is `issuer`; answers go to `redirect_uri`.
pub(crate) fn client(
    id: &str,
    secret: Option<&str>,
    issuer: &str,
    redirect_uri: &str,
) -> Result<OauthClient, InvalidAddress> {
    let (authorize, token) = (format!("{issuer}/authorize"), format!("{issuer}/token"));
    with_endpoints((id, secret), (&authorize, &token), redirect_uri)
}

/// Makes the client of `registration` for a server whose authorization and token endpoints discovery told.
pub(crate) fn client_at(
    registration: &ClientConfig,
    endpoints: (&str, &str),
    redirect_uri: &str,
) -> Result<OauthClient, InvalidAddress> {
    let secret = registration.client_secret.as_ref();
    let secret = secret.map(shared::serve::ConfigSecret::expose);
    with_endpoints((&registration.client_id, secret), endpoints, redirect_uri)
}

fn with_endpoints(
    (id, secret): (&str, Option<&str>),
    (authorize, token): (&str, &str),
    redirect_uri: &str,
) -> Result<OauthClient, InvalidAddress> {
    let invalid = |url: &str| InvalidAddress(url.to_owned());
    let authorize = AuthUrl::new(authorize.to_owned()).map_err(|_| invalid(authorize))?;
    let token = TokenUrl::new(token.to_owned()).map_err(|_| invalid(token))?;
    let redirect = RedirectUrl::new(redirect_uri.to_owned()).map_err(|_| invalid(redirect_uri))?;
    let client = Client::new(ClientId::new(id.to_owned()))
        .set_auth_uri(authorize)
        .set_token_uri(token)
        .set_redirect_uri(redirect);
    Ok(match secret {
        Some(secret) => client.set_client_secret(ClientSecret::new(secret.to_owned())),
        None => client,
    })
}

/// Why no answer came, or none that can be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TransportError {
    /// The server is away, or its answer is too large.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// A proof cannot be made.
    #[error(transparent)]
    Proof(#[from] NoProof),
    /// Nothing can be signed.
    #[error(transparent)]
    Signing(#[from] SigningError),
    /// The answer's status or a header cannot be carried over to the crate's type.
    #[error("the answer cannot be read: {0}")]
    Answer(#[from] oauth2::http::Error),
}

/// The HTTP of one token request: observed in `realm`, caused by the exchange that is being answered.
pub(crate) struct Transport<'a> {
    http: &'a HttpClient,
    realm: &'a RealmName,
    cause: &'a Observation,
    /// The key whose proofs go along (RFC 9449 §5), and the realm's time.
    key: Option<(&'a ProofKey, Timestamp)>,
    /// By whose key the client proves who it is, where it does so.
    identity: Option<ByKey<'a>>,
    last: Mutex<Option<Answer>>,
}

impl<'a> Transport<'a> {
    /// HTTP for one token request.
    pub(crate) const fn new(
        http: &'a HttpClient,
        realm: &'a RealmName,
        cause: &'a Observation,
    ) -> Self {
        Self {
            http,
            realm,
            cause,
            key: None,
            identity: None,
            last: Mutex::new(None),
        }
    }

    /// The same with a proof of this key in every request.
    pub(crate) fn proving(mut self, key: Option<&'a ProofKey>, now: Timestamp) -> Self {
        self.key = key.map(|key| (key, now));
        self
    }

    /// The same with an assertion of this client in every request.
    pub(crate) fn identified(mut self, identity: Option<ByKey<'a>>) -> Self {
        self.identity = identity;
        self
    }

    async fn exchange(&self, request: OauthRequest) -> Result<OauthResponse, TransportError> {
        let (parts, body) = request.into_parts();
        let headers = parts.headers.iter().map(|(name, value)| {
            (
                name.as_str().to_owned(),
                String::from_utf8_lossy(value.as_bytes()).into_owned(),
            )
        });
        let request = HttpRequest {
            method: parts.method.to_string(),
            url: parts.uri.to_string(),
            headers: headers.collect(),
            body,
            ..HttpRequest::default()
        };
        let answer = self.send(request).await?;
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(Answer::from(&answer));
        let response = oauth2::http::Response::builder().status(answer.status);
        let response = answer
            .headers
            .iter()
            .fold(response, |response, (name, value)| {
                response.header(name, value)
            });
        Ok(response.body(answer.body.to_vec())?)
    }

    /// Sends a request, with a proof where there is a key; once more where only the nonce was missing (RFC 9449 §8).
    /// Each time with an assertion of its own, where the client proves by one who it is: it is good once.
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let identified = || -> Result<HttpRequest, TransportError> {
            let mut request = request.clone();
            if let Some(identity) = &self.identity {
                request.body = identity.appended_to(&request.body)?;
            }
            Ok(request)
        };
        let Some((key, now)) = self.key else {
            let sent = self.http.send(identified()?, self.realm, Some(self.cause));
            return Ok(sent.await?);
        };
        let url = request.url.clone();
        let proven = || -> Result<HttpRequest, TransportError> {
            let proof = key.prove((&request.method, &url), None, now)?;
            Ok(identified()?.header("dpop", proof))
        };
        let send = |request| self.http.send(request, self.realm, Some(self.cause));
        let answer = send(proven()?).await?;
        key.learn(&url, answer.header("dpop-nonce"));
        if wants_nonce(answer.status, None, &answer.text()) {
            return Ok(send(proven()?).await?);
        }
        Ok(answer)
    }

    /// What the server answered, when it answered.
    pub(crate) fn answer(&self) -> Option<Answer> {
        self.last
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// The outcome of a token request: tokens, or why there are none. `asked` says which credential was traded.
    pub(crate) fn outcome(
        &self,
        asked: Asked,
        result: Result<TokenAnswer, TokenRequestError>,
    ) -> Result<TokenSet, Refusal> {
        let answer = self.answer();
        match (result, answer) {
            (Ok(tokens), Some(answer)) => Ok(token_set(&tokens, answer)),
            (Err(RequestTokenError::ServerResponse(error)), Some(answer)) => {
                let description = error.error_description().cloned();
                let refusal = Refusal::at_token(asked, error.error().as_ref(), description);
                Err(refusal.with_answer(answer))
            }
            (Err(RequestTokenError::Request(error)), _) => {
                Err(Refusal::provider_away(&error.to_string()))
            }
            (Err(error), answer) => {
                let refusal = Refusal::unreadable(&error.to_string());
                Err(match answer {
                    Some(answer) => refusal.with_answer(answer),
                    None => refusal,
                })
            }
            (Ok(_), None) => Err(Refusal::unreadable("tokens without an answer")),
        }
    }
}

impl<'c> oauth2::AsyncHttpClient<'c> for Transport<'_> {
    type Error = TransportError;
    type Future = Pin<Box<dyn Future<Output = Result<OauthResponse, TransportError>> + 'c>>;

    fn call(&'c self, request: OauthRequest) -> Self::Future {
        Box::pin(self.exchange(request))
    }
}

fn token_set(tokens: &TokenAnswer, answer: Answer) -> TokenSet {
    TokenSet {
        access_token: tokens.access_token().secret().clone(),
        token_type: tokens.token_type().as_ref().to_owned(),
        expires_in: tokens.expires_in().map(|lifetime| lifetime.as_secs()),
        scope: tokens.scopes().map(|scopes| {
            let names: Vec<&str> = scopes.iter().map(|scope| scope.as_str()).collect();
            names.join(" ")
        }),
        refresh_token: tokens.refresh_token().map(|token| token.secret().clone()),
        id_token: tokens.extra_fields().id_token.clone(),
        answer,
        received: Timestamp::from_unix(0),
        access_token_checks: Vec::new(),
        id_token_checks: Vec::new(),
    }
}
