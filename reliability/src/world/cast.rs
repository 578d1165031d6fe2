//! The cast: the demo's, and clients that differ in what races depend on.

use shared::seed::{AccessTokenFormat, AuthMethod, ClientPolicy, ClientSeed, Seed};
use shared::time::Lifetime;

use crate::fault::Ran;

/// A client of the cast.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Client {
    /// Its `client_id`.
    pub(crate) id: &'static str,
    /// Its secret; a public client has none.
    pub(crate) secret: Option<&'static str>,
}

/// The demo's web application: consent is asked, a rotated refresh token is answered for 30 s.
pub(crate) const WEB: Client = confidential("web", "web-secret");
/// The demo's machine.
pub(crate) const SERVICE: Client = confidential("service", "service-secret");
/// The demo's TV.
pub(crate) const TV: Client = Client {
    id: "tv",
    secret: None,
};
/// The demo's API, which may ask about all tokens.
pub(crate) const API: Client = confidential("resource-server", "resource-server-secret");
/// Nobody is asked for consent, and a rotated refresh token ends its family at once.
pub(crate) const STRICT: Client = confidential("strict", "strict-secret");
/// As [`STRICT`], but a rotated refresh token is answered for 10 s.
pub(crate) const PATIENT: Client = confidential("patient", "patient-secret");
/// As [`STRICT`], but a rotated refresh token is answered for longer than a restart on a busy machine takes.
pub(crate) const FORGIVING: Client = confidential("forgiving", "forgiving-secret");
/// Its access tokens can be read by nobody: an API must ask.
pub(crate) const OPAQUE: Client = confidential("opaque", "opaque-secret");
/// It authenticates by JWTs with a MAC by its secret (OpenID Connect Core §9).
pub(crate) const ASSERTING: Client = confidential(
    "asserting",
    "a secret that is as long as a MAC of SHA-256 asks for",
);
/// Clients to which consent is given and taken back.
pub(crate) const ASKING: [Client; 4] = [
    confidential("asking-1", "asking-1-secret"),
    confidential("asking-2", "asking-2-secret"),
    confidential("asking-3", "asking-3-secret"),
    confidential("asking-4", "asking-4-secret"),
];

/// Whom the demo knows.
pub(crate) const ALICE: (&str, &str) = ("alice", "alice-password");
/// Somebody else.
pub(crate) const BOB: (&str, &str) = ("bob", "bob-password");

/// What clients ask for.
pub(crate) const SCOPE: &str = "openid photos:read offline_access";

const fn confidential(id: &'static str, secret: &'static str) -> Client {
    Client {
        id,
        secret: Some(secret),
    }
}

/// The demo's seed with the clients that only rigs know.
pub(crate) fn seed() -> Ran<Seed> {
    let mut seed = Seed::demo()?;
    if let Some(realm) = seed.realms.first_mut() {
        let grace = |seconds| ClientPolicy {
            refresh_token_grace: Some(Lifetime::from_seconds(seconds)),
            ..ClientPolicy::default()
        };
        realm.clients.push(own(STRICT, grace(0)));
        realm.clients.push(own(PATIENT, grace(10)));
        realm.clients.push(own(FORGIVING, grace(120)));
        let opaque = ClientPolicy {
            access_token_format: Some(AccessTokenFormat::Opaque),
            ..ClientPolicy::default()
        };
        realm.clients.push(own(OPAQUE, opaque));
        let mut asserting = own(ASSERTING, ClientPolicy::default())
            .with_grants(&["client_credentials"])
            .with_scopes(&["photos:read"]);
        asserting.auth_methods = vec![AuthMethod::ClientSecretJwt];
        realm.clients.push(asserting);
        for client in ASKING {
            let mut asking = own(client, ClientPolicy::default());
            asking.first_party = false;
            realm.clients.push(asking);
        }
    }
    Ok(seed)
}

fn own(client: Client, policy: ClientPolicy) -> ClientSeed {
    let secret = client.secret.unwrap_or_default();
    let seed = ClientSeed::confidential(client.id, secret, "{client_app}/callback").with_scopes(&[
        "openid",
        "photos:read",
        "offline_access",
    ]);
    ClientSeed {
        first_party: true,
        policy,
        ..seed
    }
}
