//! Break it: every mutation of every parameter of every grant, really executed, against `docs/break-it.md`: who said no,
//! by which check, and the rule behind it. The table is written by these tests and reviewed by people.
//!
//! `UPDATE_GOLDEN=1` writes it anew; read the difference before you commit it.

use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use ecosystem::Ecosystem;
use ecosystem::record::FlowView;
use serde_json::{Value, json};

use crate::broken_flows;
use crate::flows::sha256_hex;
use crate::support::{ALICE, Answer, Browser, Request, SPA, VERIFIER, WEB, World, encode};

/// A flow to be broken.
pub(crate) struct Good {
    pub(crate) title: &'static str,
    pub(crate) world: World,
    /// Exchanges whose parameters were broken in another flow of the table already.
    pub(crate) without: &'static [&'static str],
    /// Only exchanges that send one of these are broken; all where nothing is named.
    pub(crate) only: &'static [&'static str],
}

impl Good {
    fn has(&self, offered: &Value) -> bool {
        let path = offered["path"].as_str().unwrap();
        let mut parameters = offered["parameters"].as_array().unwrap().iter();
        let named = |one: &Value| self.only.contains(&one["parameter"].as_str().unwrap());
        !self.without.contains(&path) && (self.only.is_empty() || parameters.any(named))
    }
}

/// A row of the table.
fn row(offered: &Value, offer: &Value, executed: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or("").to_owned();
    let place = match offer["place"].as_str().unwrap() {
        "request_query" => "query",
        "request_header" => "header",
        _ => "body",
    };
    let result = match executed["result"].as_str().unwrap() {
        "left_to_client" => "left to the client".to_owned(),
        result => result.to_owned(),
    };
    let status = executed["status"].as_u64();
    let mut answer = Vec::new();
    answer.extend(executed["refused_at"].as_str().map(|at| format!("`{at}`")));
    answer.extend(status.map(|status| status.to_string()));
    answer.extend(executed["error"].as_str().map(|error| format!("`{error}`")));
    let check = text(&executed["failed_check"]);
    let check = if check.is_empty() {
        text(&executed["demanded"]["why"])
    } else {
        format!("`{check}`")
    };
    format!(
        "| {} {} | `{}` ({place}) | {} | {result} | {check} | {} | {} |",
        text(&offered["method"]),
        text(&offered["path"]),
        text(&offer["parameter"]),
        text(&executed["asked"]["mutation"]).replace('_', " "),
        answer.join(" "),
        text(&executed["demanded"]["reference"]),
    )
}

