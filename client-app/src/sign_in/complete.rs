//! Judging the answer (OpenID Connect Core §3.1.2.7, §3.2.2.8, §3.3.2.8): the callback, the ID token that it may carry,
//! the token response, its ID token, and userinfo. Nobody is signed in before all of it holds.

use oauth2::{AuthorizationCode, PkceCodeVerifier};
use serde_json::{Map, Value};
use shared::flow::{Check, CheckDef, catalog as check};
use shared::oauth::{Digest, Params};
use shared::observe::HttpRequest;

use super::account::Account;
use super::attempt::Attempt;
use super::begin::redirect_uri;
use super::front_token;
use crate::flow::authorization_code::read;
use crate::flow::{Answer, Asked, Refusal, RefusalKind, Step, TokenSet};
use crate::id_token::{self, Belongs, Expected};
use crate::jwt::{Checklist, Jwt};
use crate::oauth;

/// The checks of every callback, in order (RFC 9207 §2.4: the issuer before anything else is believed).
const CALLBACK_CHECKS: [&CheckDef; 5] = [
    &check::REQUEST_ENCODING,
    &check::REQUEST_NO_REPEATS,
    &check::STATE_MATCHES,
    &check::ISS_MATCHES,
    &check::AUTHORIZATION_SUCCEEDED,
];

/// Judges what the browser came back with; who is signed in now.
///
/// # Errors
/// [`Refusal`] with the checks that were made.
pub(super) async fn complete(
    step: &Step<'_>,
    owner: Option<&Digest>,
    answer: &str,
) -> Result<Account, Refusal> {
    step.observation.plan(&CALLBACK_CHECKS);
    let params = read(step, answer).map_err(|_| refused(step, RefusalKind::BadCallback))?;
    let attempt = attempt_of(step, owner, &params)?;
    issuer(step, &params, &attempt)?;
    succeeded(step, &params, &attempt)?;
    let judge = Judge {
        step,
        attempt: &attempt,
    };
    let code = params.get("code").filter(|_| attempt.response.has_code());
    let front = match params.get("id_token") {
        Some(token) if attempt.response.has_front_id_token() => {
            Some(judge.front(token, code).await?)
        }
        _ => None,
    };
    let tokens = match code {
        Some(code) => Some(judge.redeem(code).await?),
        None => None,
    };
    let front_sub = front.as_ref().and_then(|jwt| jwt.text("sub"));
    let (id_token, jwt) = match (&tokens, &front) {
        (Some(tokens), _) => judge.back(tokens, front_sub).await?,
        (None, Some(jwt)) => (jwt.parts.join("."), jwt.clone()),
        (None, None) => return Err(refused(step, RefusalKind::BadCallback)),
    };
    let access_token = tokens.map(|tokens| tokens.access_token);
    let userinfo = match &access_token {
        Some(token) => judge.userinfo(token, &jwt).await?,
        None => Map::new(),
    };
    Ok(judge.account(owner, &jwt, id_token, &userinfo))
}

/// That the client app says no here and now.
fn refused(step: &Step<'_>, kind: RefusalKind) -> Refusal {
    Refusal {
        exchange: Some(Box::new(step.exchange())),
        checks: step.observation.checks(),
        ..Refusal::by_client(kind)
    }
}

/// The attempt that `state` names, begun by this browser: an unsolicited answer has none.
fn attempt_of(
    step: &Step<'_>,
    owner: Option<&Digest>,
    params: &Params,
) -> Result<Attempt, Refusal> {
    let given = params.get("state").unwrap_or_default();
    let found = owner.and_then(|owner| step.state.attempts.take(owner, step.realm, given));
    let got = match (given, owner) {
        ("", _) => "no state",
        (_, None) => "a state, but this browser has no session here",
        (_, Some(_)) if found.is_some() => "that state",
        _ => "a state that this browser was not sent away with, or that came back before",
    };
    let expected = "the state that this browser was sent away with, once";
    step.observation
        .require_some(&check::STATE_MATCHES, found, expected, got)
        .ok_or_else(|| refused(step, RefusalKind::WrongState))
}

/// RFC 9207 §2.4: the answer comes from the issuer to which this browser was sent. Without `iss` only where the
/// issuer does not say that it sends one.
fn issuer(step: &Step<'_>, params: &Params, attempt: &Attempt) -> Result<(), Refusal> {
    let asked = attempt.discovered.issuer.as_str();
    let iss = params.get("iss");
    let held = match iss {
        Some(iss) => iss == asked,
        None => !attempt.discovered.names_issuer,
    };
    step.observation
        .require(&check::ISS_MATCHES, held, asked, iss.unwrap_or("no iss"))
        .or_else(|| refused(step, RefusalKind::WrongIssuer))
}

