//! The living diagram: what the record has is drawn, in order, once, and nothing else; while the flow runs in another
//! window, after a reload, after a lost connection, beside another flow, with two hundred exchanges.

use std::time::{Duration, Instant};

use fantoccini::key::Key;
use fantoccini::wd::WindowHandle;
use serde_json::{Value, json};

use super::support::{Browser, Habits, World};

/// What ends when the record has taken in everything.
const QUIET: Duration = Duration::from_millis(250);

/// A person with the pages of a grant in one window and the diagram of its flow in another.
struct Watcher {
    world: World,
    browser: Browser,
    runs: WindowHandle,
    watches: WindowHandle,
}

impl Watcher {
    /// Opens the newest flow's diagram in a second window.
    async fn of(world: World, browser: Browser) -> Self {
        let runs = browser.window().await;
        let watches = browser.open_window().await;
        browser.open(&world.app("/flows")).await;
        browser.press(".flow-list a").await;
        browser.finds("#diagram .hop").await;
        let listens = "return document.querySelector('[data-live].is-up') !== null";
        browser.waits_until(listens).await;
        browser.script("window.unreloaded = true", Vec::new()).await;
        browser.turn_to(&runs).await;
        Self {
            world,
            browser,
            runs,
            watches,
        }
    }

    /// The flow whose page is open in the second window, once nothing more arrives in it.
    async fn record(&self) -> Value {
        let id = self.browser.url().await;
        let id = id.split(['?', '#']).next().unwrap_or_default();
        let id = id.rsplit('/').next().unwrap_or_default().to_owned();
        let realm = self.world.ecosystem.default_realm();
        let flow = async || {
            let id = id.parse().expect("an id");
            let flow = realm.flow(&id).await.expect("the flow");
            serde_json::to_value(flow).expect("JSON")
        };
        let mut before = flow().await;
        loop {
            tokio::time::sleep(QUIET).await;
            let now = flow().await;
            if now == before {
                return now;
            }
            before = now;
        }
    }

    /// What the second window shows is what the record has: then back to the first.
    async fn sees_the_record(&self, view: &str) -> usize {
        self.browser.turn_to(&self.watches).await;
        if view != drawn_view(&self.browser).await {
            self.browser
                .press(&format!("#diagram [data-go='{view}']"))
                .await;
        }
        let record = self.record().await;
        equals_the_record(&self.browser, view, &record).await;
        self.browser.waits_until("return window.unreloaded").await;
        self.browser.turn_to(&self.runs).await;
        record["exchanges"].as_array().expect("exchanges").len()
    }
}

async fn drawn_view(browser: &Browser) -> String {
    let view = browser.attribute("#diagram", "data-view").await;
    view.unwrap_or_default()
}

/// The ids of what is drawn and listed, in order.
const SHOWN: &str = "const ids = (all) => [...document.querySelectorAll(all)].map((e) => e.dataset.x ?? e.id.slice(2));
    return { map: ids('.board.wide .hop'), narrow: ids('.board.narrow .hop'), sequence: ids('.rows > .hop'),
             list: ids('#exchanges > li'), numbers: [...document.querySelectorAll('#diagram .hop')].map((e) => Number(e.querySelector('.badge-number').textContent)),
             steps: [...document.querySelectorAll('#exchanges .step-of')].map((e) => e.textContent.match(/\\d+/g).map(Number)) }";

