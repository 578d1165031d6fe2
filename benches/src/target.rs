//! Where and how a server is asked: one shape for ours, the floor and the peers.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::form;

/// A client and its secret.
#[derive(Clone, Copy, Debug)]
pub struct Client {
    /// `client_id`.
    pub id: &'static str,
    /// `client_secret`.
    pub secret: &'static str,
}

impl Client {
    /// A client.
    #[must_use]
    pub const fn new(id: &'static str, secret: &'static str) -> Self {
        Self { id, secret }
    }

    /// `client_secret_basic` (RFC 6749 §2.3.1).
    #[must_use]
    pub fn basic(self) -> String {
        let pair = format!("{}:{}", form::encode(self.id), form::encode(self.secret));
        format!("Basic {}", STANDARD.encode(pair))
    }
}

/// A server, and what is needed to use it.
#[derive(Clone, Debug)]
pub struct Target {
    /// The port of the authorization server.
    pub port: u16,
    /// The port of the API.
    pub api_port: u16,
    /// The authorization endpoint.
    pub authorize: &'static str,
    /// The token endpoint.
    pub token: &'static str,
    /// The introspection endpoint.
    pub introspect: &'static str,
    /// The key set.
    pub jwks: &'static str,
    /// The metadata.
    pub discovery: &'static str,
    /// The API: needs a client credentials token.
    pub api: &'static str,
    /// Who gets codes and refresh tokens.
    pub app: Client,
    /// Who gets client credentials tokens.
    pub machine: Client,
    /// Who introspects.
    pub inspector: Client,
    /// Who takes people's passwords.
    pub owner: Client,
    /// Where codes are sent.
    pub redirect_uri: String,
    /// What the app asks for.
    pub scope: &'static str,
    /// What the machine asks for.
    pub machine_form: &'static str,
    /// Username and password.
    pub person: (&'static str, &'static str),
    /// How many more people there are, `reader-0` and so on, with the same password: who guesses for one account is
    /// held back, so each visitor who sends a password is somebody else. 0: there is nobody else.
    pub readers: usize,
}

/// How many readers the bench's cast has.
pub const READERS: usize = 100;

/// What the apps ask for: an ID token and a refresh token come with it.
const SCOPE: &str = "openid photos:read offline_access";
/// What machines ask for.
const MACHINE: &str = "grant_type=client_credentials&scope=stats%3Aread";

impl Target {
    /// Our own server: the auth server and the resource server on these ports, with the bench's cast. The client
    /// app, where codes are sent, need not run: the driver stops at its door.
    #[must_use]
    pub fn ours([client_app, auth_server, resource_server]: [u16; 3]) -> Self {
        Self {
            port: auth_server,
            api_port: resource_server,
            authorize: "/authorize",
            token: "/token",
            introspect: "/introspect",
            jwks: "/jwks",
            discovery: "/.well-known/openid-configuration",
            api: "/stats",
            app: Client::new("web", "web-secret"),
            machine: Client::new("service", "service-secret"),
            inspector: Client::new("resource-server", "resource-server-secret"),
            owner: Client::new("trusted", "trusted-secret"),
            redirect_uri: format!("http://localhost:{client_app}/callback"),
            scope: SCOPE,
            machine_form: MACHINE,
            person: ("alice", "alice-password"),
            readers: READERS,
        }
    }

    /// The floor.
    #[must_use]
    pub fn floor(port: u16) -> Self {
        let client = Client::new("web", "web-secret");
        Self {
            port,
            api_port: port,
            authorize: "/authorize",
            token: "/token",
            introspect: "/introspect",
            jwks: "/jwks",
            discovery: "/.well-known/openid-configuration",
            api: "/api",
            app: client,
            machine: client,
            inspector: client,
            owner: client,
            redirect_uri: "https://client.example/callback".to_owned(),
            scope: SCOPE,
            machine_form: MACHINE,
            person: ("alice", "alice-password"),
            readers: 0,
        }
    }

    /// panva's oidc-provider, as `peers/oidc-provider.mjs` sets it up.
    #[must_use]
    pub fn oidc_provider(port: u16) -> Self {
        let client = Client::new("web", "web-secret");
        Self {
            authorize: "/auth",
            introspect: "/token/introspection",
            api: "/none",
            scope: "openid offline_access",
            machine_form: "grant_type=client_credentials&scope=stats%3Aread&resource=urn%3Aapi",
            machine: Client::new("service", "service-secret"),
            app: client,
            ..Self::floor(port)
        }
    }
}
