//! The checks of an authorization request, in order, in one list (RFC 6749 §4.1.1, §4.2.1; RFC 7636 §4.3;
//! `OpenID` Connect Core §3.1.2.2).
//!
//! Up to the redirection URI a failure is a page, for nobody can be trusted with an answer; from there on it
//! is a redirect. Unknown parameters are ignored (RFC 6749 §3.1).

use std::collections::HashSet;
use std::sync::Arc;

use shared::flow::{CheckDef, catalog as check};
use shared::oauth::{
    CodeChallenge, CodeChallengeMethod, Params, ParamsError, Prompt, RedirectUri, ResponseMode,
    ResponseType, Scope, ScopeToken,
};
use shared::observe::Observation;
use shared::seed::PkceRule;
use shared::time::Lifetime;

use super::callback::{Asked, Callback, default_mode};
use super::{AuthorizationRequest, AuthorizeError, OFFLINE_ACCESS, PageError, Refusal};
use crate::client::Client;

/// The checks, in order.
pub(crate) const CHECKS: [&CheckDef; 17] = [
    &check::REQUEST_ENCODING,
    &check::REQUEST_NO_REPEATS,
    &check::REQUEST_PARAMETER_PRESENT,
    &check::CLIENT_KNOWN,
    &check::REDIRECT_URI_PRESENT,
    &check::REDIRECT_URI_EXACT_MATCH,
    &check::REQUEST_OBJECT_ABSENT,
    &check::RESPONSE_TYPE_SUPPORTED,
    &check::RESPONSE_TYPE_ALLOWED,
    &check::RESPONSE_MODE_ALLOWED,
    &check::SCOPE_ALLOWED,
    &check::PKCE_PRESENT,
    &check::PKCE_METHOD,
    &check::PKCE_CHALLENGE_WELL_FORMED,
    &check::PROMPT_VALID,
    &check::LOGIN_SESSION,
    &check::CONSENT_GIVEN,
];

/// A request that passed, with whom it is from and where its answer goes.
#[derive(Debug)]
pub(crate) struct Parsed {
    /// The request.
    pub(crate) request: AuthorizationRequest,
    /// Who asks.
    pub(crate) client: Arc<Client>,
    /// The way back.
    pub(crate) callback: Callback,
}

/// The parameters of a query or a form body, as far as they can be read.
#[derive(Debug)]
pub(crate) struct Decoded {
    /// The first of each name.
    pub(crate) params: Params,
    /// The name of one that stood there again: told to the client, once it can be.
    repeated: Option<String>,
}

/// Reads the parameters of a query or a form body.
///
/// # Errors
/// [`PageError::Malformed`]; [`PageError::Repeated`] when it is repeated who asks or where the answer goes.
pub(crate) fn decode(text: &[u8], observation: &Observation) -> Result<Decoded, PageError> {
    let (read, repeated) = match Params::parse(text) {
        Err(ParamsError::Repeated(name)) => (Params::parse(&first_of_each(text)), Some(name)),
        read => (read, None),
    };
    plan(repeated.as_deref(), observation);
    let expected = "form-encoded UTF-8";
    let got = match &read {
        Ok(_) => expected.to_owned(),
        Err(error) => error.to_string(),
    };
    let params = observation
        .require_some(&check::REQUEST_ENCODING, read.ok(), expected, got)
        .ok_or(PageError::Malformed)?;
    let decoded = Decoded { params, repeated };
    match decoded.repeated.as_deref() {
        Some(name) if is_told_by_redirect(name) => {}
        _ => decoded
            .no_repeats(observation)
            .map_err(|_| PageError::Repeated)?,
    }
    Ok(decoded)
}

/// Whether the repetition of this parameter is told to the client, once there is a way back: not where it
/// leaves open who asks or where the answer goes.
fn is_told_by_redirect(repeated: &str) -> bool {
    !matches!(repeated, "client_id" | "redirect_uri")
}

/// Announces the checks: that nothing is repeated is verified later where it is told by redirect.
fn plan(repeated: Option<&str>, observation: &Observation) {
    if !repeated.is_some_and(is_told_by_redirect) {
        observation.plan(&CHECKS);
        return;
    }
    let no_repeats = &check::REQUEST_NO_REPEATS;
    for known in CHECKS.iter().filter(|known| known.id != no_repeats.id) {
        observation.plan(&[known]);
        if known.id == check::REDIRECT_URI_EXACT_MATCH.id {
            observation.plan(&[no_repeats]);
        }
    }
}

