//! For whom a token may be asked in exchange for another (RFC 8693 §2.1, §2.2.2).
//!
//! Two say so. The operator: the audiences of the client's rule. And the person, where they were asked for certain
//! APIs (RFC 8707 §2): what comes of that grant by exchange stays among them, as what comes of it by refresh does. A
//! rule that is meant to reach behind those APIs says so (`beyond_granted_resources`). Where nobody was asked for any API
//! in particular, the rule alone decides: to hand a call on to another service is what exchange is for.

use shared::flow::catalog;
use shared::oauth::AccessTokenClaims;
use shared::seed::ExchangeRule;

use super::{TokenError, TokenRequest};
use crate::issue::GrantDetails;
use crate::store::{DbConnection, Stored, grants, stored};

/// The most of one value that the record shows, in characters.
const SHOWN: usize = 200;

/// `resource` and `audience`, or what the realm's API is called where neither is sent; all of them allowed.
///
/// # Errors
/// [`TokenError::ExchangeTarget`], [`TokenError::Target`].
pub(super) fn target(
    request: &TokenRequest,
    tx: &mut DbConnection,
    (subject, rule): (&AccessTokenClaims, &ExchangeRule),
) -> Result<Vec<String>, TokenError> {
    let asked = allowed(request, rule)?;
    ensure_granted(request, tx, (subject, rule), &asked)?;
    Ok(asked)
}

/// What is asked for, which the rule allows.
fn allowed(request: &TokenRequest, rule: &ExchangeRule) -> Result<Vec<String>, TokenError> {
    // §2.1: each may be sent several times, and the token is meant for all of them.
    let mut asked: Vec<String> = Vec::new();
    for name in ["resource", "audience"] {
        for one in request.params.all(name) {
            if !asked.iter().any(|known| known == one) {
                asked.push(one.to_owned());
            }
        }
    }
    if asked.is_empty() {
        asked.push(request.realm.resource.clone());
    }
    // RFC 8707 §2: an absolute URI without a fragment.
    let is_resource = |uri: &str| url::Url::parse(uri).is_ok_and(|uri| uri.fragment().is_none());
    let held = request.params.all("resource").all(is_resource)
        && asked.iter().all(|one| rule.audiences.contains(one));
    request
        .observation
        .require(
            &catalog::EXCHANGE_TARGET,
            held,
            rule.audiences.join(" or "),
            brief(&asked),
        )
        .or(TokenError::ExchangeTarget)?;
    Ok(asked)
}

/// RFC 8707 §2.2: among what the subject token's grant was confined to.
fn ensure_granted(
    request: &TokenRequest,
    tx: &mut DbConnection,
    (subject, rule): (&AccessTokenClaims, &ExchangeRule),
    asked: &[String],
) -> Result<(), TokenError> {
    let confined = confined(request, tx, subject)?;
    let within = asked.iter().all(|one| confined.contains(one));
    let expected = if confined.is_empty() {
        "any: no API in particular was asked for when it was granted".to_owned()
    } else if rule.beyond_granted_resources {
        format!("any: the rule reaches beyond {}", confined.join(" "))
    } else {
        confined.join(" or ")
    };
    request
        .observation
        .require(
            &catalog::EXCHANGE_RESOURCE_GRANTED,
            within || confined.is_empty() || rule.beyond_granted_resources,
            expected,
            brief(asked),
        )
        .or(TokenError::Target)
}

/// The APIs that were asked for when the subject token's grant was given; a client's own token has no grant, and names
/// them itself. None where it was the realm's own API for want of another.
fn confined(
    request: &TokenRequest,
    tx: &mut DbConnection,
    subject: &AccessTokenClaims,
) -> Stored<Vec<String>> {
    let Some(gid) = &subject.gid else {
        let named = subject.aud.as_slice();
        let own = named == std::slice::from_ref(&request.realm.resource);
        return Ok(if own { Vec::new() } else { named.to_vec() });
    };
    let Some(grant) = grants::find(tx, &request.realm.name, gid.as_str())? else {
        // Gone since: that is another check's to say.
        return Ok(Vec::new());
    };
    let details: GrantDetails = stored::read("grants.details", &grant.details)?;
    Ok(details.resources)
}

fn brief(asked: &[String]) -> String {
    let brief = |one: &String| one.chars().take(SHOWN).collect::<String>();
    asked.iter().map(brief).collect::<Vec<_>>().join(" ")
}
