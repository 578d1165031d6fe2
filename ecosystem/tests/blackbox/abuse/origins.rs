//! Pages of other sites: what they may make a browser send, and what they may read. Every route of the three
//! services, from their own route tables, as a page of a neighbour on this machine sends it and as a rebound name does
//! (CSRF, RFC 9700 §4.7; DNS rebinding).

use super::table::{Route, routes};
use crate::support::{Request, Response, World};

/// What a browser adds when a page of `origin` sends something, and what it says of the way.
const FOREIGN: [&[(&str, &str)]; 4] = [
    // A script of another site.
    &[
        ("origin", "https://attacker.example"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-mode", "cors"),
        ("sec-fetch-dest", "empty"),
    ],
    // A form of another port of this machine.
    &[
        ("origin", "http://localhost:6666"),
        ("sec-fetch-site", "same-site"),
        ("sec-fetch-mode", "navigate"),
        ("sec-fetch-dest", "document"),
    ],
    // A browser that knows no fetch metadata.
    &[("origin", "http://127.0.0.1:6666")],
    // A sandboxed frame.
    &[
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-mode", "navigate"),
        ("sec-fetch-dest", "iframe"),
    ],
];

/// A page of another site reads by a script, an image or a frame.
const READING: [&[(&str, &str)]; 3] = [
    &[
        ("origin", "https://attacker.example"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-mode", "cors"),
        ("sec-fetch-dest", "empty"),
    ],
    &[
        ("sec-fetch-site", "same-site"),
        ("sec-fetch-mode", "no-cors"),
        ("sec-fetch-dest", "image"),
    ],
    &[
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-mode", "navigate"),
        ("sec-fetch-dest", "iframe"),
    ],
];

/// Why a route answers somebody from elsewhere, or that it does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rule {
    /// Pages of other sites are refused.
    Own,
    /// Whoever sends it must prove who they are, by more than a cookie.
    Proof,
    /// The provider sends browsers there: the values are checked, not where they came from.
    Delivery,
    /// Anybody may read it; it holds nothing of anybody.
    Public,
    /// A page: it can be linked to, is no answer to a script (no CORS), and stands in nobody's frame.
    Page,
}

/// The one table: every route has a rule, and by default it is the strictest.
fn rule(route: &Route) -> Rule {
    let reads = !route.is_unsafe();
    match (route.service, route.path.as_str()) {
        (_, "/healthz" | "/readyz" | "/assets/{file}" | "/favicon.ico")
        | ("client-app", "/jwks")
            if reads =>
        {
            Rule::Public
        }
        // RFC 6749 §3.1: by GET and by POST, from any client's page. RP-Initiated Logout §2: the person is asked.
        (
            "client-app",
            "/callback"
            | "/callback/implicit"
            | "/sign-in/callback"
            | "/frontchannel-logout"
            | "/backchannel-logout",
        )
        | ("auth-server", "/authorize" | "/logout") => Rule::Delivery,
        ("client-app", "/record/exchanges" | "/control" | "/lab/prints")
        | ("resource-server", "/stats")
        | (
            "auth-server",
            "/token"
            | "/device_authorization"
            | "/par"
            | "/introspect"
            | "/revoke"
            | "/register"
            | "/register/{client_id}"
            | "/userinfo",
        ) => Rule::Proof,
        ("auth-server", path) if path == "/jwks" || path.starts_with("/.well-known/") => {
            Rule::Public
        }
        ("auth-server", "/consent" | "/device/confirm" | "/apps") => Rule::Page,
        ("resource-server", path) if path.starts_with("/me") || path.starts_with("/photos") => {
            Rule::Proof
        }
        ("auth-server" | "resource-server", _) if reads => Rule::Page,
        _ => Rule::Own,
    }
}

fn address(world: &World, route: &Route) -> String {
    let ecosystem = &world.ecosystem;
    match route.service {
        "client-app" => ecosystem.client_app(),
        "auth-server" => ecosystem.auth_server(),
        _ => ecosystem.resource_server(),
    }
    .to_owned()
}

/// As this route takes it, so that it is not refused for something else.
async fn send(world: &World, route: &Route, headers: &[(&str, &str)]) -> Response {
    let url = format!("{}{}", address(world, route), route.concrete());
    let mut request = Request::new(&route.method, &url);
    if route.method != "GET" {
        let json = route.path.starts_with("/api/") || route.path == "/record/browser";
        request = if json {
            request
                .header("content-type", "application/json")
                .body("{}")
        } else {
            let request = request.header("content-type", "application/x-www-form-urlencoded");
            request.body("theme=dark&username=alice&password=alice-password")
        };
    }
    for (name, value) in headers {
        request = request.header(name, value);
    }
    request.send().await
}

/// The origins that an answer may be read by.
fn shared_with(answer: &Response) -> Option<&str> {
    answer.header("access-control-allow-origin")
}

/// Sets no cookie that signs anybody in or chooses anything.
fn leaves_no_mark(answer: &Response) -> bool {
    let harmless = ["as_browser", "app_browser"];
    answer
        .headers
        .iter()
        .filter(|(name, _)| name == "set-cookie")
        .all(|(_, cookie)| harmless.iter().any(|known| cookie.starts_with(known)))
}

#[tokio::test]
async fn every_route_that_changes_something_refuses_pages_of_other_sites() {
    let world = World::new().await;
    let mut wrong = Vec::new();
    let all: Vec<Route> = routes().into_iter().filter(Route::is_unsafe).collect();
    assert!(all.len() > 40, "{all:#?}");
    for route in &all {
        for headers in FOREIGN {
            let answer = send(&world, route, headers).await;
            let named = format!("{route:?} {headers:?}: {}", answer.status);
            let kept = match rule(route) {
                Rule::Own | Rule::Public => {
                    answer.status == 403 || redirected_to_a_fresh_form(&answer)
                }
                // Nobody is signed in and nothing waits: that is found before the form's token is looked at.
                Rule::Page | Rule::Delivery => (300..500).contains(&answer.status),
                Rule::Proof => (400..500).contains(&answer.status),
            };
            let unread = shared_with(&answer) != Some("*")
                && !headers.contains(&("origin", shared_with(&answer).unwrap_or("-")));
            if !(kept && leaves_no_mark(&answer) && (unread || rule(route) == Rule::Proof)) {
                wrong.push(named);
            }
        }
    }
    println!("{} routes that change something", all.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The forms of `/paused` answer what they do not believe by showing a fresh one.
fn redirected_to_a_fresh_form(answer: &Response) -> bool {
    let location = answer.header("location").unwrap_or_default();
    answer.status == 303 && location.ends_with("/paused?expired=1")
}

#[tokio::test]
async fn what_the_record_and_the_pages_say_is_not_read_by_other_sites() {
    let world = World::new().await;
    let mut wrong = Vec::new();
    let all: Vec<Route> = routes()
        .into_iter()
        .filter(|route| !route.is_unsafe())
        .collect();
    assert!(all.len() > 80, "{all:#?}");
    for route in &all {
        for headers in READING {
            let answer = send(&world, route, headers).await;
            let framed = answer.header("x-frame-options") != Some("DENY")
                && answer
                    .header("content-security-policy")
                    .is_none_or(|policy| !policy.contains("frame-ancestors 'none'"));
            // OpenID Connect Front-Channel Logout §2: the provider's page has it in a frame.
            let framed = framed && route.path != "/frontchannel-logout";
            let html = answer
                .header("content-type")
                .unwrap_or_default()
                .contains("html");
            let embedded = answer.header("cross-origin-resource-policy") == Some("cross-origin");
            let kept = match rule(route) {
                Rule::Own => answer.status == 403,
                Rule::Proof => (400..500).contains(&answer.status),
                Rule::Public => true,
                Rule::Page | Rule::Delivery => {
                    shared_with(&answer).is_none() && !embedded && !(html && framed)
                }
            };
            if !kept {
                wrong.push(format!(
                    "{route:?} {headers:?}: {} framed {framed}",
                    answer.status
                ));
            }
        }
    }
    println!("{} routes that are read", all.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A name of the attacker's that points to this machine: no route of any service answers it.
#[tokio::test]
async fn no_route_answers_a_rebound_name() {
    let world = World::new().await;
    let mut wrong = Vec::new();
    for route in routes() {
        let address: url::Url = address(&world, &route).parse().unwrap();
        let port = address.port().unwrap();
        let bytes = format!(
            "{} {} HTTP/1.1\r\nHost: attacker.example:{port}\r\nOrigin: http://attacker.example:{port}\r\n\
             Sec-Fetch-Site: same-origin\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
            route.method,
            route.concrete()
        );
        let (answer, _) = super::raw(
            &address,
            bytes.as_bytes(),
            std::time::Duration::from_secs(12),
        )
        .await;
        if super::status(&answer) != 421 {
            wrong.push(format!("{route:?}: {answer}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is refused to pages is not refused to people and programs: a link is followed, and a script without a browser
/// is no page.
#[tokio::test]
async fn links_are_followed_and_programs_are_heard() {
    let world = World::new().await;
    let link = [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-mode", "navigate"),
        ("sec-fetch-dest", "document"),
    ];
    for path in ["/", "/flows", "/doctor", "/lessons", "/paused", "/clients"] {
        let mut request = Request::get(&world.app(path));
        for (name, value) in link {
            request = request.header(name, value);
        }
        let answer = world.send(request).await;
        // The doctor looks whether cookies come back.
        assert!(matches!(answer.status(), 200 | 303), "{answer}");
    }
    for path in [
        "/api/flows",
        "/api/clock",
        "/api/breakpoints",
        "/api/paused",
    ] {
        world.send(Request::get(&world.app(path))).await.is(200);
        let own = Request::get(&world.app(path)).header("sec-fetch-site", "same-origin");
        world.send(own).await.is(200);
    }
    let cleared = Request::new("DELETE", &world.app("/api/flows"));
    world.send(cleared).await.is(200);
}