impl Decoded {
    /// RFC 6749 §3.1: no parameter is included more than once.
    fn no_repeats(&self, observation: &Observation) -> Result<(), Refusal> {
        let expected = "each parameter once";
        let got = match &self.repeated {
            None => expected.to_owned(),
            Some(name) => format!("{name} more than once"),
        };
        observation
            .require(
                &check::REQUEST_NO_REPEATS,
                self.repeated.is_none(),
                expected,
                got,
            )
            .or(Refusal::Repeated)
    }

    /// What `state` was sent, unless two were.
    fn state(&self) -> Option<&str> {
        let state = self.params.get("state");
        state.filter(|_| self.repeated.as_deref() != Some("state"))
    }
}

/// `text` without the parameters whose name stood there before. Each name is decoded once, however many there
/// are: `st%61te` is `state`.
fn first_of_each(text: &[u8]) -> Vec<u8> {
    let mut names: HashSet<Vec<u8>> = HashSet::new();
    let kept: Vec<&[u8]> = text
        .split(|&b| b == b'&')
        .filter(|part| {
            let name = part.split(|&b| b == b'=').next().unwrap_or_default();
            names.insert(decoded_name(name))
        })
        .collect();
    kept.join(&b'&')
}

/// A parameter's name, decoded; as it stands where it cannot be, which [`Params::parse`] then says.
fn decoded_name(name: &[u8]) -> Vec<u8> {
    std::str::from_utf8(name)
        .ok()
        .and_then(|name| Params::decode_component(name).ok())
        .map_or_else(|| name.to_owned(), String::into_bytes)
}

/// Checks the parameters; `found` is the client that goes by their `client_id` in this realm.
///
/// # Errors
/// [`AuthorizeError::Page`] until the way back is trusted, [`AuthorizeError::Redirect`] from there on.
pub(crate) fn parse(
    decoded: &Decoded,
    found: Option<Arc<Client>>,
    issuer: &str,
    observation: &Observation,
) -> Result<Parsed, AuthorizeError> {
    let params = &decoded.params;
    let client = known_client(params, found, observation)?;
    let callback = trusted_callback(decoded, &client, issuer, observation)?;
    let refuse = |callback, refusal| Err(AuthorizeError::Redirect(Box::new(callback), refusal));
    if decoded.repeated.is_some()
        && let Err(refusal) = decoded.no_repeats(observation)
    {
        return refuse(callback, refusal);
    }
    let (response_type, mode) = match response(params, &client, observation) {
        Ok(response) => response,
        Err(refusal) => return refuse(callback, refusal),
    };
    let callback = callback.with_mode(mode);
    match request(params, &client, (response_type, mode), observation) {
        Ok(request) => Ok(Parsed {
            request,
            client,
            callback,
        }),
        Err(refusal) => refuse(callback, refusal),
    }
}

/// RFC 6749 §4.1.1: `client_id` is required, and names a client of this realm.
fn known_client(
    params: &Params,
    found: Option<Arc<Client>>,
    observation: &Observation,
) -> Result<Arc<Client>, PageError> {
    let asked = params.get("client_id");
    let got = asked.map_or("none", |_| "one");
    let client_id = observation
        .require_some(
            &check::REQUEST_PARAMETER_PRESENT,
            asked,
            "one client_id",
            got,
        )
        .ok_or(PageError::ClientMissing)?;
    let got = excerpt(client_id);
    observation.note("client_id", &got);
    let expected = "the client_id of a registered client";
    observation
        .require_some(&check::CLIENT_KNOWN, found, expected, got)
        .ok_or(PageError::ClientUnknown)
}

/// RFC 9700 §2.1: the redirection URI is compared as text. Missing is never filled in from the registration.
fn trusted_callback(
    decoded: &Decoded,
    client: &Client,
    issuer: &str,
    observation: &Observation,
) -> Result<Callback, PageError> {
    let params = &decoded.params;
    let asked = params.get("redirect_uri");
    let got = asked.map_or("none", |_| "one");
    let redirect_uri = observation
        .require_some(&check::REDIRECT_URI_PRESENT, asked, "one redirect_uri", got)
        .ok_or(PageError::RedirectMissing)?;
    let asked = Asked {
        redirect_uri,
        response_type: params.get("response_type"),
        state: decoded.state(),
    };
    let callback = Callback::trust(client, asked, issuer);
    let registered: Vec<_> = client
        .redirect_uris
        .iter()
        .map(RedirectUri::as_str)
        .collect();
    let expected = match registered.as_slice() {
        [] => "this client has no redirect URI registered".to_owned(),
        some => some.join(" or "),
    };
    let got = excerpt(redirect_uri);
    observation
        .require_some(&check::REDIRECT_URI_EXACT_MATCH, callback, expected, got)
        .ok_or(PageError::RedirectUnregistered)
}

