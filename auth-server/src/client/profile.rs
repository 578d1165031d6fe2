//! Security profiles as rules over a client's registration: one line a rule.
//!
//! Who says that a client keeps to a profile is held to it when the client is registered; what the profile demands
//! of each request is demanded by [`super::Policy`], which the rules read. A client that was registered before its
//! realm had the profile gets nothing more until its registration keeps to it ([`ensure`]): not by what it asks for
//! now, and not by a code or refresh token that it holds. It may still manage its registration, and revoke.

use shared::fapi2::{self, section};
use shared::flow::catalog;
use shared::observe::Observation;
use shared::seed::{AssertionAudience, PkceRule, SecurityProfile};

use super::Client;
use crate::outbound::is_on_loopback;

/// One rule of a profile.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rule {
    /// Its name, stable: `fapi2.pushed`.
    pub(crate) id: &'static str,
    /// Where it stands.
    pub(crate) reference: &'static str,
    /// Whether a client's registration meets it.
    pub(crate) is_met: fn(&Client) -> bool,
}

macro_rules! rules {
    ($($id:literal, $reference:expr, $is_met:expr;)+) => {
        &[$(Rule { id: $id, reference: $reference, is_met: $is_met }),+]
    };
}

/// FAPI 2.0 Security Profile (Final). What the server does for every client alike (`iss` in each answer, 303 and
/// never 307, a `request_uri` good for less than 600 s, codes redeemed once) needs no rule.
pub(crate) const FAPI2: &[Rule] = rules! {
    "fapi2.confidential", section::GENERAL, |client| !client.is_public();
    "fapi2.private_key_jwt", section::GENERAL, |client| fapi2::allows_authentication(&client.auth_methods);
    "fapi2.assertion_audience", section::GENERAL, |client| client.policy.assertion_audience == AssertionAudience::Issuer;
    "fapi2.no_password", section::GENERAL, |client| !client.grant_types.iter().any(|one| fapi2::takes_password(one.as_str()));
    "fapi2.sender_constrained", section::GENERAL, |client| client.metadata.dpop_bound_access_tokens;
    "fapi2.no_rotation", section::GENERAL, |client| !client.policy.rotates_refresh_tokens;
    "fapi2.code_lifetime", section::GENERAL, |client| client.policy.code_lifetime.as_seconds() <= fapi2::LONGEST_CODE;
    "fapi2.no_implicit", section::AUTHORIZATION, |client| !client.grant_types.iter().any(|one| fapi2::answers_in_front(one.as_str()));
    "fapi2.response_type", section::AUTHORIZATION, |client| client.response_types.iter().all(|one| fapi2::allows_response_type(one.as_str()));
    "fapi2.pushed", section::AUTHORIZATION, |client| client.policy.require_pushed_authorization_requests;
    "fapi2.pkce", section::AUTHORIZATION, |client| client.policy.pkce == PkceRule::Required;
    "fapi2.redirect_https", section::AUTHORIZATION, answers_are_encrypted;
    "fapi2.id_token_algorithm", section::CRYPTOGRAPHY, |client| fapi2::allows_algorithm(client.policy.id_token_algorithm.as_str());
    "fapi2.userinfo_algorithm", section::CRYPTOGRAPHY, |client| is_good(client.metadata.userinfo_signed_response_alg.as_deref());
    "fapi2.assertion_algorithm", section::CRYPTOGRAPHY, |client| !client.policy.allows_algorithm("RS256") && is_good(client.metadata.token_endpoint_auth_signing_alg.as_deref());
    "fapi2.request_object_algorithm", section::CRYPTOGRAPHY, |client| is_good(client.metadata.request_object_signing_alg.as_deref());
};

/// The rules of its profile that a client's registration misses: none, or it may not be registered so.
pub(crate) fn missed(client: &Client) -> Vec<&'static Rule> {
    let rules = match client.policy.profile {
        SecurityProfile::None => &[],
        SecurityProfile::Fapi2 => FAPI2,
    };
    rules.iter().filter(|rule| !(rule.is_met)(client)).collect()
}

/// A client whose registration misses rules of its profile.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the registration of this client does not keep to its profile: {0}")]
pub(crate) struct ProfileMissed(
    /// The names of the rules.
    String,
);

/// Holds a client that asks for something to its profile; where it has none, nothing is recorded.
///
/// # Errors
/// [`ProfileMissed`].
pub(crate) fn ensure(client: &Client, observation: &Observation) -> Result<(), ProfileMissed> {
    if client.policy.profile == SecurityProfile::None {
        return Ok(());
    }
    let missed = missed(client);
    let expected = "a registration that keeps to FAPI 2.0";
    let got = match missed.as_slice() {
        [] => "such a one".to_owned(),
        some => format!("it misses: {}", named(some)),
    };
    let ids: Vec<_> = missed.iter().map(|rule| rule.id).collect();
    observation
        .require(&catalog::CLIENT_PROFILE, missed.is_empty(), expected, got)
        .or(ProfileMissed(ids.join(", ")))
}

