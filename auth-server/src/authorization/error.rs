//! Why an authorization request is not answered with a code or token, in finer words than the wire knows
//! (RFC 6749 §4.1.2.1, OpenID Connect Core §3.1.2.6).

use shared::oauth::{ErrorCode, NoRandomness};
use shared::observe::Observation;
use shared::store::{Outcome, StoreError};

use super::Callback;
use crate::issue::IssueError;
use crate::realms::RealmError;

/// How an authorization request ends without success: by type a page, a redirect, or a failure.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AuthorizeError {
    /// Nobody can be trusted with an answer: a page for the person.
    #[error(transparent)]
    Page(#[from] PageError),
    /// The client is told.
    #[error("{1}")]
    Redirect(Box<Callback>, Refusal),
    /// The store failed before there was a way back.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Nothing could be issued.
    #[error(transparent)]
    Issue(#[from] IssueError),
    /// No key could be made or read for it.
    #[error("{0}")]
    Realm(RealmError),
    /// The system gives no randomness.
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
}

impl From<RealmError> for AuthorizeError {
    fn from(error: RealmError) -> Self {
        match error {
            RealmError::Store(error) => Self::Store(error),
            other => Self::Realm(other),
        }
    }
}

impl Outcome for AuthorizeError {
    fn is_refusal(&self) -> bool {
        matches!(self, Self::Page(_) | Self::Redirect(..))
    }
}

impl AuthorizeError {
    /// The same, told to the client: a failure becomes `server_error` or `temporarily_unavailable`
    /// (RFC 6749 §4.1.2.1), for a redirect cannot say 500.
    pub(crate) fn by_way_of(self, callback: &Callback, observation: &Observation) -> Self {
        let refusal = match &self {
            Self::Page(_) | Self::Redirect(..) => return self,
            Self::Store(error) | Self::Issue(IssueError::Store(error)) => Refusal::from(error),
            Self::Issue(_) | Self::Realm(_) | Self::Randomness(_) => Refusal::Failed,
        };
        let id = observation.id();
        if matches!(refusal, Refusal::Busy) {
            tracing::warn!(error = %self, exchange = %id, "an authorization request was not served");
        } else {
            tracing::error!(error = %self, exchange = %id, "an authorization request failed");
        }
        Self::Redirect(Box::new(callback.clone()), refusal)
    }

    /// The page that says it, where nobody can be told by redirect.
    pub(crate) fn page(&self) -> PageError {
        match self {
            Self::Page(page) => *page,
            Self::Store(error) | Self::Issue(IssueError::Store(error)) => PageError::from(error),
            Self::Redirect(..) | Self::Issue(_) | Self::Realm(_) | Self::Randomness(_) => {
                PageError::Internal
            }
        }
    }
}

/// Why a page is shown instead of a redirect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PageError {
    /// RFC 6749 Appendix B.
    #[error("the parameters are not form-encoded UTF-8")]
    Malformed,
    /// RFC 6749 §3.1.
    #[error("a parameter is repeated")]
    Repeated,
    /// RFC 6749 §4.1.2.1.
    #[error("client_id is missing")]
    ClientMissing,
    /// RFC 6749 §4.1.2.1.
    #[error("the client is not known")]
    ClientUnknown,
    /// RFC 6749 §4.1.2.1.
    #[error("redirect_uri is missing")]
    RedirectMissing,
    /// RFC 6749 §4.1.2.1.
    #[error("redirect_uri is not registered for this client")]
    RedirectUnregistered,
    /// RFC 9101 §6.2: nobody knows where its error should go.
    #[error("the request object cannot be used")]
    RequestObject,
    /// RFC 9126 §4: `request_uri` refers to no pushed request of this client that may still be answered.
    #[error("request_uri is not known, not this client's, has expired or was used")]
    RequestUri,
    /// RP-Initiated Logout §2.
    #[error("id_token_hint is no ID token of this server")]
    LogoutHint,
    /// RP-Initiated Logout §2.
    #[error("id_token_hint was issued to another client")]
    LogoutClient,
    /// RP-Initiated Logout §3.
    #[error("post_logout_redirect_uri is not registered for this client")]
    LogoutRedirect,
    /// The waiting request was answered, has expired, or belongs to another browser.
    #[error("the interaction is over")]
    InteractionGone,
    /// A form without the token of this browser.
    #[error("the form is not ours")]
    Csrf,
    /// RFC 9110 §15.5.14: a body of more than the server reads.
    #[error("the request is too large")]
    TooLarge,
    /// RFC 9110 §15.5.15: a target of more than the server reads.
    #[error("the URL is too long")]
    UriTooLong,
    /// RFC 9110 §15.5.1.
    #[error("the request cannot be understood")]
    BadRequest,
    /// RFC 9110 §15.5.5.
    #[error("there is no such page")]
    NotFound,
    /// RFC 9110 §15.5.6.
    #[error("the method is not allowed")]
    MethodNotAllowed,
    /// RFC 9110 §15.6.1.
    #[error("the server failed")]
    Internal,
    /// RFC 9110 §15.6.4.
    #[error("the server is busy")]
    Unavailable,
}

