//! Where each parameter is defined: `code_verifier` in RFC 7636 §4.5, and so on.

use crate::record::parameter::ParameterPlace;

/// A section of a standard, and where it can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reference {
    /// `RFC 7636 §4.6`
    pub(crate) text: String,
    /// The section in the standard's own text; none where it has no address that we know.
    pub(crate) href: Option<String>,
}

impl Reference {
    /// The reference that `text` is. Text from elsewhere (a reported check) is hostile: of an RFC only its number
    /// and the digits of its section reach the address.
    pub(crate) fn of(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            href: href_of(text),
        }
    }
}

fn href_of(text: &str) -> Option<String> {
    const OPENID: &str = "https://openid.net/specs";
    if text.starts_with("OpenID Connect Core ") {
        return Some(format!("{OPENID}/openid-connect-core-1_0.html"));
    }
    if text.starts_with("OpenID Connect Discovery ") {
        return Some(format!("{OPENID}/openid-connect-discovery-1_0.html"));
    }
    if text.starts_with("OpenID Connect Front-Channel Logout ") {
        return Some(format!("{OPENID}/openid-connect-frontchannel-1_0.html"));
    }
    if text.starts_with("OpenID Connect RP-Initiated Logout ") {
        return Some(format!("{OPENID}/openid-connect-rpinitiated-1_0.html"));
    }
    if text.starts_with("OpenID Connect Session Management ") {
        return Some(format!("{OPENID}/openid-connect-session-1_0.html"));
    }
    if text.starts_with("OAuth 2.0 Multiple Response Types ") {
        return Some(format!(
            "{OPENID}/oauth-v2-multiple-response-types-1_0.html"
        ));
    }
    let (number, section) = text.strip_prefix("RFC ")?.split_once(' ')?;
    let number: u16 = number.parse().ok()?;
    let is_section = |c: char| c.is_ascii_digit() || c == '.';
    let anchor = if let Some(section) = section.strip_prefix('§') {
        let end = section.find(|c| !is_section(c)).unwrap_or(section.len());
        format!("#section-{}", section.get(..end)?)
    } else {
        let appendix = section.strip_prefix("Appendix ")?;
        let letters = appendix
            .chars()
            .all(|c| c.is_ascii_uppercase() || is_section(c));
        letters.then(|| format!("#appendix-{appendix}"))?
    };
    Some(format!(
        "https://www.rfc-editor.org/rfc/rfc{number}{anchor}"
    ))
}

/// The section that defines the header of this lower-case name, if a standard that is spoken here does.
pub(crate) fn header_reference(name: &str) -> Option<&'static str> {
    Some(match name {
        "authorization" => "RFC 9110 §11.6.2",
        "www-authenticate" => "RFC 6750 §3",
        "content-type" => "RFC 9110 §8.3",
        "accept" => "RFC 9110 §12.5.1",
        "cache-control" | "pragma" => "RFC 6749 §5.1",
        "location" => "RFC 9110 §10.2.2",
        "retry-after" => "RFC 9110 §10.2.3",
        "cookie" => "RFC 6265 §4.2",
        "set-cookie" => "RFC 6265 §4.1",
        "origin" => "RFC 6454 §7",
        "referer" => "RFC 9110 §10.1.3",
        "host" => "RFC 9110 §7.2",
        "user-agent" => "RFC 9110 §10.1.5",
        "allow" => "RFC 9110 §10.2.1",
        "x-frame-options" | "content-security-policy" => "RFC 6749 §10.13",
        "referrer-policy" => "RFC 9700 §4.2.4",
        name if name.starts_with("access-control-") => "Fetch §3.2",
        _ => return None,
    })
}