/// What is asked for, and how the answer travels: first of what is told by redirect, for it decides where
/// in the redirect an error stands.
fn response(
    params: &Params,
    client: &Client,
    observation: &Observation,
) -> Result<(ResponseType, ResponseMode), Refusal> {
    request_object(params, observation)?;
    let response_type = response_type(params, client, observation)?;
    let asked = params.get("response_mode");
    let mode = match asked {
        None => Some(default_mode(response_type.as_str())),
        Some(text) => ResponseMode::parse(text),
    };
    // A token in a query would be sent to servers and kept in histories (Multiple Response Types §5).
    let mode =
        mode.filter(|mode| *mode == ResponseMode::Fragment || response_type == ResponseType::Code);
    let expected = match response_type {
        ResponseType::Code => "query or fragment",
        ResponseType::Token => "fragment",
    };
    let got = asked.map_or_else(|| "none, so the default".to_owned(), excerpt);
    observation
        .require_some(&check::RESPONSE_MODE_ALLOWED, mode, expected, got)
        .map(|mode| (response_type, mode))
        .ok_or(Refusal::ResponseMode)
}

/// OpenID Connect Core §6: neither form of request object is read, and ignoring one would be worse.
fn request_object(params: &Params, observation: &Observation) -> Result<(), Refusal> {
    let (got, refusal) = if params.get("request").is_some() {
        ("request", Refusal::RequestObject)
    } else if params.get("request_uri").is_some() {
        ("request_uri", Refusal::RequestUri)
    } else {
        ("neither", Refusal::RequestObject)
    };
    let expected = "neither request nor request_uri";
    observation
        .require(
            &check::REQUEST_OBJECT_ABSENT,
            got == "neither",
            expected,
            got,
        )
        .or(refusal)
}

/// RFC 6749 §3.1.1: required, known to this server, and one that this client may use.
fn response_type(
    params: &Params,
    client: &Client,
    observation: &Observation,
) -> Result<ResponseType, Refusal> {
    let asked = params.get("response_type");
    let got = asked.map_or_else(|| "none".to_owned(), excerpt);
    let unknown = if asked.is_some() {
        Refusal::ResponseTypeUnknown
    } else {
        Refusal::ResponseTypeMissing
    };
    let known = asked.and_then(ResponseType::parse);
    let response_type = observation
        .require_some(
            &check::RESPONSE_TYPE_SUPPORTED,
            known,
            "code or token",
            &got,
        )
        .ok_or(unknown)?;
    observation.note("response_type", &got);
    let allowed: Vec<_> = client
        .response_types
        .iter()
        .map(|one| one.as_str())
        .collect();
    let expected = match allowed.as_slice() {
        [] => "none: this client has no response type".to_owned(),
        some => some.join(" or "),
    };
    let held = client.allows_response_type(response_type);
    observation
        .require(&check::RESPONSE_TYPE_ALLOWED, held, expected, got)
        .or(Refusal::ResponseTypeForbidden)?;
    Ok(response_type)
}

/// The rest of the request, in order.
fn request(
    params: &Params,
    client: &Client,
    (response_type, response_mode): (ResponseType, ResponseMode),
    observation: &Observation,
) -> Result<AuthorizationRequest, Refusal> {
    let mut scope = scope(params, client, observation)?;
    let mut challenge = None;
    match response_type {
        ResponseType::Code => challenge = code_challenge(params, client, observation)?,
        // RFC 6749 §4.2.2: the implicit grant gives no refresh token.
        ResponseType::Token => scope = without(&scope, OFFLINE_ACCESS),
    }
    let (prompt, max_age) = prompt_and_age(params, observation)?;
    Ok(AuthorizationRequest {
        client_id: client.id.clone(),
        redirect_uri: params.get("redirect_uri").unwrap_or_default().to_owned(),
        response_type,
        response_mode,
        scope,
        state: params.get("state").map(str::to_owned),
        nonce: params.get("nonce").map(str::to_owned),
        code_challenge: challenge,
        prompt,
        max_age,
        login_hint: params.get("login_hint").map(str::to_owned),
    })
}

/// `scope` less one token.
fn without(scope: &Scope, token: &str) -> Scope {
    scope
        .iter()
        .filter(|known| known.as_str() != token)
        .cloned()
        .collect()
}

