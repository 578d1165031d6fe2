//! Resource indicators (RFC 8707): which APIs the tokens are to be meant for.

use shared::flow::catalog as check;
use shared::oauth::Params;
use shared::observe::Observation;

use super::Refusal;
use super::parse::excerpt;

/// §2: each `resource` is one that tokens of this realm can be meant for, by its exact text. None asks for the
/// realm's own API.
///
/// # Errors
/// [`Refusal::Target`].
pub(crate) fn resources(
    params: &Params,
    known: impl FnOnce() -> Vec<String>,
    observation: &Observation,
) -> Result<Vec<String>, Refusal> {
    let mut asked: Vec<String> = params.all("resource").map(str::to_owned).collect();
    if asked.is_empty() {
        return Ok(asked);
    }
    asked.sort_unstable();
    asked.dedup();
    let known = known();
    let held = asked.iter().all(|one| known.contains(one));
    let got = asked.join(" ");
    observation
        .require(
            &check::RESOURCE_KNOWN,
            held,
            known.join(" or "),
            excerpt(&got),
        )
        .or(Refusal::Target)?;
    Ok(asked)
}
