//! Refusal: that somebody said no, who it was, and what it means; and the status with which it is told.
//!
//! Knows neither HTTP servers nor pages. The kinds are finer than the protocol's codes (`invalid_grant` has four),
//! because a person has to do something else after each.

use shared::flow::{Check, ExchangeId, Party};

use super::Answer;

/// What was traded for tokens: it tells the meanings of `invalid_grant` apart (RFC 6749 §5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// An authorization code.
    Code,
    /// A person's password.
    Password,
    /// A refresh token.
    RefreshToken,
    /// A device code, or nothing yet (RFC 8628).
    DeviceCode,
    /// An assertion that the client signed (RFC 7523 §2.1).
    Assertion,
    /// The client's own credentials.
    ClientCredentials,
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $slug:literal, $status:literal;)+) => {
        /// What kind of no it is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum RefusalKind { $($(#[$doc])* $kind),+ }

        impl RefusalKind {
            /// Every kind.
            #[cfg(test)]
            pub(crate) const ALL: &'static [Self] = &[$(Self::$kind),+];

            /// Its name in language keys: `error-app-…-title`, `-text`, `-next`.
            pub(crate) const fn slug(self) -> &'static str {
                match self { $(Self::$kind => $slug),+ }
            }

            /// The HTTP status with which the client app tells its browser (RFC 9110 §15).
            pub(crate) const fn status(self) -> u16 {
                match self { $(Self::$kind => $status),+ }
            }
        }
    };
}

kinds! {
    /// The person said no at the auth server (`access_denied`).
    AccessDenied = "access-denied", 403;
    /// The auth server refused the authorization request with another code.
    AuthorizationRefused = "authorization-refused", 400;
    /// The state is unknown in this browser, or was used already.
    WrongState = "wrong-state", 400;
    /// The browser comes back from signing out with a state that is not its own.
    LogoutState = "logout-state", 400;
    /// Nobody is signed in with this browser.
    NobodySignedIn = "nobody-signed-in", 400;
    /// The answer names another issuer, or none.
    WrongIssuer = "wrong-issuer", 400;
    /// The callback's parameters cannot be read.
    BadCallback = "bad-callback", 400;
    /// The code is unknown, used, expired, another client's, or the verifier does not fit.
    CodeRefused = "code-refused", 400;
    /// The user name or the password is wrong.
    WrongPassword = "wrong-password", 403;
    /// The refresh token is unknown, expired, revoked or was used before.
    RefreshRefused = "refresh-refused", 400;
    /// Nobody has confirmed in time.
    DeviceExpired = "device-expired", 400;
    /// The device code is unknown or was used.
    DeviceRefused = "device-refused", 400;
    /// The assertion is too old, was used, or names somebody in whose name the client may not ask.
    AssertionRefused = "assertion-refused", 400;
    /// The client's id or secret is wrong.
    WrongSecret = "wrong-secret", 502;
    /// The scope is unknown, or not for this client.
    InvalidScope = "invalid-scope", 400;
    /// The client may not use this grant.
    UnauthorizedClient = "unauthorized-client", 403;
    /// The auth server limits attempts.
    SlowDown = "slow-down", 429;
    /// Any other code from the token endpoint.
    TokenRefused = "token-refused", 502;
    /// The ID token does not verify.
    IdTokenRefused = "id-token-refused", 502;
    /// The provider's metadata is not that of the issuer that was meant, or lacks what is needed.
    MetadataRefused = "metadata-refused", 502;
    /// Userinfo does not speak of the person whom the ID token names.
    UserinfoRefused = "userinfo-refused", 502;
    /// The auth server does not answer.
    ProviderAway = "provider-away", 503;
    /// The auth server says that it cannot serve now.
    ProviderBusy = "provider-busy", 503;
    /// The auth server's answer cannot be read.
    Unreadable = "unreadable", 502;
    /// There is no such run for this browser.
    RunUnknown = "run-unknown", 404;
    /// The form is not of this browser, or too old.
    FormExpired = "form-expired", 403;
    /// There is no such grant.
    GrantUnknown = "grant-unknown", 404;
    /// There is no such page.
    PageUnknown = "page-unknown", 404;
    /// The page is there, but not for this method.
    MethodUnknown = "method-unknown", 405;
    /// The client app itself failed.
    Internal = "internal", 500;
}

/// That somebody said no.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    /// What kind of no.
    pub(crate) kind: RefusalKind,
    /// Who said it.
    pub(crate) by: Party,
    /// The protocol's code, as it came.
    pub(crate) error: Option<Box<str>>,
    /// The sentence that came with it: hostile text.
    pub(crate) description: Option<Box<str>>,
    /// The answer that said it, when a server of the provider did.
    pub(crate) answer: Option<Box<Answer>>,
    /// The exchange in which it was decided here.
    pub(crate) exchange: Option<Box<ExchangeId>>,
    /// The checks of the client app itself.
    pub(crate) checks: Vec<Check>,
}

