//! What a browser complained about, and whom it spoke to.

use serde_json::Value;
use shared::realm::Addresses;
use url::Url;

/// Judges the console and the network of one browser.
#[derive(Debug)]
pub(crate) struct Network {
    origins: Vec<String>,
}

impl Network {
    /// Requests may go to these three servers and nowhere else.
    pub(crate) fn new(addresses: &Addresses) -> Self {
        let all = [
            &addresses.client_app,
            &addresses.auth_server,
            &addresses.resource_server,
        ];
        let origins = all.map(|address| origin(address)).to_vec();
        Self { origins }
    }

    /// What went wrong; empty when nothing did.
    pub(crate) fn complaints(&self, console: &[Value], network: &[Value]) -> Vec<String> {
        let console = console.iter().filter_map(Self::in_console);
        let network = network.iter().filter_map(|entry| {
            let message = entry["message"].as_str().unwrap_or_default();
            let event: Value = serde_json::from_str(message).unwrap_or_default();
            self.on_network(&event["message"])
        });
        console.chain(network).collect()
    }

    /// Errors of scripts and violations of the content security policy. Statuses are judged by
    /// [`Network::on_network`], which knows whether a page or a part of it answered so.
    fn in_console(entry: &Value) -> Option<String> {
        let text = entry["message"].as_str().unwrap_or_default();
        let network = entry["source"] == "network";
        let level = entry["level"].as_str().unwrap_or_default();
        let bad = matches!(level, "SEVERE" | "WARNING") && !network;
        bad.then(|| format!("console, {level}, {}: {text}", entry["source"]))
    }

    fn on_network(&self, event: &Value) -> Option<String> {
        let parameters = &event["params"];
        match event["method"].as_str()? {
            "Network.requestWillBeSent" => {
                let url = parameters["request"]["url"].as_str()?;
                let foreign = url.starts_with("http") && !self.origins.contains(&origin(url));
                let page = &parameters["documentURL"];
                foreign.then(|| format!("{page} asks another server: {url}"))
            }
            "Network.responseReceived" => {
                let url = parameters["response"]["url"].as_str()?;
                let status = parameters["response"]["status"].as_u64()?;
                let part = parameters["type"] != "Document";
                let bad = part && status >= 400;
                bad.then(|| format!("{url} answers {status}"))
            }
            _ => None,
        }
    }
}

fn origin(url: &str) -> String {
    let url = Url::parse(url).expect("a URL");
    url.origin().ascii_serialization()
}
