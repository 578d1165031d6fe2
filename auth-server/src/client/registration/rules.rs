//! What a client may register of itself: its members read, judged, and made a client of (RFC 7591 §2).

use serde_json::{Map, Value};
use shared::fapi2;
use shared::oauth::{GrantType, ResponseType, Scope, ScopeToken, TokenEndpointAuthMethod};
use shared::seed::{
    AuthMethod, ClientMetadata, ClientPolicy, ClientSeed, SecurityProfile, SigningAlgorithm,
    SubjectType,
};

use super::RegistrationError;
use super::kept::metadata;
use super::members::{INVISIBLE, Members, is_visible};
use super::uris::{self, RedirectRules};

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
const NOT_OFFERED: [&str; 11] = [
    "id_token_encrypted_response_alg",
    "id_token_encrypted_response_enc",
    "userinfo_encrypted_response_alg",
    "userinfo_encrypted_response_enc",
    "request_object_encryption_alg",
    "request_object_encryption_enc",
    "authorization_signed_response_alg",
    "introspection_signed_response_alg",
    "introspection_encrypted_response_alg",
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
    /// The profile to which its clients keep.
    pub(crate) profile: SecurityProfile,
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
    judge_bound(&metadata, terms.profile, &response_types)?;
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
        policy: policy(members)?,
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
    // None of them is as good as not said.
    let types = types.transpose()?.filter(|types| !types.is_empty());
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
            // Those that one of its grants gives; hybrids are asked for by name.
            let held = |one: &&ResponseType| match one.grant_types() {
                [only] => grants.contains(only),
                _ => false,
            };
            let types = ResponseType::ALL.iter().filter(held).copied().collect();
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
    let Some(name) = members.text("client_name")? else {
        return Ok(String::new());
    };
    if !is_visible(name) {
        return Err(RegistrationError::of("client_name", INVISIBLE));
    }
    if name.chars().count() > MAX_NAME {
        return Err(RegistrationError::of(
            "client_name",
            "it is longer than 200 characters",
        ));
    }
    Ok(name.to_owned())
}

/// What it may say of its own policy: how ID tokens are signed. The rest is the operator's to say
/// (`client/policy.rs`, `of_registered`).
fn policy(members: Members<'_>) -> Result<ClientPolicy, RegistrationError> {
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
        id_token_signed_response_alg: algorithm,
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
    let granted = terms.scope.iter().map(ScopeToken::as_str);
    let granted: Vec<&str> = granted
        .filter(|token| renews || *token != "offline_access")
        .collect();
    let own = |asked: &Scope| -> Vec<String> {
        let asked = asked.iter().map(ScopeToken::as_str);
        asked
            .filter(|token| granted.contains(token))
            .map(str::to_owned)
            .collect()
    };
    let Some(text) = members.scope()? else {
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

/// RFC 9449 §5: nothing proves a key at the authorization endpoint, so that a client whose tokens are always bound is
/// never given one there. Of a response type that the realm's profile forbids, the profile's own rule says so: its clients
/// did not ask for bound tokens, and read of them in what they registered.
fn judge_bound(
    metadata: &ClientMetadata,
    profile: SecurityProfile,
    types: &[ResponseType],
) -> Result<(), RegistrationError> {
    let allowed = |one: &ResponseType| match profile {
        SecurityProfile::None => true,
        SecurityProfile::Fapi2 => fapi2::allows_response_type(one.as_str()),
    };
    let unbound = types.iter().find(|one| one.gives_token() && allowed(one));
    match unbound {
        Some(one) if metadata.dpop_bound_access_tokens => Err(RegistrationError::of(
            "dpop_bound_access_tokens",
            format!("the response type \"{one}\" gives access tokens that no key is bound to"),
        )),
        _ => Ok(()),
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