impl PageError {
    /// All of them, for the language files and the samples.
    #[cfg(test)]
    pub(crate) const ALL: [Self; 20] = [
        Self::Malformed,
        Self::Repeated,
        Self::ClientMissing,
        Self::ClientUnknown,
        Self::RedirectMissing,
        Self::RedirectUnregistered,
        Self::RequestObject,
        Self::RequestUri,
        Self::LogoutHint,
        Self::LogoutClient,
        Self::LogoutRedirect,
        Self::InteractionGone,
        Self::Csrf,
        Self::TooLarge,
        Self::UriTooLong,
        Self::BadRequest,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::Internal,
        Self::Unavailable,
    ];

    /// Its name in the language files: `error-page-{kind}-title`, `-text` and `-next`.
    pub(crate) const fn kind(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::Repeated => "repeated",
            Self::ClientMissing => "client-missing",
            Self::ClientUnknown => "client-unknown",
            Self::RedirectMissing => "redirect-missing",
            Self::RedirectUnregistered => "redirect-unregistered",
            Self::RequestObject => "request-object",
            Self::RequestUri => "request-uri",
            Self::LogoutHint => "logout-hint",
            Self::LogoutClient => "logout-client",
            Self::LogoutRedirect => "logout-redirect",
            Self::InteractionGone => "interaction-gone",
            Self::Csrf => "csrf",
            Self::TooLarge => "too-large",
            Self::UriTooLong => "uri-too-long",
            Self::BadRequest => "bad-request",
            Self::NotFound => "not-found",
            Self::MethodNotAllowed => "method-not-allowed",
            Self::Internal => "internal",
            Self::Unavailable => "unavailable",
        }
    }

    /// The HTTP status of the page.
    pub(crate) const fn status(self) -> u16 {
        match self {
            Self::Malformed
            | Self::Repeated
            | Self::ClientMissing
            | Self::ClientUnknown
            | Self::RedirectMissing
            | Self::RedirectUnregistered
            | Self::RequestObject
            | Self::RequestUri
            | Self::LogoutHint
            | Self::LogoutClient
            | Self::LogoutRedirect
            | Self::InteractionGone
            | Self::BadRequest => 400,
            Self::Csrf => 403,
            Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::TooLarge => 413,
            Self::UriTooLong => 414,
            Self::Internal => 500,
            Self::Unavailable => 503,
        }
    }

    /// Whether the person came from an app and expects to be sent back: the page then says why not.
    pub(crate) const fn is_instead_of_redirect(self) -> bool {
        matches!(
            self,
            Self::Malformed
                | Self::Repeated
                | Self::ClientMissing
                | Self::ClientUnknown
                | Self::RedirectMissing
                | Self::RedirectUnregistered
                | Self::RequestObject
                | Self::RequestUri
        )
    }
}

