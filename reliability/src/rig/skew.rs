//! Clocks that disagree: which tokens a resource server takes whose issuer's clock is ahead or behind, and which client
//! assertions and `DPoP` proofs the auth server does.

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use shared::time::wall_clock_us;

use super::Bench;
use crate::fault::{Ran, system};
use crate::report::{Findings, Row};
use crate::wire::{Answer, Request};
use crate::world::api::Place;
use crate::world::cast::{ASSERTING, SERVICE};
use crate::world::cluster::free_ports;
use crate::world::{Api, Cluster, Provider, StandIn};

/// What the rig itself may take between signing and the verdict, in seconds: clocks that are off by as much as the bound,
/// give or take this, are told of and not judged.
const SLACK: i64 = 2;
/// How far the signer's clock is off, in seconds.
const OFF: [i64; 8] = [0, 1, 3, 8, 30, 60, 300, 3600];
/// `client_assertion_type` (RFC 7523 §2.2).
const ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A claim that says when, and is off.
#[derive(Clone, Copy, Debug)]
enum When {
    /// Issued in the future.
    IssuedAt,
    /// Issued in the past.
    IssuedLongAgo,
    /// Good only later.
    NotBefore,
    /// Ended in the past.
    Expired,
}

/// Who judges, and by how much clocks may differ there, in seconds.
#[derive(Clone, Copy, Debug)]
struct Bound {
    when: When,
    what: &'static str,
    leeway: i64,
    /// What those are told that are not believed.
    refused: u16,
}

/// `[tokens.default] leeway` of the resource server.
const ACCESS_TOKENS: [Bound; 3] = [
    bound(
        When::IssuedAt,
        "access token at an API: `iat` in the future",
        5,
        401,
    ),
    bound(
        When::NotBefore,
        "access token at an API: `nbf` in the future",
        5,
        401,
    ),
    bound(
        When::Expired,
        "access token at an API: `exp` in the past",
        5,
        401,
    ),
];

/// A client's clock may be a minute ahead of the auth server's; what has ended has ended.
const ASSERTIONS: [Bound; 3] = [
    bound(
        When::IssuedAt,
        "client assertion: `iat` in the future",
        60,
        401,
    ),
    bound(
        When::NotBefore,
        "client assertion: `nbf` in the future",
        60,
        401,
    ),
    bound(When::Expired, "client assertion: `exp` in the past", 0, 401),
];

/// A proof is made for one request: a minute ahead, five behind (RFC 9449 §11.1).
const PROOFS: [Bound; 2] = [
    bound(When::IssuedAt, "`DPoP` proof: `iat` in the future", 60, 400),
    bound(
        When::IssuedLongAgo,
        "`DPoP` proof: `iat` in the past",
        300,
        400,
    ),
];

const fn bound(when: When, what: &'static str, leeway: i64, refused: u16) -> Bound {
    Bound {
        when,
        what,
        leeway,
        refused,
    }
}

/// What all clocks of one claim came to.
#[derive(Debug, Default)]
struct Verdicts {
    taken: Vec<String>,
    refused: Vec<String>,
    wrong: Vec<String>,
}

/// Tries every clock.
pub(crate) async fn run(bench: &Bench) -> Ran<Findings> {
    let mut findings = Findings::of("skew");
    let directory = tempfile::tempdir()?;
    let stand_in = StandIn::start().await?;
    let port = free_ports(1)?.first().copied().unwrap_or_default();
    let authority = stand_in.issuer.trim_start_matches("http://").to_owned();
    let place = Place {
        directory: directory.path(),
        port,
        public_port: port,
        issuer: &stand_in.issuer,
        connect_to: &authority,
    };
    let api = Api::start(&bench.programs, place, "").await?;
    for bound in ACCESS_TOKENS {
        let mut verdicts = Verdicts::default();
        for off in OFF {
            let signed = stand_in.sign(&access_token(&stand_in, port, (bound.when, off)))?;
            let answer = api.call("/photos", &signed).await;
            verdicts.add(bound, off, &answer.map_err(system("the API"))?);
        }
        findings.rows.push(verdicts.row(bound, "none"));
    }
    for backend in &bench.backends {
        let cluster = Cluster::start(&bench.programs, backend, 1, "").await?;
        let provider = cluster.provider()?;
        for bound in ASSERTIONS {
            let mut verdicts = Verdicts::default();
            for off in OFF {
                let assertion = assertion(provider.issuer(), (bound.when, off));
                let form = [
                    ("grant_type", "client_credentials"),
                    ("client_assertion_type", ASSERTION),
                    ("client_assertion", assertion.as_str()),
                ];
                let answer = provider.send(&Request::post("/token", &form)).await?;
                verdicts.add(bound, off, &answer);
            }
            findings.rows.push(verdicts.row(bound, backend.name()));
        }
        for bound in PROOFS {
            let mut verdicts = Verdicts::default();
            for off in OFF {
                let proof = stand_in.prove(&proof(provider.issuer(), (bound.when, off)))?;
                let form = [("grant_type", "client_credentials")];
                let asked = Provider::as_client(SERVICE, "/token", &form).header("dpop", proof);
                verdicts.add(bound, off, &provider.send(&asked).await?);
            }
            findings.rows.push(verdicts.row(bound, backend.name()));
        }
    }
    Ok(findings)
}

