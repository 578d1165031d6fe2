//! Where a person goes who signs in without an authorization request that waits: a closed set, so that no link
//! can send anybody elsewhere.

use shared::oauth::UserCode;

use super::form::Form;
use super::visit::Visit;

/// What a person came for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Errand {
    /// To see their apps.
    Apps,
    /// To connect the device that shows this code (RFC 8628 §3.3).
    Device(UserCode),
}

impl Errand {
    /// As the query of the sign-in page says it: `then=device&user_code=…`.
    pub(crate) fn of_query(query: &str) -> Self {
        let first = |name: &str| {
            let mut pairs = url::form_urlencoded::parse(query.as_bytes());
            pairs
                .find(|(known, _)| known == name)
                .map(|(_, value)| value)
        };
        Self::of(first("then").as_deref(), first("user_code").as_deref())
    }

    /// As the sign-in form says it.
    pub(crate) fn of_form(form: &Form) -> Self {
        Self::of(form.get("then"), form.get("user_code"))
    }

    fn of(then: Option<&str>, user_code: Option<&str>) -> Self {
        let code = user_code.and_then(|code| code.parse().ok());
        match (then, code) {
            (Some("device"), Some(code)) => Self::Device(code),
            _ => Self::Apps,
        }
    }

    /// The sign-in page on this errand, as a path of the realm.
    pub(crate) fn login_path(&self) -> String {
        match self {
            Self::Apps => "/login".to_owned(),
            Self::Device(code) => format!("/login?then=device&user_code={}", code.shown()),
        }
    }

    /// Where it leads somebody who is signed in, as a path of the realm.
    pub(crate) fn path(&self, visit: &Visit) -> String {
        match self {
            Self::Apps => "/apps".to_owned(),
            Self::Device(code) => {
                let (code, proof) = (code.shown(), visit.csrf(&entered(code)).token());
                format!("/device/confirm?user_code={code}&proof={proof}")
            }
        }
    }

    /// The code, as it is shown.
    pub(crate) fn user_code(&self) -> Option<String> {
        match self {
            Self::Apps => None,
            Self::Device(code) => Some(code.shown()),
        }
    }
}

/// What the proof in an address is for: this browser's own form sent this code.
pub(crate) fn entered(code: &UserCode) -> String {
    format!("device-entered:{}", code.shown())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_errand_is_one_of_a_closed_set() {
        let code = "WDJB-MJHT".parse().unwrap();
        let device = Errand::Device(code);
        assert_eq!(Errand::of_query("then=device&user_code=wdjbmjht"), device);
        assert_eq!(
            device.login_path(),
            "/login?then=device&user_code=WDJB-MJHT"
        );
        for other in [
            "",
            "then=device",
            "then=//evil.example",
            "user_code=WDJB-MJHT",
        ] {
            assert_eq!(Errand::of_query(other), Errand::Apps, "{other}");
        }
    }
}
