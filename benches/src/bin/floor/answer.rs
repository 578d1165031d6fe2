//! The answers: the least that each operation needs.

use std::collections::HashMap;
use std::error::Error;
use std::fmt::Write;

use actix_web::http::header;
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};
use argon2::Argon2;
use aws_lc_rs::error::Unspecified;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use benches::form;
use serde::Deserialize;
use subtle::ConstantTimeEq;

use crate::Arguments;
use crate::signer::{Signer, random, sha256};
use crate::store::{ACCESS_LIVES, CODE_LIVES, Change, Changed, Code, Digest, Store, now};

/// Where the one client is redirected.
const REDIRECT_URI: &str = "https://client.example/callback";
/// Its name and secret.
const CLIENT: (&str, &str) = ("web", "web-secret");
/// For whom access tokens are.
const AUDIENCE: &str = "https://api.example";
/// What the API says: as long as the photo API's statistics.
const STATISTICS: &str = r#"{"realm":"default","people":2,"photos":7}"#;
/// Who has the one password.
const PERSON: (&str, &str) = ("alice", "alice-password");
/// The password's salt.
const SALT: &[u8] = b"0123456789abcdef";

/// Everything that answers need.
pub(crate) struct Floor {
    store: Store,
    signer: Signer,
    clients: HashMap<&'static str, Digest>,
    issuer: String,
    discovery: String,
    opaque: bool,
    password: Digest,
}

impl Floor {
    /// Opens the store and makes the keys.
    ///
    /// # Errors
    /// The database's own, or no randomness.
    pub(crate) fn new(arguments: &Arguments) -> Result<Self, Box<dyn Error + Send + Sync>> {
        let issuer = format!("http://localhost:{}", arguments.port);
        Ok(Self {
            store: Store::open(arguments.database.as_deref())?,
            signer: Signer::new(arguments.algorithm)?,
            clients: HashMap::from([(CLIENT.0, sha256(CLIENT.1))]),
            discovery: discovery_document(&issuer),
            issuer,
            opaque: arguments.opaque,
            password: argon2id(PERSON.1).ok_or("Argon2id fails")?,
        })
    }

