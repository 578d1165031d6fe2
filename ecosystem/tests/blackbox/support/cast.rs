//! The cast of `config/demo.toml`, as the tests speak of it.

/// A person of the demo.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Person {
    pub(crate) username: &'static str,
    pub(crate) password: &'static str,
}

/// A client of the demo.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Client {
    pub(crate) id: &'static str,
    pub(crate) secret: Option<&'static str>,
    /// The path of its redirection URI below the client app's address.
    pub(crate) callback: &'static str,
}

/// Keeps photos at the provider.
pub(crate) const ALICE: Person = Person {
    username: "alice",
    password: "alice-password",
};
/// Somebody else.
pub(crate) const BOB: Person = Person {
    username: "bob",
    password: "bob-password",
};

/// Confidential: authorization code, refresh.
pub(crate) const WEB: Client = Client {
    id: "web",
    secret: Some("web-secret"),
    callback: "/callback",
};
/// Public: authorization code with PKCE, implicit.
pub(crate) const SPA: Client = Client {
    id: "spa",
    secret: None,
    callback: "/callback/spa",
};
/// First party: password, refresh.
pub(crate) const TRUSTED: Client = Client {
    id: "trusted",
    secret: Some("trusted-secret"),
    callback: "",
};
/// Client credentials.
pub(crate) const SERVICE: Client = Client {
    id: "service",
    secret: Some("service-secret"),
    callback: "",
};
/// Public, without a keyboard: device authorization, refresh.
pub(crate) const TV: Client = Client {
    id: "tv",
    secret: None,
    callback: "",
};
/// The API, which asks about tokens.
pub(crate) const API: Client = Client {
    id: "resource-server",
    secret: Some("resource-server-secret"),
    callback: "",
};

/// The code verifier of RFC 7636 Appendix B.
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
/// Its S256 challenge, from the same place.
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
