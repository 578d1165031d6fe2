//! How an authorization request reached this server: in the address bar, or pushed before (RFC 9126); and whether
//! its client signed it (RFC 9101).
//!
//! A client's policy may demand either. The demand is judged once the way back is trusted, so that the client is
//! told by redirect.

use shared::flow::{CheckDef, catalog as check};
use shared::oauth::{Params, Secret, SecretKind};
use shared::observe::Observation;

use super::{Refusal, parse, request_object};
use crate::client::Client;

/// What every `request_uri` of a pushed request begins with (RFC 9126 §2.2).
pub(crate) const PUSHED_PREFIX: &str = "urn:ietf:params:oauth:request_uri:";

/// The checks of a reference to a pushed request, in order.
pub(crate) const PUSHED_CHECKS: [&CheckDef; 4] = [
    &check::REQUEST_URI_KNOWN,
    &check::REQUEST_URI_CLIENT,
    &check::REQUEST_URI_NOT_EXPIRED,
    &check::REQUEST_URI_UNUSED,
];

/// What names a pushed request: stored as a digest, as whoever knows it knows a request that will be answered.
pub(crate) enum Pushed {}

impl SecretKind for Pushed {
    const NAME: &'static str = "request_uri";
}

/// What follows the URN in the `request_uri` of a pushed request.
pub(crate) type PushedReference = Secret<Pushed>;

/// How a request reached this server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Delivery {
    /// Whether its client pushed it, authenticated where it can be.
    pub(crate) pushed: bool,
    /// Whether a signature of its client was verified over it.
    pub(crate) signed: bool,
    /// The digest under which a pushed request waits to be answered.
    pub(crate) reference: Option<String>,
}

impl Delivery {
    /// A request that its client pushes in plain parameters.
    pub(crate) fn pushed() -> Self {
        Self {
            pushed: true,
            ..Self::default()
        }
    }

    /// RFC 9101 §10.5: a client of which signed requests are demanded may not ask in plain parameters; RFC 9126 §5
    /// and §6: a client of which pushed requests are demanded may not ask in any other way.
    pub(super) fn ensure_as_demanded(
        &self,
        client: &Client,
        observation: &Observation,
    ) -> Result<(), Refusal> {
        let required = client.policy.require_pushed_authorization_requests;
        let expected = if required {
            "a pushed authorization request"
        } else {
            "a request, pushed or not"
        };
        let got = if self.pushed { "pushed" } else { "not pushed" };
        observation
            .require(
                &check::REQUEST_PUSHED,
                self.pushed || !required,
                expected,
                got,
            )
            .or(Refusal::NotPushed)?;
        let required = client.policy.require_signed_request_object;
        let expected = if required {
            "a signed request object"
        } else {
            "a request, signed or not"
        };
        let got = if self.signed { "signed" } else { "not signed" };
        observation
            .require(
                &check::REQUEST_SIGNED,
                self.signed || !required,
                expected,
                got,
            )
            .or(Refusal::NotSigned)
    }
}

/// Announces the checks of a request that does not stand in an authorization request itself, once its client is
/// known: those of the person too where one is there.
pub(crate) fn plan_request(params: &Params, of_person: bool, observation: &Observation) {
    if !observation.is_recorded() {
        return;
    }
    let checks = parse::CHECKS
        .iter()
        .skip_while(|known| known.id != check::REDIRECT_URI_PRESENT.id)
        .take_while(|known| of_person || known.id != check::LOGIN_SESSION.id)
        .filter(|known| parse::concerns(known, params));
    for known in checks {
        observation.plan(&[known]);
    }
}

/// The checks by which the request is taken up from where it stands: pushed before (RFC 9126 §4), or in a request
/// object (RFC 9101 §5). None where these parameters are the request.
pub(super) fn elsewhere(params: &Params) -> Vec<&'static CheckDef> {
    match params.get("request_uri") {
        Some(uri) if pushed_reference(uri).is_some() => PUSHED_CHECKS.to_vec(),
        _ => request_object::planned(params),
    }
}

/// The reference in a `request_uri`, where it is one of this server's own.
pub(crate) fn pushed_reference(request_uri: &str) -> Option<PushedReference> {
    let reference = request_uri.strip_prefix(PUSHED_PREFIX)?;
    Some(PushedReference::from_text(reference))
}
