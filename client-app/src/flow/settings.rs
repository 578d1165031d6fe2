//! Settings: what a person chose on the page of a grant, as an address that carries nothing else.
//!
//! Only names that this program knows are read, and only they are written: whatever else stands in a query (a
//! token, a password, a code) cannot be passed on, since no text of it is ever copied.

use super::{Delivery, Experiment, Grant};
use crate::record::flow;
use crate::record::parameter::ParameterPlace;
use crate::record::view::FlowView;

/// The endpoints at which a grant begins.
const ASKING: [&str; 4] = ["/par", "/authorize", "/device_authorization", "/token"];

/// How a link says that tokens are to be bound.
const BOUND: &str = "yes";

/// What a person chose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    grant: Grant,
    scopes: Vec<&'static str>,
    experiment: Option<Experiment>,
    delivery: Delivery,
    bound: bool,
}

impl Settings {
    /// What stands in a query, of what `grant` offers: `scope`, `experiment`, `delivery` and `bound`; as usual where
    /// there is no `scope`.
    pub(crate) fn read(grant: Grant, query: &str) -> Self {
        let value = |name: &str| {
            let mut pairs = url::form_urlencoded::parse(query.as_bytes());
            let found = pairs.find(|(known, _)| known == name);
            found.map(|(_, value)| value.into_owned())
        };
        let (scope, experiment) = (value("scope"), value("experiment"));
        let offered = grant.scopes().iter();
        let scopes = offered.filter(|(name, usual)| match &scope {
            Some(scope) => scope.split(' ').any(|asked| asked == *name),
            None => *usual,
        });
        let experiment = experiment.and_then(|slug| Experiment::from_slug(&slug));
        Self {
            grant,
            scopes: scopes.map(|(name, _)| *name).collect(),
            experiment: experiment.filter(|known| Experiment::of(grant).contains(known)),
            delivery: value("delivery")
                .and_then(|slug| Delivery::from_slug(&slug))
                .filter(|_| grant == Grant::AuthorizationCode)
                .unwrap_or_default(),
            bound: grant == Grant::AuthorizationCode && value("bound").as_deref() == Some(BOUND),
        }
    }

    /// The settings with which a recorded flow can be run again; none where it is of no single grant.
    pub(crate) fn of_flow(recorded: &FlowView) -> Option<Self> {
        let grant = match recorded.summary.grant {
            flow::Grant::AuthorizationCode => Grant::AuthorizationCode,
            flow::Grant::Implicit => Grant::Implicit,
            flow::Grant::Password => Grant::Password,
            flow::Grant::ClientCredentials => Grant::ClientCredentials,
            flow::Grant::DeviceCode => Grant::Device,
            flow::Grant::JwtBearer => Grant::JwtBearer,
            flow::Grant::RefreshToken => Grant::RefreshToken,
            flow::Grant::Logout | flow::Grant::Mixed | flow::Grant::Unknown => return None,
        };
        let mut exchanges = recorded.exchanges.iter();
        // What was pushed says what it asked for; the address then says nothing.
        let asked = exchanges.find(|exchange| ASKING.contains(&exchange.path.as_str()))?;
        let mut asked = asked.parameters.iter().filter(|parameter| {
            use ParameterPlace::{RequestBody, RequestQuery};
            matches!(parameter.place, RequestQuery | RequestBody)
        });
        let scope = asked.find(|parameter| parameter.name == "scope");
        let scope = scope.map_or("", |parameter| parameter.value.as_str());
        let offered = grant.scopes().iter();
        let scopes = offered.filter(|(name, _)| scope.split(' ').any(|asked| asked == *name));
        Some(Self {
            grant,
            scopes: scopes.map(|(name, _)| *name).collect(),
            experiment: None,
            delivery: Delivery::of_flow(recorded),
            bound: false,
        })
    }

    /// Whether a scope is ticked.
    pub(crate) fn ticks(&self, scope: &str) -> bool {
        self.scopes.contains(&scope)
    }

    /// What is to go wrong on purpose.
    pub(crate) const fn experiment(&self) -> Option<Experiment> {
        self.experiment
    }

    /// How the authorization request travels.
    pub(crate) const fn delivery(&self) -> Delivery {
        self.delivery
    }

    /// Whether the tokens are to be bound to a key (RFC 9449).
    pub(crate) const fn bound(&self) -> bool {
        self.bound
    }

    /// The page of the grant with these settings, without the realm.
    pub(crate) fn path(&self) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        if !self.grant.scopes().is_empty() {
            query.append_pair("scope", &self.scopes.join(" "));
        }
        if let Some(experiment) = self.experiment {
            query.append_pair("experiment", experiment.slug());
        }
        if self.delivery != Delivery::default() {
            query.append_pair("delivery", self.delivery.slug());
        }
        if self.bound {
            query.append_pair("bound", BOUND);
        }
        let query = query.finish();
        let mark = if query.is_empty() { "" } else { "?" };
        format!("/grants/{}{mark}{query}", self.grant.slug())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_come_back_as_they_were_given_away() {
        let read = Settings::read(
            Grant::AuthorizationCode,
            "scope=profile+photos%3Aread&experiment=wrong-verifier",
        );
        assert!(read.ticks("profile") && !read.ticks("openid"));
        assert_eq!(read.experiment(), Some(Experiment::WrongVerifier));
        let path = read.path();
        assert_eq!(
            path,
            "/grants/authorization-code?scope=profile+photos%3Aread&experiment=wrong-verifier"
        );
        let query = path.split_once('?').unwrap().1;
        assert_eq!(Settings::read(Grant::AuthorizationCode, query), read);
    }

    #[test]
    fn a_key_for_the_tokens_is_a_setting_of_the_code_alone() {
        let query = "scope=openid&delivery=pushed&bound=yes";
        let read = Settings::read(Grant::AuthorizationCode, query);
        assert!(read.bound());
        assert_eq!(
            read.path(),
            format!("/grants/authorization-code?{query}"),
            "in the same order"
        );
        assert!(!Settings::read(Grant::AuthorizationCode, "bound=on").bound());
        assert!(!Settings::read(Grant::Password, "bound=yes").bound());
    }

    #[test]
    fn nothing_else_is_ever_passed_on() {
        let secret = "s3cr3t-of-alice";
        for name in [
            "password",
            "client_secret",
            "code",
            "state",
            "access_token",
            "scope",
            "experiment",
            "bound",
            "delivery",
            "csrf",
            "new",
        ] {
            for grant in Grant::ALL {
                for query in [
                    format!("{name}={secret}"),
                    format!("scope={secret}+profile&{name}={secret}"),
                    format!("{secret}={name}&experiment={secret}"),
                    format!("scope=profile%20{secret}&scope={secret}#{name}={secret}"),
                ] {
                    let path = Settings::read(grant, &query).path();
                    assert!(!path.contains(secret), "{path}");
                    assert!(path.starts_with("/grants/"), "{path}");
                }
            }
        }
    }

    #[test]
    fn without_a_scope_the_usual_ones_are_ticked_and_with_an_empty_one_none() {
        assert!(Settings::read(Grant::Password, "").ticks("profile"));
        assert!(!Settings::read(Grant::Password, "scope=").ticks("profile"));
    }
}
