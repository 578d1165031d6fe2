//! What must hold of every page that a test looks at, and the pictures of it.
//!
//! With `SCREENSHOTS=directory` every page is kept at 1280 and 390 pixels, light and dark, named
//! `NAME.LANGUAGE.SCHEME.WIDTH.png`; `SPEAK=zh-CN` runs the same tests in Chinese. With `AXE=axe.min.js` axe-core
//! judges every page too, on a phone in dark and in a window in light: it may have no serious finding.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fantoccini::Client;
use serde_json::{Value, json};

use super::vendor::devtools;

/// A phone, and a usual window.
const WIDTHS: [u32; 2] = [390, 1280];
const SCHEMES: [&str; 2] = ["light", "dark"];
/// Which scheme axe judges at each of the widths.
const JUDGED: [&str; 2] = ["dark", "light"];
/// Asks axe for its serious findings.
const ASK_AXE: &str = include_str!("axe.js");
/// Says what is wrong with the page that it runs in, as a list of sentences.
const SOUND: &str = include_str!("sound.js");

/// How one browser looks at pages.
#[derive(Debug)]
pub(crate) struct Looks {
    language: String,
    no_script: bool,
    directory: Option<PathBuf>,
    axe: Option<String>,
}

impl Looks {
    pub(crate) fn new(languages: &str, no_script: bool) -> Self {
        let directory = std::env::var_os("SCREENSHOTS").map(PathBuf::from);
        if let Some(directory) = &directory {
            std::fs::create_dir_all(directory).expect("a directory for pictures");
        }
        let language = if languages.starts_with("zh") {
            "zh-CN"
        } else {
            "en"
        };
        Self {
            language: language.to_owned(),
            no_script,
            directory,
            axe: std::env::var_os("AXE").map(|file| {
                let axe = std::fs::read_to_string(file).expect("AXE names axe.min.js");
                format!("{axe}\n{ASK_AXE}")
            }),
        }
    }

    /// What is unsound about a page, on a phone and in a window; keeps pictures of it where they are wanted.
    pub(crate) async fn look(&self, client: &Client, name: &str) -> Vec<String> {
        let mut all = Vec::new();
        for (width, scheme) in WIDTHS.into_iter().zip(JUDGED) {
            resize(client, width).await;
            if !self.no_script {
                let wrong = client.execute(SOUND, Vec::new()).await;
                let wrong = wrong.unwrap_or_else(|error| panic!("{name}: {error}"));
                let wrong: Vec<String> = serde_json::from_value(wrong).expect("sentences");
                all.extend(wrong.iter().map(|what| format!("{width} pixels: {what}")));
                let serious = self.ask_axe(client, name, scheme).await;
                all.extend(serious.iter().map(|what| format!("{width} pixels: {what}")));
            }
            self.keep(client, name, width).await;
        }
        devtools(client, "Emulation.clearDeviceMetricsOverride", json!({})).await;
        all
    }

    /// What axe finds serious about a page, where it is asked.
    async fn ask_axe(&self, client: &Client, name: &str, scheme: &str) -> Vec<String> {
        let Some(axe) = &self.axe else {
            return Vec::new();
        };
        prefer(client, scheme).await;
        let serious = client.execute_async(axe, Vec::new()).await;
        prefer(client, "").await;
        let serious = serious.unwrap_or_else(|error| panic!("{name}: axe: {error}"));
        serde_json::from_value(serious).expect("sentences")
    }

    async fn keep(&self, client: &Client, name: &str, width: u32) {
        let Some(directory) = &self.directory else {
            return;
        };
        for scheme in SCHEMES {
            prefer(client, scheme).await;
            let layout = devtools(client, "Page.getLayoutMetrics", json!({})).await;
            let height = layout["cssContentSize"]["height"].as_f64().unwrap_or(900.0);
            let file = format!("{name}.{}.{scheme}.{width}.png", self.language);
            let size = (f64::from(width), height.min(12_000.0));
            shoot(client, &directory.join(file), size).await;
        }
        prefer(client, "").await;
    }
}

/// Keeps a picture of the upper part of a page, in light.
pub(crate) async fn picture(client: &Client, file: &Path, (width, height): (u32, u32)) {
    resize(client, width).await;
    prefer(client, "light").await;
    shoot(client, file, (width.into(), height.into())).await;
}

async fn shoot(client: &Client, file: &Path, (width, height): (f64, f64)) {
    let clip = json!({"x": 0, "y": 0, "width": width, "height": height, "scale": 1});
    let wanted = json!({"format": "png", "captureBeyondViewport": true, "clip": clip});
    let shot = devtools(client, "Page.captureScreenshot", wanted).await;
    let bytes = STANDARD.decode(shot["data"].as_str().expect("a picture"));
    std::fs::write(file, bytes.expect("base64")).expect("a file");
}

async fn resize(client: &Client, width: u32) {
    let size = json!({"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false});
    devtools(client, "Emulation.setDeviceMetricsOverride", size).await;
}

async fn prefer(client: &Client, scheme: &str) -> Value {
    let features = json!([{"name": "prefers-color-scheme", "value": scheme}]);
    devtools(
        client,
        "Emulation.setEmulatedMedia",
        json!({"features": features}),
    )
    .await
}
