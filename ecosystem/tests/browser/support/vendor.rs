//! What chromedriver offers beyond `WebDriver`: the browser's logs, and the protocol of its developer tools.

use fantoccini::Client;
use fantoccini::wd::WebDriverCompatibleCommand;
use reqwest::Method;
use serde_json::{Value, json};
use url::{ParseError, Url};

/// A `POST` below the session.
#[derive(Debug)]
struct Vendor {
    path: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for Vendor {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!(
            "session/{}/{}",
            session.unwrap_or_default(),
            self.path
        ))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.body.to_string()))
    }
}

/// A command to the browser's developer tools in the current window.
pub(crate) async fn devtools(client: &Client, command: &str, parameters: Value) -> Value {
    let body = json!({"cmd": command, "params": parameters});
    let path = "goog/cdp/execute";
    let answer = client.issue_cmd(Vendor { path, body }).await;
    answer.unwrap_or_else(|error| panic!("{command}: {error}"))
}

/// What was logged since the last time: `browser` (the console) or `performance` (the network).
pub(crate) async fn log(client: &Client, kind: &str) -> Vec<Value> {
    let body = json!({"type": kind});
    let path = "se/log";
    let answer = client.issue_cmd(Vendor { path, body }).await;
    let answer = answer.unwrap_or_else(|error| panic!("the {kind} log: {error}"));
    answer.as_array().cloned().unwrap_or_default()
}
