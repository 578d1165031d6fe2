//! One trace for what one request sets off in three services, and nothing of what anybody sent.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ecosystem::Ecosystem;
use serde_json::{Value, json};
use shared::serve::tls;
use shared::telemetry::{Tracers, TracesConfig};

use crate::otlp;
use crate::support::{ALICE, Answered, Browser, Outside, Request, World};

/// Where a collector takes spans.
const PATH: &str = "/v1/traces";
/// A trace that somebody else began, and their span.
const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const SPAN: &str = "b7ad6b7169203331";
/// Everything that a span may say of itself.
const ATTRIBUTES: [&str; 8] = [
    "error.type",
    "grantscope.check",
    "grantscope.exchange_id",
    "grantscope.realm",
    "http.request.method",
    "http.response.status_code",
    "http.route",
    "peer.service",
];

/// A world whose spans go to `collector`, with these variables besides.
async fn traced(collector: &Outside, more: &[(&str, &str)]) -> (World, Tracers) {
    tls::install_crypto_provider();
    let endpoint = collector.url("");
    let given = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str()),
        ("OTEL_EXPORTER_OTLP_HEADERS", "x-collector-key=sesame"),
        (
            "OTEL_RESOURCE_ATTRIBUTES",
            "deployment.environment.name=test",
        ),
        ("OTEL_BSP_SCHEDULE_DELAY", "100"),
    ];
    let all = given.iter().chain(more);
    let owned = all.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let config = TracesConfig::of(owned).expect("a configuration");
    let tracers = Tracers::open(config).expect("an exporter");
    let started = Ecosystem::builder().tracers(tracers.clone()).start();
    let world = World::at_root(Arc::new(started.await.expect("it starts")));
    (world, tracers)
}

async fn collector() -> Outside {
    let collector = Outside::start().await;
    collector.publish(PATH, Answered::json(&json!({})));
    collector
}

/// A span as the collector got it.
#[derive(Clone, Debug)]
struct Span {
    service: String,
    value: Value,
}

impl Span {
    fn text(&self, member: &str) -> &str {
        self.value[member].as_str().unwrap_or_default()
    }

    fn attribute(&self, key: &str) -> &str {
        let all = self.value["attributes"].as_array().expect("attributes");
        let found = all.iter().find(|one| one["key"] == key);
        found.map_or("", |one| {
            let value = &one["value"];
            let text = value["stringValue"].as_str();
            text.or_else(|| value["intValue"].as_str()).expect("text")
        })
    }
}

/// All spans that were posted so far.
fn posted(collector: &Outside) -> Vec<Span> {
    let mut spans = Vec::new();
    for post in collector.asked(PATH) {
        let head = post.head.to_ascii_lowercase();
        assert!(head.contains("content-type: application/json"), "{head}");
        assert!(head.contains("x-collector-key: sesame"), "{head}");
        assert!(!head.contains("grantscope-exchange"), "{head}");
        otlp::verify(&post.body);
        let body: Value = serde_json::from_str(&post.body).expect("JSON");
        for resource in body["resourceSpans"].as_array().expect("resources") {
            let attributes = &resource["resource"]["attributes"];
            let said = |key: &str| {
                let all = attributes.as_array().expect("attributes");
                let found = all.iter().find(|one| one["key"] == key);
                found.and_then(|one| one["value"]["stringValue"].as_str())
            };
            assert_eq!(said("deployment.environment.name"), Some("test"));
            let service = said("service.name").expect("a name").to_owned();
            let spans_of = &resource["scopeSpans"][0]["spans"];
            for value in spans_of.as_array().expect("spans") {
                let (service, value) = (service.clone(), value.clone());
                spans.push(Span { service, value });
            }
        }
    }
    spans
}

