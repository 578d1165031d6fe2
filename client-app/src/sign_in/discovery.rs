//! The provider's metadata (OpenID Connect Discovery 1.0 §4), asked for anew at every sign-in, and whether it may be
//! believed: it must be the metadata of the issuer that was meant (§4.3, RFC 9700 §4.4 against mix-up).

use serde::Deserialize;
use shared::flow::{CheckDef, catalog as check};
use shared::observe::HttpRequest;

use super::provider::Provider;
use crate::flow::{Answer, Refusal, RefusalKind, Step};

/// The checks of a discovery, in order.
pub(super) const CHECKS: [&CheckDef; 3] = [
    &check::DISCOVERY_ANSWERED,
    &check::DISCOVERY_ISSUER,
    &check::DISCOVERY_COMPLETE,
];

/// What this program needs of a provider's metadata. Members that it does not know are ignored, and null is absent.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Metadata {
    /// The issuer, compared with the one that was asked.
    pub(crate) issuer: String,
    /// Where the browser is sent.
    #[serde(default)]
    pub(crate) authorization_endpoint: Option<String>,
    /// Where codes are traded.
    #[serde(default)]
    pub(crate) token_endpoint: Option<String>,
    /// Where the keys are.
    #[serde(default)]
    pub(crate) jwks_uri: Option<String>,
    /// Where claims are asked for.
    #[serde(default)]
    pub(crate) userinfo_endpoint: Option<String>,
    /// Where a sign-out begins (RP-Initiated Logout §2.1).
    #[serde(default)]
    pub(crate) end_session_endpoint: Option<String>,
    /// Whether authorization responses name the issuer (RFC 9207 §3).
    #[serde(default)]
    pub(crate) authorization_response_iss_parameter_supported: Option<bool>,
}

/// Metadata that may be believed.
#[derive(Clone, Debug)]
pub(crate) struct Discovered {
    /// The issuer.
    pub(crate) issuer: String,
    /// Where the browser is sent.
    pub(crate) authorization_endpoint: String,
    /// Where codes are traded.
    pub(crate) token_endpoint: String,
    /// Where the keys are.
    pub(crate) jwks_uri: String,
    /// Where claims are asked for, if anywhere.
    pub(crate) userinfo_endpoint: Option<String>,
    /// Where a sign-out begins, if anywhere.
    pub(crate) end_session_endpoint: Option<String>,
    /// Whether authorization responses must name the issuer.
    pub(crate) names_issuer: bool,
}

/// Asks a provider for its metadata.
///
/// # Errors
/// [`Refusal`]: it does not answer, or what it answers is not this issuer's.
pub(crate) async fn discover(step: &Step<'_>, provider: &Provider) -> Result<Discovered, Refusal> {
    let observed = step.observation;
    observed.plan(&CHECKS);
    let url = format!("{}/.well-known/openid-configuration", provider.issuer);
    let request = HttpRequest::get(url).header("accept", "application/json");
    let answer = step
        .state
        .http
        .send(request, step.realm, Some(observed))
        .await
        .map_err(|error| Refusal::provider_away(&error.to_string()))?;
    let refused = || {
        Refusal {
            exchange: Some(Box::new(step.exchange())),
            checks: observed.checks(),
            ..Refusal::by_client(RefusalKind::MetadataRefused)
        }
        .with_answer(Answer::from(&answer))
    };
    let metadata = Some(answer.status)
        .filter(|status| *status == 200)
        .and_then(|_| answer.json::<Metadata>().ok());
    let got = match &metadata {
        Some(_) => "200 with metadata".to_owned(),
        None => format!("{} without", answer.status),
    };
    let metadata = observed
        .require_some(
            &check::DISCOVERY_ANSWERED,
            metadata,
            "200 with metadata",
            got,
        )
        .ok_or_else(refused)?;
    observed
        .require(
            &check::DISCOVERY_ISSUER,
            metadata.issuer == provider.issuer,
            &provider.issuer,
            &metadata.issuer,
        )
        .or_else(refused)?;
    let (found, got) = match complete(metadata) {
        Ok(found) => (Some(found), "all of them".to_owned()),
        Err(missing) => (None, format!("no usable {missing}")),
    };
    let expected = "authorization_endpoint, token_endpoint and jwks_uri, https or on this machine";
    observed
        .require_some(&check::DISCOVERY_COMPLETE, found, expected, got)
        .ok_or_else(refused)
}

/// The metadata, if nothing that is needed is missing; else the name of what is.
fn complete(metadata: Metadata) -> Result<Discovered, &'static str> {
    let usable = |url: Option<String>| url.filter(|url| is_safe(url));
    Ok(Discovered {
        authorization_endpoint: usable(metadata.authorization_endpoint)
            .ok_or("authorization_endpoint")?,
        token_endpoint: usable(metadata.token_endpoint).ok_or("token_endpoint")?,
        jwks_uri: usable(metadata.jwks_uri).ok_or("jwks_uri")?,
        userinfo_endpoint: usable(metadata.userinfo_endpoint),
        end_session_endpoint: usable(metadata.end_session_endpoint),
        names_issuer: metadata.authorization_response_iss_parameter_supported == Some(true),
        issuer: metadata.issuer,
    })
}

/// Whether an endpoint may be used: https, or http on this machine alone (Discovery §3, RFC 9700 §2.6).
fn is_safe(url: &str) -> bool {
    let Ok(url) = url::Url::parse(url) else {
        return false;
    };
    let loopback = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    match url.scheme() {
        "https" => url.has_host(),
        "http" => loopback,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_https_or_on_this_machine() {
        for good in [
            "https://op.example/authorize",
            "http://localhost:9000/token",
            "http://127.0.0.1/jwks",
            "http://[::1]:9000/jwks",
        ] {
            assert!(is_safe(good), "{good}");
        }
        for bad in [
            "http://op.example/token",
            "http://localhost.evil.example/",
            "ftp://localhost/",
            "javascript:alert(1)",
            "/token",
            "",
        ] {
            assert!(!is_safe(bad), "{bad}");
        }
    }

    #[test]
    fn null_is_absent_and_the_missing_one_is_named() {
        let metadata: Metadata = serde_json::from_value(serde_json::json!({
            "issuer": "https://op.example", "authorization_endpoint": "https://op.example/a",
            "token_endpoint": null, "x": 1
        }))
        .unwrap();
        assert_eq!(complete(metadata).err(), Some("token_endpoint"));
    }
}