/// Waits until every exchange of the record is shown, in order, and none that did not happen.
async fn equals_the_record(browser: &Browser, view: &str, record: &Value) {
    let exchanges = record["exchanges"].as_array().expect("exchanges");
    let ids: Vec<_> = exchanges
        .iter()
        .map(|exchange| exchange["id"].clone())
        .collect();
    let numbers: Vec<_> = (1..=ids.len()).collect();
    let steps: Vec<_> = numbers
        .iter()
        .map(|number| json!([number, ids.len()]))
        .collect();
    let none: [u8; 0] = [];
    let expected = if view == "map" {
        let twice = [numbers.clone(), numbers.clone()].concat();
        json!({"map": ids, "narrow": ids, "sequence": none, "list": ids, "numbers": twice, "steps": steps})
    } else {
        json!({"map": none, "narrow": none, "sequence": ids, "list": ids, "numbers": numbers, "steps": steps})
    };
    let begun = Instant::now();
    loop {
        let shown = browser.script(SHOWN, Vec::new()).await;
        if shown == expected {
            break;
        }
        assert!(
            begun.elapsed() < Duration::from_secs(15),
            "{view}: shown {shown:#}, recorded {expected:#}"
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    one_arrow_each_way(browser, view, exchanges).await;
}

/// A request and, where one came, an answer; a redirect's fragment turns back; what a script saw stays.
async fn one_arrow_each_way(browser: &Browser, view: &str, exchanges: &[Value]) {
    let of = if view == "map" {
        ".board.wide .hop"
    } else {
        ".rows > .hop"
    };
    let script = format!(
        "return [...document.querySelectorAll('{of}')].map((hop) => [...hop.querySelectorAll('.line')].map((line) => line.classList[1]).join(' '))"
    );
    let drawn = browser.script(&script, Vec::new()).await;
    for (drawn, exchange) in drawn.as_array().expect("a list").iter().zip(exchanges) {
        let location = exchange["response"]["headers"]
            .as_array()
            .and_then(|headers| {
                let location = headers.iter().find(|header| header["name"] == "location")?;
                location["value"].as_str()
            });
        let expected = match (exchange["status"].as_u64(), location) {
            _ if exchange["kind"] == "in_browser" => "in-browser",
            (None, _) => "unanswered",
            (Some(300..400), Some(location)) if location.contains('#') => {
                "request redirect fragment"
            }
            (Some(300..400), Some(_)) => "request redirect",
            (Some(400..), _) => "request refusal",
            _ => "request answer",
        };
        assert_eq!(drawn, expected, "{exchange:#}");
    }
}

#[actix_web::test]
async fn authorization_code_and_refresh_are_drawn_while_they_run() {
    let world = World::start().await;
    let browser = world.browser().await;
    browser.chooses(&world, "authorization-code").await;
    browser.press("#run").await;
    browser.finds("#login-submit").await;
    let watcher = Watcher::of(world, browser).await;
    let (browser, world) = (&watcher.browser, &watcher.world);
    let begun = watcher.sees_the_record("map").await;
    browser.signs_in_and_allows().await;
    browser.comes_to(&world.app("/runs/")).await;
    assert!(watcher.sees_the_record("map").await > begun);
    browser.sees_photos().await;
    watcher.sees_the_record("sequence").await;
    browser.press("#refresh").await;
    browser.finds_many(".chain li", 2).await;
    browser.finds("#diagram .hop").await;
    browser.look("run-with-diagram").await;
    watcher.sees_the_record("sequence").await;
    browser.press("#replay-code").await;
    browser.finds(".check-failed").await;
    watcher.sees_the_record("map").await;
    browser.turn_to(&watcher.watches).await;
    browser.look("diagram-code-map").await;
    browser.press("#diagram [data-go='sequence']").await;
    browser.finds(".rows .hop").await;
    browser.look("diagram-code-sequence").await;
    watcher.browser.leave().await;
}

#[actix_web::test]
async fn implicit_is_drawn_while_it_runs_and_its_fragment_stays() {
    let world = World::start().await;
    let browser = world.browser().await;
    browser.chooses(&world, "implicit").await;
    browser.press("#run").await;
    browser.finds("#login-submit").await;
    let watcher = Watcher::of(world, browser).await;
    let (browser, world) = (&watcher.browser, &watcher.world);
    watcher.sees_the_record("sequence").await;
    browser.signs_in_and_allows().await;
    browser.comes_to(&world.app("/callback/implicit")).await;
    browser.finds("#token:not([hidden])").await;
    watcher.sees_the_record("sequence").await;
    browser.sees_photos().await;
    browser.look("implicit-with-diagram").await;
    watcher.sees_the_record("map").await;
    browser.turn_to(&watcher.watches).await;
    browser.finds(".board.wide .line.fragment").await;
    browser.finds(".board.wide .line.in-browser").await;
    browser.look("diagram-implicit-map").await;
    browser.press("#diagram [data-go='sequence']").await;
    browser.finds(".rows .hop").await;
    // The token is on no arrow that ends at a server but those of the API calls.
    let lit = "const chip = document.querySelector('.rows .leg.fragment').closest('.hop').querySelector('.chip-access-token');
        const value = chip.dataset.value; chip.dispatchEvent(new PointerEvent('pointerover', { bubbles: true }));
        const lit = [...document.querySelectorAll('.chip.is-lit')];
        return lit.length > 3 && lit.every((one) => one.dataset.value === value) && document.querySelectorAll('#exchanges .is-lit .chip').length > 0";
    browser.waits_until(lit).await;
    browser.look("diagram-implicit-sequence").await;
    watcher.browser.leave().await;
}

#[actix_web::test]
async fn password_is_drawn_while_it_runs() {
    let world = World::start().await;
    let browser = world.browser().await;
    browser.chooses(&world, "password").await;
    browser.fill("#username", "alice").await;
    browser.fill("#password", "alice-password").await;
    browser.press("#run").await;
    browser.comes_to(&world.app("/runs/")).await;
    let watcher = Watcher::of(world, browser).await;
    watcher.sees_the_record("map").await;
    watcher.browser.sees_photos().await;
    watcher.sees_the_record("map").await;
    watcher.browser.press("#call-me").await;
    watcher.browser.sees("Alice Liddell Martin").await;
    watcher.sees_the_record("sequence").await;
    watcher.browser.turn_to(&watcher.watches).await;
    watcher.browser.look("diagram-password-sequence").await;
    watcher.browser.press("#diagram [data-go='map']").await;
    watcher.browser.finds(".board .hop").await;
    watcher.browser.look("diagram-password-map").await;
    watcher.browser.leave().await;
}

#[actix_web::test]
async fn client_credentials_are_drawn_while_they_run_and_two_flows_do_not_mix() {
    let world = World::start().await;
    let browser = world.browser().await;
    browser.chooses(&world, "client-credentials").await;
    browser.press("#run").await;
    browser.comes_to(&world.app("/runs/")).await;
    let first_run = browser.url().await;
    let mut watcher = Watcher::of(world, browser).await;
    watcher.sees_the_record("sequence").await;
    let first = watcher.watches.clone();

    // A second flow, watched in a third window.
    watcher
        .browser
        .chooses(&watcher.world, "client-credentials")
        .await;
    watcher.browser.press("#run").await;
    watcher.browser.comes_to(&watcher.world.app("/runs/")).await;
    let Watcher { world, browser, .. } = watcher;
    watcher = Watcher::of(world, browser).await;
    for run in [first_run.clone(), watcher.browser.url().await, first_run] {
        watcher.browser.open(&run).await;
        watcher.browser.press("#call-stats").await;
        watcher.browser.finds("#api-answer .status-2xx").await;
    }
    let second = watcher.watches.clone();
    let later = watcher.sees_the_record("map").await;
    watcher.browser.turn_to(&second).await;
    watcher.browser.look("diagram-client-credentials-map").await;
    watcher.browser.turn_to(&watcher.runs).await;
    watcher.watches = first;
    let earlier = watcher.sees_the_record("sequence").await;
    assert!(
        earlier > later,
        "{earlier} and {later}: the first was called twice"
    );
    watcher.browser.turn_to(&watcher.watches).await;
    watcher
        .browser
        .look("diagram-client-credentials-sequence")
        .await;
    watcher.browser.leave().await;
}

#[actix_web::test]
async fn a_reload_in_the_middle_and_a_lost_connection_lose_nothing_and_double_nothing() {
    let world = World::start().await;
    let browser = world.browser().await;
    browser.gets_tokens(&world).await;
    let watcher = Watcher::of(world, browser).await;
    let browser = &watcher.browser;
    watcher.sees_the_record("map").await;
    browser.sees_photos().await;
    browser.turn_to(&watcher.watches).await;
    browser.script("location.reload()", Vec::new()).await;
    browser.finds("#diagram .hop").await;
    browser
        .waits_until("return document.querySelector('[data-live].is-up') !== null")
        .await;
    browser.script("window.unreloaded = true", Vec::new()).await;
    browser.turn_to(&watcher.runs).await;
    let before = watcher.sees_the_record("map").await;

    browser.turn_to(&watcher.watches).await;
    let network = |offline: bool| json!({"offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1});
    browser.devtools("Network.enable", json!({})).await;
    browser
        .devtools("Network.emulateNetworkConditions", network(true))
        .await;
    // The stream is cut; over a network that is away it cannot come back.
    browser.script("window.stop()", Vec::new()).await;
    browser
        .waits_until("return document.querySelector('[data-live].is-down') !== null")
        .await;
    browser.turn_to(&watcher.runs).await;
    for _ in 0..3 {
        browser.press("#call-me").await;
        browser.sees("Alice Liddell Martin").await;
    }
    browser.turn_to(&watcher.watches).await;
    let shown = browser.count("#exchanges > li").await;
    assert_eq!(
        shown, before,
        "nothing arrives over a connection that is lost"
    );
    browser
        .devtools("Network.emulateNetworkConditions", network(false))
        .await;
    browser
        .waits_until("return document.querySelector('[data-live].is-up') !== null")
        .await;
    browser.turn_to(&watcher.runs).await;
    let after = watcher.sees_the_record("map").await;
    assert!(after > before + 6, "{before}, then {after}");
    watcher.browser.leave().await;
}

#[actix_web::test]
async fn what_is_paused_stands_still_and_catches_up() {
    let world = World::start().await;
    let browser = world.browser().await;
    browser.gets_tokens(&world).await;
    let watcher = Watcher::of(world, browser).await;
    let browser = &watcher.browser;
    let before = watcher.sees_the_record("sequence").await;
    browser.turn_to(&watcher.watches).await;
    browser.press("#diagram [data-pause]").await;
    browser.turn_to(&watcher.runs).await;
    browser.sees_photos().await;
    browser.turn_to(&watcher.watches).await;
    let _ = watcher.record().await;
    assert_eq!(browser.count(".rows > .hop").await, before);
    browser.press("#diagram [data-pause]").await;
    browser.turn_to(&watcher.runs).await;
    assert!(watcher.sees_the_record("sequence").await > before);
    watcher.browser.leave().await;
}

/// The number of the step that is looked at.
async fn looked_at(browser: &Browser) -> String {
    let number = browser
        .attribute("#diagram .hop.is-now", "data-number")
        .await;
    number.unwrap_or_default()
}

#[actix_web::test]
async fn a_flow_is_read_by_keyboard_alone() {
    let world = World::start().await;
    let browser = world.browser().await;
    browser.gets_tokens(&world).await;
    browser.tab_to("#see-flow").await;
    browser.key(Key::Enter).await;
    browser.finds("#diagram .hop.is-now").await;
    let watched = world.newest_flow().await;
    let last = watched["exchanges"].as_array().expect("exchanges").len();
    browser
        .waits_until(&format!(
            "return document.querySelectorAll('#exchanges > li').length >= {last}"
        ))
        .await;
    let last: usize = looked_at(&browser).await.parse().expect("a number");
    browser.types("pp").await;
    assert_eq!(looked_at(&browser).await, (last - 2).to_string());
    browser.types("j").await;
    assert_eq!(looked_at(&browser).await, (last - 1).to_string());
    let says = format!(
        "return document.querySelector('[data-voice]').textContent.includes('{}')",
        last - 1
    );
    browser.waits_until(&says).await;
    let card = format!(
        "return document.querySelector('[data-card] .step-of').textContent.includes('{}')",
        last - 1
    );
    browser.waits_until(&card).await;
    browser.types("m").await;
    browser.finds(".rows > .hop.is-now").await;
    assert_eq!(
        looked_at(&browser).await,
        (last - 1).to_string(),
        "the other view looks at the same step"
    );
    browser
        .script("document.activeElement.blur()", Vec::new())
        .await;
    browser.types(" ").await;
    browser.finds("#diagram.is-paused").await;
    browser.types(".").await;
    browser.finds("#diagram:not(.is-paused)").await;
    browser.types("?").await;
    browser.finds("dialog[open]").await;
    browser.look("diagram-keys").await;
    browser.key(Key::Escape).await;
    browser.finds("dialog:not([open])").await;
    // While somebody writes, keys are letters.
    let field = "const field = document.createElement('input'); field.ariaLabel = 'field'; document.querySelector('main').append(field); field.focus()";
    browser.script(field, Vec::new()).await;
    browser.types("pjn o.").await;
    assert_eq!(looked_at(&browser).await, (last - 1).to_string());
    browser
        .script(
            "document.querySelector('main > input').remove()",
            Vec::new(),
        )
        .await;
    browser.types("o").await;
    browser.comes_to(&world.app("/flows/")).await;
    browser
        .waits_until("return location.pathname.endsWith('/open')")
        .await;
    browser.leave().await;
}

#[actix_web::test]
async fn a_flow_is_read_without_scripts() {
    let world = World::start().await;
    let habits = Habits {
        no_script: true,
        ..Habits::default()
    };
    let browser = world.browser_with(habits).await;
    browser.gets_tokens(&world).await;
    browser.press("#see-flow").await;
    browser.finds("#diagram .board .hop.is-now").await;
    let flow = browser.url().await;
    let flow = flow.split('?').next().unwrap_or_default().to_owned();
    browser.press("#diagram [data-go='sequence']").await;
    browser.finds(".rows > .hop").await;
    browser.press("#diagram a[rel='prev']").await;
    browser.press("#diagram a[rel='prev']").await;
    let now = browser.attribute("#diagram", "data-now").await;
    let total = browser.attribute("#diagram", "data-total").await;
    let number = |text: Option<String>| text.and_then(|text| text.parse::<usize>().ok());
    assert_eq!(
        number(now).expect("a step") + 2,
        number(total).expect("steps")
    );
    browser.open(&format!("{flow}/present?step=4")).await;
    browser.finds(".hop.is-now[data-number='4']").await;
    browser.press(".stage-steps a[rel='next']").await;
    browser.finds(".hop.is-now[data-number='5']").await;
    browser.leave().await;
}

#[actix_web::test]
async fn a_flow_is_presented_step_by_step_and_live() {
    let world = World::start().await;
    let browser = world.browser().await;
    browser.gets_tokens(&world).await;
    let runs = browser.window().await;
    let flow = world.newest_flow().await;
    let id = flow["id"].as_str().expect("an id");
    let stage = browser.open_window().await;
    browser
        .open(&world.app(&format!("/flows/{id}/present")))
        .await;
    browser.finds("[data-following]:not(:empty)").await;
    let newest = browser.attribute("#stage", "data-now").await;
    browser.turn_to(&runs).await;
    browser.sees_photos().await;
    browser.turn_to(&stage).await;
    let newest = newest.unwrap_or_default();
    browser
        .waits_until(&format!(
            "return Number(document.querySelector('#stage').dataset.now) > {newest} + 2"
        ))
        .await;
    browser.look("present-map").await;
    let people = browser.text().await;
    assert!(
        !people.to_lowercase().contains("alice"),
        "no names of people: {people}"
    );
    browser.key(Key::Home).await;
    browser
        .waits_until("return document.querySelector('#stage').dataset.now === '1'")
        .await;
    browser.types("nnn").await;
    browser
        .waits_until("return Number(document.querySelector('#stage').dataset.now) > 1")
        .await;
    browser.types("m").await;
    browser.finds("#stage .rows > .hop.is-now").await;
    browser.look("present-sequence").await;
    browser.leave().await;
}

/// Two hundred exchanges of a stranger, while somebody watches.
#[actix_web::test]
async fn a_flow_of_two_hundred_exchanges_stays_smooth() {
    let world = World::start().await;
    let browser = world.browser().await;
    #[expect(clippy::disallowed_methods, reason = "a client that is not ours")]
    let client = reqwest::Client::builder()
        .user_agent("curl/8.5.0")
        .no_proxy()
        .build()
        .expect("a client");
    let token = client
        .post(world.auth("/token"))
        .basic_auth("service", Some("service-secret"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body("grant_type=client_credentials");
    let token = token.send().await.expect("an answer").text().await;
    let token: Value = serde_json::from_str(&token.expect("a body")).expect("JSON");
    let token = token["access_token"].as_str().expect("a token").to_owned();
    let call = async || {
        let call = client.get(world.api("/stats")).bearer_auth(&token);
        assert!(call.send().await.expect("an answer").status().is_success());
    };
    call().await;
    tokio::time::sleep(QUIET).await;
    for view in ["map", "sequence"] {
        browser.open(&world.app("/flows")).await;
        browser.press(".flow-list a").await;
        browser.finds("#diagram .hop").await;
        browser.press(&format!("#diagram [data-go='{view}']")).await;
        browser
            .waits_until("return document.querySelector('[data-live].is-up') !== null")
            .await;
        let measure = "window.long = 0; window.longest = 0; window.begun = performance.now(); window.frames = 0; window.late = 0; let last = window.begun;
            new PerformanceObserver((list) => list.getEntries().forEach((task) => { long += task.duration; longest = Math.max(longest, task.duration); })).observe({ type: 'longtask' });
            performance.clearResourceTimings(); performance.setResourceTimingBufferSize(2000);
            const frame = (now) => { frames += 1; if (now - last > 50) late += 1; last = now; requestAnimationFrame(frame); }; requestAnimationFrame(frame);";
        browser.script(measure, Vec::new()).await;
        for _ in 0..100 {
            call().await;
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        tokio::time::sleep(QUIET).await;
        let flow = serde_json::to_value(world.newest_flow().await).expect("JSON");
        equals_the_record(&browser, view, &flow).await;
        let measured = "const took = performance.now() - begun;
            const pieces = performance.getEntriesByType('resource').filter((entry) => entry.name.includes('/pieces') || entry.name.includes('/diagram')).length;
            return { exchanges: document.querySelectorAll('#exchanges > li').length, took, long, longest, frames, late, pieces }";
        let measured = browser.script(measured, Vec::new()).await;
        println!("{view}: {measured}");
        let number = |name: &str| measured[name].as_f64().expect("a number");
        assert!(
            number("pieces") <= 100.0,
            "exchanges that come together are fetched together: {measured}"
        );
        assert!(
            number("long") < 0.8 * number("took") && number("longest") < 1000.0,
            "the page is too busy to be used: {measured}"
        );
        browser.finds(".party.stranger").await;
    }
    browser.look("diagram-two-hundred").await;
    browser.leave().await;
}
