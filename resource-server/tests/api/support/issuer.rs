//! An auth server as the resource server sees one: metadata, keys and introspection, for any realm but `nowhere`.

use std::collections::HashMap;
use std::net::TcpListener;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Map, Value, json};

/// What a token says.
#[derive(Clone)]
pub(crate) struct Claims(pub(crate) Map<String, Value>);

impl Claims {
    pub(super) fn new(issuer: &str, audience: &str, now: i64) -> Self {
        let claims = json!({
            "iss": issuer, "aud": audience, "exp": now + 600, "iat": now, "jti": "t1",
            "auth_time": now, "acr": "urn:grantscope:acr:password",
        });
        Self(claims.as_object().cloned().unwrap())
    }

    /// The same with another value of one claim.
    pub(crate) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.insert(name.to_owned(), value.into());
        self
    }
}

struct Shared {
    url: String,
    keys: Mutex<Vec<(String, EncodingKey)>>,
    opaque: Mutex<HashMap<String, Value>>,
    key_fetches: AtomicU32,
    introspections: AtomicU32,
    /// How long the key set takes, and whether it is refused then.
    manner: Mutex<(Duration, bool)>,
}

/// The issuer.
pub(crate) struct Issuer {
    /// Its identifier.
    pub(crate) url: String,
    shared: Arc<Shared>,
    handle: ServerHandle,
}

impl Issuer {
    pub(super) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://localhost:{}", listener.local_addr().unwrap().port());
        let shared = Arc::new(Shared {
            url: url.clone(),
            keys: Mutex::default(),
            opaque: Mutex::default(),
            key_fetches: AtomicU32::new(0),
            introspections: AtomicU32::new(0),
            manner: Mutex::default(),
        });
        let data = web::Data::from(Arc::clone(&shared));
        let (sender, receiver) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let server = HttpServer::new(move || {
                    let metadata = "/.well-known/oauth-authorization-server";
                    App::new()
                        .app_data(data.clone())
                        .route(metadata, web::get().to(describe))
                        .route(&format!("{metadata}/r/{{realm}}"), web::get().to(describe))
                        .route("/jwks", web::get().to(keys))
                        .route("/introspect", web::post().to(introspect))
                })
                .workers(1)
                .listen(listener)
                .unwrap()
                .disable_signals()
                .shutdown_timeout(0)
                .run();
                sender.send(server.handle()).unwrap();
                server.await.unwrap();
            });
        });
        let issuer = Self {
            url,
            shared,
            handle: receiver.recv().unwrap(),
        };
        issuer.add_key("k1");
        issuer
    }

    /// Makes a key and publishes it.
    pub(crate) fn add_key(&self, kid: &str) {
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let document = EcdsaKeyPair::generate_pkcs8(algorithm, &SystemRandom::new()).unwrap();
        let key = EncodingKey::from_ec_der(document.as_ref());
        self.shared.keys.lock().unwrap().push((kid.to_owned(), key));
    }

    /// A token signed with the key `kid`; one that is not published where there is no such key.
    pub(crate) fn sign_with(&self, kid: &str, claims: &Claims) -> String {
        let keys = self.shared.keys.lock().unwrap();
        let known = keys.iter().find(|(known, _)| known == kid);
        let (_, key) = known.or(keys.first()).unwrap();
        let header = Header {
            typ: Some("at+jwt".to_owned()),
            kid: Some(kid.to_owned()),
            ..Header::new(Algorithm::ES256)
        };
        jsonwebtoken::encode(&header, &claims.0, key).unwrap()
    }

    /// A token as it should be.
    pub(crate) fn sign(&self, claims: &Claims) -> String {
        self.sign_with("k1", claims)
    }

    /// Says what introspection answers about an opaque token, or about a JWT that is to be refused.
    pub(crate) fn say(&self, token: &str, answer: Value) {
        self.shared
            .opaque
            .lock()
            .unwrap()
            .insert(token.to_owned(), answer);
    }

    /// How often keys were fetched.
    pub(crate) fn key_fetches(&self) -> u32 {
        self.shared.key_fetches.load(Ordering::Relaxed)
    }

    /// How often somebody asked about a token.
    pub(crate) fn introspections(&self) -> u32 {
        self.shared.introspections.load(Ordering::Relaxed)
    }

    /// From now on the key set takes this long, and is refused if `refused`.
    pub(crate) fn give_keys(&self, after: Duration, refused: bool) {
        *self.shared.manner.lock().unwrap() = (after, refused);
    }

    /// Goes away for good.
    pub(crate) async fn leave(&self) {
        self.handle.stop(false).await;
    }
}

impl Drop for Issuer {
    fn drop(&mut self) {
        // Sending the command is enough; nobody waits for the end.
        drop(self.handle.stop(false));
    }
}

async fn describe(request: HttpRequest, shared: web::Data<Shared>) -> HttpResponse {
    let path = match request.match_info().get("realm") {
        Some("nowhere") => return HttpResponse::NotFound().finish(),
        Some("liar") => "/r/somebody-else".to_owned(),
        Some(realm) => format!("/r/{realm}"),
        None => String::new(),
    };
    let url = &shared.url;
    HttpResponse::Ok().json(json!({
        "issuer": format!("{url}{path}"),
        "jwks_uri": format!("{url}/jwks"),
        "introspection_endpoint": format!("{url}/introspect"),
    }))
}

async fn keys(shared: web::Data<Shared>) -> HttpResponse {
    shared.key_fetches.fetch_add(1, Ordering::Relaxed);
    let (after, refused) = *shared.manner.lock().unwrap();
    actix_web::rt::time::sleep(after).await;
    if refused {
        return HttpResponse::ServiceUnavailable().finish();
    }
    let public = |(kid, key): &(String, EncodingKey)| {
        let mut jwk = Jwk::from_encoding_key(key, Algorithm::ES256).unwrap();
        jwk.common.key_id = Some(kid.clone());
        jwk
    };
    let keys: Vec<_> = shared.keys.lock().unwrap().iter().map(public).collect();
    HttpResponse::Ok().json(json!({ "keys": keys }))
}

async fn introspect(
    request: HttpRequest,
    form: web::Form<HashMap<String, String>>,
    shared: web::Data<Shared>,
) -> HttpResponse {
    shared.introspections.fetch_add(1, Ordering::Relaxed);
    let authorization = request.headers().get("authorization");
    // resource-server:resource-server-secret
    let expected = "Basic cmVzb3VyY2Utc2VydmVyOnJlc291cmNlLXNlcnZlci1zZWNyZXQ=";
    if authorization.is_none_or(|value| value != expected) {
        return HttpResponse::Unauthorized().json(json!({ "error": "invalid_client" }));
    }
    let known = shared.opaque.lock().unwrap().get(&form["token"]).cloned();
    let by_default = json!({ "active": form["token"].contains('.') });
    HttpResponse::Ok().json(known.unwrap_or(by_default))
}