/// Why the client is sent an error: finer than the code on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    /// RFC 6749 §3.1.
    #[error("a parameter is included more than once")]
    Repeated,
    /// RFC 8707 §2.
    #[error("resource is not an API for which this server issues tokens")]
    Target,
    /// FAPI 2.0 Security Profile §5.3.2: the client was registered before it was held to that.
    #[error("the registration of this client does not keep to the profile that it is held to")]
    Profile,
    /// RFC 9126 §5.
    #[error("this client must push its authorization requests")]
    NotPushed,
    /// RFC 9101 §10.5.
    #[error("this client must sign its authorization requests")]
    NotSigned,
    /// RFC 9101 §5.
    #[error("request and request_uri must not be used together")]
    TwoObjects,
    /// OpenID Connect Core §6.1.
    #[error("this client registered no keys for request objects, or it is not signed")]
    RequestObject,
    /// OpenID Connect Core §6.2.
    #[error("this client registered no request_uris, or what is there is not signed")]
    RequestUri,
    /// RFC 9101 §6.
    #[error("the request object is malformed, not signed by this client, or contradicts itself")]
    ObjectInvalid,
    /// RFC 9101 §5.2.
    #[error("request_uri is not registered, or no request object could be fetched from it")]
    ObjectUri,
    /// RFC 6749 §3.1.1.
    #[error("response_type is missing")]
    ResponseTypeMissing,
    /// RFC 6749 §3.1.1.
    #[error("response_type must be code, token, id_token, or some of them")]
    ResponseTypeUnknown,
    /// RFC 6749 §4.1.2.1.
    #[error("this client may not use this response_type")]
    ResponseTypeForbidden,
    /// OAuth 2.0 Multiple Response Types §2.1.
    #[error("response_mode must be query, fragment or form_post, and for a token not query")]
    ResponseMode,
    /// OpenID Connect Core §3.1.2.1.
    #[error("an ID token is asked for without the scope openid")]
    OpenIdMissing,
    /// OpenID Connect Core §3.2.2.1, §3.3.2.1.
    #[error("nonce is missing: it is required where the ID token comes through the browser")]
    NonceMissing,
    /// RFC 6749 §3.3.
    #[error("the scope is malformed, unknown, or more than this client may ask for")]
    Scope,
    /// OpenID Connect Core §3.1.2.1.
    #[error("prompt has an unknown value, or none together with another")]
    Prompt,
    /// OpenID Connect Core §3.1.2.1.
    #[error("max_age is not a number of seconds")]
    MaxAge,
    /// `dpop_jkt` is no thumbprint (RFC 9449 §10).
    #[error("dpop_jkt must be a JWK SHA-256 thumbprint: 43 characters of base64url")]
    DpopJkt,
    /// OpenID Connect Core §5.5.
    #[error("claims is not a JSON object as OpenID Connect Core section 5.5 describes it")]
    Claims,
    /// OpenID Connect Core §3.1.2.1.
    #[error("id_token_hint is not an ID token that this server issued to this client")]
    IdTokenHint,
    /// OpenID Connect Core §5.5.1.1.
    #[error("the essential acr is none that this server gives")]
    AcrUnmet,
    /// RFC 9700 §2.1.1.
    #[error("code_challenge is missing: PKCE is required")]
    PkceMissing,
    /// RFC 7636 §4.4.1.
    #[error("code_challenge_method must be S256; without it, plain is meant")]
    PkceMethod,
    /// RFC 7636 §4.2.
    #[error("code_challenge must be 43 to 128 unreserved characters")]
    PkceMalformed,
    /// OpenID Connect Core §3.1.2.6.
    #[error("nobody is signed in, or not recently enough, and prompt=none forbids to ask")]
    LoginRequired,
    /// OpenID Connect Core §3.1.2.1 (`id_token_hint`), §3.1.2.2.
    #[error("the person who is signed in is not the one who was asked for")]
    AnotherPerson,
    /// OpenID Connect Core §3.1.2.6.
    #[error("the person has not consented yet, and prompt=none forbids to ask")]
    ConsentRequired,
    /// RFC 6749 §4.1.2.1.
    #[error("the person said no")]
    Denied,
    /// RFC 6749 §4.1.2.1.
    #[error("the server failed; its log says more")]
    Failed,
    /// RFC 6749 §4.1.2.1.
    #[error("the server is busy; try again in a few seconds")]
    Busy,
    /// RFC 6749 §4.1.2.1: no more is kept for whoever asks.
    #[error("too many requests wait for their person at the moment; try again in a few minutes")]
    Crowded,
}

impl Refusal {
    /// What it is called on the wire.
    pub(crate) const fn code(self) -> ErrorCode {
        match self {
            Self::RequestObject => ErrorCode::RequestNotSupported,
            Self::RequestUri => ErrorCode::RequestUriNotSupported,
            Self::Target => ErrorCode::InvalidTarget,
            Self::ObjectInvalid => ErrorCode::InvalidRequestObject,
            Self::ObjectUri => ErrorCode::InvalidRequestUri,
            Self::ResponseTypeUnknown => ErrorCode::UnsupportedResponseType,
            Self::ResponseTypeForbidden | Self::Profile => ErrorCode::UnauthorizedClient,
            Self::Scope => ErrorCode::InvalidScope,
            Self::Repeated
            | Self::NotPushed
            | Self::NotSigned
            | Self::TwoObjects
            | Self::ResponseTypeMissing
            | Self::ResponseMode
            | Self::OpenIdMissing
            | Self::NonceMissing
            | Self::Prompt
            | Self::MaxAge
            | Self::DpopJkt
            | Self::Claims
            | Self::IdTokenHint
            | Self::PkceMissing
            | Self::PkceMethod
            | Self::PkceMalformed => ErrorCode::InvalidRequest,
            Self::LoginRequired | Self::AnotherPerson => ErrorCode::LoginRequired,
            Self::AcrUnmet => ErrorCode::UnmetAuthenticationRequirements,
            Self::ConsentRequired => ErrorCode::ConsentRequired,
            Self::Denied => ErrorCode::AccessDenied,
            Self::Failed => ErrorCode::ServerError,
            Self::Busy | Self::Crowded => ErrorCode::TemporarilyUnavailable,
        }
    }
}

impl From<&StoreError> for Refusal {
    fn from(error: &StoreError) -> Self {
        if error.is_transient() {
            Self::Busy
        } else {
            Self::Failed
        }
    }
}

impl From<&StoreError> for PageError {
    fn from(error: &StoreError) -> Self {
        if error.is_transient() {
            Self::Unavailable
        } else {
            Self::Internal
        }
    }
}
