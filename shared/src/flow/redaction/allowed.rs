//! The allow-lists: what may be shown to anybody. Each entry is a decision; what is not here is hidden.
//!
//! Names of the protocol whose values are no secrets and say nothing of a person: RFC 6749, RFC 7636, RFC 7662,
//! RFC 8414, RFC 8707, RFC 9207, RFC 9728, `OpenID` Connect Core §2 and Discovery §3.

use super::allowed_checks::CHECKS;

/// Parameters, JSON members and claims.
const PARAMETERS: &[&str] = &[
    // requests
    "response_type",
    "response_mode",
    "client_id",
    "redirect_uri",
    "scope",
    "grant_type",
    "code_challenge_method",
    "prompt",
    "max_age",
    "display",
    "acr_values",
    "ui_locales",
    "claims_locales",
    "post_logout_redirect_uri",
    "resource",
    "audience",
    "token_type_hint",
    "dpop_jkt",
    "subject_token_type",
    "actor_token_type",
    "requested_token_type",
    "issued_token_type",
    "client_assertion_type",
    "decision",
    // answers
    "token_type",
    "expires_in",
    "interval",
    "verification_uri",
    "error",
    "error_description",
    "error_uri",
    "iss",
    "active",
    // claims
    "aud",
    "azp",
    "exp",
    "iat",
    "nbf",
    "auth_time",
    "acr",
    "amr",
    "typ",
    "alg",
    "kid",
    // registration (RFC 7591 §2)
    "redirect_uris",
    "post_logout_redirect_uris",
    "response_types",
    "grant_types",
    "application_type",
    "token_endpoint_auth_method",
    "token_endpoint_auth_signing_alg",
    "id_token_signed_response_alg",
    "userinfo_signed_response_alg",
    "request_object_signing_alg",
    "client_name",
    "client_uri",
    "logo_uri",
    "policy_uri",
    "tos_uri",
    "subject_type",
    "sector_identifier_uri",
    "initiate_login_uri",
    "backchannel_logout_uri",
    "backchannel_logout_session_required",
    "frontchannel_logout_uri",
    "frontchannel_logout_session_required",
    "require_pushed_authorization_requests",
    "require_signed_request_object",
    "dpop_bound_access_tokens",
    "require_auth_time",
    "default_max_age",
    "default_acr_values",
    "client_id_issued_at",
    "client_secret_expires_at",
    "registration_client_uri",
    // metadata
    "issuer",
    "authorization_endpoint",
    "token_endpoint",
    "userinfo_endpoint",
    "introspection_endpoint",
    "revocation_endpoint",
    "pushed_authorization_request_endpoint",
    "end_session_endpoint",
    "device_authorization_endpoint",
    "backchannel_logout_supported",
    "backchannel_logout_session_supported",
    "frontchannel_logout_supported",
    "frontchannel_logout_session_supported",
    "registration_endpoint",
    "jwks_uri",
    "service_documentation",
    "authorization_servers",
    "resource_name",
    "scopes_supported",
    "response_types_supported",
    "response_modes_supported",
    "grant_types_supported",
    "subject_types_supported",
    "prompt_values_supported",
    "claims_supported",
    "claim_types_supported",
    "acr_values_supported",
    "display_values_supported",
    "userinfo_signing_alg_values_supported",
    "bearer_methods_supported",
    "code_challenge_methods_supported",
    "id_token_signing_alg_values_supported",
    "token_endpoint_auth_methods_supported",
    "token_endpoint_auth_signing_alg_values_supported",
    "introspection_endpoint_auth_methods_supported",
    "introspection_endpoint_auth_signing_alg_values_supported",
    "revocation_endpoint_auth_methods_supported",
    "revocation_endpoint_auth_signing_alg_values_supported",
    "authorization_response_iss_parameter_supported",
    "dpop_signing_alg_values_supported",
    "dpop_bound_access_tokens_required",
    "claims_parameter_supported",
    "request_parameter_supported",
    "request_uri_parameter_supported",
    "require_request_uri_registration",
    "request_object_signing_alg_values_supported",
    "ui_locales_supported",
    "keys",
];

/// Members of a published key (RFC 7517 §4, RFC 7518 §6): the public ones.
const KEY_MEMBERS: &[&str] = &[
    "kty", "use", "key_ops", "alg", "kid", "crv", "x", "y", "n", "e",
];

/// Media types that our services and their callers send, without parameters.
const MEDIA_TYPES: &[&str] = &[
    "application/json",
    "application/jwt",
    "application/jwk-set+json",
    "application/token-introspection+jwt",
    "application/x-www-form-urlencoded",
    "application/xml",
    "image/png",
    "image/svg+xml",
    "multipart/form-data",
    "text/css",
    "text/event-stream",
    "text/html",
    "text/javascript",
    "text/markdown",
    "text/plain",
];