/// The section that defines the parameter of an exchange at `path`, if a standard that is spoken here does.
pub(crate) fn reference_of(name: &str, place: ParameterPlace, path: &str) -> Option<&'static str> {
    let answered = matches!(
        place,
        ParameterPlace::ResponseBody
            | ParameterPlace::RedirectQuery
            | ParameterPlace::RedirectFragment
    );
    Some(match name {
        "response_type" => "RFC 6749 §3.1.1",
        "response_mode" => "OAuth 2.0 Multiple Response Types §2.1",
        "client_id" => "RFC 6749 §2.2",
        "client_secret" => "RFC 6749 §2.3.1",
        "redirect_uri" => "RFC 6749 §3.1.2",
        "scope" => "RFC 6749 §3.3",
        "state" => "RFC 6749 §10.12",
        "code_challenge" => "RFC 7636 §4.2",
        "code_challenge_method" => "RFC 7636 §4.3",
        "code_verifier" => "RFC 7636 §4.1",
        "grant_type" => "RFC 6749 §4",
        // On the sign-in page they are the server's own business.
        "username" | "password" if path == "/token" => "RFC 6749 §4.3.2",
        "code" => "RFC 6749 §4.1.2",
        "access_token" if answered => "RFC 6749 §5.1",
        "access_token" => "RFC 6750 §2.1",
        "token_type" => "RFC 6749 §7.1",
        "expires_in" => "RFC 6749 §5.1",
        "refresh_token" => "RFC 6749 §6",
        "id_token" => "OpenID Connect Core §2",
        "iss" if place == ParameterPlace::ResponseBody => "RFC 7662 §2.2",
        "iss" => "RFC 9207 §2",
        "error" | "error_description" | "error_uri" => "RFC 6749 §5.2",
        "token" => "RFC 7662 §2.1",
        "token_type_hint" => "RFC 7009 §2.1",
        "active" => "RFC 7662 §2.2",
        "nonce" | "id_token_hint" | "prompt" | "max_age" | "login_hint" | "ui_locales"
        | "display" | "acr_values" => "OpenID Connect Core §3.1.2.1",
        "claims_locales" => "OpenID Connect Core §5.2",
        "claims" => "OpenID Connect Core §5.5",
        "request" | "request_uri" => "RFC 9101 §5",
        "resource" if answered => "RFC 9728 §2",
        "resource" => "RFC 8707 §2",
        "client_assertion" | "client_assertion_type" => "RFC 7521 §4.2",
        "assertion" => "RFC 7521 §4.1",
        "device_code"
        | "user_code"
        | "verification_uri"
        | "verification_uri_complete"
        | "interval" => "RFC 8628 §3.2",
        "logout_token" => "OpenID Connect Back-Channel Logout §2.5",
        "sid" => "OpenID Connect Front-Channel Logout §3",
        "post_logout_redirect_uri" | "logout_hint" => "OpenID Connect RP-Initiated Logout §2",
        "session_state" => "OpenID Connect Session Management §3",
        // In an answer these are what introspection or userinfo tells of a token or a person.
        "username" if answered => "RFC 7662 §2.2",
        "sub" | "aud" | "exp" | "iat" | "nbf" | "jti" if answered && path == "/introspect" => {
            "RFC 7662 §2.2"
        }
        "sub" if answered => "OpenID Connect Core §5.3.2",
        _ if answered => return metadata(name).or_else(|| standard_claim(name)),
        _ => return None,
    })
}

/// The section that defines a member of a token's header, or a claim, if a standard that is spoken here does.
pub(crate) fn claim_reference(name: &str, in_header: bool) -> Option<&'static str> {
    if in_header {
        return Some(match name {
            "alg" => "RFC 7515 §4.1.1",
            "jku" => "RFC 7515 §4.1.2",
            "jwk" => "RFC 7515 §4.1.3",
            "kid" => "RFC 7515 §4.1.4",
            "x5u" => "RFC 7515 §4.1.5",
            "x5c" => "RFC 7515 §4.1.6",
            "x5t" | "x5t#S256" => "RFC 7515 §4.1.7",
            "typ" => "RFC 9068 §2.1",
            "cty" => "RFC 7515 §4.1.10",
            "crit" => "RFC 7515 §4.1.11",
            _ => return None,
        });
    }
    Some(match name {
        "iss" => "RFC 7519 §4.1.1",
        "sub" => "RFC 7519 §4.1.2",
        "aud" => "RFC 7519 §4.1.3",
        "exp" => "RFC 7519 §4.1.4",
        "nbf" => "RFC 7519 §4.1.5",
        "iat" => "RFC 7519 §4.1.6",
        "jti" => "RFC 7519 §4.1.7",
        "client_id" => "RFC 9068 §2.2",
        "scope" => "RFC 9068 §2.2.3",
        "auth_time" | "nonce" | "acr" | "amr" | "azp" => "OpenID Connect Core §2",
        "at_hash" => "OpenID Connect Core §3.1.3.6",
        "c_hash" => "OpenID Connect Core §3.3.2.11",
        "sid" => "OpenID Connect Front-Channel Logout §3",
        "events" => "OpenID Connect Back-Channel Logout §2.4",
        "cnf" => "RFC 7800 §3.1",
        "act" => "RFC 8693 §4.1",
        "may_act" => "RFC 8693 §4.4",
        "htm" | "htu" | "ath" => "RFC 9449 §4.2",
        other => return standard_claim(other),
    })
}

