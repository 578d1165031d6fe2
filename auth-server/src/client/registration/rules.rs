//! What a client may register of itself: its members read, judged, and made a client of (RFC 7591 §2).

use serde_json::{Map, Value};
use shared::oauth::{GrantType, ResponseType, Scope, TokenEndpointAuthMethod};
use shared::seed::{
    ApplicationType, AuthMethod, ClientMetadata, ClientPolicy, ClientSeed, ExcessScope, PkceRule,
    SigningAlgorithm, SubjectType,
};

use super::RegistrationError;
use super::members::{Members, localized};
use super::uris::{self, RedirectRules};
use crate::client::keys::PublicKeys;
use crate::client::signed::JwsAlgorithm;

/// The grants that a client may give itself. Others need the operator's trust: `password` (RFC 9700 §2.4), and those
/// that turn one token into another.
pub(crate) const REGISTRABLE: [GrantType; 5] = [
    GrantType::AuthorizationCode,
    GrantType::RefreshToken,
    GrantType::Implicit,
    GrantType::ClientCredentials,
    GrantType::DeviceCode,
];

/// Members that ask for what this server does not do; leaving them unread would be less than the client asked for.
const NOT_OFFERED: [&str; 9] = [
    "id_token_encrypted_response_alg",
    "id_token_encrypted_response_enc",
    "userinfo_encrypted_response_alg",
    "userinfo_encrypted_response_enc",
    "request_object_encryption_alg",
    "request_object_encryption_enc",
    "authorization_signed_response_alg",
    "authorization_encrypted_response_alg",
    "backchannel_token_delivery_mode",
];

/// The longest name of a client, in characters.
const MAX_NAME: usize = 200;

/// What the realm grants to clients that register themselves.
#[derive(Clone, Debug)]
pub(crate) struct Terms {
    /// The most that they may ask for.
    pub(crate) scope: Scope,
    /// Whether the realm is a demo on loopback.
    pub(crate) near: bool,
}

/// Reads what a client registers: a client without identifier and secret. The sector identifier is not yet fetched.
///
/// # Errors
/// [`RegistrationError`].
pub(crate) fn read(
    map: &Map<String, Value>,
    terms: &Terms,
) -> Result<ClientSeed, RegistrationError> {
    let members = Members(map);
    if members.value("software_statement").is_some() {
        return Err(RegistrationError::SoftwareStatement);
    }
    refuse_what_is_not_offered(members)?;
    let (grant_types, response_types) = flows(members)?;
    let method = method(members)?;
    let public = method == AuthMethod::None;
    if public && grant_types.contains(&GrantType::ClientCredentials) {
        let reason =
            "client_credentials is for clients that can keep a secret (RFC 6749 section 4.4)";
        return Err(RegistrationError::of("grant_types", reason));
    }
    let metadata = metadata(members, terms, method)?;
    let redirect_uris = redirect_uris(members, terms, &metadata, &response_types)?;
    judge_sector(&metadata, &redirect_uris)?;
    judge_front_channel(&metadata, &redirect_uris)?;
    Ok(ClientSeed {
        name: name(members)?,
        post_logout_redirect_uris: post_logout(members, terms, &metadata)?,
        redirect_uris,
        grant_types: grant_types.iter().map(ToString::to_string).collect(),
        response_types: response_types.iter().map(ToString::to_string).collect(),
        scopes: scope(members, terms, &grant_types)?,
        auth_methods: vec![method],
        policy: policy(members, public)?,
        metadata,
        ..ClientSeed::default()
    })
}

fn refuse_what_is_not_offered(members: Members<'_>) -> Result<(), RegistrationError> {
    for member in NOT_OFFERED {
        if members.value(member).is_some() {
            return Err(RegistrationError::of(
                member,
                "this server does not offer it",
            ));
        }
    }
    let bound = "tls_client_certificate_bound_access_tokens";
    if members.flag(bound)? {
        return Err(RegistrationError::of(
            bound,
            "this server does not offer it",
        ));
    }
    Ok(())
}

