//! Where each parameter is defined: `code_verifier` in RFC 7636 §4.5, and so on.

use crate::record::parameter::ParameterPlace;

/// The section that defines the parameter of an exchange at `path`, if a standard that is spoken here does.
pub(super) fn reference_of(name: &str, place: ParameterPlace, path: &str) -> Option<&'static str> {
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
        "iss" => "RFC 9207 §2",
        "error" | "error_description" | "error_uri" => "RFC 6749 §5.2",
        "token" => "RFC 7662 §2.1",
        "token_type_hint" => "RFC 7009 §2.1",
        "active" => "RFC 7662 §2.2",
        "nonce" | "id_token_hint" | "prompt" | "max_age" | "login_hint" | "ui_locales"
        | "display" | "acr_values" => "OpenID Connect Core §3.1.2.1",
        "claims" => "OpenID Connect Core §5.5",
        "request" | "request_uri" => "RFC 9101 §5",
        "resource" => "RFC 8707 §2",
        "client_assertion" | "client_assertion_type" => "RFC 7521 §4.2",
        "assertion" => "RFC 7521 §4.1",
        "device_code" | "user_code" => "RFC 8628 §3.2",
        "post_logout_redirect_uri" | "logout_hint" => "OpenID Connect RP-Initiated Logout §2",
        "session_state" => "OpenID Connect Session Management §3",
        _ => return None,
    })
}
