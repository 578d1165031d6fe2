//! Whether a seed fits together.

use std::collections::HashSet;

use url::Url;

use super::client::{
    AccessTokenFormat, AuthMethod, ClientPolicy, ClientSeed, PkceRule, REGISTRABLE_GRANT_TYPES,
};
use super::metadata::SubjectType;
use super::person::READ_BY_PEOPLE;
use super::{PersonSeed, PhotoSeed, RealmSeed, RegistrationRule, Seed, SeedError};
use crate::oauth::{RedirectUri, ResponseType, ScopeToken, read_uri};
use crate::realm::Addresses;

/// The longest subject identifier (OpenID Connect Core 1.0 §2).
const MAX_SUB: usize = 255;

/// The shortest initial access token, in bytes.
const SHORTEST_TOKEN: usize = 16;

type Reason = Result<(), String>;

pub(super) fn check(seed: &Seed) -> Result<(), SeedError> {
    let at = |key: String| move |reason| SeedError::Invalid { key, reason };
    unique(seed.realms.iter().map(|realm| realm.name.as_str())).map_err(at("realm".to_owned()))?;
    for realm in &seed.realms {
        let name = format!("realm {}", realm.name);
        names(realm).map_err(at(name.clone()))?;
        registration(realm).map_err(at(name.clone()))?;
        policy(&realm.policy).map_err(at(format!("{name}, policy")))?;
        for one in &realm.people {
            person(one).map_err(at(format!("{name}, person {}", one.username)))?;
        }
        for one in &realm.clients {
            client(one).map_err(at(format!("{name}, client {}", one.client_id)))?;
            origins(one).map_err(at(format!("{name}, client {}", one.client_id)))?;
            policy(&one.policy).map_err(at(format!("{name}, client {}, policy", one.client_id)))?;
            pkce(one, &realm.policy).map_err(at(format!("{name}, policy.pkce")))?;
        }
        for one in &realm.photos {
            photo(realm, one).map_err(at(format!("{name}, photo {:?}", one.caption)))?;
        }
        let resolved = realm.resolve(&Addresses::default());
        for text in &resolved.resources {
            resource(text).map_err(at(name.clone()))?;
        }
        let own = Addresses::default().resource(&realm.name);
        for one in &resolved.clients {
            let apis = (&own, &resolved.resources[..]);
            introspects(one, apis).map_err(at(format!("{name}, client {}", one.client_id)))?;
        }
        // What the placeholders become must be a URI too: any addresses show that.
        for one in &realm.resolve(&Addresses::default()).clients {
            subjects(one).map_err(at(format!("{name}, client {}", one.client_id)))?;
            uris(one).map_err(at(format!("{name}, client {}", one.client_id)))?;
        }
    }
    Ok(())
}

/// RFC 8707 §2: "an absolute URI … MUST NOT include a fragment component".
fn resource(text: &str) -> Reason {
    demand(
        Url::parse(text).is_ok() && !text.contains(['#', ' ']),
        format!("resource {text:?} is no absolute URI without a fragment (RFC 8707 §2)"),
    )
}

/// Tokens for an API that the realm does not have are never asked about.
fn introspects(client: &ClientSeed, (own, others): (&String, &[String])) -> Reason {
    for api in &client.policy.introspects {
        demand(
            api == own || others.contains(api),
            format!("policy.introspects: {api:?} is none of the realm's resources"),
        )?;
        demand(
            client.may_introspect,
            "policy.introspects is for a client that may_introspect",
        )?;
    }
    Ok(())
}

fn names(realm: &RealmSeed) -> Reason {
    unique(realm.people.iter().map(|one| one.username.as_str()))?;
    unique(realm.people.iter().map(|one| one.sub.as_str()))?;
    unique(realm.clients.iter().map(|one| one.client_id.as_str()))
}

/// A token that everybody could guess protects nothing; what is no scope token is never asked for.
fn registration(realm: &RealmSeed) -> Reason {
    for token in &realm.machine_scopes {
        demand(
            token.parse::<ScopeToken>().is_ok(),
            format!("machine_scopes: {token:?} is no scope token"),
        )?;
    }
    let tokens = &realm.initial_access_tokens;
    demand(
        tokens.iter().all(|token| token.len() >= SHORTEST_TOKEN),
        "an initial access token must have 16 characters at least",
    )?;
    demand(
        realm.registration != RegistrationRule::Protected || !tokens.is_empty(),
        "registration is protected, but there are no initial_access_tokens",
    )
}