/// Grant types and response types, which must fit together (RFC 7591 §2.1).
fn flows(members: Members<'_>) -> Result<(Vec<GrantType>, Vec<ResponseType>), RegistrationError> {
    let offered = REGISTRABLE.map(GrantType::as_str).join(", ");
    let grants = members.texts("grant_types")?.map(|texts| {
        let parse =
            |text: &&str| GrantType::parse(text).filter(|grant| REGISTRABLE.contains(grant));
        let grants: Option<Vec<_>> = texts.iter().map(parse).collect();
        let reason = || format!("a client may register itself for {offered}");
        grants.ok_or_else(|| RegistrationError::of("grant_types", reason()))
    });
    let grants = grants.transpose()?;
    let types = members.texts("response_types")?.map(|texts| {
        let types: Option<Vec<_>> = texts.iter().map(|text| ResponseType::parse(text)).collect();
        let reason = "this server does not offer one of them";
        types.ok_or_else(|| RegistrationError::of("response_types", reason))
    });
    let types = types.transpose()?;
    let needed = |types: &[ResponseType]| -> Vec<GrantType> {
        types
            .iter()
            .flat_map(|one| one.grant_types())
            .copied()
            .collect()
    };
    let (mut grants, mut types) = match (grants, types) {
        (None, None) => (vec![GrantType::AuthorizationCode], vec![ResponseType::Code]),
        (None, Some(types)) => (needed(&types), types),
        (Some(grants), None) => {
            let code = grants.contains(&GrantType::AuthorizationCode);
            let types = if code {
                vec![ResponseType::Code]
            } else {
                Vec::new()
            };
            (grants, types)
        }
        (Some(grants), Some(types)) => {
            if needed(&types).iter().any(|grant| !grants.contains(grant)) {
                let reason = "they need grant types that are not registered (RFC 7591 section 2.1)";
                return Err(RegistrationError::of("response_types", reason));
            }
            (grants, types)
        }
    };
    grants.sort();
    grants.dedup();
    types.sort();
    types.dedup();
    Ok((grants, types))
}

fn method(members: Members<'_>) -> Result<AuthMethod, RegistrationError> {
    let name = "token_endpoint_auth_method";
    let all: Vec<_> = TokenEndpointAuthMethod::ALL
        .iter()
        .map(|one| one.as_str())
        .collect();
    let method = members.word(name, TokenEndpointAuthMethod::parse, &all.join(", "))?;
    Ok(match method {
        None | Some(TokenEndpointAuthMethod::ClientSecretBasic) => AuthMethod::ClientSecretBasic,
        Some(TokenEndpointAuthMethod::ClientSecretPost) => AuthMethod::ClientSecretPost,
        Some(TokenEndpointAuthMethod::ClientSecretJwt) => AuthMethod::ClientSecretJwt,
        Some(TokenEndpointAuthMethod::PrivateKeyJwt) => AuthMethod::PrivateKeyJwt,
        Some(TokenEndpointAuthMethod::None) => AuthMethod::None,
    })
}

fn name(members: Members<'_>) -> Result<String, RegistrationError> {
    let name = members.text("client_name")?.unwrap_or_default();
    if name.chars().count() > MAX_NAME {
        return Err(RegistrationError::of(
            "client_name",
            "it is longer than 200 characters",
        ));
    }
    Ok(name.to_owned())
}