/// RFC 6749 §3.3: a scope that is malformed, unknown or beyond the client's own is an error.
fn scope(params: &Params, client: &Client, observation: &Observation) -> Result<Scope, Refusal> {
    let asked = match params.get("scope") {
        None => Some(client.default_scope()),
        Some(text) => text.parse::<Scope>().ok(),
    };
    let got = match &asked {
        None => "malformed".to_owned(),
        Some(scope) if scope.is_subset(&client.scope) => scope.to_string(),
        Some(scope) => {
            let beyond = scope.difference(&client.scope);
            let beyond: Vec<_> = beyond.iter().map(ScopeToken::as_str).collect();
            format!("beyond that: {}", excerpt(&beyond.join(" ")))
        }
    };
    let expected = format_args!("some of: {}", client.scope);
    let asked = asked.filter(|scope| scope.is_subset(&client.scope));
    observation
        .require_some(&check::SCOPE_ALLOWED, asked, expected, got)
        .ok_or(Refusal::Scope)
}

/// RFC 7636 §4.3 with RFC 9700 §2.1.1: a challenge where the policy demands one, and by S256 alone.
fn code_challenge(
    params: &Params,
    client: &Client,
    observation: &Observation,
) -> Result<Option<CodeChallenge>, Refusal> {
    let challenge = params.get("code_challenge");
    let method = params.get("code_challenge_method");
    let required = client.policy.pkce == PkceRule::Required;
    // A method without a challenge is a challenge that got lost.
    let present = challenge.is_some() || (!required && method.is_none());
    let expected = if required {
        "a code_challenge"
    } else {
        "a code_challenge, or neither it nor a method"
    };
    let got = if challenge.is_some() { "one" } else { "none" };
    observation
        .require(&check::PKCE_PRESENT, present, expected, got)
        .or(Refusal::PkceMissing)?;
    let Some(challenge) = challenge else {
        return Ok(None);
    };
    let got = method.map_or_else(|| "none, which means plain".to_owned(), excerpt);
    let known = method.and_then(CodeChallengeMethod::parse).is_some();
    observation
        .require(&check::PKCE_METHOD, known, "S256", got)
        .or(Refusal::PkceMethod)?;
    let parsed = challenge.parse::<CodeChallenge>().ok();
    let expected = "43 to 128 of A-Z a-z 0-9 - . _ ~";
    let got = match &parsed {
        Some(_) => format!("{} of them", challenge.len()),
        None => format!(
            "{} characters, or others among them",
            challenge.chars().count()
        ),
    };
    observation
        .require_some(&check::PKCE_CHALLENGE_WELL_FORMED, parsed, expected, got)
        .map(Some)
        .ok_or(Refusal::PkceMalformed)
}

/// OpenID Connect Core §3.1.2.1: known values of `prompt`, `none` alone; `max_age` in whole seconds.
fn prompt_and_age(
    params: &Params,
    observation: &Observation,
) -> Result<(Vec<Prompt>, Option<Lifetime>), Refusal> {
    let (prompt, max_age) = (params.get("prompt"), params.get("max_age"));
    let values: Option<Vec<_>> = prompt
        .unwrap_or_default()
        .split(' ')
        .filter(|value| !value.is_empty())
        .map(Prompt::parse)
        .collect();
    let values = values.filter(|values| values.len() < 2 || !values.contains(&Prompt::None));
    let whole = |text: &&str| text.bytes().all(|b| b.is_ascii_digit());
    let seconds: Option<Option<u32>> = match max_age {
        None => Some(None),
        Some(text) => Some(text)
            .filter(whole)
            .and_then(|text| text.parse().ok())
            .map(Some),
    };
    let refusal = match values {
        None => Refusal::Prompt,
        Some(_) => Refusal::MaxAge,
    };
    let shown = |value: Option<&str>| value.map_or_else(|| "not sent".to_owned(), excerpt);
    let expected = "prompt: none alone, or some of login, consent, select_account; \
                    max_age: a whole number of seconds; or neither";
    let got = format!("prompt: {}; max_age: {}", shown(prompt), shown(max_age));
    observation
        .require_some(&check::PROMPT_VALID, values.zip(seconds), expected, got)
        .map(|(prompt, seconds)| (prompt, seconds.map(Lifetime::from_seconds)))
        .ok_or(refusal)
}

/// The beginning of text from outside, for the record and the error page, which escape it.
fn excerpt(text: &str) -> String {
    text.chars().take(300).collect()
}

#[cfg(test)]
#[path = "parse_tests.rs"]
pub(super) mod tests;