impl Verdicts {
    fn add(&mut self, bound: Bound, off: i64, answer: &Answer) {
        let taken = answer.status == 200;
        if taken {
            self.taken.push(off.to_string());
        } else if answer.status == bound.refused {
            self.refused.push(off.to_string());
        }
        let known = taken || answer.status == bound.refused;
        let must_take = off + SLACK <= bound.leeway || off == 0 && bound.leeway > 0;
        let must_refuse = off >= bound.leeway + SLACK;
        if !known || must_take && !taken || must_refuse && taken {
            self.wrong.push(format!("{off} s: {}", answer.shown()));
        }
    }

    fn row(&self, bound: Bound, place: &str) -> Row {
        let first = self.wrong.first();
        let first = first.map_or_else(String::new, |first| format!("; wrong: {first}"));
        let figure = format!(
            "taken at {} s, refused with {} at {} s{first}",
            self.taken.join(", "),
            bound.refused,
            self.refused.join(", ")
        );
        let n = format!("{} clocks", OFF.len());
        let holds = self.wrong.is_empty() && !self.refused.is_empty();
        Row::new(bound.what, (place, n), figure, holds)
    }
}

/// `claims` with one that says when, which is off.
fn shifted(mut claims: Value, (when, off): (When, i64)) -> Value {
    let now = now();
    let (name, value) = match when {
        When::IssuedAt => ("iat", now + off),
        When::IssuedLongAgo => ("iat", now - off),
        When::NotBefore => ("nbf", now + off),
        When::Expired => ("exp", now - off),
    };
    if let Some(claims) = claims.as_object_mut() {
        claims.insert(name.to_owned(), value.into());
    }
    claims
}

fn now() -> i64 {
    wall_clock_us() / 1_000_000
}

fn access_token(stand_in: &StandIn, port: u16, (when, off): (When, i64)) -> Value {
    let claims = json!({
        "iss": stand_in.issuer,
        "aud": format!("http://localhost:{port}"),
        "sub": "alice-0001",
        "client_id": "web",
        "scope": "photos:read",
        "jti": format!("{when:?}-{off}"),
        "iat": now(),
        "exp": now() + 600,
    });
    shifted(claims, (when, off))
}

/// A client assertion (RFC 7523 §3) with a MAC by the client's secret.
fn assertion(issuer: &str, (when, off): (When, i64)) -> String {
    let claims = json!({
        "iss": ASSERTING.id,
        "sub": ASSERTING.id,
        "aud": issuer,
        "jti": format!("{when:?}-{off}"),
        "iat": now(),
        "exp": now() + 600,
    });
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let input = format!(
        "{}.{}",
        part(&json!({"typ": "JWT", "alg": "HS256"})),
        part(&shifted(claims, (when, off)))
    );
    let secret = ASSERTING.secret.unwrap_or_default();
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let mac = URL_SAFE_NO_PAD.encode(hmac::sign(&key, input.as_bytes()));
    format!("{input}.{mac}")
}

fn proof(issuer: &str, (when, off): (When, i64)) -> Value {
    let claims = json!({
        "jti": format!("{when:?}-{off}"),
        "htm": "POST",
        "htu": format!("{issuer}/token"),
        "iat": now(),
    });
    shifted(claims, (when, off))
}
