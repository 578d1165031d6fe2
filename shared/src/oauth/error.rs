//! Error codes and their JSON body (RFC 6749 §4.1.2.1 and §5.2, RFC 6750 §3.1, OpenID Connect Core §3.1.2.6).
//!
//! May use serde. The HTTP status belongs to the code, so that nobody writes one beside it.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! error_codes {
    ($($(#[$doc:meta])* $variant:ident = $text:literal, $status:literal;)+) => {
        /// A protocol error code.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum ErrorCode {
            $($(#[$doc])* #[serde(rename = $text)] $variant,)+
        }

        impl ErrorCode {
            /// The code as it stands on the wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }

            /// The HTTP status of a direct answer with this code.
            #[must_use]
            pub const fn status(self) -> u16 {
                match self { $(Self::$variant => $status,)+ }
            }
        }
    };
}

error_codes! {
    /// RFC 6749 §5.2.
    InvalidRequest = "invalid_request", 400;
    /// RFC 6749 §5.2.
    InvalidClient = "invalid_client", 401;
    /// RFC 6749 §5.2.
    InvalidGrant = "invalid_grant", 400;
    /// RFC 6749 §5.2.
    UnauthorizedClient = "unauthorized_client", 400;
    /// RFC 6749 §5.2.
    UnsupportedGrantType = "unsupported_grant_type", 400;
    /// RFC 6749 §5.2.
    InvalidScope = "invalid_scope", 400;
    /// RFC 6749 §4.1.2.1.
    AccessDenied = "access_denied", 403;
    /// RFC 6749 §4.1.2.1.
    UnsupportedResponseType = "unsupported_response_type", 400;
    /// RFC 6749 §4.1.2.1.
    ServerError = "server_error", 500;
    /// RFC 6749 §4.1.2.1.
    TemporarilyUnavailable = "temporarily_unavailable", 503;
    /// RFC 7591 §3.2.2.
    InvalidRedirectUri = "invalid_redirect_uri", 400;
    /// RFC 7591 §3.2.2.
    InvalidClientMetadata = "invalid_client_metadata", 400;
    /// RFC 7591 §3.2.2.
    InvalidSoftwareStatement = "invalid_software_statement", 400;
    /// RFC 6750 §3.1.
    InvalidToken = "invalid_token", 401;
    /// RFC 6750 §3.1.
    InsufficientScope = "insufficient_scope", 403;
    /// RFC 8693 §2.2.2, RFC 8707 §2.
    InvalidTarget = "invalid_target", 400;
    /// RFC 9449 §5; at a resource (§7.1) the status is 401.
    InvalidDpopProof = "invalid_dpop_proof", 400;
    /// RFC 9449 §8; at a resource (§9) the status is 401.
    UseDpopNonce = "use_dpop_nonce", 400;
    /// RFC 9470 §3.
    InsufficientUserAuthentication = "insufficient_user_authentication", 401;
    /// RFC 7009 §2.2.1.
    UnsupportedTokenType = "unsupported_token_type", 400;
    /// RFC 8628 §3.5.
    AuthorizationPending = "authorization_pending", 400;
    /// RFC 8628 §3.5.
    SlowDown = "slow_down", 400;
    /// RFC 8628 §3.5.
    ExpiredToken = "expired_token", 400;
    /// OpenID Connect Core §3.1.2.6.
    LoginRequired = "login_required", 400;
    /// OpenID Connect Core §3.1.2.6.
    ConsentRequired = "consent_required", 400;
    /// OpenID Connect Core §3.1.2.6.
    InteractionRequired = "interaction_required", 400;
    /// OpenID Connect Core §3.1.2.6.
    AccountSelectionRequired = "account_selection_required", 400;
    /// OpenID Connect Core Error Code `unmet_authentication_requirements` 1.0 §2.
    UnmetAuthenticationRequirements = "unmet_authentication_requirements", 400;
    /// OpenID Connect Core §3.1.2.6, RFC 9101 §6.
    InvalidRequestObject = "invalid_request_object", 400;
    /// OpenID Connect Core §3.1.2.6, RFC 9101 §5.2.
    InvalidRequestUri = "invalid_request_uri", 400;
    /// OpenID Connect Core §3.1.2.6.
    RequestNotSupported = "request_not_supported", 400;
    /// OpenID Connect Core §3.1.2.6.
    RequestUriNotSupported = "request_uri_not_supported", 400;
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The JSON body of an error (RFC 6749 §5.2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorBody {
    /// The code.
    pub error: ErrorCode,
    /// A sentence for the developer: ASCII without `"` and `\`, as §5.2 demands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_description: Option<String>,
}

impl ErrorBody {
    /// A body whose description is made to fit the grammar: other characters become `'` or `?`.
    #[must_use]
    pub fn new(error: ErrorCode, description: impl fmt::Display) -> Self {
        Self {
            error,
            error_description: Some(describe(description)),
        }
    }
}

/// `text` in the grammar of `error_description`: `%x20-21 / %x23-5B / %x5D-7E`, at most 300 characters.
#[must_use]
pub(super) fn describe(text: impl fmt::Display) -> String {
    let fit = |c: char| match c {
        '"' | '\\' => '\'',
        ' '..='~' => c,
        '§' => 'S',
        _ => '?',
    };
    text.to_string().chars().map(fit).take(300).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_keeps_to_its_grammar() {
        let body = ErrorBody::new(ErrorCode::InvalidGrant, "say \"no\"\r\n\\ä");
        assert_eq!(body.error_description.unwrap(), "say 'no'??'?");
        assert_eq!(
            serde_json::to_string(&ErrorCode::InvalidGrant).unwrap(),
            "\"invalid_grant\""
        );
    }
}
