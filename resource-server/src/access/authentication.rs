//! Whether the person's sign-in suffices for an operation (RFC 9470 §3 and §4): recent enough, and strong enough.
//!
//! The token says when and how (`auth_time`, `acr`: RFC 9068 §2.2.1); one that does not say proves nothing.

use shared::flow::catalog as check;
use shared::observe::Observation;
use shared::time::Timestamp;

use super::Bearer;
use super::error::AccessError;
use super::policy::Authentication;

/// Requires what `demanded` says of the sign-in behind the token.
///
/// # Errors
/// [`AccessError::Authentication`], with what would suffice.
pub(super) fn require(
    bearer: &Bearer,
    demanded: &Authentication,
    now: Timestamp,
    observation: &Observation,
) -> Result<(), AccessError> {
    let age = bearer.auth_time.map(|at| now.seconds_since(at));
    let recent = demanded
        .max_age
        .is_none_or(|most| age.is_some_and(|age| age <= i64::from(most.as_seconds())));
    let acr = bearer.acr.as_deref();
    let values = &demanded.acr_values;
    let strong = values.is_empty() || acr.is_some_and(|acr| values.iter().any(|one| one == acr));
    let expected = match (demanded.max_age, values.as_slice()) {
        (Some(most), []) => format!("signed in at most {most} ago"),
        (None, values) => format!("signed in by {}", values.join(" or ")),
        (Some(most), values) => {
            format!("signed in at most {most} ago, by {}", values.join(" or "))
        }
    };
    let when = age.map_or("at an unknown time".to_owned(), |age| {
        format!("{age} s ago")
    });
    let got = format_args!("signed in {when}, by {}", acr.unwrap_or("unknown means"));
    observation
        .require(
            &check::AUTHENTICATION_SUFFICIENT,
            recent && strong,
            expected,
            got,
        )
        .or_else(|| AccessError::Authentication(demanded.clone()))
}
