//! A person's browser: a headless Chromium with a fresh profile, whose methods read as speech.
//!
//! Everything waits until it is there, ten seconds at most. A browser must be left by [`Browser::leave`], which
//! fails the test on anything in the console and on any request to a fourth server.

use std::path::Path;
use std::time::{Duration, Instant};

use fantoccini::elements::Element;
use fantoccini::key::Key;
use fantoccini::wd::{Capabilities, WindowHandle};
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use shared::realm::Addresses;
use tempfile::TempDir;

use super::chromedriver::Chromedriver;
use super::look::{self, Looks};
use super::network::Network;
use super::trust;
use super::vendor;

/// How long a person waits.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often they look.
const GLANCE: Duration = Duration::from_millis(50);
/// What Chromium is told: nothing of its own on the network, nothing of the machine's.
const ARGUMENTS: [&str; 10] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1280,900",
];

/// A browser with one person before it.
pub(crate) struct Browser {
    client: Client,
    network: Network,
    looks: Looks,
    left: bool,
    // Dropped in this order: the process, then its files.
    _driver: Chromedriver,
    _profile: TempDir,
}

/// What is special about a browser.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Habits {
    /// Scripts are switched off.
    pub(crate) no_script: bool,
    /// The languages that it asks for; empty for what `SPEAK` says, or English.
    pub(crate) languages: &'static str,
}

impl Browser {
    /// A usual browser, which may talk to these three servers.
    pub(crate) async fn new(addresses: &Addresses) -> Self {
        Self::with(addresses, Habits::default()).await
    }

    /// A browser with habits.
    pub(crate) async fn with(addresses: &Addresses, habits: Habits) -> Self {
        Self::trusting(addresses, habits, None).await
    }