/// The first span that `fits`, waited for.
async fn waited_for(collector: &Outside, fits: impl Fn(&Span) -> bool) -> (Span, Vec<Span>) {
    let begun = Instant::now();
    loop {
        let all = posted(collector);
        if let Some(span) = all.iter().find(|span| fits(span)) {
            return (span.clone(), all);
        }
        let names: Vec<_> = all.iter().map(|span| span.text("name")).collect();
        assert!(begun.elapsed() < Duration::from_secs(20), "{names:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Runs the authorization code grant at the client app, up to the photos; the browser, and what the flow carried
/// that nobody else may see.
async fn run_a_flow(world: &World) -> (Browser, Vec<String>) {
    let mut browser = Browser::new();
    let mut page = browser.open(&world.app("/grants/authorization-code")).await;
    let mut secrets = vec![ALICE.password.to_owned(), ALICE.username.to_owned()];
    for (button, fields) in [
        ("run", &[][..]),
        (
            "login-submit",
            &[("username", ALICE.username), ("password", ALICE.password)],
        ),
        ("consent-allow", &[]),
        ("call-photos", &[]),
    ] {
        page = browser.press(&page, button, fields).await;
        for hop in &page.hops {
            let query = hop.url.query_pairs().into_owned();
            let secret = |name: &str| matches!(name, "code" | "state" | "nonce" | "code_challenge");
            secrets.extend(
                query
                    .filter(|(name, _)| secret(name))
                    .map(|(_, value)| value),
            );
        }
    }
    assert!(page.has("api-answer"), "{}", page.text());
    secrets.extend(browser.cookie_values().into_iter().map(str::to_owned));
    (browser, secrets)
}

#[tokio::test]
async fn a_code_flow_is_traced_through_three_services_and_gives_nothing_away() {
    let collector = collector().await;
    let (world, tracers) = traced(&collector, &[]).await;
    let (_, secrets) = run_a_flow(&world).await;
    tracers.flush().await;
    let is = |service: &'static str, name: &'static str| {
        move |span: &Span| span.service == service && span.text("name") == name
    };
    // The code's redemption: the browser's callback, the call it sets off, and who is called.
    let (token, all) = waited_for(&collector, is("auth-server", "POST /token")).await;
    let parent_of = |span: &Span| {
        let id = span.text("parentSpanId").to_owned();
        let found = all.iter().find(|one| one.text("spanId") == id);
        found
            .unwrap_or_else(|| panic!("no parent of {span:?}"))
            .clone()
    };
    let call = parent_of(&token);
    assert_eq!(call.service, "client-app");
    assert_eq!(call.value["kind"], 3, "a client's");
    assert_eq!(call.attribute("peer.service"), "auth-server");
    assert_eq!(
        call.attribute("grantscope.exchange_id"),
        token.attribute("grantscope.exchange_id")
    );
    let callback = parent_of(&call);
    assert_eq!(callback.text("name"), "GET /callback");
    assert_eq!(callback.value["kind"], 2, "a server's");
    assert_eq!(
        callback.text("parentSpanId"),
        "",
        "a browser tells no trace"
    );
    // The API call, and what the resource server asks the auth server for it.
    let photos = all
        .iter()
        .find(|span| is("resource-server", "GET /photos")(span));
    let photos = photos.expect("the photos' span");
    let pressed = parent_of(&parent_of(photos));
    assert_eq!(pressed.service, "client-app");
    let asked = all.iter().find(|span| {
        span.service == "resource-server" && span.attribute("peer.service") == "auth-server"
    });
    let asked = asked.expect("the resource server asks for keys");
    assert_eq!(parent_of(asked).text("spanId"), photos.text("spanId"));
    let answered = all
        .iter()
        .find(|span| span.text("parentSpanId") == asked.text("spanId"));
    assert_eq!(answered.expect("its answer").service, "auth-server");
    for span in [&call, &callback] {
        assert_eq!(span.text("traceId"), token.text("traceId"));
    }
    for span in [&pressed, asked, answered.expect("its answer")] {
        assert_eq!(span.text("traceId"), photos.text("traceId"));
    }
    gives_nothing_away(&collector, &all, &secrets);
}

/// Spans say what may be said.
fn gives_nothing_away(collector: &Outside, all: &[Span], secrets: &[String]) {
    for span in all {
        let keys = span.value["attributes"].as_array().expect("attributes");
        let keys: BTreeSet<_> = keys.iter().filter_map(|one| one["key"].as_str()).collect();
        let more: Vec<_> = keys
            .iter()
            .filter(|key| !ATTRIBUTES.contains(key))
            .collect();
        assert!(more.is_empty(), "{more:?}");
        assert!(!span.text("name").contains("/healthz"), "a probe is traced");
    }
    let ids: BTreeSet<_> = all.iter().map(|span| span.text("spanId")).collect();
    assert_eq!(ids.len(), all.len(), "a span was sent twice");
    assert!(secrets.len() > 5, "{secrets:?}");
    for post in collector.asked(PATH) {
        for secret in secrets {
            assert!(!post.body.contains(secret.as_str()), "{secret}");
        }
    }
}

#[tokio::test]
async fn a_trace_that_somebody_else_began_goes_on_and_what_is_none_does_not() {
    let collector = collector().await;
    let (world, _tracers) = traced(&collector, &[]).await;
    let ask = async |header: &[String]| {
        let mut request = Request::get(&world.auth("/jwks"));
        for value in header {
            request = request.header("traceparent", value);
        }
        let answer = request.send().await;
        let id = answer.header("exchange-id").expect("an id").to_owned();
        let its = move |span: &Span| span.attribute("grantscope.exchange_id") == id;
        waited_for(&collector, its).await.0
    };
    let good = format!("00-{TRACE}-{SPAN}-01");
    let span = ask(std::slice::from_ref(&good)).await;
    assert_eq!(
        (span.text("traceId"), span.text("parentSpanId")),
        (TRACE, SPAN)
    );
    for bad in [
        vec![good.to_uppercase()],
        vec![format!("{good}-x")],
        vec![good.clone(), good],
    ] {
        let span = ask(&bad).await;
        assert_ne!(span.text("traceId"), TRACE, "{bad:?}");
        assert_eq!(span.text("parentSpanId"), "", "{bad:?}");
    }
}

#[tokio::test]
async fn who_began_a_trace_says_whether_it_is_kept_and_a_share_of_nothing_is_nothing() {
    let collector = collector().await;
    let never = [
        ("OTEL_TRACES_SAMPLER", "parentbased_traceidratio"),
        ("OTEL_TRACES_SAMPLER_ARG", "0"),
    ];
    let (world, tracers) = traced(&collector, &never).await;
    let ask = async |flags: &str| {
        let header = format!("00-{TRACE}-{SPAN}-{flags}");
        let request = Request::get(&world.auth("/jwks")).header("traceparent", header);
        request.send().await;
    };
    Request::get(&world.auth("/jwks")).send().await;
    ask("00").await;
    ask("01").await;
    tracers.flush().await;
    let all = posted(&collector);
    let jwks: Vec<_> = all
        .iter()
        .filter(|span| span.text("name") == "GET /jwks")
        .collect();
    assert_eq!(jwks.len(), 1, "{jwks:?}");
    assert_eq!(jwks[0].text("traceId"), TRACE);
}

#[tokio::test]
async fn a_collector_that_is_away_slow_or_refuses_harms_no_request() {
    let slow = Outside::start().await;
    slow.publish(PATH, Answered::new(200, "{}").after(Duration::from_mins(1)));
    let refusing = Outside::start().await;
    refusing.publish(PATH, Answered::new(500, "no"));
    // Its port is taken by nobody: nothing listens.
    let nowhere = [(
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
        "http://127.0.0.1:9/v1/traces",
    )];
    let short = [
        ("OTEL_BSP_MAX_QUEUE_SIZE", "4"),
        ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "2"),
    ];
    for (collector, more) in [(&slow, &short[..]), (&refusing, &short), (&slow, &nowhere)] {
        let (world, tracers) = traced(collector, more).await;
        let begun = Instant::now();
        run_a_flow(&world).await;
        for _ in 0..50 {
            assert_eq!(Request::get(&world.auth("/jwks")).send().await.status, 200);
        }
        let took = begun.elapsed();
        assert!(took < Duration::from_secs(20), "{took:?}");
        // The end waits for it for a moment, and no longer.
        let ended = Instant::now();
        tracers.flush().await;
        assert!(
            ended.elapsed() < Duration::from_secs(2),
            "{:?}",
            ended.elapsed()
        );
    }
}
