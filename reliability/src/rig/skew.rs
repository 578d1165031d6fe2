//! Clocks that disagree: which tokens a resource server takes whose issuer's clock is ahead or behind, and which client
//! assertions the auth server does.

use serde_json::json;
use shared::time::wall_clock_us;

use super::Bench;
use crate::fault::{Ran, system};
use crate::report::{Findings, Row};
use crate::world::api::Place;
use crate::world::cluster::free_ports;
use crate::world::{Api, StandIn};

/// How far clocks may disagree by default (`[tokens.default] leeway`), in seconds.
const LEEWAY: i64 = 5;
/// What the rig itself may take between signing and the verdict, in seconds.
const SLACK: i64 = 2;
/// How far the issuer's clock is off, in seconds. Those within [`SLACK`] of the bound are not tried.
const OFF: [i64; 8] = [0, 1, 3, 8, 30, 60, 300, 3600];

/// A claim that says when.
#[derive(Clone, Copy, Debug)]
enum When {
    /// Issued in the future.
    IssuedAt,
    /// Good only later.
    NotBefore,
    /// Ended in the past.
    Expired,
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
    for when in [When::IssuedAt, When::NotBefore, When::Expired] {
        findings
            .rows
            .push(tried(&stand_in, (&api, port), when).await?);
    }
    Ok(findings)
}

async fn tried(stand_in: &StandIn, (api, port): (&Api, u16), when: When) -> Ran<Row> {
    let (mut taken, mut refused, mut wrong) = (Vec::new(), Vec::new(), Vec::new());
    for off in OFF {
        let signed = stand_in.sign(&claims(stand_in, port, (when, off)))?;
        let answer = api.call("/photos", &signed).await;
        let answer = answer.map_err(system("the API"))?;
        match answer.status {
            200 => taken.push(off.to_string()),
            401 => refused.push(off.to_string()),
            _ => wrong.push(answer.shown()),
        }
        let good = off + SLACK <= LEEWAY;
        if good != (answer.status == 200) {
            wrong.push(format!("{off} s: {}", answer.shown()));
        }
    }
    let what = match when {
        When::IssuedAt => "`iat` in the future",
        When::NotBefore => "`nbf` in the future",
        When::Expired => "`exp` in the past",
    };
    let first = wrong.first();
    let first = first.map_or_else(String::new, |first| format!("; wrong: {first}"));
    let figure = format!(
        "taken at {} s, refused with 401 at {} s{first}",
        taken.join(", "),
        refused.join(", ")
    );
    let n = format!("{} clocks", OFF.len());
    Ok(Row::new(what, ("none", n), figure, wrong.is_empty()))
}

fn claims(stand_in: &StandIn, port: u16, (when, off): (When, i64)) -> serde_json::Value {
    let now = wall_clock_us() / 1_000_000;
    let mut claims = json!({
        "iss": stand_in.issuer,
        "aud": format!("http://localhost:{port}"),
        "sub": "alice-0001",
        "client_id": "web",
        "scope": "photos:read",
        "jti": format!("{when:?}-{off}"),
        "iat": now,
        "exp": now + 600,
    });
    let (name, value) = match when {
        When::IssuedAt => ("iat", now + off),
        When::NotBefore => ("nbf", now + off),
        When::Expired => ("exp", now - off),
    };
    if let Some(claims) = claims.as_object_mut() {
        claims.insert(name.to_owned(), value.into());
    }
    claims
}
