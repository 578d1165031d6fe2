//! The living diagram: what the record has is drawn, in order, once, and nothing else; while the flow runs in another
//! window, after a reload, after a lost connection, beside another flow, with two hundred exchanges, by HTTPS.

mod grants;
mod https;
mod reading;
mod steady;

use std::time::{Duration, Instant};

use fantoccini::wd::WindowHandle;
use serde_json::{Value, json};

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