/// The one flow of a realm, once the record has all of it.
async fn flow_of(world: &World) -> FlowView {
    let mut before = None;
    for _ in 0..50 {
        let flows = world.realm.flows().await.unwrap();
        let now = flows.first().map(|flow| flow.exchange_count);
        if flows.len() == 1 && now == before {
            return world.realm.flow(&flows[0].id).await.unwrap();
        }
        before = now;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("one good flow: {:#?}", world.realm.flows().await.unwrap());
}

/// The default realm of an ecosystem of its own: the record's ring holds one flow and all that is made of it.
pub(crate) async fn world() -> World {
    let ecosystem = Ecosystem::start()
        .await
        .unwrap_or_else(|error| panic!("{error}"));
    World::at_root(Arc::new(ecosystem))
}

/// Asks for an execution.
pub(crate) async fn break_it(world: &World, flow: &str, asked: &Value) -> Answer {
    let url = world.app(&format!("/api/flows/{flow}/break"));
    let request = Request::new("POST", &url)
        .header("content-type", "application/json")
        .body(asked.to_string());
    world.send(request).await
}

/// Breaks everything that can be broken of a flow; the rows, and what was not as it has to be.
async fn broken(good: Good) -> (String, Vec<String>) {
    let world = &good.world;
    let flow = flow_of(world).await.summary.id.to_string();
    let offers = Request::get(&world.app(&format!("/api/flows/{flow}/break")));
    let offers = world.send(offers).await.is(200).json();
    let mut table = format!("\n## {}\n\n{HEAD}", good.title);
    let mut wrong = Vec::new();
    for offered in offers["exchanges"].as_array().unwrap() {
        let path = offered["path"].as_str().unwrap();
        if !good.has(offered) {
            continue;
        }
        for offer in offered["parameters"].as_array().unwrap() {
            for mutation in offer["mutations"].as_array().unwrap() {
                let asked = json!({
                    "exchange": offered["exchange"],
                    "parameter": offer["parameter"],
                    "place": offer["place"],
                    "mutation": mutation,
                });
                let mut answer = break_it(world, &flow, &asked).await;
                if answer.status() == 429 {
                    // The guesses have run out: they come back with time.
                    world.wait_seconds(301);
                    answer = break_it(world, &flow, &asked).await;
                } else if answer.status() >= 500 {
                    // A machine with much else to do: once more.
                    answer = break_it(world, &flow, &asked).await;
                }
                let executed = answer.json();
                if answer.status() != 200 {
                    wrong.push(format!("{} {path} {asked}: {answer}", good.title));
                    continue;
                }
                let row = row(offered, offer, &executed);
                if executed["as_demanded"] != true {
                    wrong.push(format!("{}: {row}\n    {executed}", good.title));
                }
                assert_ne!(executed["flow"], flow, "a flow of its own");
                writeln!(table, "{row}").unwrap();
            }
        }
    }
    (table, wrong)
}

const HEAD: &str = "| exchange | parameter | mutation | came | check, or why not | answer | demanded by |\n|---|---|---|---|---|---|---|\n";

pub(crate) async fn sign_in_and_agree(
    browser: &mut Browser,
    page: crate::support::Page,
) -> crate::support::Page {
    let fields = [("username", ALICE.username), ("password", ALICE.password)];
    let page = browser.press(&page, "login-submit", &fields).await;
    browser.press(&page, "consent-allow", &[]).await
}

/// Through the client app: authorization code with PKCE, a call of the API, a refresh.
async fn authorization_code(title: &'static str, without: &'static [&'static str]) -> Good {
    let world = world().await;
    let mut browser = Browser::new();
    let page = browser.open(&world.app("/grants/authorization-code")).await;
    let page = browser.press(&page, "run", &[]).await;
    let page = sign_in_and_agree(&mut browser, page).await;
    let page = browser.press(&page, "call-photos", &[]).await;
    let page = browser.press(&page, "refresh", &[]).await;
    assert_eq!(page.response.status, 200, "{}", page.text());
    Good {
        title,
        world,
        without,
        only: &[],
    }
}

async fn client_credentials() -> Good {
    let world = world().await;
    let mut browser = Browser::new();
    let page = browser.open(&world.app("/grants/client-credentials")).await;
    let page = browser.press(&page, "run", &[]).await;
    let page = browser.press(&page, "call-stats", &[]).await;
    assert_eq!(page.response.status, 200, "{}", page.text());
    Good {
        title: "Client credentials, by the client app",
        world,
        without: &[],
        only: &[],
    }
}

async fn password() -> Good {
    let world = world().await;
    let mut browser = Browser::new();
    let page = browser.open(&world.app("/grants/password")).await;
    let fields = [("username", ALICE.username), ("password", ALICE.password)];
    let page = browser.press(&page, "run", &fields).await;
    let page = browser.press(&page, "call-photos", &[]).await;
    assert_eq!(page.response.status, 200, "{}", page.text());
    Good {
        title: "Password (legacy), by the client app",
        world,
        without: &["/photos"],
        only: &[],
    }
}

/// What the scripts of the page do is done here in their place.
async fn implicit() -> Good {
    let world = world().await;
    let redirect_uri = world.app("/callback/implicit");
    let query = encode(&[
        ("response_type", "token"),
        ("client_id", SPA.id),
        ("redirect_uri", &redirect_uri),
        ("scope", "profile photos:read"),
        ("state", "made by the script"),
    ]);
    let mut browser = Browser::new();
    let page = browser
        .open(&world.auth(&format!("/authorize?{query}")))
        .await;
    let page = sign_in_and_agree(&mut browser, page).await;
    let last = page.hops[page.hops.len() - 2].header("location").unwrap();
    let (_, fragment) = last.split_once('#').unwrap();
    let answer: Vec<(String, String)> = url::form_urlencoded::parse(fragment.as_bytes())
        .into_owned()
        .collect();
    let seen = answer.iter();
    let seen = seen.map(|(name, value)| json!({ "name": name, "sha256_hex": sha256_hex(value) }));
    let report = json!({
        "event": "fragment_received",
        "page": page.element("implicit").attribute("data-page").unwrap(),
        "url": redirect_uri,
        "parameters": seen.collect::<Vec<_>>(),
        "checks": [{ "id": "state.matches", "outcome": "passed" }],
    });
    let told = Request::new("POST", &world.app("/record/browser"))
        .header("content-type", "application/json")
        .header("origin", world.ecosystem.client_app())
        .body(report.to_string());
    assert!(world.send(told).await.status() < 300);
    let (_, token) = answer
        .iter()
        .find(|(name, _)| name == "access_token")
        .unwrap();
    let call = Request::get(&world.api("/photos"))
        .bearer(token)
        .header("origin", world.ecosystem.client_app())
        .header("user-agent", "Mozilla/5.0 (X11; Linux x86_64) Scripted/1.0")
        .header("sec-fetch-mode", "cors");
    world.send(call).await.is(200);
    Good {
        title: "Implicit (legacy), in the browser",
        world,
        without: &["/login", "/consent"],
        only: &[],
    }
}

/// A client that nobody here wrote: its code, its question about its token, its refresh, its giving back.
async fn stranger() -> Good {
    let world = world().await;
    let curl = |request: Request| request.header("user-agent", "curl/8.5.0");
    let authorization = world
        .authorize(WEB, "openid profile offline_access")
        .with("nonce", "a nonce of a script");
    let code = world.agree(ALICE, &authorization).await;
    let secret = [("client_id", WEB.id), ("client_secret", "web-secret")];
    let post = |path: &str, more: &[(&str, &str)]| {
        let pairs = [more, &secret].concat();
        curl(Request::post(&world.auth(path), &pairs))
    };
    let redeem = post(
        "/token",
        &[
            ("grant_type", "authorization_code"),
            ("code", &crate::support::code_in(&code)),
            ("redirect_uri", &world.callback(WEB)),
            ("code_verifier", VERIFIER),
        ],
    );
    let tokens = world.send(redeem).await.tokens();
    let userinfo = Request::get(&world.auth("/userinfo")).bearer(&tokens.access);
    world.send(curl(userinfo)).await.is(200);
    let introspect = post("/introspect", &[("token", &tokens.access)]);
    world.send(introspect).await.is(200);
    let refresh = [
        ("grant_type", "refresh_token"),
        ("refresh_token", &tokens.refresh),
        ("scope", "profile"),
    ];
    let tokens = world.send(post("/token", &refresh)).await.tokens();
    let hint = ("token_type_hint", "refresh_token");
    let revoke = post("/revoke", &[("token", &tokens.refresh), hint]);
    world.send(revoke).await.is(200);
    Good {
        title: "Authorization code with PKCE, by curl",
        world,
        without: &["/login", "/consent"],
        only: &[],
    }
}

/// A public client, whose verifier is its only proof.
async fn public() -> Good {
    let world = world().await;
    let code = world.code(SPA, "profile photos:read").await;
    let redeem = world.redeem(&code).header("user-agent", "Authlib/1.6");
    world.send(redeem).await.tokens();
    Good {
        title: "Authorization code with PKCE, by a public client",
        world,
        without: &["/authorize", "/login", "/consent"],
        only: &[],
    }
}

const PREFACE: &str = "# Break it: the table\n\n\
What comes of every mutation of every parameter, really executed against the running services by\n\
`ecosystem/tests/blackbox/break_it.rs`, which writes this file. *Came* is what came, *check* the check that said no, or\n\
why nobody did (`break-why-…` in the language files says it in a sentence), *demanded by* the rule that it was held\n\
against: `client-app/src/breaking/demand` is written from the standards, and a row that it does not demand fails the\n\
test. *Left to the client* means: no server can see it; the client has to refuse, and the robot in its place stopped.\n";

#[tokio::test]
async fn every_mutation_ends_in_the_check_that_the_standards_demand() {
    let front = "Authorization code with PKCE, by the client app: front channel";
    let back = "Authorization code with PKCE, by the client app: back channel";
    let first = tokio::join!(
        async { broken(authorization_code(front, &["/token", "/photos"]).await).await },
        async {
            let front = &["/authorize", "/login", "/consent", "/callback"];
            broken(authorization_code(back, front).await).await
        },
        async { broken(client_credentials().await).await },
        async { broken(password().await).await },
        async { broken(implicit().await).await },
        async { broken(stranger().await).await },
        async { broken(public().await).await },
    );
    // As many ecosystems at once as before, and no more.
    let then = tokio::join!(
        async { broken(broken_flows::fapi().await).await },
        async { broken(broken_flows::exchange().await).await },
        async { broken(broken_flows::jwt_bearer().await).await },
        async { broken(broken_flows::stranger_device().await).await },
    );
    let broken = <[_; 7]>::from(first)
        .into_iter()
        .chain(<[_; 4]>::from(then));
    let (tables, wrong): (Vec<_>, Vec<_>) = broken.unzip();
    let table = format!("{PREFACE}{}", tables.concat());
    let wrong = wrong.concat();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/break-it.md");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &table).unwrap();
    }
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    let golden = std::fs::read_to_string(&path).unwrap_or_default();
    for (line, (came, reviewed)) in (1..).zip(table.lines().zip(golden.lines())) {
        assert_eq!(came, reviewed, "docs/break-it.md, line {line}");
    }
    assert_eq!(table.lines().count(), golden.lines().count());
}

#[tokio::test]
async fn a_refresh_that_brings_an_id_token_of_somebody_else_is_refused() {
    let good = authorization_code("A refresh", &[]).await;
    let world = &good.world;
    let flow = flow_of(world).await;
    // The good one came first: its ID token is about the person of the first one.
    let checks: Vec<_> = flow.exchanges.iter().flat_map(|one| &one.checks).collect();
    let subject = checks.iter().find(|check| check.id == "id_token.subject");
    let outcome = subject.map(|check| check.outcome);
    assert_eq!(outcome, Some(shared::flow::Outcome::Passed));
    let flow = flow.summary.id.to_string();
    let offers = Request::get(&world.app(&format!("/api/flows/{flow}/break")));
    let offers = world.send(offers).await.is(200).json();
    let mut offered = offers["exchanges"].as_array().unwrap().iter();
    let has_refresh = |one: &&Value| {
        let mut parameters = one["parameters"].as_array().unwrap().iter();
        parameters.any(|one| one["parameter"] == "refresh_token")
    };
    let offered = offered.find(has_refresh).expect("the refresh is offered");
    let asked = json!({
        "exchange": offered["exchange"],
        "parameter": "refresh_token",
        "place": "request_body",
        "mutation": "use_anothers",
    });
    let executed = break_it(world, &flow, &asked).await.is(200).json();
    assert_eq!(executed["failed_check"], "id_token.subject", "{executed}");
    assert_eq!(executed["result"], "refused", "{executed}");
}