/// The answer is no error, and has what was asked for.
fn succeeded(step: &Step<'_>, params: &Params, attempt: &Attempt) -> Result<(), Refusal> {
    let error = params.get("error");
    let has = |name: &str| params.get(name).is_some();
    let whole = (!attempt.response.has_code() || has("code"))
        && (!attempt.response.has_front_id_token() || has("id_token"));
    let got = match error {
        Some(error) => error,
        None if whole => "as asked",
        None => "less than was asked for",
    };
    let expected = attempt.response.as_str();
    step.observation
        .require(
            &check::AUTHORIZATION_SUCCEEDED,
            error.is_none() && whole,
            expected,
            got,
        )
        .or_else(|| Refusal {
            exchange: Some(Box::new(step.exchange())),
            checks: step.observation.checks(),
            ..match error {
                Some(error) => Refusal::at_callback(error, params.get("error_description")),
                None => Refusal::by_client(RefusalKind::BadCallback),
            }
        })
}

/// An answer that is being judged.
struct Judge<'a> {
    step: &'a Step<'a>,
    attempt: &'a Attempt,
}

impl Judge<'_> {
    /// The ID token that came through the browser.
    async fn front(&self, token: &str, code: Option<&str>) -> Result<Jwt, Refusal> {
        let jwt = self.decoded(token)?;
        let mut ahead = id_token::CHECKS.to_vec();
        if code.is_some() {
            ahead.extend(front_token::WITH_CODE);
        } else {
            ahead.extend(front_token::AS_ASKED);
        }
        let mut list = Checklist::new(Some(self.step.observation), &ahead);
        let mut verdict = self.verified(&mut list, &jwt, "").await?;
        if verdict.is_ok() {
            verdict = match code {
                Some(code) => front_token::code(&mut list, &jwt, code),
                None => self.as_asked(&mut list, &jwt, None),
            };
        }
        self.judged(verdict).map(|()| jwt)
    }

    /// The ID token of a token response.
    async fn back(&self, tokens: &TokenSet, front: Option<&str>) -> Result<(String, Jwt), Refusal> {
        let token = tokens
            .id_token
            .clone()
            .ok_or_else(|| Refusal::unreadable("the token response has no ID token"))?;
        let jwt = self.decoded(&token)?;
        let mut ahead = id_token::CHECKS.to_vec();
        ahead.extend(front_token::AS_ASKED);
        let mut list = Checklist::new(Some(self.step.observation), &ahead);
        let mut verdict = self.verified(&mut list, &jwt, &tokens.access_token).await?;
        if verdict.is_ok() {
            verdict = self.as_asked(&mut list, &jwt, front);
        }
        self.judged(verdict).map(|()| (token, jwt))
    }

    fn decoded(&self, token: &str) -> Result<Jwt, Refusal> {
        Jwt::decode(token).ok_or_else(|| {
            let refusal = Refusal::unreadable("the ID token is no JWT");
            Refusal {
                exchange: Some(Box::new(self.step.exchange())),
                ..refusal
            }
        })
    }

    async fn verified(
        &self,
        list: &mut Checklist<'_>,
        jwt: &Jwt,
        access_token: &str,
    ) -> Result<Result<(), &'static CheckDef>, Refusal> {
        let uri = &self.attempt.discovered.jwks_uri;
        let keys = self.step.state.keys.keys_at(self.step, uri, jwt).await;
        let keys = keys.map_err(|error| Refusal::provider_away(&error.to_string()))?;
        let expected = Expected {
            issuer: &self.attempt.discovered.issuer,
            client_id: &self.attempt.provider.client.client_id,
            belongs: Belongs::SignIn(Some(&self.attempt.nonce)),
            access_token,
            now: self.step.now(),
        };
        Ok(id_token::verify(list, jwt, &keys, &expected))
    }

    fn as_asked(
        &self,
        list: &mut Checklist<'_>,
        jwt: &Jwt,
        front: Option<&str>,
    ) -> Result<(), &'static CheckDef> {
        let now = self.step.now().as_unix();
        front_token::as_asked(list, jwt, self.attempt, front, now)
    }

    fn judged(&self, verdict: Result<(), &'static CheckDef>) -> Result<(), Refusal> {
        verdict.map_err(|_| refused(self.step, RefusalKind::IdTokenRefused))
    }

    /// Trades the code, server to server (§3.1.3.1).
    async fn redeem(&self, code: &str) -> Result<TokenSet, Refusal> {
        let discovered = &self.attempt.discovered;
        let oauth = oauth::client_at(
            &self.attempt.provider.client,
            (
                &discovered.authorization_endpoint,
                &discovered.token_endpoint,
            ),
            &redirect_uri(self.step),
        )
        .map_err(|error| Refusal::internal(&error))?;
        let transport = self.step.plain_transport();
        let result = oauth
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .set_pkce_verifier(PkceCodeVerifier::new(self.attempt.verifier.clone()))
            .request_async(&transport)
            .await;
        let outcome = transport.outcome(Asked::Code, result);
        let observed = self.step.observation;
        observed.plan(&[&check::TOKEN_RESPONSE_RECEIVED]);
        let got = match &outcome {
            Ok(_) => "tokens",
            Err(refusal) => refusal.error.as_deref().unwrap_or("no readable answer"),
        };
        let held = outcome.is_ok();
        let _ = observed.require(&check::TOKEN_RESPONSE_RECEIVED, held, "tokens", got);
        outcome.map_err(|refusal| Refusal {
            exchange: Some(Box::new(self.step.exchange())),
            checks: observed.checks(),
            ..refusal
        })
    }

    /// What the provider says of the person (§5.3.2): only of the one whom the ID token names.
    async fn userinfo(&self, token: &str, jwt: &Jwt) -> Result<Map<String, Value>, Refusal> {
        let Some(url) = &self.attempt.discovered.userinfo_endpoint else {
            return Ok(Map::new());
        };
        let observed = self.step.observation;
        observed.plan(&[&check::USERINFO_SUBJECT]);
        let request = HttpRequest::get(url.clone())
            .bearer(token)
            .header("accept", "application/json");
        let answer = self
            .step
            .state
            .http
            .send(request, self.step.realm, Some(observed))
            .await
            .map_err(|error| Refusal::provider_away(&error.to_string()))?;
        let claims = Some(answer.status)
            .filter(|status| *status == 200)
            .and_then(|_| answer.json::<Map<String, Value>>().ok());
        let sub = jwt.text("sub").unwrap_or_default();
        let said = claims.as_ref().and_then(|claims| claims.get("sub"));
        let got = match said.and_then(Value::as_str) {
            None => "no sub",
            Some(said) if said == sub => "the sub of the ID token",
            Some(_) => "the sub of somebody else",
        };
        let expected = "the sub of the ID token";
        let held = claims.filter(|_| got == expected);
        observed
            .require_some(&check::USERINFO_SUBJECT, held, expected, got)
            .ok_or_else(|| {
                refused(self.step, RefusalKind::UserinfoRefused).with_answer(Answer::from(&answer))
            })
    }

    /// The person, signed in.
    fn account(
        &self,
        owner: Option<&Digest>,
        jwt: &Jwt,
        id_token: String,
        userinfo: &Map<String, Value>,
    ) -> Account {
        let attempt = self.attempt;
        let checks: Vec<Check> = self.step.observation.checks();
        Account {
            owner: owner.cloned().unwrap_or_else(|| attempt.owner.clone()),
            realm: self.step.realm.clone(),
            issuer: attempt.discovered.issuer.clone(),
            client_id: attempt.provider.client.client_id.clone(),
            sub: jwt.text("sub").unwrap_or_default().to_owned(),
            sid: jwt.text("sid").map(str::to_owned),
            id_token,
            end_session_endpoint: attempt.discovered.end_session_endpoint.clone(),
            claims: claims(jwt, userinfo),
            checks,
            exchange: self.step.exchange(),
        }
    }
}

/// Claims of a person as text, userinfo's word over the ID token's; what is of the protocol is left out.
fn claims(jwt: &Jwt, userinfo: &Map<String, Value>) -> Vec<(String, String)> {
    const PROTOCOL: [&str; 13] = [
        "iss", "aud", "exp", "iat", "nbf", "jti", "nonce", "at_hash", "c_hash", "azp", "sid",
        "acr", "amr",
    ];
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let of_token = jwt
        .claims
        .iter()
        .filter(|(name, _)| !userinfo.contains_key(*name) && !PROTOCOL.contains(&name.as_str()));
    of_token
        .chain(userinfo)
        .map(|(name, value)| (name.clone(), text(value)))
        .collect()
}