/// What differs from the server's policy: OpenID Connect's own defaults, which confidential clients rely on.
fn policy(members: Members<'_>, public: bool) -> Result<ClientPolicy, RegistrationError> {
    let all: Vec<_> = SigningAlgorithm::ALL
        .iter()
        .map(|one| one.as_str())
        .collect();
    let algorithm = members.word(
        "id_token_signed_response_alg",
        SigningAlgorithm::parse,
        &all.join(", "),
    )?;
    Ok(ClientPolicy {
        pkce: (!public).then_some(PkceRule::Allowed),
        excess_scope: Some(ExcessScope::Ignore),
        id_token_signed_response_alg: Some(algorithm.unwrap_or(SigningAlgorithm::Rs256)),
        ..ClientPolicy::default()
    })
}

/// What it asked for as far as the realm grants it; all of that, where it asked for nothing in particular.
fn scope(
    members: Members<'_>,
    terms: &Terms,
    grants: &[GrantType],
) -> Result<Vec<String>, RegistrationError> {
    let renews = grants.contains(&GrantType::RefreshToken);
    let granted = terms.scope.iter().map(|token| token.as_str());
    let granted: Vec<&str> = granted
        .filter(|token| renews || *token != "offline_access")
        .collect();
    let own = |asked: &Scope| -> Vec<String> {
        let asked = asked.iter().map(|token| token.as_str());
        asked
            .filter(|token| granted.contains(token))
            .map(str::to_owned)
            .collect()
    };
    let Some(text) = members.text("scope")? else {
        return Ok(granted.into_iter().map(str::to_owned).collect());
    };
    let asked: Scope = text
        .parse()
        .map_err(|_| RegistrationError::of("scope", "it is no list of scope tokens"))?;
    let kept = own(&asked);
    if kept.is_empty() && !asked.is_empty() {
        let reason = "this realm grants none of it to clients that register themselves";
        return Err(RegistrationError::of("scope", reason));
    }
    Ok(kept)
}

fn redirect_uris(
    members: Members<'_>,
    terms: &Terms,
    metadata: &ClientMetadata,
    types: &[ResponseType],
) -> Result<Vec<String>, RegistrationError> {
    let texts = members.texts("redirect_uris");
    let texts = texts.map_err(|_| RegistrationError::RedirectUri("it must be a list of URIs"))?;
    let texts = texts.unwrap_or_default();
    if texts.is_empty() && !types.is_empty() {
        let reason = "a client that is answered by redirect must register where to";
        return Err(RegistrationError::RedirectUri(reason));
    }
    let rules = RedirectRules {
        kind: metadata.application_type.unwrap_or_default(),
        implicit: types
            .iter()
            .any(|one| one.grant_types().contains(&GrantType::Implicit)),
        near: terms.near,
    };
    for text in &texts {
        rules.judge(text).map_err(RegistrationError::RedirectUri)?;
    }
    Ok(texts.into_iter().map(str::to_owned).collect())
}

/// Where a browser may go after signing out: held to the rules of redirection URIs.
fn post_logout(
    members: Members<'_>,
    terms: &Terms,
    metadata: &ClientMetadata,
) -> Result<Vec<String>, RegistrationError> {
    let name = "post_logout_redirect_uris";
    let rules = RedirectRules {
        kind: metadata.application_type.unwrap_or_default(),
        implicit: false,
        near: terms.near,
    };
    let texts = members.texts(name)?.unwrap_or_default();
    for text in &texts {
        rules
            .judge(text)
            .map_err(|reason| RegistrationError::of(name, reason))?;
    }
    Ok(texts.into_iter().map(str::to_owned).collect())
}