impl Refusal {
    /// The client app says no.
    pub(crate) const fn by_client(kind: RefusalKind) -> Self {
        Self::new(kind, Party::ClientApp)
    }

    const fn new(kind: RefusalKind, by: Party) -> Self {
        Self {
            kind,
            by,
            error: None,
            description: None,
            answer: None,
            exchange: None,
            checks: Vec::new(),
        }
    }

    /// The auth server cannot be reached.
    pub(crate) fn provider_away(reason: &str) -> Self {
        Self {
            description: Some(reason.into()),
            ..Self::new(RefusalKind::ProviderAway, Party::ClientApp)
        }
    }

    /// The auth server's answer is none.
    pub(crate) fn unreadable(reason: &str) -> Self {
        Self {
            description: Some(reason.into()),
            ..Self::new(RefusalKind::Unreadable, Party::ClientApp)
        }
    }

    /// The client app itself failed: the reason goes to the log, not to the page.
    pub(crate) fn internal(reason: &dyn std::fmt::Display) -> Self {
        tracing::error!(%reason, "a flow cannot go on");
        Self::by_client(RefusalKind::Internal)
    }

    /// An error in the callback (RFC 6749 §4.1.2.1).
    pub(crate) fn at_callback(error: &str, description: Option<&str>) -> Self {
        let kind = match error {
            "access_denied" => RefusalKind::AccessDenied,
            "invalid_scope" => RefusalKind::InvalidScope,
            "unauthorized_client" => RefusalKind::UnauthorizedClient,
            "temporarily_unavailable" => RefusalKind::ProviderBusy,
            _ => RefusalKind::AuthorizationRefused,
        };
        Self {
            error: Some(error.into()),
            description: description.map(Box::from),
            ..Self::new(kind, Party::AuthServer)
        }
    }

    /// An error of the token endpoint (RFC 6749 §5.2), when `asked` was traded.
    pub(crate) fn at_token(asked: Asked, error: &str, description: Option<String>) -> Self {
        let kind = match (error, asked) {
            ("invalid_grant", Asked::Code) => RefusalKind::CodeRefused,
            ("invalid_grant", Asked::Password) => RefusalKind::WrongPassword,
            ("invalid_grant", Asked::RefreshToken) => RefusalKind::RefreshRefused,
            ("invalid_grant", Asked::DeviceCode) => RefusalKind::DeviceRefused,
            ("invalid_grant", Asked::Assertion) => RefusalKind::AssertionRefused,
            ("expired_token", _) => RefusalKind::DeviceExpired,
            ("access_denied", _) => RefusalKind::AccessDenied,
            ("invalid_client", _) => RefusalKind::WrongSecret,
            ("invalid_scope", _) => RefusalKind::InvalidScope,
            ("unauthorized_client", _) => RefusalKind::UnauthorizedClient,
            ("slow_down", _) => RefusalKind::SlowDown,
            ("temporarily_unavailable", _) => RefusalKind::ProviderBusy,
            _ => RefusalKind::TokenRefused,
        };
        Self {
            error: Some(error.into()),
            description: description.map(String::into_boxed_str),
            ..Self::new(kind, Party::AuthServer)
        }
    }

    /// The same refusal with the answer that said it.
    pub(crate) fn with_answer(mut self, answer: Answer) -> Self {
        if answer.status == 429 {
            self.kind = RefusalKind::SlowDown;
        }
        self.answer = Some(Box::new(answer));
        self
    }

    /// The exchange whose checks say why: the provider's where it answered, else ours.
    pub(crate) fn decided_in(&self) -> Option<&ExchangeId> {
        let answered = self.answer.as_ref().map(|answer| &answer.exchange);
        answered.or(self.exchange.as_deref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invalid_grant_means_what_was_traded() {
        let kind = |asked| Refusal::at_token(asked, "invalid_grant", None).kind;
        assert_eq!(kind(Asked::Code), RefusalKind::CodeRefused);
        assert_eq!(kind(Asked::Password), RefusalKind::WrongPassword);
        assert_eq!(kind(Asked::RefreshToken), RefusalKind::RefreshRefused);
        assert_eq!(kind(Asked::ClientCredentials), RefusalKind::TokenRefused);
        assert_eq!(kind(Asked::DeviceCode), RefusalKind::DeviceRefused);
        assert_eq!(kind(Asked::Assertion), RefusalKind::AssertionRefused);
    }

    #[test]
    fn every_kind_has_its_three_sentences() {
        let texts = shared::page::Texts::load().unwrap();
        for language in shared::page::Language::ALL {
            for kind in RefusalKind::ALL {
                for part in ["title", "text", "next"] {
                    let key = format!("error-app-{}-{part}", kind.slug());
                    assert!(texts.find(language, &key, &()).is_some(), "{key}");
                }
            }
        }
    }
}
