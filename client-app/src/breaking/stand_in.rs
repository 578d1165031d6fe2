//! Stand-in: executes the flow of a client that is not running here again: the robot sends what the client sent, with
//! fresh values wherever the client or a server made fresh ones, and stops where a client has to stop.
//!
//! May use the `oauth2` crate's makers of random values. What it sends comes from the record, what it puts in from the
//! answers that it gets.

use std::collections::HashMap;

use oauth2::{CsrfToken, PkceCodeChallenge, PkceCodeVerifier};
use shared::flow::{CheckDef, catalog as check};
use shared::observe::HttpRequest;

use super::BreakError;
use super::edit::{read, write};
use super::phone::{self, Screen};
use super::plan::{GIVEN, Step, StepBody};
use super::robot::{Landing, Robot};
use crate::jwt::Jwt;

/// How an execution in place of a client ended.
#[derive(Clone, Copy, Debug)]
pub(super) enum Ended {
    /// As far as the recorded flow went, or where a server said no.
    There,
    /// At an answer that a client has to refuse, for this check.
    ByClient(&'static CheckDef),
}

/// Which recorded value stands for which fresh one.
#[derive(Default)]
struct Fresh {
    values: HashMap<String, String>,
    /// The state that was sent, and the nonce.
    state: Option<String>,
    nonce: Option<String>,
    /// Of whom the first ID token was.
    subject: Option<String>,
    /// What a device shows, until its person has seen it.
    screen: Option<Screen>,
}

/// Sends the steps in order.
///
/// # Errors
/// [`BreakError`] when a service is away or answers what cannot be followed.
pub(super) async fn run(robot: &mut Robot<'_>, steps: &[Step]) -> Result<Ended, BreakError> {
    let mut fresh = Fresh::of(steps);
    for step in steps {
        let Some(request) = fresh.request(step, robot) else {
            // What it needs was never given this time.
            return Ok(Ended::There);
        };
        let ended = if step.authorizes {
            authorize(robot, &mut fresh, step, request).await?
        } else {
            call(robot, &mut fresh, step, request).await?
        };
        if let Some(ended) = ended {
            return Ok(ended);
        }
        if let Some(screen) = fresh.screen.take()
            && !phone::decide(robot, screen).await?
        {
            // The device would ask in vain until its codes expire.
            return Ok(Ended::There);
        }
    }
    Ok(Ended::There)
}

/// Takes the browser through an authorization request, and looks at what comes back as a client has to.
async fn authorize(
    robot: &mut Robot<'_>,
    fresh: &mut Fresh,
    step: &Step,
    request: HttpRequest,
) -> Result<Option<Ended>, BreakError> {
    let asked = step.query.iter().chain(match &step.body {
        StepBody::Form(pairs) => pairs.as_slice(),
        StepBody::Text(_) => &[],
    });
    let mut back = asked
        .filter(|(name, _)| name == "redirect_uri")
        .map(|(_, value)| value.clone());
    let back = back.next_back().unwrap_or_default();
    let provider = robot.addresses.auth_server.clone();
    let leaves = |url: &str| {
        !url.starts_with(&format!("{provider}/")) || (!back.is_empty() && url.starts_with(&back))
    };
    let Landing::Left(url) = robot.go(request, leaves).await? else {
        return Ok(Some(Ended::There));
    };
    let start = url.find(['?', '#']).map_or(url.len(), |at| at + 1);
    let mut answer = read(url.get(start..).unwrap_or_default());
    if let Some((_, fragment)) = url.split_once('#') {
        answer.extend(read(fragment));
    }
    let of = |name: &str| {
        let mut pairs = answer.iter();
        let found = pairs.find(|(known, _)| known == name);
        found.map(|(_, value)| value.clone())
    };
    if fresh.state.is_some() && of("state") != fresh.state {
        return Ok(Some(Ended::ByClient(&check::STATE_MATCHES)));
    }
    if of("iss").is_some_and(|iss| iss != robot.addresses.issuer(robot.realm)) {
        return Ok(Some(Ended::ByClient(&check::ISS_MATCHES)));
    }
    for (name, recorded) in &step.given {
        if let Some(value) = of(name) {
            fresh.values.insert(recorded.clone(), value);
        }
    }
    let failed = of("error").is_some();
    Ok(failed.then_some(Ended::There))
}

/// Sends a request to a server, and takes in what it gives.
async fn call(
    robot: &mut Robot<'_>,
    fresh: &mut Fresh,
    step: &Step,
    request: HttpRequest,
) -> Result<Option<Ended>, BreakError> {
    let Some(answer) = robot.send(&step.party, request).await? else {
        return Ok(Some(Ended::There));
    };
    let members: serde_json::Map<String, serde_json::Value> = answer.json().unwrap_or_default();
    let of = |name: &str| members.get(name).and_then(serde_json::Value::as_str);
    for (name, recorded) in &step.given {
        if let Some(value) = of(name) {
            fresh.values.insert(recorded.clone(), value.to_owned());
        }
    }
    // RFC 8628 §3.2: the device shows it, and its person decides before it asks.
    let address = of("verification_uri_complete").or(of("verification_uri"));
    fresh.screen = of("user_code").zip(address).map(|(code, address)| Screen {
        user_code: code.to_owned(),
        address: address.to_owned(),
    });
    let token = of("id_token").and_then(Jwt::decode);
    // An ID token of a refresh is about the same person as the first (OpenID Connect Core §12.2).
    let subject = token.as_ref().and_then(|token| token.text("sub"));
    if let Some(subject) = subject {
        let first = fresh.subject.get_or_insert_with(|| subject.to_owned());
        if first != subject {
            return Ok(Some(Ended::ByClient(&check::ID_TOKEN_SUBJECT)));
        }
    }
    let given = token.map(|token| token.text("nonce").map(str::to_owned));
    if let Some(given) = given
        // Once: an ID token of a refresh need not carry it (OpenID Connect Core §12.2).
        && let Some(nonce) = fresh.nonce.take()
        && given != Some(nonce)
    {
        return Ok(Some(Ended::ByClient(&check::ID_TOKEN_NONCE)));
    }
    Ok(None)
}

impl Fresh {
    /// Fresh values for what the client made: `state`, `nonce`, verifier and challenge.
    fn of(steps: &[Step]) -> Self {
        let mut fresh = Self::default();
        let pairs = || {
            steps.iter().flat_map(|step| {
                let form = match &step.body {
                    StepBody::Form(pairs) => pairs.as_slice(),
                    StepBody::Text(_) => &[],
                };
                step.query.iter().chain(form)
            })
        };
        let named = |wanted: &str| {
            let found = pairs().filter(|(name, _)| name == wanted);
            found.map(|(_, value)| value.clone()).collect::<Vec<_>>()
        };
        for recorded in named("code_verifier") {
            let challenge = |verifier: &str| {
                let verifier = PkceCodeVerifier::new(verifier.to_owned());
                let challenge = PkceCodeChallenge::from_code_verifier_sha256(&verifier);
                challenge.as_str().to_owned()
            };
            let (new, verifier) = PkceCodeChallenge::new_random_sha256();
            // RFC 7636 §4.1: no verifier is shorter than 43; a recorded one may be anything.
            if (43..=128).contains(&recorded.len()) {
                let recorded = challenge(&recorded);
                fresh.values.insert(recorded, new.as_str().to_owned());
            }
            fresh.values.insert(recorded, verifier.secret().clone());
        }
        for recorded in named("code_challenge") {
            let random = || PkceCodeChallenge::new_random_sha256().0.as_str().to_owned();
            fresh.values.entry(recorded).or_insert_with(random);
        }
        let random = || CsrfToken::new_random_len(32).secret().clone();
        for recorded in named("state") {
            let value = fresh.values.entry(recorded).or_insert_with(random);
            fresh.state = Some(value.clone());
        }
        for recorded in named("nonce") {
            let value = fresh.values.entry(recorded).or_insert_with(random);
            fresh.nonce = Some(value.clone());
        }
        fresh
    }