/// Everything that is kept as it is.
fn metadata(
    members: Members<'_>,
    terms: &Terms,
    method: AuthMethod,
) -> Result<ClientMetadata, RegistrationError> {
    let mut kept = ClientMetadata {
        application_type: Some(application_type(members)?),
        subject_type: Some(subject_type(members)?),
        contacts: owned(members.texts("contacts")?),
        default_max_age: members.seconds("default_max_age")?,
        require_auth_time: members.flag("require_auth_time")?,
        default_acr_values: owned(members.texts("default_acr_values")?),
        backchannel_logout_session_required: members.flag("backchannel_logout_session_required")?,
        frontchannel_logout_session_required: members
            .flag("frontchannel_logout_session_required")?,
        require_pushed_authorization_requests: members
            .flag("require_pushed_authorization_requests")?,
        require_signed_request_object: members.flag("require_signed_request_object")?,
        dpop_bound_access_tokens: members.flag("dpop_bound_access_tokens")?,
        software_id: members.text("software_id")?.map(str::to_owned),
        software_version: members.text("software_version")?.map(str::to_owned),
        ..ClientMetadata::default()
    };
    keys(members, terms, method, &mut kept)?;
    algorithms(members, method, &mut kept)?;
    addresses(members, terms, &mut kept)?;
    Ok(kept)
}

fn owned(texts: Option<Vec<&str>>) -> Vec<String> {
    texts
        .unwrap_or_default()
        .into_iter()
        .map(str::to_owned)
        .collect()
}

fn application_type(members: Members<'_>) -> Result<ApplicationType, RegistrationError> {
    let parse = |text: &str| match text {
        "web" => Some(ApplicationType::Web),
        "native" => Some(ApplicationType::Native),
        _ => None,
    };
    let kind = members.word("application_type", parse, "web, native")?;
    Ok(kind.unwrap_or_default())
}

fn subject_type(members: Members<'_>) -> Result<SubjectType, RegistrationError> {
    let parse = |text: &str| match text {
        "public" => Some(SubjectType::Public),
        "pairwise" => Some(SubjectType::Pairwise),
        _ => None,
    };
    let kind = members.word("subject_type", parse, "public, pairwise")?;
    Ok(kind.unwrap_or_default())
}

fn keys(
    members: Members<'_>,
    terms: &Terms,
    method: AuthMethod,
    kept: &mut ClientMetadata,
) -> Result<(), RegistrationError> {
    kept.jwks = members.value("jwks").cloned();
    let uri = members.text("jwks_uri")?;
    kept.jwks_uri = uri
        .map(|uri| uris::for_us("jwks_uri", uri, terms.near))
        .transpose()?;
    if let Some(set) = &kept.jwks {
        PublicKeys::register(set)?;
    }
    match (&kept.jwks, &kept.jwks_uri) {
        (Some(_), Some(_)) => Err(RegistrationError::of(
            "jwks",
            "it must not stand beside jwks_uri",
        )),
        (None, None) if method == AuthMethod::PrivateKeyJwt => Err(RegistrationError::of(
            "token_endpoint_auth_method",
            "private_key_jwt needs jwks or jwks_uri",
        )),
        _ => Ok(()),
    }
}

fn algorithms(
    members: Members<'_>,
    method: AuthMethod,
    kept: &mut ClientMetadata,
) -> Result<(), RegistrationError> {
    let signing: Vec<_> = SigningAlgorithm::ALL
        .iter()
        .map(|one| one.as_str())
        .collect();
    let userinfo = members.word(
        "userinfo_signed_response_alg",
        SigningAlgorithm::parse,
        &signing.join(", "),
    )?;
    kept.userinfo_signed_response_alg = userinfo.map(|one| one.as_str().to_owned());
    let signs = |name| {
        let offered = JwsAlgorithm::ASYMMETRIC
            .map(JwsAlgorithm::as_str)
            .join(", ");
        let parse = |text: &str| JwsAlgorithm::parse(text).filter(|one| !one.is_mac());
        members.word(name, parse, &offered)
    };
    let objects = signs("request_object_signing_alg")?;
    kept.request_object_signing_alg = objects.map(|one| one.as_str().to_owned());
    let name = "token_endpoint_auth_signing_alg";
    let assertion = match method {
        AuthMethod::PrivateKeyJwt => signs(name)?,
        _ => members.word(
            name,
            JwsAlgorithm::parse,
            "RS256, PS256, ES256, EdDSA, HS256",
        )?,
    };
    if method == AuthMethod::ClientSecretJwt && assertion.is_some_and(|one| !one.is_mac()) {
        return Err(RegistrationError::of(
            name,
            "client_secret_jwt signs by HS256",
        ));
    }
    kept.token_endpoint_auth_signing_alg = assertion.map(|one| one.as_str().to_owned());
    Ok(())
}

