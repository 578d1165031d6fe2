//! Clients: secrets, assertions, registration, metadata.

/// Each phrase with its key.
pub(super) const PHRASES: &[(&str, &str)] = &[
    (
        "the client as its sub, as in a client assertion",
        "said-sub-as-assertion",
    ),
    (
        "the client as its iss, or none; and not as its sub",
        "said-object-from",
    ),
    ("another client_id, or none", "said-another-client-id"),
    (
        "the same client_id and response_type as beside it",
        "said-same-as-beside",
    ),
    (
        "not needed: the client belongs to the provider",
        "said-consent-first-party",
    ),
    ("no client_id", "said-no-client-id"),
    (
        "a registration that keeps to FAPI 2.0",
        "said-keeps-to-fapi",
    ),
    ("it misses: {raw}", "said-misses"),
    ("a jti that comes for the first time", "said-first-jti"),
    ("no jti", "said-no-jti"),
    (
        "an ID token that this server issued to this client",
        "said-own-id-token",
    ),
    ("issued to another client", "said-issued-to-another"),
    (
        "the person whom the client asked for",
        "said-expected-person",
    ),
    ("one client_id", "said-one-client-id"),
    ("a client of this realm", "said-client-of-realm"),
    ("a client_id", "said-a-client-id"),
    (
        "none: this client has no response type",
        "said-no-response-type",
    ),
    ("none: the client's default", "said-scope-default"),
    (
        "client_secret_basic, client_secret_post or none",
        "said-one-method",
    ),
    ("nothing that names a client", "said-names-no-client"),
    (
        "few wrong secrets of late from this address, or not too many where the client is at home",
        "said-few-secrets-here",
    ),
    (
        "room for what strangers make this server keep, from this address and in all",
        "said-room-for-strangers",
    ),
    ("none for another {span}", "said-none-for-another"),
    (
        "a public client proves nothing",
        "said-public-proves-nothing",
    ),
    ("the client's secret", "said-client-secret"),
    ("another secret", "said-another-secret"),
    ("a client with a secret", "said-client-with-secret"),
    ("a public client", "said-public-client"),
    ("no token of another client", "said-no-foreign-token"),
    ("no client_secret in the URL", "said-no-secret-in-url"),
    (
        "iss, sub, aud, exp, iat, jti, client_id",
        "said-claims-issued",
    ),
    (
        "iss, exp, aud, sub, client_id, iat and jti",
        "said-claims-required",
    ),
    ("sub and client_id", "said-claims-introspected"),
    ("absent, or this client", "said-azp-expected"),
    ("a secret key", "said-secret-key"),
    (
        "https, http on loopback, or a native client's own scheme; no fragment",
        "said-family-https-http-on-loopback-or-a-native-client-s-own-scheme-no-fr",
    ),
    (
        "the client's own identifier and secret, and nothing of the server's",
        "said-family-the-client-s-own-identifier-and-secret-and-nothing-of-the-se",
    ),
    (
        "a rule of this client for tokens of that client, in this way",
        "said-family-a-rule-of-this-client-for-tokens-of-that-client-in-this-way",
    ),
    (
        "an assertion by the client, for this server, alive and new",
        "said-family-an-assertion-by-the-client-for-this-server-alive-and-new",
    ),
    (
        "nobody: the client's policy names no one",
        "said-family-nobody-the-client-s-policy-names-no-one",
    ),
    (
        "a jti that was not used before",
        "said-family-a-jti-that-was-not-used-before",
    ),
    (
        "another, or no such client",
        "said-family-another-or-no-such-client",
    ),
    (
        "a signed JWT that names its client, of type {raw}",
        "said-family-a-signed-jwt-that-names-its-client-of-type-x",
    ),
    (
        "a client that registered what its objects need",
        "said-objects-registered",
    ),
    ("it registered no keys", "said-no-keys-registered"),
    ("it registered no request_uris", "said-no-request-uris"),
    ("none is registered", "said-none-registered"),
    (
        "a JSON object with userinfo, id_token, or both",
        "said-claims-object",
    ),
    (
        "the client_id of a registered client",
        "said-registered-client",
    ),
    (
        "this client has no redirect URI registered",
        "said-no-redirect-registered",
    ),
    ("header.payload.signature, JSON in base64url", "said-jws"),
    ("a JSON object, each member once", "said-json-object-once"),
    ("no JSON object", "said-no-json-object"),
    (
        "registration open to everybody, or to an initial access token of this realm",
        "said-family-registration-open-to-everybody-or-to-an-initial-access-token",
    ),
    (
        "the body must be a JSON object that says nothing twice",
        "said-family-the-body-must-be-a-json-object-that-says-nothing-twice",
    ),
    (
        "the registration access token of this client",
        "said-family-the-registration-access-token-of-this-client",
    ),
    (
        "a JSON array that holds every redirect URI",
        "said-family-a-json-array-that-holds-every-redirect-uri",
    ),
    (
        "a JSON object, as application/json",
        "said-family-a-json-object-as-application-json",
    ),
    ("200 with metadata", "said-family-200-with-metadata"),
    (
        "fewer than {count} that registered themselves",
        "said-family-fewer-than-x-that-registered-themselves",
    ),
];