    /// A browser of somebody who trusts the authority with this certificate (PEM) and otherwise what everybody trusts.
    pub(crate) async fn trusting(
        addresses: &Addresses,
        habits: Habits,
        authority: Option<&str>,
    ) -> Self {
        let profile = TempDir::new().expect("a directory for the profile");
        let home = authority.map(|certificate| {
            trust::authority(profile.path(), certificate);
            profile.path()
        });
        let driver = Chromedriver::start(home);
        let speak = std::env::var("SPEAK").unwrap_or_else(|_| "en".to_owned());
        let languages = match habits.languages {
            "" => speak.as_str(),
            given => given,
        };
        let capabilities = capabilities(&profile, languages, habits.no_script);
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&driver.url())
            .await
            .unwrap_or_else(|error| panic!("Chromium does not start: {error}"));
        Self {
            client,
            network: Network::new(addresses),
            looks: Looks::new(languages, habits.no_script),
            left: false,
            _driver: driver,
            _profile: profile,
        }
    }

    /// Types an address.
    pub(crate) async fn open(&self, url: &str) {
        let opened = self.client.goto(url).await;
        opened.unwrap_or_else(|error| panic!("{url}: {error}"));
    }

    /// Presses what a selector finds.
    pub(crate) async fn press(&self, selector: &str) {
        self.press_at(Locator::Css(selector)).await;
    }

    /// Presses the link, button or summary of this visible text.
    pub(crate) async fn press_text(&self, text: &str) {
        let path =
            format!("//*[self::a or self::button or self::summary][normalize-space()={text:?}]");
        self.press_at(Locator::XPath(&path)).await;
    }

    async fn press_at(&self, locator: Locator<'_>) {
        let element = self.find_at(locator).await;
        // A page that is exchanged under the finger is pressed again.
        if let Err(first) = element.click().await {
            tokio::time::sleep(4 * GLANCE).await;
            let again = self.find_at(locator).await.click().await;
            again.unwrap_or_else(|error| panic!("pressing {locator:?}: {first}, then {error}"));
        }
    }

    /// Writes into a field, in place of what stands there.
    pub(crate) async fn fill(&self, field: &str, text: &str) {
        let element = self.find(field).await;
        element.clear().await.expect("a field to clear");
        element.send_keys(text).await.expect("a field to write in");
    }

    /// Presses a key where the focus is.
    pub(crate) async fn key(&self, key: Key) {
        let active = self.client.active_element().await.expect("a focus");
        let pressed = active.send_keys(&char::from(key).to_string()).await;
        pressed.unwrap_or_else(|error| panic!("{key:?}: {error}"));
    }

    /// Types where the focus is.
    pub(crate) async fn types(&self, text: &str) {
        let active = self.client.active_element().await.expect("a focus");
        active.send_keys(text).await.expect("a field with focus");
    }

    /// Presses Tab until `selector` has the focus: as often as a page can have stops.
    pub(crate) async fn tab_to(&self, selector: &str) {
        let script = "return document.activeElement.matches(arguments[0])";
        for _ in 0..60 {
            if self.script(script, vec![json!(selector)]).await == json!(true) {
                return;
            }
            self.key(Key::Tab).await;
        }
        panic!("Tab never comes to {selector}: {}", self.describe().await);
    }

    /// Where the browser is.
    pub(crate) async fn url(&self) -> String {
        let url = self.client.current_url().await;
        url.expect("an address").to_string()
    }

    /// Waits until the address begins with this.
    pub(crate) async fn comes_to(&self, beginning: &str) {
        self.until(&format!("the address {beginning}"), async || {
            self.url().await.starts_with(beginning)
        })
        .await;
    }

    /// The page's heading.
    pub(crate) async fn heading(&self) -> String {
        let heading = self.find("main h1").await.text().await;
        heading.expect("a heading")
    }

    /// The page's visible text.
    pub(crate) async fn text(&self) -> String {
        match self.client.find(Locator::Css("body")).await {
            Ok(body) => body.text().await.unwrap_or_default(),
            Err(_) => String::new(),
        }
    }

    /// The visible text of an element.
    pub(crate) async fn reads(&self, selector: &str) -> String {
        let text = self.find(selector).await.text().await;
        text.expect("a text")
    }

    /// An attribute of an element.
    pub(crate) async fn attribute(&self, selector: &str, name: &str) -> Option<String> {
        let value = self.find(selector).await.attr(name).await;
        value.expect("an element")
    }

    /// How many elements there are.
    pub(crate) async fn count(&self, selector: &str) -> usize {
        let found = self.client.find_all(Locator::Css(selector)).await;
        found.map_or(0, |found| found.len())
    }

    /// The visible texts of elements, in order.
    pub(crate) async fn texts(&self, selector: &str) -> Vec<String> {
        let script = "return [...document.querySelectorAll(arguments[0])].map(e => e.textContent.trim().replace(/\\s+/g, ' '))";
        let found = self.script(script, vec![json!(selector)]).await;
        serde_json::from_value(found).expect("a list of texts")
    }

    /// Waits until the page shows a text.
    pub(crate) async fn sees(&self, text: &str) {
        self.until(&format!("the text {text:?}"), async || {
            self.text().await.contains(text)
        })
        .await;
    }

    /// Waits until the page has an element.
    pub(crate) async fn finds(&self, selector: &str) {
        let _ = self.find(selector).await;
    }

    /// Waits until there are at least so many elements.
    pub(crate) async fn finds_many(&self, selector: &str, many: usize) {
        self.until(&format!("{many} of {selector}"), async || {
            self.count(selector).await >= many
        })
        .await;
    }

    /// Waits until a script in the page says true.
    pub(crate) async fn waits_until(&self, script: &str) {
        self.until(script, async || {
            let said = self.client.execute(script, Vec::new()).await;
            said.is_ok_and(|said| said == json!(true))
        })
        .await;
    }

    /// Looks at the page as it is now: it must be sound ([`Looks`]); kept as pictures where they are wanted.
    pub(crate) async fn look(&self, name: &str) {
        let wrong = self.looks.look(&self.client, name).await;
        assert!(wrong.is_empty(), "{name}: {}", wrong.join("\n  "));
    }

    /// Keeps a picture of the upper part of the page, in light, `(width, height)` in pixels.
    pub(crate) async fn picture(&self, file: &Path, size: (u32, u32)) {
        look::picture(&self.client, file, size).await;
    }

    /// What is unsound about the page.
    pub(crate) async fn unsound(&self) -> Vec<String> {
        self.looks.look(&self.client, "unsound").await
    }

    /// Runs a script in the page: for asking what no person could see.
    pub(crate) async fn script(&self, script: &str, arguments: Vec<Value>) -> Value {
        let answer = self.client.execute(script, arguments).await;
        answer.unwrap_or_else(|error| panic!("{script}: {error}"))
    }

    /// A command to the developer tools of the window that is looked at.
    pub(crate) async fn devtools(&self, command: &str, parameters: Value) -> Value {
        vendor::devtools(&self.client, command, parameters).await
    }

    /// The window that the person looks at.
    pub(crate) async fn window(&self) -> WindowHandle {
        self.client.window().await.expect("a window")
    }

    /// Opens a second window and looks at it.
    pub(crate) async fn open_window(&self) -> WindowHandle {
        let opened = self.client.new_window(false).await;
        let handle = opened.expect("another window").handle;
        self.turn_to(&handle).await;
        handle
    }

    /// Looks at another window.
    pub(crate) async fn turn_to(&self, window: &WindowHandle) {
        let turned = self.client.switch_to_window(window.clone()).await;
        turned.expect("that window");
    }

    /// Looks at the window that is not `this` one, once it is there: a pop-up.
    pub(crate) async fn turn_to_another(&self, this: &WindowHandle) {
        let begun = Instant::now();
        loop {
            let windows = self.client.windows().await.expect("the windows");
            if let Some(other) = windows.iter().find(|window| *window != this) {
                return self.turn_to(other).await;
            }
            let shown = self.described_after(begun).await;
            assert!(shown.is_none(), "no window was opened: {shown:?}");
            tokio::time::sleep(GLANCE).await;
        }
    }

    /// Closes the window that is looked at; another must be turned to.
    pub(crate) async fn close_window(&self) {
        let closed = self.client.close_window().await;
        closed.expect("a window to close");
    }

    /// Closes the browser, once nothing in it went wrong.
    pub(crate) async fn leave(self) {
        let complaints = self.complaints().await;
        assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    }

    /// Closes the browser and says what went wrong in it.
    pub(crate) async fn complaints(mut self) -> Vec<String> {
        self.left = true;
        let console = vendor::log(&self.client, "browser").await;
        let network = vendor::log(&self.client, "performance").await;
        self.network.complaints(&console, &network)
    }

    async fn find(&self, selector: &str) -> Element {
        self.find_at(Locator::Css(selector)).await
    }

    /// Waits for an element.
    async fn find_at(&self, locator: Locator<'_>) -> Element {
        let begun = Instant::now();
        loop {
            if let Ok(element) = self.client.find(locator).await {
                return element;
            }
            let shown = self.described_after(begun).await;
            assert!(shown.is_none(), "there is no {locator:?}: {shown:?}");
            tokio::time::sleep(GLANCE).await;
        }
    }

    async fn until(&self, what: &str, holds: impl AsyncFn() -> bool) {
        let begun = Instant::now();
        while !holds().await {
            let shown = self.described_after(begun).await;
            assert!(shown.is_none(), "waited in vain for {what}: {shown:?}");
            tokio::time::sleep(GLANCE).await;
        }
    }

    /// What is there instead, once patience is at its end.
    async fn described_after(&self, begun: Instant) -> Option<String> {
        if begun.elapsed() < PATIENCE {
            return None;
        }
        Some(self.describe().await)
    }

    /// Where the browser is and what it shows, for messages.
    async fn describe(&self) -> String {
        format!("at {}\n{}", self.url().await, self.text().await)
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        assert!(
            self.left || std::thread::panicking(),
            "a browser is left by leave()"
        );
    }
}

fn capabilities(profile: &TempDir, languages: &str, no_script: bool) -> Capabilities {
    let mut arguments: Vec<String> = ARGUMENTS.iter().map(ToString::to_string).collect();
    arguments.push(format!("--user-data-dir={}", profile.path().display()));
    let mut preferences = json!({"intl.accept_languages": languages});
    if no_script {
        preferences["profile.managed_default_content_settings.javascript"] = json!(2);
    }
    let mut options = json!({"args": arguments, "prefs": preferences});
    if let Ok(program) = std::env::var("CHROMIUM") {
        options["binary"] = json!(program);
    }
    let wanted = json!({
        "goog:chromeOptions": options,
        // On a busy machine axe needs more than half a minute for a long page.
        "timeouts": {"script": 180_000},
        "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
    });
    wanted.as_object().cloned().expect("an object")
}