fn unique<'a>(names: impl Iterator<Item = &'a str>) -> Reason {
    let mut seen = HashSet::new();
    for name in names {
        if !seen.insert(name) {
            return Err(format!("{name:?} is there twice"));
        }
    }
    Ok(())
}

fn demand(holds: bool, reason: impl Into<String>) -> Reason {
    if holds { Ok(()) } else { Err(reason.into()) }
}

fn person(person: &PersonSeed) -> Reason {
    demand(!person.username.is_empty(), "has an empty username")?;
    demand(!person.password.is_empty(), "has an empty password")?;
    let sub = &person.sub;
    demand(
        !sub.is_empty() && sub.len() <= MAX_SUB && sub.is_ascii(),
        "sub must be 1 to 255 ASCII characters",
    )?;
    for name in person.claims.localized.keys() {
        let (base, tag) = name.split_once('#').unwrap_or((name, ""));
        let is_tag = !tag.is_empty() && tag.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        demand(
            READ_BY_PEOPLE.contains(&base) && is_tag,
            format!(
                "localized {name:?} is no claim of {READ_BY_PEOPLE:?} with a language tag, as \"name#zh-CN\""
            ),
        )?;
    }
    Ok(())
}

fn client(client: &ClientSeed) -> Reason {
    let printable = |text: &str| text.bytes().all(|b| (0x20..=0x7e).contains(&b));
    demand(
        !client.client_id.is_empty() && printable(&client.client_id),
        "client_id must be printable ASCII (RFC 6749 App. A.1)",
    )?;
    if let Some(secret) = &client.client_secret {
        demand(
            !secret.is_empty() && printable(secret),
            "client_secret must be printable ASCII (RFC 6749 App. A.2); leave the key out for a public client",
        )?;
    }
    for grant in &client.grant_types {
        demand(
            REGISTRABLE_GRANT_TYPES.contains(&grant.as_str()),
            format!("unknown grant type {grant:?}; known are {REGISTRABLE_GRANT_TYPES:?}"),
        )?;
    }
    response_types(client)?;
    demand(
        client.response_types().is_empty() || !client.redirect_uris.is_empty(),
        "has a grant that answers by redirect, but no redirect_uris",
    )?;
    for method in client.auth_methods() {
        let fits = match method {
            AuthMethod::None => client.client_secret.is_none() && client.auth_methods().len() == 1,
            AuthMethod::PrivateKeyJwt => {
                client.metadata.jwks.is_some() != client.metadata.jwks_uri.is_some()
            }
            AuthMethod::ClientSecretBasic
            | AuthMethod::ClientSecretPost
            | AuthMethod::ClientSecretJwt => client.client_secret.is_some(),
        };
        demand(
            fits,
            format!(
                "auth method {:?} does not fit its secret or keys",
                method.as_str()
            ),
        )?;
    }
    demand(
        !(client.is_public() && client.has_grant("client_credentials")),
        "is public and cannot have client_credentials (RFC 6749 §4.4)",
    )?;
    demand(
        !(client.is_public() && client.policy.pkce == Some(PkceRule::Allowed)),
        "is public and must use PKCE (RFC 9700 §2.1.1)",
    )?;
    for token in &client.scopes {
        demand(
            token.parse::<ScopeToken>().is_ok(),
            format!("scopes: {token:?} is no scope token (RFC 6749 §3.3)"),
        )?;
    }
    Ok(())
}

/// What lives for no time at all is good for nothing. A grace of none is one that can be meant.
fn policy(policy: &ClientPolicy) -> Reason {
    for (key, lifetime) in [
        ("access_token_lifetime", policy.access_token_lifetime),
        ("refresh_token_lifetime", policy.refresh_token_lifetime),
        (
            "refresh_token_absolute_lifetime",
            policy.refresh_token_absolute_lifetime,
        ),
        ("device_code_lifetime", policy.device_code_lifetime),
        ("device_poll_interval", policy.device_poll_interval),
    ] {
        demand(
            lifetime.is_none_or(|one| one.as_seconds() > 0),
            format!("{key} must be 1 second at least"),
        )?;
    }
    Ok(())
}

/// What the realm allows holds for each of its clients that says nothing of its own.
fn pkce(client: &ClientSeed, realm: &ClientPolicy) -> Reason {
    let allowed = client.policy.pkce.or(realm.pkce) == Some(PkceRule::Allowed);
    demand(
        !(client.is_public() && allowed),
        format!(
            "\"allowed\" leaves the public client {} without PKCE (RFC 9700 §2.1.1): say policy.pkce = \"required\" there",
            client.client_id
        ),
    )
}

