//! `dpop_jkt`: the key to which a code is bound before it exists (RFC 9449 §10).

use shared::dpop::Thumbprint;
use shared::flow::catalog as check;
use shared::oauth::Params;
use shared::observe::Observation;

use super::Refusal;

/// The thumbprint of the key with which the code will be redeemed, where the request names one.
///
/// # Errors
/// [`Refusal::DpopJkt`].
pub(super) fn dpop_jkt(
    params: &Params,
    observation: &Observation,
) -> Result<Option<Thumbprint>, Refusal> {
    let Some(asked) = params.get("dpop_jkt") else {
        return Ok(None);
    };
    let expected = "43 characters of base64url";
    let got = format_args!("{} characters", asked.chars().count());
    observation
        .require_some(&check::DPOP_JKT, asked.parse().ok(), expected, got)
        .map(Some)
        .ok_or(Refusal::DpopJkt)
}