/// What a provider may tell of a person (OpenID Connect Core §5.1).
fn standard_claim(name: &str) -> Option<&'static str> {
    const CLAIMS: [&str; 19] = [
        "name",
        "given_name",
        "family_name",
        "middle_name",
        "nickname",
        "preferred_username",
        "profile",
        "picture",
        "website",
        "email",
        "email_verified",
        "gender",
        "birthdate",
        "zoneinfo",
        "locale",
        "phone_number",
        "phone_number_verified",
        "address",
        "updated_at",
    ];
    CLAIMS.contains(&name).then_some("OpenID Connect Core §5.1")
}

/// What a server says of itself.
fn metadata(name: &str) -> Option<&'static str> {
    Some(match name {
        "issuer"
        | "authorization_endpoint"
        | "token_endpoint"
        | "jwks_uri"
        | "scopes_supported"
        | "response_types_supported"
        | "response_modes_supported"
        | "grant_types_supported"
        | "token_endpoint_auth_methods_supported"
        | "revocation_endpoint"
        | "revocation_endpoint_auth_methods_supported"
        | "introspection_endpoint"
        | "introspection_endpoint_auth_methods_supported"
        | "code_challenge_methods_supported"
        | "ui_locales_supported"
        | "claims_locales_supported"
        | "token_endpoint_auth_signing_alg_values_supported"
        | "revocation_endpoint_auth_signing_alg_values_supported"
        | "introspection_endpoint_auth_signing_alg_values_supported"
        | "service_documentation" => "RFC 8414 §2",
        "userinfo_endpoint"
        | "subject_types_supported"
        | "id_token_signing_alg_values_supported"
        | "claims_supported"
        | "claims_parameter_supported"
        | "claim_types_supported"
        | "acr_values_supported"
        | "display_values_supported"
        | "userinfo_signing_alg_values_supported"
        | "request_parameter_supported"
        | "request_uri_parameter_supported"
        | "request_object_signing_alg_values_supported"
        | "require_request_uri_registration" => "OpenID Connect Discovery §3",
        "prompt_values_supported" => "Initiating User Registration via OpenID Connect §4",
        "end_session_endpoint" => "OpenID Connect RP-Initiated Logout §2.1",
        "backchannel_logout_supported" | "backchannel_logout_session_supported" => {
            "OpenID Connect Back-Channel Logout §2.1"
        }
        "frontchannel_logout_supported" | "frontchannel_logout_session_supported" => {
            "OpenID Connect Front-Channel Logout §3"
        }
        "authorization_response_iss_parameter_supported" => "RFC 9207 §3",
        "authorization_servers"
        | "bearer_methods_supported"
        | "resource_name"
        | "resource_documentation" => "RFC 9728 §2",
        "dpop_signing_alg_values_supported" | "dpop_bound_access_tokens_required" => {
            "RFC 9449 §5.1"
        }
        "pushed_authorization_request_endpoint" | "require_pushed_authorization_requests" => {
            "RFC 9126 §5"
        }
        "device_authorization_endpoint" => "RFC 8628 §4",
        "require_signed_request_object" => "RFC 9101 §10.5",
        "registration_endpoint" => "RFC 7591 §3",
        "keys" => "RFC 7517 §5.1",
        _ => return None,
    })
}
