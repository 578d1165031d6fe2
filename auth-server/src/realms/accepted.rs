//! In which ways a realm takes what its clients send and signs what they get: what its metadata says of authentication,
//! signatures and pushed requests (RFC 8414 §2, RFC 9126 §5).
//!
//! A realm offers what the server has; one whose policy names a security profile, what the profile leaves of it, and
//! what the operator lets single clients do besides. A client that misses its profile is served by nobody but the
//! endpoints at which it tells of tokens that it has.

use std::collections::BTreeSet;

use shared::dpop::ProofAlgorithm;
use shared::fapi2;
use shared::oauth::{GrantType, ResponseType, TokenEndpointAuthMethod};
use shared::seed::{RegistrationRule, SecurityProfile, SigningAlgorithm};

use crate::authorization::request_object;
use crate::client::registration::REGISTRABLE;
use crate::client::signed::JwsAlgorithm;
use crate::client::{Client, PolicyDefaults, assertion, profile};

/// How clients prove who they are.
#[derive(Clone, Debug, Default)]
pub(crate) struct Authentication {
    /// By which methods.
    pub(crate) methods: BTreeSet<TokenEndpointAuthMethod>,
    /// How they sign where they do so by a JWT (RFC 7523 §2.2).
    pub(crate) algorithms: BTreeSet<JwsAlgorithm>,
}

impl Authentication {
    fn add(&mut self, client: &Client) {
        use TokenEndpointAuthMethod::{ClientSecretJwt, PrivateKeyJwt};
        for method in client.auth_methods.iter().copied() {
            self.methods.insert(method);
            if matches!(method, ClientSecretJwt | PrivateKeyJwt) {
                self.algorithms
                    .extend(assertion::algorithms(client, method));
            }
        }
    }
}

/// What the metadata of a realm says of how it is asked and how it signs.
#[derive(Debug, Default)]
pub(crate) struct Accepted {
    /// Where something is given.
    pub(crate) authentication: Authentication,
    /// Where tokens are told of or ended: those who miss their profile may do so, too.
    pub(crate) authentication_of_holders: Authentication,
    /// Grants that clients have, or may register themselves for.
    pub(crate) grant_types: BTreeSet<GrantType>,
    /// Response types that clients have, or may register themselves for.
    pub(crate) response_types: BTreeSet<ResponseType>,
    /// How `DPoP` proofs may be signed (RFC 9449 §5.1).
    pub(crate) proofs: BTreeSet<ProofAlgorithm>,
    /// Whether every client must push its requests (RFC 9126 §5).
    pub(crate) pushed_only: bool,
    /// Whether every client must sign them (RFC 9101 §10.5).
    pub(crate) signed_only: bool,
    /// Whether request objects are fetched from where clients keep them (OpenID Connect Core §6.2).
    pub(crate) by_reference: bool,
    /// How request objects may be signed (RFC 9101 §10.5).
    pub(crate) objects: BTreeSet<JwsAlgorithm>,
    /// How ID tokens and UserInfo responses may be signed.
    pub(crate) signing: BTreeSet<SigningAlgorithm>,
}

impl Accepted {
    /// What a realm of this policy takes of a client of which nothing else is said.
    pub(super) fn of(realm: &PolicyDefaults) -> Self {
        let rules = &realm.clients;
        let fapi = rules.profile == Some(SecurityProfile::Fapi2);
        let may_sign = |name: &str| !fapi || fapi2::allows_algorithm(name);
        let methods = TokenEndpointAuthMethod::ALL.iter().copied();
        let algorithms = JwsAlgorithm::ALL.into_iter();
        let authentication = Authentication {
            methods: methods
                .filter(|one| !fapi || fapi2::allows_authentication(&[one]))
                .collect(),
            algorithms: algorithms.filter(|one| may_sign(one.as_str())).collect(),
        };
        let objects = JwsAlgorithm::ASYMMETRIC.into_iter();
        let signing = SigningAlgorithm::ALL.into_iter();
        let pushed_only = fapi || rules.require_pushed_authorization_requests == Some(true);
        let mut accepted = Self {
            authentication_of_holders: authentication.clone(),
            authentication,
            // A code is always among what is offered, so that no list is empty.
            grant_types: BTreeSet::from([GrantType::AuthorizationCode]),
            response_types: BTreeSet::from([ResponseType::Code]),
            proofs: BTreeSet::new(),
            pushed_only,
            signed_only: rules.require_signed_request_object == Some(true),
            by_reference: !pushed_only,
            objects: objects.filter(|one| may_sign(one.as_str())).collect(),
            signing: signing.filter(|one| may_sign(one.as_str())).collect(),
        };
        if realm.registration != RegistrationRule::Off {
            accepted.add_registrable(realm, fapi);
        }
        accepted
    }

    /// What clients may give themselves where they register themselves.
    fn add_registrable(&mut self, realm: &PolicyDefaults, fapi: bool) {
        let grants = REGISTRABLE.into_iter();
        self.grant_types
            .extend(grants.filter(|one| !fapi || fapi2::allows_grant(one.as_str())));
        let types = ResponseType::ALL.iter().copied();
        self.response_types
            .extend(types.filter(|one| !fapi || fapi2::allows_response_type(one.as_str())));
        let told = realm.clients.dpop_signing_algs.as_deref();
        let proofs = told.unwrap_or(&ProofAlgorithm::DEFAULT).iter().copied();
        self.proofs
            .extend(proofs.filter(|one| !fapi || fapi2::allows_algorithm(one.as_str())));
    }

    /// Adds what one client may do.
    pub(super) fn add(&mut self, client: &Client) {
        self.authentication_of_holders.add(client);
        if !profile::missed(client).is_empty() {
            return;
        }
        self.authentication.add(client);
        self.grant_types.extend(&client.grant_types);
        self.response_types.extend(&client.response_types);
        self.proofs.extend(&client.policy.dpop_signing_algs);
        self.signing.insert(client.policy.id_token_algorithm);
        let userinfo = client.metadata.userinfo_signed_response_alg.as_deref();
        self.signing
            .extend(userinfo.and_then(SigningAlgorithm::parse));
        if !client.response_types.is_empty() {
            self.add_requests(client);
        }
    }

    /// Adds how a client that uses the authorization endpoint may ask there.
    fn add_requests(&mut self, client: &Client) {
        let (policy, metadata) = (&client.policy, &client.metadata);
        self.pushed_only &= policy.require_pushed_authorization_requests;
        self.signed_only &= policy.require_signed_request_object;
        if metadata.jwks.is_some() || metadata.jwks_uri.is_some() {
            self.objects.extend(request_object::algorithms(client));
            self.by_reference |=
                !policy.require_pushed_authorization_requests && !metadata.request_uris.is_empty();
        }
    }
}
