//! The code challenge of an authorization request (RFC 7636 §4.3).

use std::fmt;

use shared::flow::catalog as check;
use shared::oauth::{CodeChallenge, CodeChallengeMethod, Params};
use shared::observe::Observation;
use shared::seed::PkceRule;

use super::Refusal;
use super::parse::excerpt;
use crate::client::Client;

/// RFC 7636 §4.3 with RFC 9700 §2.1.1: a challenge where the policy demands one, and by S256 alone.
pub(super) fn code_challenge(
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
    let got = method.map_or("none, which means plain", excerpt);
    let known = method.and_then(CodeChallengeMethod::parse).is_some();
    observation
        .require(&check::PKCE_METHOD, known, "S256", got)
        .or(Refusal::PkceMethod)?;
    let parsed = challenge.parse::<CodeChallenge>().ok();
    let expected = "43 to 128 of A-Z a-z 0-9 - . _ ~";
    let well_formed = parsed.is_some();
    let got = fmt::from_fn(|f| {
        if well_formed {
            return write!(f, "{} of them", challenge.len());
        }
        let length = challenge.chars().count();
        write!(f, "{length} characters, or others among them")
    });
    observation
        .require_some(&check::PKCE_CHALLENGE_WELL_FORMED, parsed, expected, got)
        .map(Some)
        .ok_or(Refusal::PkceMalformed)
}
