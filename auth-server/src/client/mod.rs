//! Clients (RFC 6749 §2): who they are, what they may do, and how they prove it.
//!
//! May use the store and `shared::oauth`; knows no HTTP beyond the text of an `Authorization` header.

pub(crate) mod assertion;
pub(crate) mod authentication;
mod cache;
mod guessed;
mod guesses;
pub(crate) mod keys;
mod policy;
pub(crate) mod profile;
mod record;
pub(crate) mod registration;
mod scope;
pub(crate) mod signed;

pub(crate) use cache::{Clients, STALENESS};
pub(crate) use guessed::Guessed;
pub(crate) use policy::{Policy, PolicyDefaults};
pub(crate) use record::{Registration, row_of};
pub(crate) use scope::{AskedScope, renewable, without_offline_access};

use shared::oauth::{
    ClientId, ClientSecret, Digest, GrantType, RedirectUri, ResponseType, Scope,
    TokenEndpointAuthMethod,
};
use shared::seed::{ApplicationType, ClientMetadata, SubjectType};
use shared::time::Timestamp;

/// Whether a client can keep a secret (RFC 6749 §2.1).
#[derive(Clone, Debug)]
pub(crate) enum ClientKind {
    /// It can, or has a private key.
    Confidential {
        /// What the store knows of its secret, where it has one.
        secret: Option<Digest>,
    },
    /// It cannot.
    Public,
}

/// A registered client.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    /// RFC 6749 §2.2.
    pub(crate) id: ClientId,
    /// For people to read.
    pub(crate) name: String,
    /// For people to read: what it does.
    pub(crate) description: String,
    /// Whether it can prove who it is.
    pub(crate) kind: ClientKind,
    /// Its secret itself, where it proves it by a MAC (`client_secret_jwt`): a digest verifies none.
    pub(crate) mac_secret: Option<ClientSecret>,
    /// How it may authenticate.
    pub(crate) auth_methods: Vec<TokenEndpointAuthMethod>,
    /// Where authorization responses may go.
    pub(crate) redirect_uris: Vec<RedirectUri>,
    /// Where a browser may go after signing out: compared character by character (RP-Initiated Logout §3).
    pub(crate) post_logout_redirect_uris: Vec<String>,
    /// The grants that it may use.
    pub(crate) grant_types: Vec<GrantType>,
    /// The response types that it may ask for.
    pub(crate) response_types: Vec<ResponseType>,
    /// The most that it may ask for.
    pub(crate) scope: Scope,
    /// Origins whose scripts may call the server for it.
    pub(crate) allowed_origins: Vec<String>,
    /// Whether it belongs to the provider, so that nobody is asked for consent.
    pub(crate) first_party: bool,
    /// Whether it is a resource server, which may ask about tokens meant for the realm's API.
    pub(crate) may_introspect: bool,
    /// What is demanded of it, and what it gets.
    pub(crate) policy: Policy,
    /// When it registered itself, or was last noted to be in use; absent for those that the operator registered.
    pub(crate) self_registered: Option<Timestamp>,
    /// What it registered besides (RFC 7591 §2).
    pub(crate) metadata: ClientMetadata,
}

impl Client {
    /// Whether it may use this grant.
    pub(crate) fn allows_grant(&self, grant_type: GrantType) -> bool {
        self.grant_types.contains(&grant_type)
    }

    /// Whether it may ask for this response type.
    pub(crate) fn allows_response_type(&self, response_type: ResponseType) -> bool {
        self.response_types.contains(&response_type)
    }

    /// Whether it proves nothing.
    pub(crate) const fn is_public(&self) -> bool {
        matches!(self.kind, ClientKind::Public)
    }

    /// Whether any program on the person's machine can pass for it (RFC 8252 §8.6): it proves nothing, or need not
    /// before it is told something (all but a code alone), and its answer goes to a native app, by a scheme that others
    /// may claim or to a port of loopback that was not registered. A page at a registered port is no native app, unless
    /// its client says so.
    pub(crate) fn is_anybody(&self, redirect_uri: &str, response_type: ResponseType) -> bool {
        let proves = !self.is_public() && response_type == ResponseType::Code;
        let native = self.metadata.application_type == Some(ApplicationType::Native);
        let registered = |uri: &RedirectUri| uri.as_str() == redirect_uri;
        // By another port only a loopback literal is one of the client's (RFC 8252 §7.3).
        let any_port = !self.redirect_uris.iter().any(registered);
        let (by_http, by_https) = (
            redirect_uri.starts_with("http://"),
            redirect_uri.starts_with("https://"),
        );
        let native = !by_https && (native || any_port || !by_http);
        !proves && native
    }

    /// The sector in which its pairwise subjects are the same (`OpenID` Connect Core §8.1): the host of
    /// `sector_identifier_uri`, else of its redirection URIs; the client itself where it has neither. `None` where
    /// its subjects are public.
    pub(crate) fn sector(&self) -> Option<String> {
        if self.metadata.subject_type != Some(SubjectType::Pairwise) {
            return None;
        }
        let redirect = self.redirect_uris.first().map(RedirectUri::as_str);
        let uri = self.metadata.sector_identifier_uri.as_deref().or(redirect);
        let host = uri
            .and_then(|uri| url::Url::parse(uri).ok())
            .and_then(|url| url.host_str().map(str::to_owned));
        Some(host.unwrap_or_else(|| self.id.to_string()))
    }

    /// What it gets when it asks for no scope in particular (RFC 6749 §3.3): all that it may ask for, but for
    /// what changes the protocol (`openid`, `offline_access`).
    pub(crate) fn default_scope(&self) -> Scope {
        self.scope
            .iter()
            .filter(|token| !matches!(token.as_str(), "openid" | "offline_access"))
            .cloned()
            .collect()
    }
}