/// Each is known, and the client has the grants that it needs (`OpenID` Connect Dynamic Client Registration §2).
fn response_types(client: &ClientSeed) -> Reason {
    for response_type in &client.response_types {
        let known = ResponseType::parse(response_type)
            .ok_or_else(|| format!("unknown response type {response_type:?}"))?;
        for grant in known.grant_types() {
            demand(
                client.has_grant(grant.as_str()),
                format!(
                    "response type {response_type:?} needs the grant type {:?}",
                    grant.as_str()
                ),
            )?;
        }
    }
    Ok(())
}

/// OpenID Connect Core §8.1: pairwise subjects need one sector; and a JWT would tell the public subject.
fn subjects(client: &ClientSeed) -> Reason {
    let metadata = &client.metadata;
    if metadata.subject_type != Some(SubjectType::Pairwise) {
        return Ok(());
    }
    demand(
        client.policy.access_token_format != Some(AccessTokenFormat::Jwt),
        "has pairwise subjects: its access tokens are opaque, as a JWT would tell the subject that others know",
    )?;
    let host = |uri: &String| Url::parse(uri).ok()?.host_str().map(str::to_owned);
    let hosts: HashSet<_> = client.redirect_uris.iter().map(host).collect();
    demand(
        metadata.sector_identifier_uri.is_some() || hosts.len() < 2,
        "has pairwise subjects and redirect_uris on several hosts: it needs a sector_identifier_uri",
    )
}

/// Addresses are what every parser reads in them: what one would repair leads elsewhere by another (RFC 3986 §3).
fn uris(client: &ClientSeed) -> Reason {
    for text in &client.redirect_uris {
        let uri = text.parse::<RedirectUri>();
        uri.map_err(|error| format!("redirect_uris: {error}"))?;
    }
    let read = |name: &str, text: &str| {
        read_uri(text).map_err(|reason| format!("{name}: {text:?}: {reason}"))
    };
    for text in &client.post_logout_redirect_uris {
        let url = read("post_logout_redirect_uris", text)?;
        demand(
            url.fragment().is_none(),
            format!("post_logout_redirect_uris: {text:?} has a fragment (RFC 6749 §3.1.2)"),
        )?;
    }
    for (name, text) in client.metadata.uris() {
        read(name, text)?;
    }
    logout_uris(client)?;
    for text in &client.allowed_origins {
        let url = read("allowed_origins", text)?;
        demand(
            url.origin().is_tuple(),
            format!("allowed_origins: {text:?} is not an origin"),
        )?;
    }
    Ok(())
}

/// Origins as they were written: where a placeholder's path is taken off, what else a parser repairs goes unseen.
fn origins(client: &ClientSeed) -> Reason {
    let plain = client.allowed_origins.iter();
    for text in plain.filter(|text| !text.contains('{')) {
        read_uri(text).map_err(|reason| format!("allowed_origins: {text:?}: {reason}"))?;
    }
    Ok(())
}

fn photo(realm: &RealmSeed, photo: &PhotoSeed) -> Reason {
    demand(
        realm.person(&photo.owner).is_some(),
        format!("its owner {:?} is not a person of the realm", photo.owner),
    )?;
    demand(photo.hue < 360, "hue must be 0 to 359")
}

/// OpenID Connect Back-Channel Logout 1.0 §2.2; Front-Channel Logout 1.0 §2: what the browser loads is of the same
/// origin as a redirection URI.
fn logout_uris(client: &ClientSeed) -> Reason {
    let metadata = &client.metadata;
    let parse = |text: &String| {
        let url = Url::parse(text).map_err(|error| format!("{text:?}: {error}"))?;
        let called = matches!(url.scheme(), "http" | "https") && url.fragment().is_none();
        demand(
            called,
            format!("{text:?} must be http or https, without a fragment"),
        )?;
        Ok::<Url, String>(url)
    };
    if let Some(text) = &metadata.backchannel_logout_uri {
        parse(text)?;
    }
    let Some(text) = &metadata.frontchannel_logout_uri else {
        return Ok(());
    };
    let origin = parse(text)?.origin();
    let mut redirects = client.redirect_uris.iter();
    demand(
        redirects.any(|uri| Url::parse(uri).is_ok_and(|uri| uri.origin() == origin)),
        format!("{text:?} has the origin of none of its redirect_uris (Front-Channel Logout §2)"),
    )
}