/// Whether a `Content-Type` is one of those, alone or in UTF-8.
pub(super) fn media_type(value: &str) -> bool {
    let mut parts = value.split(';').map(str::trim);
    let kind = parts.next().unwrap_or_default().to_ascii_lowercase();
    MEDIA_TYPES.contains(&kind.as_str())
        && parts.all(|part| {
            ["charset=utf-8", "charset=\"utf-8\""].contains(&part.to_ascii_lowercase().as_str())
        })
}

/// Headers. `authorization`, cookies and URLs are shown in part, and stand elsewhere.
const HEADERS: &[&str] = &[
    "accept",
    "accept-encoding",
    "access-control-allow-headers",
    "access-control-allow-methods",
    "access-control-allow-origin",
    "access-control-expose-headers",
    "access-control-max-age",
    "access-control-request-headers",
    "access-control-request-method",
    "age",
    "allow",
    "cache-control",
    "connection",
    "content-encoding",
    "content-language",
    "content-length",
    "content-security-policy",
    "content-type",
    "cross-origin-opener-policy",
    "cross-origin-resource-policy",
    "date",
    "exchange-id",
    "expires",
    "host",
    "origin",
    "permissions-policy",
    "pragma",
    "referrer-policy",
    "retry-after",
    "sec-fetch-dest",
    "sec-fetch-mode",
    "sec-fetch-site",
    "sec-fetch-user",
    "strict-transport-security",
    "transfer-encoding",
    "upgrade-insecure-requests",
    "vary",
    "www-authenticate",
    "x-content-type-options",
    "x-frame-options",
    "x-robots-tag",
];

/// Schemes of `Authorization` that are shown before the credentials that are not.
const SCHEMES: &[&str] = &["basic", "bearer", "dpop", "digest"];

/// Attributes of a cookie (RFC 6265 §4.1.1).
const COOKIE_ATTRIBUTES: &[&str] = &[
    "domain", "expires", "httponly", "max-age", "path", "samesite", "secure",
];

/// Words of our own routes. A segment that is none of them may be somebody's handle.
const SEGMENTS: &[&str] = &[
    "r",
    ".well-known",
    "oauth-authorization-server",
    "oauth-protected-resource",
    "openid-configuration",
    "authorize",
    "token",
    "par",
    "introspect",
    "revoke",
    "userinfo",
    "jwks",
    "login",
    "select-account",
    "consent",
    "device",
    "device_authorization",
    "confirm",
    "done",
    "logout",
    "sign-out",
    "backchannel-logout",
    "frontchannel-logout",
    "signed-out",
    "apps",
    "register",
    "provider",
    "remove",
    "me",
    "photos",
    "picture.svg",
    "stats",
    "themes",
    "grants",
    "authorization-code",
    "client-credentials",
    "refresh-token",
    "password",
    "implicit",
    "lab",
    "prints",
    "step-up",
    "run",
    "runs",
    "call",
    "refresh",
    "code",
    "callback",
    "flows",
    "exchanges",
    "api",
    "status",
    "healthz",
];

/// Notes that services keep with an exchange.
const NOTES: &[&str] = &[
    "answered_by",
    "changed",
    "client_id",
    "dropped",
    "event",
    "fragment",
    "grant",
    "left",
    "legacy",
    "not_changed",
    "not_paused",
    "paused_ms",
    "posts_to",
    "released",
    "replica",
    "response_type",
    "session_ended",
];

/// Whether the value of a parameter, a JSON member or a claim of this name is shown.
pub(super) fn parameter(name: &str) -> bool {
    PARAMETERS.contains(&name)
}

/// Whether a member of a published key is shown.
pub(super) fn key_member(name: &str) -> bool {
    KEY_MEMBERS.contains(&name)
}

/// Whether the value of a header of this lower-case name is shown.
pub(super) fn header(name: &str) -> bool {
    HEADERS.contains(&name)
}

/// Whether a scheme of `Authorization` is shown.
pub(super) fn scheme(name: &str) -> bool {
    SCHEMES.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// Whether an attribute of a cookie is shown.
pub(super) fn cookie_attribute(name: &str) -> bool {
    let mut known = COOKIE_ATTRIBUTES.iter();
    known.any(|known| known.eq_ignore_ascii_case(name))
}

/// Whether a segment of a path is shown: a word of a route, or a route's `{placeholder}`.
pub(super) fn segment(segment: &str) -> bool {
    let placeholder = segment
        .strip_prefix('{')
        .and_then(|rest| rest.strip_suffix('}'));
    let word = |name: &str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase());
    SEGMENTS.contains(&segment) || placeholder.is_some_and(word)
}

/// Whether the fact of a note of this name is shown.
pub(super) fn note(name: &str) -> bool {
    NOTES.contains(&name)
}

/// Whether the texts of the check of this id are shown.
pub(super) fn check(id: &str) -> bool {
    CHECKS.contains(&id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::catalog;

    #[test]
    fn every_check_that_is_listed_is_in_the_catalogue() {
        for id in CHECKS {
            assert!(catalog::find(id).is_some(), "{id}");
        }
    }
}
