//! What an API demands of the person's sign-in before it does something (RFC 9470 §3), as its challenge says.

use shared::oauth::{Challenge, ErrorCode};

use super::{Latest, Run};
use crate::resource::Call;

/// A demand for a more recent or stronger sign-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Demand {
    /// For what.
    pub(crate) call: Call,
    /// How long ago the person may have signed in at most, in seconds.
    pub(crate) max_age: Option<u32>,
    /// In which ways, the preferred one first, separated by spaces.
    pub(crate) acr_values: Option<String>,
}

impl Demand {
    /// The demand in the latest answer of the API to `run`, if it is one.
    pub(crate) fn of(run: &Run) -> Option<Self> {
        let Some(Latest::Api(api)) = &run.latest else {
            return None;
        };
        let challenge = api.answer.challenge.as_deref()?;
        Self::read(challenge, api.call).filter(|_| api.answer.status == 401)
    }

    fn read(challenge: &str, call: Call) -> Option<Self> {
        let parameters = Challenge::read(challenge);
        let value = |name: &str| {
            let mut found = parameters.iter().filter(|(known, _)| known == name);
            found.next().map(|(_, value)| value.clone())
        };
        let wanted = ErrorCode::InsufficientUserAuthentication.as_str();
        (value("error").as_deref() == Some(wanted)).then(|| Self {
            call,
            max_age: value("max_age").and_then(|seconds| seconds.parse().ok()),
            acr_values: value("acr_values"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_demand_is_read_from_its_challenge_and_from_no_other() {
        let challenge = "Bearer realm=\"r\", error=\"insufficient_user_authentication\", \
                         error_description=\"more\", acr_values=\"a b\", max_age=\"300\"";
        let demand = Demand::read(challenge, Call::DeletePhoto).unwrap();
        assert_eq!(demand.max_age, Some(300));
        assert_eq!(demand.acr_values.as_deref(), Some("a b"));
        let other = "Bearer realm=\"r\", error=\"invalid_token\", max_age=\"300\"";
        assert_eq!(Demand::read(other, Call::DeletePhoto), None);
    }
}
