//! The living diagram: what the record has is drawn, in order, once, and nothing else; while the flow runs in another
//! window, after a reload, after a lost connection, beside another flow, with two hundred exchanges, by HTTPS.

mod grants;
mod https;
mod reading;
mod steady;

use std::time::{Duration, Instant};

use ecosystem::Realm;
use fantoccini::wd::WindowHandle;
use serde_json::{Value, json};
use shared::control::{Decision, Paused};
use shared::flow::Party;

use super::support::{Browser, World};

/// What ends when the record has taken in everything.
const QUIET: Duration = Duration::from_millis(250);

/// A person with the pages of a grant in one window and the diagram of its flow in another.
struct Watcher {
    world: World,
    browser: Browser,
    runs: WindowHandle,
    watches: WindowHandle,
}

/// Whether the page that is looked at hears what happens.
const LISTENS: &str = "return document.querySelector('[data-live].is-up') !== null";

impl Watcher {
    /// Opens the newest flow's diagram in a second window.
    async fn of(world: World, browser: Browser) -> Self {
        let runs = browser.window().await;
        let watches = browser.open_window().await;
        browser.open(&world.app("/flows")).await;
        browser.press(".flow-list a").await;
        browser.finds("#diagram .hop").await;
        browser.waits_until(LISTENS).await;
        browser.script("window.unreloaded = true", Vec::new()).await;
        browser.turn_to(&runs).await;
        Self {
            world,
            browser,
            runs,
            watches,
        }
    }

    /// Presses the run button of a grant without a front channel, watches in a second window how its token request
    /// arrives, and opens the diagram of the flow while all the rest of the run is still to come.
    async fn of_back_channel(world: World, browser: Browser) -> Self {
        let realm = world.ecosystem.default_realm();
        for (method, path) in [("POST", "/token"), ("GET", "/jwks")] {
            let set = realm.pause_at(Party::AuthServer, method, path);
            set.expect("a breakpoint");
        }
        let runs = browser.window().await;
        let watches = browser.open_window().await;
        browser.open(&world.app("/flows")).await;
        browser.waits_until(LISTENS).await;
        browser.script("window.unreloaded = true", Vec::new()).await;
        browser.turn_to(&runs).await;
        // Pressed a moment later, as the answer comes only when somebody has decided.
        let press = "setTimeout(() => document.querySelector('#run').click(), 300)";
        browser.script(press, Vec::new()).await;
        browser.turn_to(&watches).await;
        let token = waits_at(&realm, "/token").await;
        assert_eq!(
            browser.count("#flows > li").await,
            0,
            "nothing happened yet"
        );
        realm.decide(&token, Decision::Continue).expect("it waits");
        browser.finds_many("#flows > li", 1).await;
        browser.waits_until("return window.unreloaded").await;

        let keys = waits_at(&realm, "/jwks").await;
        browser.press(".flow-list a").await;
        browser.finds("#diagram .hop").await;
        browser.waits_until(LISTENS).await;
        browser.script("window.unreloaded = true", Vec::new()).await;
        browser.turn_to(&runs).await;
        let begun = Self {
            world,
            browser,
            runs,
            watches,
        };
        let arrived = begun.sees_the_record("map").await;
        assert_eq!(
            arrived, 1,
            "the token request, and nothing that did not happen"
        );
        realm.clear_breakpoints();
        realm.decide(&keys, Decision::Continue).expect("it waits");
        begun.browser.comes_to(&begun.world.app("/runs/")).await;
        let all = begun.sees_the_record("map").await;
        assert!(all > arrived, "{all}: what came of it was drawn live");
        begun
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

/// The request that waits at this path, as soon as it does.
async fn waits_at(realm: &Realm, path: &str) -> Paused {
    for _ in 0..10 {
        if let Some(paused) = realm.next_paused().await {
            assert_eq!(paused.path, path);
            return paused;
        }
    }
    panic!("nothing waits at {path}");
}

async fn drawn_view(browser: &Browser) -> String {
    let view = browser.attribute("#diagram", "data-view").await;
    view.unwrap_or_default()
}

/// The ids of what is drawn and listed, in order.
const SHOWN: &str = "const ids = (all) => [...document.querySelectorAll(all)].map((e) => e.dataset.x ?? e.id.slice(2));
    return { map: ids('.board.wide .hop'), narrow: ids('.board.narrow .hop'), sequence: ids('.rows > .hop'),
             list: ids('#exchanges > li'), numbers: [...document.querySelectorAll('#diagram .number-of, #diagram .rows > .hop')].map((e) => Number(e.querySelector('.badge-number').textContent)),
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