    /// The client that proved who it is (RFC 6749 §2.3.1).
    fn client(&self, request: &HttpRequest) -> Option<&'static str> {
        let credentials = header_text(request, header::AUTHORIZATION)?.strip_prefix("Basic ")?;
        let credentials = String::from_utf8(STANDARD.decode(credentials).ok()?).ok()?;
        let (name, secret) = credentials.split_once(':')?;
        let (name, expected) = self.clients.get_key_value(form::decode(name).as_str())?;
        let right = sha256(&form::decode(secret)).ct_eq(expected);
        bool::from(right).then_some(*name)
    }

    /// Signs, and writes the answer.
    fn tokens(&self, issued: &Issued<'_>) -> Result<HttpResponse, Unspecified> {
        let now = now();
        let Issued {
            sub, client, scope, ..
        } = *issued;
        let by = &self.issuer;
        let mut claims = String::with_capacity(512);
        let mut body = String::with_capacity(2048);
        body.push_str(r#"{"access_token":""#);
        if let Some(opaque) = issued.access_token {
            body.push_str(opaque);
        } else {
            let (expires, jti) = (now + ACCESS_LIVES, random());
            // Writing to a String cannot fail.
            let _ = write!(
                claims,
                r#"{{"iss":"{by}","sub":"{sub}","aud":"{AUDIENCE}","client_id":"{client}","scope":"{scope}","iat":{now},"exp":{expires},"jti":"{jti}"}}"#
            );
            self.signer.access_token(&claims, &mut body)?;
        }
        let _ = write!(
            body,
            r#"","token_type":"Bearer","expires_in":{ACCESS_LIVES},"scope":"{scope}""#
        );
        if let Some(refresh) = issued.refresh_token {
            let _ = write!(body, r#","refresh_token":"{refresh}""#);
        }
        if let Some(nonce) = issued.nonce {
            claims.clear();
            let expires = now + ACCESS_LIVES;
            let _ = write!(
                claims,
                r#"{{"iss":"{by}","sub":"{sub}","aud":"{client}","nonce":"{nonce}","auth_time":{now},"iat":{now},"exp":{expires}}}"#
            );
            body.push_str(r#","id_token":""#);
            self.signer.id_token(&claims, &mut body)?;
            body.push('"');
        }
        body.push('}');
        Ok(json(body))
    }
}

/// What is signed and answered.
struct Issued<'i> {
    sub: &'i str,
    client: &'i str,
    scope: &'i str,
    /// With an ID token of this nonce.
    nonce: Option<&'i str>,
    refresh_token: Option<&'i str>,
    /// An opaque one, instead of one that is signed.
    access_token: Option<&'i str>,
}

/// `GET /hello`: a bare answer.
pub(crate) async fn hello() -> HttpResponse {
    json(STATISTICS)
}

/// `GET /api`: the same answer for whoever shows an access token of ours.
pub(crate) async fn api(floor: Data<Floor>, request: HttpRequest) -> HttpResponse {
    #[derive(Deserialize)]
    struct Claims<'c> {
        exp: i64,
        aud: &'c str,
    }
    let token = header_text(&request, header::AUTHORIZATION)
        .and_then(|header| header.strip_prefix("Bearer "));
    let claims = token.and_then(|token| floor.signer.verified(token));
    let claims = claims
        .as_deref()
        .and_then(|claims| serde_json::from_slice::<Claims<'_>>(claims).ok());
    match claims {
        Some(claims) if claims.exp > now() && claims.aud == AUDIENCE => json(STATISTICS),
        _ => HttpResponse::Unauthorized().finish(),
    }
}

/// `GET /.well-known/openid-configuration`.
pub(crate) async fn discovery(floor: Data<Floor>) -> HttpResponse {
    json(floor.discovery.clone())
}

/// `GET /jwks`.
pub(crate) async fn jwks(floor: Data<Floor>) -> HttpResponse {
    json(floor.signer.jwks.clone())
}

/// `GET /authorize`: a code for whoever is signed in; whoever is not, is signed in by being sent here again.
pub(crate) async fn authorize(floor: Data<Floor>, request: HttpRequest) -> HttpResponse {
    let query = form::read(request.query_string());
    let parameter = |name: &str| query.get(name).map(String::as_str).unwrap_or_default();
    let known = floor.clients.contains_key(parameter("client_id"))
        && parameter("redirect_uri") == REDIRECT_URI
        && parameter("code_challenge_method") == "S256";
    let challenge = URL_SAFE_NO_PAD.decode(parameter("code_challenge"));
    let challenge = challenge.ok().and_then(|bytes| bytes.try_into().ok());
    let Some(challenge) = challenge.filter(|_| known) else {
        return refused("invalid_request");
    };
    let session = header_text(&request, header::COOKIE).and_then(|cookies| {
        cookies
            .split("; ")
            .find_map(|cookie| cookie.strip_prefix("sid="))
    });
    let user = session.and_then(|session| floor.store.session(&sha256(session)));
    let Some(user) = user else {
        return sign_in(&floor, &request).await;
    };
    let code = random();
    let issued = Code {
        client: parameter("client_id").to_owned(),
        user,
        redirect_uri: REDIRECT_URI.to_owned(),
        scope: parameter("scope").to_owned(),
        nonce: parameter("nonce").to_owned(),
        challenge,
        expires: now() + CODE_LIVES,
    };
    if floor
        .store
        .change(Change::Issue(sha256(&code), issued))
        .await
        .is_none()
    {
        return HttpResponse::InternalServerError().finish();
    }
    let (state, by) = (parameter("state"), form::encode(&floor.issuer));
    let location = format!("{REDIRECT_URI}?code={code}&state={state}&iss={by}");
    HttpResponse::Found()
        .insert_header((header::LOCATION, location))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .finish()
}

async fn sign_in(floor: &Floor, request: &HttpRequest) -> HttpResponse {
    let session = random();
    let change = Change::SignIn(sha256(&session), PERSON.0.to_owned());
    if floor.store.change(change).await.is_none() {
        return HttpResponse::InternalServerError().finish();
    }
    let cookie = format!("sid={session}; Path=/; HttpOnly; SameSite=Lax");
    HttpResponse::Found()
        .insert_header((header::SET_COOKIE, cookie))
        .insert_header((header::LOCATION, request.uri().to_string()))
        .finish()
}

/// `POST /token`.
pub(crate) async fn token(floor: Data<Floor>, request: HttpRequest, body: Bytes) -> HttpResponse {
    let Ok(body) = std::str::from_utf8(&body) else {
        return refused("invalid_request");
    };
    let params = form::read(body);
    let Some(client) = floor.client(&request) else {
        return refused("invalid_client");
    };
    let parameter = |name: &str| params.get(name).map(String::as_str).unwrap_or_default();
    let answer = match parameter("grant_type") {
        "client_credentials" => floor.tokens(&Issued {
            sub: client,
            client,
            scope: parameter("scope"),
            nonce: None,
            refresh_token: None,
            access_token: None,
        }),
        "authorization_code" => return redeem(&floor, client, &params).await,
        "refresh_token" => return rotate(&floor, client, &params).await,
        "password" => {
            let (password, right) = (parameter("password").to_owned(), floor.password);
            let hash = actix_web::web::block(move || argon2id(&password) == Some(right)).await;
            if !hash.unwrap_or(false) || parameter("username") != PERSON.0 {
                return refused("invalid_grant");
            }
            floor.tokens(&Issued {
                sub: PERSON.0,
                client,
                scope: parameter("scope"),
                nonce: None,
                refresh_token: None,
                access_token: None,
            })
        }
        _ => return refused("unsupported_grant_type"),
    };
    answer.unwrap_or_else(|_| HttpResponse::InternalServerError().finish())
}

async fn redeem(floor: &Floor, client: &str, params: &HashMap<&str, String>) -> HttpResponse {
    let parameter = |name: &str| params.get(name).map(String::as_str).unwrap_or_default();
    let (refresh, access) = (random(), floor.opaque.then(random));
    let change = Change::Redeem(
        sha256(parameter("code")),
        sha256(&refresh),
        access.as_deref().map(sha256),
    );
    let Some(Changed::Code(Some(code))) = floor.store.change(change).await else {
        return refused("invalid_grant");
    };
    let proven = sha256(parameter("code_verifier")).ct_eq(&code.challenge);
    if code.client != client
        || code.redirect_uri != parameter("redirect_uri")
        || code.expires < now()
        || !bool::from(proven)
    {
        return refused("invalid_grant");
    }
    let answer = floor.tokens(&Issued {
        sub: &code.user,
        client,
        scope: &code.scope,
        nonce: Some(&code.nonce),
        refresh_token: Some(&refresh),
        access_token: access.as_deref(),
    });
    answer.unwrap_or_else(|_| HttpResponse::InternalServerError().finish())
}

async fn rotate(floor: &Floor, client: &str, params: &HashMap<&str, String>) -> HttpResponse {
    let old = params.get("refresh_token").map(String::as_str);
    let (refresh, access) = (random(), floor.opaque.then(random));
    let change = Change::Rotate(
        sha256(old.unwrap_or_default()),
        sha256(&refresh),
        access.as_deref().map(sha256),
    );
    let Some(Changed::Grant(Some(grant))) = floor.store.change(change).await else {
        return refused("invalid_grant");
    };
    if grant.client != client || grant.expires < now() {
        return refused("invalid_grant");
    }
    let answer = floor.tokens(&Issued {
        sub: &grant.user,
        client,
        scope: &grant.scope,
        nonce: Some(""),
        refresh_token: Some(&refresh),
        access_token: access.as_deref(),
    });
    answer.unwrap_or_else(|_| HttpResponse::InternalServerError().finish())
}

/// When a token ends.
#[derive(Deserialize)]
struct Expiry {
    exp: i64,
}

/// `POST /introspect` (RFC 7662): a signed token is verified, an opaque one looked up; neither is active once it has
/// expired (§4).
pub(crate) async fn introspect(
    floor: Data<Floor>,
    request: HttpRequest,
    body: Bytes,
) -> HttpResponse {
    let params = std::str::from_utf8(&body)
        .map(form::read)
        .unwrap_or_default();
    if floor.client(&request).is_none() {
        return refused("invalid_client");
    }
    let token = params.get("token").map(String::as_str).unwrap_or_default();
    if floor.opaque {
        let found = floor.store.access_token(&sha256(token));
        let found = found.filter(|grant| grant.expires > now());
        return json(found.map_or_else(
            || r#"{"active":false}"#.to_owned(),
            |grant| {
                let (user, client, scope, expires) =
                    (&grant.user, &grant.client, &grant.scope, grant.expires);
                format!(
                    r#"{{"active":true,"sub":"{user}","client_id":"{client}","scope":"{scope}","exp":{expires},"token_type":"Bearer"}}"#
                )
            },
        ));
    }
    let claims = floor.signer.verified(token).filter(|claims| {
        serde_json::from_slice::<Expiry>(claims).is_ok_and(|claims| claims.exp > now())
    });
    json(match claims.map(String::from_utf8) {
        Some(Ok(claims)) => {
            let members = claims.get(1..).unwrap_or_default();
            format!(r#"{{"active":true,{members}"#)
        }
        _ => r#"{"active":false}"#.to_owned(),
    })
}

fn header_text(request: &HttpRequest, name: header::HeaderName) -> Option<&str> {
    request.headers().get(name)?.to_str().ok()
}

fn json(body: impl Into<String>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .content_type("application/json")
        .body(body.into())
}

fn refused(error: &str) -> HttpResponse {
    HttpResponse::BadRequest()
        .content_type("application/json")
        .body(format!(r#"{{"error":"{error}"}}"#))
}

/// With OWASP's parameters, which are the crate's default and the auth server's.
fn argon2id(password: &str) -> Option<Digest> {
    let mut hash = [0; 32];
    let hashed = Argon2::default().hash_password_into(password.as_bytes(), SALT, &mut hash);
    hashed.is_ok().then_some(hash)
}

fn discovery_document(issuer: &str) -> String {
    format!(
        r#"{{"issuer":"{issuer}","authorization_endpoint":"{issuer}/authorize","token_endpoint":"{issuer}/token","introspection_endpoint":"{issuer}/introspect","jwks_uri":"{issuer}/jwks","response_types_supported":["code"],"response_modes_supported":["query"],"grant_types_supported":["authorization_code","client_credentials","refresh_token","password"],"subject_types_supported":["public"],"id_token_signing_alg_values_supported":["ES256","RS256"],"code_challenge_methods_supported":["S256"],"token_endpoint_auth_methods_supported":["client_secret_basic"],"scopes_supported":["openid","offline_access","profile","email"],"claims_supported":["sub","iss","auth_time","nonce"],"authorization_response_iss_parameter_supported":true}}"#
    )
}