fn addresses(
    members: Members<'_>,
    terms: &Terms,
    kept: &mut ClientMetadata,
) -> Result<(), RegistrationError> {
    let people = |name| {
        let text = members.text(name)?;
        text.map(|text| uris::for_people(name, text)).transpose()
    };
    let us = |name| {
        let text = members.text(name)?;
        text.map(|text| uris::for_us(name, text, terms.near))
            .transpose()
    };
    kept.client_uri = people("client_uri")?;
    kept.policy_uri = people("policy_uri")?;
    kept.tos_uri = people("tos_uri")?;
    kept.logo_uri = us("logo_uri")?;
    kept.sector_identifier_uri = us("sector_identifier_uri")?;
    kept.backchannel_logout_uri = without_fragment("backchannel_logout_uri", us)?;
    kept.frontchannel_logout_uri = without_fragment("frontchannel_logout_uri", us)?;
    let name = "initiate_login_uri";
    let begin = members.text(name)?;
    kept.initiate_login_uri = begin
        .map(|text| uris::on_the_web(name, text, &["https"]))
        .transpose()?;
    let name = "request_uris";
    let objects = members.texts(name)?.unwrap_or_default().into_iter();
    kept.request_uris = objects
        .map(|text| uris::for_us(name, text, terms.near))
        .collect::<Result<_, _>>()?;
    for base in [
        "client_name",
        "client_uri",
        "logo_uri",
        "policy_uri",
        "tos_uri",
    ] {
        for (tagged, text) in localized(members, base)? {
            if base != "client_name" {
                uris::for_people(base, text)?;
            }
            kept.localized.insert(tagged.to_owned(), text.to_owned());
        }
    }
    Ok(())
}

/// Back-Channel Logout §2.2, Front-Channel Logout §2: what is called has no fragment.
fn without_fragment(
    name: &'static str,
    read: impl Fn(&'static str) -> Result<Option<String>, RegistrationError>,
) -> Result<Option<String>, RegistrationError> {
    match read(name)? {
        Some(uri) if uri.contains('#') => {
            Err(RegistrationError::of(name, "it must have no fragment"))
        }
        uri => Ok(uri),
    }
}

/// OpenID Connect Core §8.1: pairwise subjects need one sector, by one host or by a sector identifier.
fn judge_sector(
    metadata: &ClientMetadata,
    redirect_uris: &[String],
) -> Result<(), RegistrationError> {
    let pairwise = metadata.subject_type == Some(SubjectType::Pairwise);
    if !pairwise || metadata.sector_identifier_uri.is_some() {
        return Ok(());
    }
    let mut hosts: Vec<_> = redirect_uris.iter().map(|uri| uris::host(uri)).collect();
    hosts.dedup();
    match &*hosts {
        [Some(_)] => Ok(()),
        _ => Err(RegistrationError::of(
            "sector_identifier_uri",
            "pairwise subjects of redirect URIs that do not share one host need it",
        )),
    }
}

/// Front-Channel Logout §2: the page that the browser loads is at an origin of the client's.
fn judge_front_channel(
    metadata: &ClientMetadata,
    redirect_uris: &[String],
) -> Result<(), RegistrationError> {
    let uri = metadata.frontchannel_logout_uri.as_deref();
    let own = |uri| redirect_uris.iter().any(|one| uris::same_origin(one, uri));
    if uri.is_none_or(own) {
        return Ok(());
    }
    let reason = "its scheme, host and port must be those of a redirect URI";
    Err(RegistrationError::of("frontchannel_logout_uri", reason))
}