    /// The request of a step; `None` when it needs something that no server gave this time.
    fn request(&self, step: &Step, robot: &Robot<'_>) -> Option<HttpRequest> {
        let query = self.pairs(&step.query)?;
        let mut request = HttpRequest {
            method: step.method.clone(),
            url: match query.as_slice() {
                [] => step.url.clone(),
                some => format!("{}?{}", step.url, write(some)),
            },
            headers: self.headers(&step.headers)?,
            body: match &step.body {
                StepBody::Form(pairs) => write(&with_person(self.pairs(pairs)?, robot)),
                StepBody::Text(text) => text.clone(),
            }
            .into_bytes(),
            ..HttpRequest::default()
        };
        if step.authorizes && step.method == "GET" {
            request.url = robot.with_added(request.url);
        }
        Some(request)
    }

    fn pairs(&self, pairs: &[(String, String)]) -> Option<Vec<(String, String)>> {
        let fresh = pairs.iter().map(|(name, value)| {
            let given = GIVEN.contains(&name.as_str()) || name == "token";
            let value = match self.values.get(value) {
                Some(fresh) => fresh.clone(),
                None if given => return None,
                None => value.clone(),
            };
            Some((name.clone(), value))
        });
        fresh.collect()
    }

    fn headers(&self, headers: &[(String, String)]) -> Option<Vec<(String, String)>> {
        let fresh = headers.iter().map(|(name, value)| {
            let bearer = value.split_once(' ').filter(|(scheme, _)| {
                name == "authorization" && scheme.eq_ignore_ascii_case("bearer")
            });
            let value = match bearer {
                Some((scheme, token)) => format!("{scheme} {}", self.values.get(token.trim())?),
                None => value.clone(),
            };
            Some((name.clone(), value))
        });
        fresh.collect()
    }
}

/// Whoever the robot is signs in, in the password grant too.
fn with_person(mut pairs: Vec<(String, String)>, robot: &Robot<'_>) -> Vec<(String, String)> {
    if let Some((username, password)) = &robot.conduct.person
        && pairs.iter().any(|(name, _)| name == "password")
    {
        for (name, value) in &mut pairs {
            match name.as_str() {
                "username" => value.clone_from(username),
                "password" => value.clone_from(password),
                _ => {}
            }
        }
    }
    pairs
}
