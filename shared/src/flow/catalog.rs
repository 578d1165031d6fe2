//! The catalogue of all checks: every check that any service runs, with the sentence that demands it.
//!
//! Ids are stable; `docs/checks.md` lists them all, and the language files hold a sentence for each
//! (`check-` and the id with `.` and `_` as `-`). Grouped by what is checked.

use super::CheckDef;

macro_rules! checks {
    ($($(#[$doc:meta])* $name:ident = $id:literal, $reference:literal;)+) => {
        $($(#[$doc])* pub const $name: CheckDef = CheckDef { id: $id, reference: $reference };)+

        /// Every check, in the order of this file.
        pub const ALL: &[&CheckDef] = &[$(&$name),+];
    };
}

checks! {
    // --- any request
    /// The method is the endpoint's.
    REQUEST_METHOD = "request.method", "RFC 6749 §3.2";
    /// The body is form-encoded.
    REQUEST_CONTENT_TYPE = "request.content_type", "RFC 6749 §3.2";
    /// The request is not larger than the server reads.
    REQUEST_SIZE = "request.size", "RFC 9110 §15.5";
    /// Parameters are UTF-8 and form-encoded.
    REQUEST_ENCODING = "request.encoding", "RFC 6749 Appendix B";
    /// No parameter is repeated.
    REQUEST_NO_REPEATS = "request.no_repeats", "RFC 6749 §3.1";
    /// A required parameter is there.
    REQUEST_PARAMETER_PRESENT = "request.parameter_present", "RFC 6749 §5.2";
    /// There is room for what the request makes the server keep. Part of an exchange only where it fails.
    REQUEST_ROOM = "request.room", "RFC 9126 §7.3";

    // --- forms of the auth server and the client app
    /// The form was sent by the page that this server made for this browser.
    CSRF_TOKEN = "csrf.token", "RFC 9700 §4.7";
    /// The form was sent from this server's own origin.
    CSRF_ORIGIN = "csrf.origin", "RFC 9700 §4.7";

    /// The client's secret does not stand in the URL.
    CLIENT_SECRET_NOT_IN_QUERY = "client.secret_not_in_query", "RFC 6749 §2.3.1";

    // --- client
    /// The client is known in this realm.
    CLIENT_KNOWN = "client.known", "RFC 6749 §2.2";
    /// One way of authenticating is used, not two.
    CLIENT_SINGLE_METHOD = "client.single_method", "RFC 6749 §2.3";
    /// The way of authenticating is one that this client registered.
    CLIENT_METHOD_ALLOWED = "client.method_allowed", "RFC 6749 §2.3";
    /// The client is who it says.
    CLIENT_AUTHENTICATED = "client.authenticated", "RFC 6749 §3.2.1";
    /// The client's registration keeps to the profile that it is held to.
    CLIENT_PROFILE = "client.profile", "FAPI 2.0 Security Profile §5.3.2";
    /// Guesses at this client's secret are within the limit.
    CLIENT_GUESSES = "client.guesses", "RFC 6749 §2.3.1";
    /// The client assertion is a signed JWT, sent as one.
    ASSERTION_WELL_FORMED = "assertion.well_formed", "RFC 7521 §4.2";
    /// The assertion's algorithm is one that the client may use.
    ASSERTION_ALGORITHM = "assertion.algorithm", "RFC 8725 §3.1";
    /// The assertion's `typ` names no other kind of JWT.
    ASSERTION_TYPE = "assertion.type", "RFC 8725 §3.11";
    /// A key that the client registered fits the assertion.
    ASSERTION_KEY_KNOWN = "assertion.key_known", "RFC 7517 §4.5";
    /// The assertion's signature is right.
    ASSERTION_SIGNATURE = "assertion.signature", "RFC 7523 §3 (9)";
    /// The assertion's issuer and subject are the client.
    ASSERTION_ISSUER = "assertion.issuer", "RFC 7523 §3 (1)";
    /// The assertion is meant for this server.
    ASSERTION_AUDIENCE = "assertion.audience", "RFC 7523 §3 (3)";
    /// The assertion has an end, which is near and not yet reached.
    ASSERTION_NOT_EXPIRED = "assertion.not_expired", "RFC 7523 §3 (4)";
    /// The assertion is not from the future.
    ASSERTION_NOT_BEFORE = "assertion.not_before", "RFC 7523 §3 (5)";
    /// The assertion was not used before.
    ASSERTION_JTI_UNUSED = "assertion.jti_unused", "RFC 7523 §3 (7)";
    /// The assertion speaks for a person of this realm for whom the client may ask.
    ASSERTION_SUBJECT = "assertion.subject", "RFC 7523 §3 (2)";
    /// The grant type is one that this server offers.
    GRANT_SUPPORTED = "grant.supported", "RFC 6749 §5.2";
    /// The grant is one that this client may use.
    GRANT_ALLOWED = "grant.allowed", "RFC 6749 §5.2";

    // --- registration
    /// Clients may register themselves in this realm, by this token where one is demanded.
    REGISTRATION_ALLOWED = "registration.allowed", "RFC 7591 §3";
    /// The registration is a JSON object.
    REGISTRATION_JSON = "registration.json", "RFC 7591 §3.1";
    /// The redirection URIs are such as a client of this kind may have.
    REGISTRATION_REDIRECT_URIS = "registration.redirect_uris", "RFC 7591 §3.2.2";
    /// The members have the right types, fit together, and are offered.
    REGISTRATION_METADATA = "registration.metadata", "RFC 7591 §2";
    /// The sector identifier lists every redirection URI.
    REGISTRATION_SECTOR = "registration.sector", "OpenID Connect Dynamic Client Registration §5";
    /// There is room for one more client.
    REGISTRATION_ROOM = "registration.room", "RFC 7591 §5";
    /// The registration access token is this client's.
    REGISTRATION_TOKEN = "registration.token", "RFC 7592 §2";

    // --- authorization request
    /// The redirection URI is given.
    REDIRECT_URI_PRESENT = "redirect_uri.present", "RFC 6749 §3.1.2.3";
    /// The redirection URI is registered, character for character.
    REDIRECT_URI_EXACT_MATCH = "redirect_uri.exact_match", "RFC 9700 §2.1";
    /// The response type is given and known.
    RESPONSE_TYPE_SUPPORTED = "response_type.supported", "RFC 6749 §3.1.1";
    /// The response type is one that this client may use.
    RESPONSE_TYPE_ALLOWED = "response_type.allowed", "RFC 6749 §4.1.2.1";
    /// The response mode suits the response type.
    RESPONSE_MODE_ALLOWED = "response_mode.allowed", "OAuth 2.0 Multiple Response Types §2.1";
    /// The reference is one to a request that was pushed to this server.
    REQUEST_URI_KNOWN = "request_uri.known", "RFC 9126 §4";
    /// The request that is referred to was pushed by this client.
    REQUEST_URI_CLIENT = "request_uri.client", "RFC 9126 §2.2";
    /// The pushed request has not expired.
    REQUEST_URI_NOT_EXPIRED = "request_uri.not_expired", "RFC 9126 §4";
    /// The pushed request has not been answered before.
    REQUEST_URI_UNUSED = "request_uri.unused", "RFC 9126 §4";
    /// A pushed request does not itself refer to another.
    REQUEST_URI_ABSENT = "request_uri.absent", "RFC 9126 §2.1";
    /// The request was pushed, where the client's policy demands it.
    REQUEST_PUSHED = "request.pushed", "RFC 9126 §5";
    /// The request comes as an object by value or by reference, not both.
    REQUEST_OBJECT_SINGLE = "request_object.single", "RFC 9101 §5";
    /// The client registered what its request objects need: keys, and addresses where they are fetched from.
    REQUEST_OBJECT_SUPPORTED = "request_object.supported", "OpenID Connect Core §6.1";
    /// The object lies at an address that the client registered: this server calls no other.
    REQUEST_URI_REGISTERED = "request_uri.registered", "RFC 9101 §10.4";
    /// The object could be fetched from there.
    REQUEST_URI_FETCHED = "request_uri.fetched", "RFC 9101 §5.2.3";
    /// The request object is a signed JWT.
    REQUEST_OBJECT_WELL_FORMED = "request_object.well_formed", "RFC 9101 §6";
    /// The object is signed by an algorithm that is accepted from this client; never by none.
    REQUEST_OBJECT_ALGORITHM = "request_object.algorithm", "RFC 9101 §6.2";
    /// The JWT says that it is a request, or does not say what it is; it is no token or assertion.
    REQUEST_OBJECT_TYPE = "request_object.type", "RFC 9101 §10.8";
    /// A key that the client registered fits the object.
    REQUEST_OBJECT_KEY_KNOWN = "request_object.key_known", "RFC 9101 §6.2";
    /// The signature is the client's: nobody changed the request on its way.
    REQUEST_OBJECT_SIGNATURE = "request_object.signature", "RFC 9101 §6.2";
    /// The object is issued by the client, and is not its client assertion.
    REQUEST_OBJECT_ISSUER = "request_object.issuer", "RFC 9101 §4";
    /// The object is meant for this server, where it says for whom.
    REQUEST_OBJECT_AUDIENCE = "request_object.audience", "RFC 9101 §4";
    /// The object is not over and not from the future.
    REQUEST_OBJECT_IN_TIME = "request_object.in_time", "RFC 7519 §4.1.4";
    /// The object does not itself hold or name another request object.
    REQUEST_OBJECT_NESTED = "request_object.nested", "RFC 9101 §4";
    /// The object does not contradict what stands beside it.
    REQUEST_OBJECT_CONSISTENT = "request_object.consistent", "OpenID Connect Core §6.1";
    /// The request was signed by the client, where that is demanded of it.
    REQUEST_SIGNED = "request.signed", "RFC 9101 §10.5";
    /// The scope is well formed and the client may ask for it.
    SCOPE_ALLOWED = "scope.allowed", "RFC 6749 §3.3";
    /// The scope `openid` is among what is asked for, where an ID token is.
    SCOPE_OPENID = "scope.openid", "OpenID Connect Core §3.1.2.1";
    /// A nonce is there where the ID token comes through the browser.
    NONCE_PRESENT = "nonce.present", "OpenID Connect Core §3.2.2.1";
    /// Tokens can be meant for the API that is asked for.
    RESOURCE_KNOWN = "resource.known", "RFC 8707 §2";
    /// The API that is asked for is one of those that were granted.
    RESOURCE_GRANTED = "resource.granted", "RFC 8707 §2.2";
    /// `prompt` and `max_age` have values that go together.
    PROMPT_VALID = "prompt.valid", "OpenID Connect Core §3.1.2.1";
    /// The claims parameter is as it should be.
    CLAIMS_VALID = "claims.valid", "OpenID Connect Core §5.5";
    /// The hint is an ID token that this server issued to this client.
    ID_TOKEN_HINT_VALID = "id_token_hint.valid", "OpenID Connect Core §3.1.2.1";
    /// A strength of sign-in that is essential to the client can be given.
    ACR_SATISFIED = "acr.satisfied", "OpenID Connect Core §5.5.1.1";
    /// A code challenge is there where the client's policy demands one.
    PKCE_PRESENT = "pkce.present", "RFC 9700 §2.1.1";
    /// The challenge's method is S256.
    PKCE_METHOD = "pkce.method", "RFC 7636 §4.3";
    /// The challenge is 43 to 128 unreserved characters.
    PKCE_CHALLENGE_WELL_FORMED = "pkce.challenge_well_formed", "RFC 7636 §4.2";
    /// Somebody is signed in, and recently enough.
    LOGIN_SESSION = "login.session", "OpenID Connect Core §3.1.2.3";
    /// The person who is signed in is the one whom the client asked for.
    LOGIN_EXPECTED_PERSON = "login.expected_person", "OpenID Connect Core §3.1.2.2";
    /// The person agreed to what the client asks for.
    CONSENT_GIVEN = "consent.given", "RFC 6749 §4.1.1";
    /// The waiting request is known to this browser and has not expired.
    INTERACTION_KNOWN = "interaction.known", "RFC 6749 §10.12";
    /// The user name and password are right.
    LOGIN_CREDENTIALS = "login.credentials", "RFC 6749 §3.1";
    /// Attempts at this account and from this address are within the limit.
    LOGIN_ATTEMPTS = "login.attempts", "RFC 6749 §10.7";

    // --- code
    /// The code is one that this server gave out.
    CODE_KNOWN = "code.known", "RFC 6749 §4.1.3";
    /// The code was given to this client.
    CODE_CLIENT = "code.client", "RFC 6749 §4.1.3";
    /// The code has not expired.
    CODE_NOT_EXPIRED = "code.not_expired", "RFC 6749 §4.1.2";
    /// The redirection URI is the one of the authorization request.
    CODE_REDIRECT_URI = "code.redirect_uri", "RFC 6749 §4.1.3";
    /// A verifier is there exactly when there was a challenge.
    PKCE_VERIFIER_PRESENT = "pkce.verifier_present", "RFC 9700 §4.8.2";
    /// The verifier is 43 to 128 unreserved characters.
    PKCE_VERIFIER_WELL_FORMED = "pkce.verifier_well_formed", "RFC 7636 §4.1";
    /// The verifier's SHA-256 is the challenge.
    PKCE_S256 = "pkce.s256", "RFC 7636 §4.6";
    /// The code has not been redeemed before.
    CODE_UNUSED = "code.unused", "RFC 6749 §4.1.2";

    /// The grant behind the code or token is alive when tokens of it are issued.
    GRANT_NOT_REVOKED = "grant.not_revoked", "RFC 7009 §2.1";

    // --- refresh token
    /// The refresh token is one that this server gave out.
    REFRESH_TOKEN_KNOWN = "refresh_token.known", "RFC 6749 §6";
    /// The refresh token was given to this client.
    REFRESH_TOKEN_CLIENT = "refresh_token.client", "RFC 6749 §6";
    /// The refresh token has not expired.
    REFRESH_TOKEN_NOT_EXPIRED = "refresh_token.not_expired", "RFC 6749 §6";
    /// The grant behind it has not been revoked.
    REFRESH_TOKEN_NOT_REVOKED = "refresh_token.not_revoked", "RFC 7009 §2.1";
    /// The refresh token is the current one, or was until a moment ago.
    REFRESH_TOKEN_CURRENT = "refresh_token.current", "RFC 9700 §4.14.2";
    /// No more is asked for than was granted.
    SCOPE_NOT_WIDENED = "scope.not_widened", "RFC 6749 §6";

    // --- device: the phone's page
    /// Wrong user codes of this account and from this address are within the limit.
    USER_CODE_GUESSES = "user_code.guesses", "RFC 8628 §5.1";
    /// The user code is one that this server gave out, and it waits for a person.
    USER_CODE_KNOWN = "user_code.known", "RFC 8628 §3.3";
    /// The person said that the code on the device's screen is this one.
    USER_CODE_CONFIRMED = "user_code.confirmed", "RFC 8628 §5.4";

    // --- device: its polls
    /// The device code is one that this server gave out.
    DEVICE_CODE_KNOWN = "device_code.known", "RFC 8628 §3.4";
    /// The device code was given to this client.
    DEVICE_CODE_CLIENT = "device_code.client", "RFC 8628 §3.4";
    /// The device code has not expired.
    DEVICE_CODE_NOT_EXPIRED = "device_code.not_expired", "RFC 8628 §3.5";
    /// The person did not say no.
    DEVICE_CODE_NOT_DENIED = "device_code.not_denied", "RFC 8628 §3.5";
    /// The device waited as long as it was told before it asked again.
    DEVICE_CODE_INTERVAL = "device_code.interval", "RFC 8628 §3.5";
    /// The person confirmed.
    DEVICE_CODE_CONFIRMED = "device_code.confirmed", "RFC 8628 §3.5";
    /// The device code has not been redeemed before.
    DEVICE_CODE_UNUSED = "device_code.unused", "RFC 8628 §5.2";

    // --- access token at the resource server and at userinfo
    /// A token is there.
    TOKEN_PRESENT = "token.present", "RFC 6750 §3";
    /// The token does not stand in the URL.
    TOKEN_NOT_IN_QUERY = "token.not_in_query", "RFC 9700 §4.3.2";
    /// The token comes in one way, not two.
    TOKEN_SINGLE_METHOD = "token.single_method", "RFC 6750 §2";
    /// The token reads as what it should be.
    TOKEN_WELL_FORMED = "token.well_formed", "RFC 6750 §2.1";
    /// The token is a signed JWT: three parts of base64url, the first two JSON objects.
    TOKEN_DECODES = "token.decodes", "RFC 7519 §7.2";
    /// The token says that it is an access token.
    TOKEN_TYPE = "token.type", "RFC 9068 §4";
    /// The token demands no extension that is not understood.
    TOKEN_EXTENSIONS = "token.extensions", "RFC 7515 §4.1.11";
    /// The algorithm is one that the issuer's keys allow.
    TOKEN_ALGORITHM = "token.algorithm", "RFC 8725 §3.1";
    /// The key is one of the issuer's.
    TOKEN_KEY_KNOWN = "token.key_known", "RFC 7517 §4.5";
    /// The signature is right.
    TOKEN_SIGNATURE = "token.signature", "RFC 9068 §4";
    /// Every required claim is there, with the right type.
    TOKEN_CLAIMS = "token.claims", "RFC 9068 §2.2";
    /// The issuer is ours.
    TOKEN_ISSUER = "token.issuer", "RFC 9068 §4";
    /// The token is meant for this server.
    TOKEN_AUDIENCE = "token.audience", "RFC 9068 §4";
    /// The token has not expired.
    TOKEN_NOT_EXPIRED = "token.not_expired", "RFC 9068 §4";
    /// The token is from now or before, not from the future.
    TOKEN_NOT_BEFORE = "token.not_before", "RFC 7519 §4.1.5";
    /// The token has the three parts of a JWS in its compact form (only where the viewer opens one).
    TOKEN_PARTS = "token.parts", "RFC 7515 §7.1";
    /// The token's header is a JSON object that says nothing twice (only where the viewer opens one).
    TOKEN_HEADER = "token.header", "RFC 7515 §4";
    /// The token's payload is a JSON object that says nothing twice (only where the viewer opens one).
    TOKEN_PAYLOAD = "token.payload", "RFC 7519 §4";
    /// The key is of the kind that the algorithm needs (only where the viewer opens one).
    TOKEN_KEY_TYPE = "token.key_type", "RFC 7518 §3.1";
    /// The auth server says that the token may be used.
    TOKEN_ACTIVE = "token.active", "RFC 7662 §2.2";
    /// The scope suffices for what is asked.
    SCOPE_SUFFICIENT = "scope.sufficient", "RFC 6750 §3.1";
    /// The person signed in recently enough, and in a way that is strong enough, for what is asked.
    AUTHENTICATION_SUFFICIENT = "authentication.sufficient", "RFC 9470 §3";
    /// The token speaks for a person.
    TOKEN_SPEAKS_FOR_PERSON = "token.speaks_for_person", "RFC 9068 §5";

    // --- token exchange
    /// The types of subject and actor token are ones that can be exchanged here.
    EXCHANGE_TOKEN_TYPE = "exchange.token_type", "RFC 8693 §3";
    /// The type of token that is asked for is one that is issued here.
    EXCHANGE_REQUESTED_TYPE = "exchange.requested_type", "RFC 8693 §2.1";
    /// The subject token is a live access token of this server.
    EXCHANGE_SUBJECT = "exchange.subject", "RFC 8693 §2.2.2";
    /// The actor token is a live access token of the client that asks.
    EXCHANGE_ACTOR = "exchange.actor", "RFC 8693 §2.2.2";
    /// The client may exchange tokens of the client that this one was issued to, in this way.
    EXCHANGE_ALLOWED = "exchange.allowed", "RFC 8693 §5";
    /// The subject token lets this party act, where it says who may.
    EXCHANGE_MAY_ACT = "exchange.may_act", "RFC 8693 §4.4";
    /// The token is asked for an audience that the client may ask for.
    EXCHANGE_TARGET = "exchange.target", "RFC 8693 §2.2.2";
    /// The token is asked for an API that was granted, where certain ones were, or by a rule that reaches beyond them.
    EXCHANGE_RESOURCE_GRANTED = "exchange.resource_granted", "RFC 8707 §2.2";
    /// No more is asked for than the subject token permits and the client may have.
    EXCHANGE_SCOPE = "exchange.scope", "RFC 8693 §2.1";

    // --- DPoP proofs
    /// A proof is there where the client, the token or the grant is bound to a key.
    DPOP_PRESENT = "dpop.present", "RFC 9449 §5.2";
    /// There is one `DPoP` header, not two.
    DPOP_SINGLE_HEADER = "dpop.single_header", "RFC 9449 §4.3 (1)";
    /// The proof is a well-formed JWT.
    DPOP_WELL_FORMED = "dpop.well_formed", "RFC 9449 §4.3 (2)";
    /// The proof says that it is one.
    DPOP_TYPE = "dpop.type", "RFC 9449 §4.3 (4)";
    /// The proof is signed by an asymmetric algorithm that is accepted.
    DPOP_ALGORITHM = "dpop.algorithm", "RFC 9449 §4.3 (5)";
    /// The proof carries a public key that suits the algorithm, and no private one.
    DPOP_PUBLIC_KEY = "dpop.public_key", "RFC 9449 §4.3 (7)";
    /// The proof is signed by the key that it carries.
    DPOP_SIGNATURE = "dpop.signature", "RFC 9449 §4.3 (6)";
    /// The proof has every required claim.
    DPOP_CLAIMS = "dpop.claims", "RFC 9449 §4.3 (3)";
    /// The proof was made for this method.
    DPOP_METHOD = "dpop.method", "RFC 9449 §4.3 (8)";
    /// The proof was made for this URL.
    DPOP_TARGET = "dpop.target", "RFC 9449 §4.3 (9)";
    /// The proof carries a nonce of this server where one is needed.
    DPOP_NONCE = "dpop.nonce", "RFC 9449 §4.3 (10)";
    /// The proof was made a moment ago.
    DPOP_TIME = "dpop.time", "RFC 9449 §4.3 (11)";
    /// The proof was made for the access token beside it.
    DPOP_TOKEN_HASH = "dpop.token_hash", "RFC 9449 §4.3 (12)";
    /// The proof has not been used before.
    DPOP_UNUSED = "dpop.unused", "RFC 9449 §11.1";
    /// The thumbprint in an authorization request reads as one.
    DPOP_JKT = "dpop.jkt", "RFC 9449 §10";
    /// The code is redeemed with the key that the authorization request named.
    DPOP_CODE_KEY = "dpop.code_key", "RFC 9449 §10";
    /// The refresh token is used with the key that it is bound to.
    DPOP_REFRESH_KEY = "dpop.refresh_key", "RFC 9449 §5";
    /// The token and the way in which it is presented go together: a bound one is none for bearers.
    TOKEN_SCHEME = "token.scheme", "RFC 9449 §7.2";
    /// The proof is signed by the key that the token is bound to.
    TOKEN_KEY = "token.key", "RFC 9449 §4.3 (12)";

    // --- signing out, at the auth server
    /// The hint reads as an ID token.
    LOGOUT_HINT_READABLE = "logout.hint_readable", "OpenID Connect RP-Initiated Logout §2";
    /// The hint's key is the realm's, or was.
    LOGOUT_HINT_KEY = "logout.hint_key", "OpenID Connect RP-Initiated Logout §2";
    /// The hint was signed by that key.
    LOGOUT_HINT_SIGNATURE = "logout.hint_signature", "OpenID Connect RP-Initiated Logout §4";
    /// The hint was issued by this realm.
    LOGOUT_HINT_ISSUER = "logout.hint_issuer", "OpenID Connect RP-Initiated Logout §2";
    /// The hint was issued to the client that asks.
    LOGOUT_HINT_CLIENT = "logout.hint_client", "OpenID Connect RP-Initiated Logout §2";
    /// The address to go on to is registered, character for character.
    LOGOUT_REDIRECT_URI = "logout.redirect_uri", "OpenID Connect RP-Initiated Logout §3";
    /// The hint names the session of this browser.
    LOGOUT_SESSION = "logout.session", "OpenID Connect RP-Initiated Logout §2";
    /// The person wants to sign out.
    LOGOUT_CONFIRMED = "logout.confirmed", "OpenID Connect RP-Initiated Logout §6";

    // --- signing out, at the client
    /// A logout token is there.
    LOGOUT_TOKEN_PRESENT = "logout_token.present", "OpenID Connect Back-Channel Logout §2.5";
    /// The logout token says that it is one.
    LOGOUT_TOKEN_TYPE = "logout_token.type", "OpenID Connect Back-Channel Logout §2.4";
    /// The logout token's algorithm is one that ID tokens may have.
    LOGOUT_TOKEN_ALGORITHM = "logout_token.algorithm", "OpenID Connect Back-Channel Logout §2.6 (3)";
    /// The logout token's signature is right.
    LOGOUT_TOKEN_SIGNATURE = "logout_token.signature", "OpenID Connect Back-Channel Logout §2.6 (2)";
    /// The logout token's issuer is the client's.
    LOGOUT_TOKEN_ISSUER = "logout_token.issuer", "OpenID Connect Back-Channel Logout §2.6 (4)";
    /// The logout token is meant for this client.
    LOGOUT_TOKEN_AUDIENCE = "logout_token.audience", "OpenID Connect Back-Channel Logout §2.6 (4)";
    /// The logout token was not issued in the future.
    LOGOUT_TOKEN_ISSUED_AT = "logout_token.issued_at", "OpenID Connect Back-Channel Logout §2.6 (4)";
    /// The logout token has not expired.
    LOGOUT_TOKEN_NOT_EXPIRED = "logout_token.not_expired", "OpenID Connect Back-Channel Logout §2.6 (4)";
    /// The logout token says who or which session is meant.
    LOGOUT_TOKEN_SUBJECT = "logout_token.subject", "OpenID Connect Back-Channel Logout §2.6 (5)";
    /// The logout token says that somebody signed out.
    LOGOUT_TOKEN_EVENTS = "logout_token.events", "OpenID Connect Back-Channel Logout §2.6 (6)";
    /// The logout token carries no nonce, so that it is no ID token.
    LOGOUT_TOKEN_NO_NONCE = "logout_token.no_nonce", "OpenID Connect Back-Channel Logout §2.6 (7)";
    /// The logout token is used for the first time.
    LOGOUT_TOKEN_UNUSED = "logout_token.unused", "OpenID Connect Back-Channel Logout §2.6 (8)";
    /// The front-channel logout comes from the issuer of the client.
    FRONTCHANNEL_LOGOUT_ISSUER = "frontchannel_logout.issuer", "OpenID Connect Front-Channel Logout §3";
    /// The front-channel logout names a session that this client has.
    FRONTCHANNEL_LOGOUT_SESSION = "frontchannel_logout.session", "OpenID Connect Front-Channel Logout §3";
    /// The browser comes back with the state that it was sent to sign out with.
    LOGOUT_STATE = "logout.state", "OpenID Connect RP-Initiated Logout §3";

    // --- the photo API
    /// There is such a photo, and it is this person's.
    PHOTO_FOUND = "photo.found", "RFC 9110 §15.5.5";
    /// The body is JSON by its content type.
    PHOTO_MEDIA_TYPE = "photo.media_type", "RFC 9110 §15.5.16";
    /// The body is a JSON object.
    PHOTO_JSON = "photo.json", "RFC 8259 §4";
    /// Caption, theme and hue are such as can be kept.
    PHOTO_VALID = "photo.valid", "RFC 9110 §15.5.21";

    // --- introspection and revocation
    /// The token is there.
    TOKEN_PARAMETER_PRESENT = "token.parameter_present", "RFC 7009 §2.1";
    /// The caller may ask about tokens.
    INTROSPECTION_ALLOWED = "introspection.allowed", "RFC 7662 §2.1";
    /// The token was given to the client that revokes it.
    REVOCATION_CLIENT = "revocation.client", "RFC 7009 §2.1";

    // --- what the client app verifies
    /// The callback carries the state that this browser was sent away with, once.
    STATE_MATCHES = "state.matches", "RFC 6749 §10.12";
    /// The answer comes from the issuer that was asked.
    ISS_MATCHES = "iss.matches", "RFC 9207 §2.4";
    /// The authorization response is no error.
    AUTHORIZATION_SUCCEEDED = "authorization.succeeded", "RFC 6749 §4.1.2.1";
    /// The token response is one.
    TOKEN_RESPONSE_RECEIVED = "token_response.received", "RFC 6749 §5.1";
    /// The ID token's algorithm is the one agreed.
    ID_TOKEN_ALGORITHM = "id_token.algorithm", "OpenID Connect Core §3.1.3.7 (7)";
    /// The ID token's signature is right.
    ID_TOKEN_SIGNATURE = "id_token.signature", "OpenID Connect Core §3.1.3.7 (6)";
    /// The ID token's issuer is the one that was asked.
    ID_TOKEN_ISSUER = "id_token.issuer", "OpenID Connect Core §3.1.3.7 (2)";
    /// The ID token is meant for this client.
    ID_TOKEN_AUDIENCE = "id_token.audience", "OpenID Connect Core §3.1.3.7 (3)";
    /// The ID token names this client as its authorized party, where it names one.
    ID_TOKEN_AZP = "id_token.azp", "OpenID Connect Core §3.1.3.7 (4)";
    /// The ID token has not expired.
    ID_TOKEN_NOT_EXPIRED = "id_token.not_expired", "OpenID Connect Core §3.1.3.7 (9)";
    /// The ID token was not issued in the future.
    ID_TOKEN_ISSUED_AT = "id_token.issued_at", "OpenID Connect Core §3.1.3.7 (10)";
    /// The ID token carries the nonce that was sent.
    ID_TOKEN_NONCE = "id_token.nonce", "OpenID Connect Core §3.1.3.7 (11)";
    /// The ID token of a refresh is of the same person as the first.
    ID_TOKEN_SUBJECT = "id_token.subject", "OpenID Connect Core §12.2";
    /// The ID token's `at_hash` is the access token's.
    ID_TOKEN_AT_HASH = "id_token.at_hash", "OpenID Connect Core §3.1.3.8";
    /// The ID token's `c_hash` is that of the code beside it.
    ID_TOKEN_C_HASH = "id_token.c_hash", "OpenID Connect Core §3.3.2.11";
    /// The person signed in as recently as was asked.
    ID_TOKEN_AUTH_TIME = "id_token.auth_time", "OpenID Connect Core §3.1.3.7 (13)";
    /// The ID token names the person who was expected, where somebody was.
    ID_TOKEN_SAME_PERSON = "id_token.same_person", "OpenID Connect Core §3.3.3.6";
    /// Userinfo speaks of the person whom the ID token names.
    USERINFO_SUBJECT = "userinfo.subject", "OpenID Connect Core §5.3.2";
    /// The provider answers with metadata.
    DISCOVERY_ANSWERED = "discovery.answered", "OpenID Connect Discovery §4.2";
    /// The metadata is that of the issuer that was meant.
    DISCOVERY_ISSUER = "discovery.issuer", "OpenID Connect Discovery §4.3";
    /// The metadata has the endpoints that are needed.
    DISCOVERY_COMPLETE = "discovery.complete", "OpenID Connect Discovery §3";
}

/// The check of this id, if there is one.
#[must_use]
pub fn find(id: &str) -> Option<&'static CheckDef> {
    ALL.iter().copied().find(|check| check.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_and_well_formed() {
        for (index, check) in ALL.iter().enumerate() {
            assert!(
                ALL[..index].iter().all(|other| other.id != check.id),
                "{} twice",
                check.id
            );
            assert!(
                check
                    .id
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '.' || c == '_')
            );
            assert!(!check.reference.is_empty());
        }
    }
}