/// Rules with the places where they stand, for people to read.
pub(crate) fn named(rules: &[&Rule]) -> String {
    let rules = rules
        .iter()
        .map(|rule| format!("{} ({})", rule.id, rule.reference));
    rules.collect::<Vec<_>>().join(", ")
}

/// An algorithm that was registered, if any was, is one that the profile takes.
fn is_good(registered: Option<&str>) -> bool {
    registered.is_none_or(fapi2::allows_algorithm)
}

/// Answers travel encrypted, or stay on the person's own machine.
fn answers_are_encrypted(client: &Client) -> bool {
    client.redirect_uris.iter().all(|uri| {
        let uri = uri.as_str();
        !uri.starts_with("http://") || is_on_loopback(uri)
    })
}

#[cfg(test)]
mod tests {
    use shared::oauth::{GrantType, ResponseType, TokenEndpointAuthMethod};
    use shared::seed::{ClientMetadata, ClientPolicy, SigningAlgorithm};

    use super::super::{ClientKind, Policy, PolicyDefaults};
    use super::*;

    fn bank() -> Client {
        let own = ClientPolicy {
            profile: Some(SecurityProfile::Fapi2),
            id_token_signed_response_alg: Some(SigningAlgorithm::Rs256),
            pkce: Some(PkceRule::Allowed),
            ..ClientPolicy::default()
        };
        let mut metadata = ClientMetadata::default();
        let policy = Policy::resolve(&PolicyDefaults::default(), &own, false).unwrap();
        Client {
            id: "bank".parse().unwrap(),
            name: String::new(),
            description: String::new(),
            kind: ClientKind::Confidential { secret: None },
            mac_secret: None,
            self_registered: None,
            post_logout_redirect_uris: Vec::new(),
            auth_methods: vec![TokenEndpointAuthMethod::PrivateKeyJwt],
            redirect_uris: vec!["http://localhost:8080/callback".parse().unwrap()],
            grant_types: vec![GrantType::AuthorizationCode, GrantType::RefreshToken],
            response_types: vec![ResponseType::Code],
            scope: "openid".parse().unwrap(),
            allowed_origins: Vec::new(),
            first_party: false,
            may_introspect: false,
            policy: policy.tightened(&mut metadata),
            metadata,
        }
    }

    #[test]
    fn the_profile_itself_sees_to_most_rules() {
        assert!(missed(&bank()).is_empty(), "{:?}", missed(&bank()));
    }

    #[test]
    fn a_registration_that_contradicts_it_is_told_which_rule_it_misses() {
        type Row<'a> = (fn(&mut Client), &'a str);
        let rows: [Row<'_>; 9] = [
            (
                |client| {
                    client.metadata.userinfo_signed_response_alg = Some("RS256".to_owned());
                },
                "fapi2.userinfo_algorithm",
            ),
            (
                |client| {
                    client.metadata.token_endpoint_auth_signing_alg = Some("RS256".to_owned());
                },
                "fapi2.assertion_algorithm",
            ),
            (
                |client| client.metadata.request_object_signing_alg = Some("RS256".to_owned()),
                "fapi2.request_object_algorithm",
            ),
            (
                |client| client.kind = ClientKind::Public,
                "fapi2.confidential",
            ),
            (
                |client| {
                    client
                        .auth_methods
                        .push(TokenEndpointAuthMethod::ClientSecretBasic);
                },
                "fapi2.private_key_jwt",
            ),
            (
                |client| client.grant_types.push(GrantType::Password),
                "fapi2.no_password",
            ),
            (
                |client| client.grant_types.push(GrantType::Implicit),
                "fapi2.no_implicit",
            ),
            (
                |client| client.response_types.push(ResponseType::CodeIdToken),
                "fapi2.response_type",
            ),
            (
                |client| client.policy.rotates_refresh_tokens = true,
                "fapi2.no_rotation",
            ),
        ];
        for (change, id) in rows {
            let mut client = bank();
            change(&mut client);
            let missed: Vec<_> = missed(&client).iter().map(|rule| rule.id).collect();
            assert_eq!(missed, [id]);
        }
    }

    #[test]
    fn rules_have_names_of_their_own() {
        let mut ids: Vec<_> = FAPI2.iter().map(|rule| rule.id).collect();
        assert!(FAPI2.iter().all(|rule| !rule.reference.is_empty()));
        let all = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), all);
    }
}
