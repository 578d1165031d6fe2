//! What of a registration is kept as it came, once it was judged: keys, algorithms, addresses and wishes (RFC 7591 §2,
//! OpenID Connect Dynamic Client Registration §2).

use shared::seed::{
    ApplicationType, AuthMethod, ClientMetadata, SecurityProfile, SigningAlgorithm, SubjectType,
};

use super::members::{INVISIBLE, Members, is_visible, localized};
use super::rules::Terms;
use super::{RegistrationError, uris};
use crate::client::keys::PublicKeys;
use crate::client::signed::JwsAlgorithm;

/// Everything that is kept as it is.
pub(super) fn metadata(
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
        scope_unnamed: members.scope()?.is_none(),
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
        let parse = |text: &str| JwsAlgorithm::parse(text).filter(|one| !one.is_mac());
        members.word(name, parse, &offered(&JwsAlgorithm::ASYMMETRIC))
    };
    // The name that came is kept, where an algorithm has two.
    let as_it_came = |name| members.text(name).map(|text| text.map(str::to_owned));
    let name = "request_object_signing_alg";
    signs(name)?;
    kept.request_object_signing_alg = as_it_came(name)?;
    let name = "token_endpoint_auth_signing_alg";
    let assertion = match method {
        AuthMethod::PrivateKeyJwt => signs(name)?,
        _ => members.word(name, JwsAlgorithm::parse, &offered(&JwsAlgorithm::ALL))?,
    };
    if method == AuthMethod::ClientSecretJwt && assertion.is_some_and(|one| !one.is_mac()) {
        return Err(RegistrationError::of(
            name,
            "client_secret_jwt signs by HS256",
        ));
    }
    kept.token_endpoint_auth_signing_alg = as_it_came(name)?;
    Ok(())
}

/// The names of algorithms, for who named another.
fn offered(algorithms: &[JwsAlgorithm]) -> String {
    let names = algorithms.iter().flat_map(|one| one.names()).copied();
    names.collect::<Vec<_>>().join(", ")
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
    kept.request_uris = request_uris(members, terms)?;
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
            } else if !is_visible(text) {
                return Err(RegistrationError::of(base, INVISIBLE));
            }
            kept.localized.insert(tagged.to_owned(), text.to_owned());
        }
    }
    Ok(())
}

/// Where its request objects may be fetched from. Clients that read `require_request_uri_registration` name addresses
/// whether they use them or not (pyoidc, without a base URL: `requests/…`): a reference that is relative to nothing leads
/// nowhere, so that it is left out, and the answer says so (RFC 7591 §3.2.1). A profile forgives nothing.
fn request_uris(members: Members<'_>, terms: &Terms) -> Result<Vec<String>, RegistrationError> {
    let name = "request_uris";
    let strict = terms.profile != SecurityProfile::None;
    let texts = members.texts(name)?.unwrap_or_default().into_iter();
    texts
        .filter(|text| strict || !uris::is_relative(text))
        .map(|text| uris::for_us(name, text, terms.near))
        .collect()
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
