//! The authorization request and its answer: response types, scope, PKCE, redirection, issuer.

/// Each phrase with its key.
pub(super) const PHRASES: &[(&str, &str)] = &[
    ("a code", "said-a-code"),
    ("a verifier", "said-a-verifier"),
    ("no verifier", "said-no-verifier"),
    ("a pushed authorization request", "said-pushed-wanted"),
    ("a request, pushed or not", "said-pushed-or-not"),
    ("pushed", "said-pushed"),
    ("not pushed", "said-not-pushed"),
    (
        "a request that was pushed to this server",
        "said-pushed-here",
    ),
    ("a signed request object", "said-signed-wanted"),
    ("a request object", "said-a-request-object"),
    ("another iss", "said-another-iss"),
    ("another response_type", "said-another-response-type"),
    ("consent to this scope", "said-consent-scope"),
    ("consent to some of this scope", "said-consent-some-scope"),
    (
        "code, token, id_token, or some of them in any order",
        "said-response-types",
    ),
    ("one redirect_uri", "said-one-redirect-uri"),
    ("code or token", "said-code-or-token"),
    ("neither request nor request_uri", "said-no-request-object"),
    ("a code_challenge", "said-challenge"),
    (
        "a code_challenge, or neither it nor a method",
        "said-challenge-or-neither",
    ),
    (
        "prompt: none alone, or some of login, consent, select_account; max_age: a whole number of seconds; or neither",
        "said-prompt-rule",
    ),
    ("prompt: not sent; max_age: not sent", "said-prompt-neither"),
    ("a code of this realm", "said-code-of-realm"),
    ("no challenge was sent", "said-no-challenge"),
    ("a key of the issuer", "said-key-of-issuer"),
    (
        "the state that this browser was sent away with, once",
        "said-state-expected",
    ),
    ("that state", "said-state-same"),
    ("no state", "said-no-state"),
    (
        "a state that this browser was not sent away with, or that came back before",
        "said-state-other",
    ),
    ("no iss", "said-no-iss"),
    (
        "a signature by one of the issuer's published keys",
        "said-signed-published",
    ),
    ("prompt: {raw}; max_age: not sent", "said-prompt-only"),
    ("prompt: not sent; max_age: {raw}", "said-max-age-only"),
    ("at most {count} wrong verifiers", "said-wrong-verifiers"),
    ("prompt: {raw}; max_age: {raw}", "said-prompt-and-max-age"),
    (
        "whatever it is: no max_age was asked",
        "said-family-whatever-it-is-no-max-age-was-asked",
    ),
    (
        "request or request_uri",
        "said-family-request-or-request-uri",
    ),
    ("iss and sub {raw}", "said-family-iss-and-sub-x"),
    ("iss {raw}, sub {raw}", "said-family-iss-x-sub-x"),
    ("iss {raw}", "said-family-iss-x"),
];
