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
        "cache-control" => "RFC 6749 §5.1",
        "pragma" => "RFC 6749 §5.1",
        "location" => "RFC 9110 §10.2.2",
        "retry-after" => "RFC 9110 §10.2.3",
        "cookie" => "RFC 6265 §4.2",
        "set-cookie" => "RFC 6265 §4.1",
        "origin" => "RFC 6454 §7",
        "referer" => "RFC 9110 §10.1.3",
        "host" => "RFC 9110 §7.2",
        "user-agent" => "RFC 9110 §10.1.5",
        "allow" => "RFC 9110 §10.2.1",
        "x-frame-options" => "RFC 6749 §10.13",
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
