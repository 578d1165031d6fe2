//! The phrases of what the OAuth family added: assertions, registration, proofs, exchange, discovery.
//!
//! A part of the table of [`super::said_table`], by the same rules.

/// Each phrase with its key.
pub(super) const FAMILY: &[(&str, &str)] = &[
    (
        "authorization_endpoint, token_endpoint and jwks_uri, https or on this machine",
        "said-family-authorization-endpoint-token-endpoint-and-jwks-uri-https-or",
    ),
    (
        "registration open to everybody, or to an initial access token of this realm",
        "said-family-registration-open-to-everybody-or-to-an-initial-access-token",
    ),
    (
        "https, http on loopback, or a native client's own scheme; no fragment",
        "said-family-https-http-on-loopback-or-a-native-client-s-own-scheme-no-fr",
    ),
    (
        "the client's own identifier and secret, and nothing of the server's",
        "said-family-the-client-s-own-identifier-and-secret-and-nothing-of-the-se",
    ),
    (
        "members of the right type, which fit together and are offered here",
        "said-family-members-of-the-right-type-which-fit-together-and-are-offered",
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
        "the body must be a JSON object that says nothing twice",
        "said-family-the-body-must-be-a-json-object-that-says-nothing-twice",
    ),
    (
        "an access token of this realm that may be used now",
        "said-family-an-access-token-of-this-realm-that-may-be-used-now",
    ),
    (
        "a proof: this client's tokens are bound to a key",
        "said-family-a-proof-this-client-s-tokens-are-bound-to-a-key",
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
        "the content type must be application/json",
        "said-family-the-content-type-must-be-application-json",
    ),
    (
        "nobody: the client's policy names no one",
        "said-family-nobody-the-client-s-policy-names-no-one",
    ),
    (
        "whatever it is: no max_age was asked",
        "said-family-whatever-it-is-no-max-age-was-asked",
    ),
    (
        "subject_token and subject_token_type",
        "said-family-subject-token-and-subject-token-type",
    ),
    (
        "a JSON object, as application/json",
        "said-family-a-json-object-as-application-json",
    ),
    (
        "a token that is bound to a key",
        "said-family-a-token-that-is-bound-to-a-key",
    ),
    (
        "a jti that was not used before",
        "said-family-a-jti-that-was-not-used-before",
    ),
    (
        "iat is no moment, or later",
        "said-family-iat-is-no-moment-or-later",
    ),
    (
        "nbf is no moment, or later",
        "said-family-nbf-is-no-moment-or-later",
    ),
    (
        "another, or no such client",
        "said-family-another-or-no-such-client",
    ),
    (
        "43 characters of base64url",
        "said-family-43-characters-of-base64url",
    ),
    (
        "the sub of somebody else",
        "said-family-the-sub-of-somebody-else",
    ),
    (
        "one that was used before",
        "said-family-one-that-was-used-before",
    ),
    (
        "less than was asked for",
        "said-family-less-than-was-asked-for",
    ),
    (
        "the sub of the ID token",
        "said-family-the-sub-of-the-id-token",
    ),
    (
        "one is not in the list",
        "said-family-one-is-not-in-the-list",
    ),
    (
        "request or request_uri",
        "said-family-request-or-request-uri",
    ),
    ("no subject_token_type", "said-family-no-subject-token-type"),
    ("all are in the list", "said-family-all-are-in-the-list"),
    ("subject_token_type", "said-family-subject-token-type"),
    ("200 with metadata", "said-family-200-with-metadata"),
    ("none: all of that", "said-family-none-all-of-that"),
    ("no subject_token", "said-family-no-subject-token"),
    ("the same person", "said-family-the-same-person"),
    ("not used before", "said-family-not-used-before"),
    ("one that is not", "said-family-one-that-is-not"),
    ("nobody is named", "said-family-nobody-is-named"),
    ("one signed JWT", "said-family-one-signed-jwt"),
    ("unknown means", "said-family-unknown-means"),
    ("subject_token", "said-family-subject-token"),
    ("such a token", "said-family-such-a-token"),
    ("a signed JWT", "said-family-a-signed-jwt"),
    ("all of them", "said-family-all-of-them"),
    ("used before", "said-family-used-before"),
    ("not before", "said-family-not-before"),
    ("such a one", "said-family-such-a-one"),
    ("a new one", "said-family-a-new-one"),
    ("not later", "said-family-not-later"),
    ("as asked", "said-family-as-asked"),
    ("somebody", "said-family-somebody"),
    ("one more", "said-family-one-more"),
    ("the key of the proof", "said-family-the-key-of-the-proof"),
    ("that key", "said-family-that-key"),
    ("another key", "said-family-another-key"),
    ("anybody", "said-family-anybody"),
    ("a proof", "said-family-a-proof"),
    ("/token", "said-family-token"),
    ("such", "said-family-such"),
    ("it", "said-family-it"),
    (
        "an access token that was issued to {raw} and may be used now",
        "said-family-an-access-token-that-was-issued-to-x-and-may-be-used-now",
    ),
    (
        "a signed JWT that names its client, of type {raw}",
        "said-family-a-signed-jwt-that-names-its-client-of-type-x",
    ),
    (
        "fewer than {count} that registered themselves",
        "said-family-fewer-than-x-that-registered-themselves",
    ),
    (
        "at most {count} who act for each other",
        "said-family-at-most-x-who-act-for-each-other",
    ),
    (
        "a person of this realm, of: {raw}",
        "said-family-a-person-of-this-realm-of-x",
    ),
    (
        "signed in at most {span} ago, by {raw}",
        "said-family-signed-in-at-most-x-ago-by-x",
    ),
    (
        "nbf and iat no later than {time}",
        "said-family-nbf-and-iat-no-later-than-x",
    ),
    (
        "signed in at most {span} ago",
        "said-family-signed-in-at-most-x-ago",
    ),
    (
        "exp after {time} and within {span}",
        "said-family-exp-after-x-and-within-x",
    ),
    (
        "{raw}, as a plain string",
        "said-family-x-as-a-plain-string",
    ),
    (
        "subject: {raw}; actor: {raw}",
        "said-family-subject-x-actor-x",
    ),
    ("signed in {raw}, by {raw}", "said-family-signed-in-x-by-x"),
    ("at most {count} s ago", "said-family-at-most-x-s-ago"),
    ("signed in by {raw}", "said-family-signed-in-by-x"),
    ("a token of {raw}; {raw}", "said-family-a-token-of-x-x"),
    ("iss and sub {raw}", "said-family-iss-and-sub-x"),
    ("no usable {raw}", "said-family-no-usable-x"),
    ("iss {raw}, sub {raw}", "said-family-iss-x-sub-x"),
    ("issued to {raw}", "said-family-issued-to-x"),
    ("{raw}, {raw} or none", "said-family-x-x-or-none"),
    ("{raw} without", "said-family-x-without"),
    ("{raw}, with {raw}", "said-family-x-with-x"),
    ("exp {raw}", "said-family-exp-x"),
    ("iss {raw}", "said-family-iss-x"),
];
