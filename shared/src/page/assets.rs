//! The files that pages link to: style, icons, scripts. Embedded in the program and served under a
//! name that holds their hash, so that a browser may keep them for ever (RFC 9111, RFC 8246).

use std::collections::BTreeMap;

use actix_web::{
    HttpResponse,
    http::header::{self, ContentType},
    web,
};
use aws_lc_rs::digest;
use bytes::Bytes;

use super::frame::FrameConfig;

/// A year, and "will not change": the name changes when the content does.
const FOREVER: &str = "public, max-age=31536000, immutable";

/// The assets of one service: the shared ones and its own.
///
/// ```
/// # use shared::page::Assets;
/// let assets = Assets::new().with("implicit.js", "console.log(1)");
/// assert!(assets.url("implicit.js").starts_with("/assets/implicit."));
/// ```
#[derive(Clone, Debug)]
pub struct Assets {
    /// `app.css` -> `/assets/app.0123456789ab.css`
    urls: BTreeMap<&'static str, String>,
    /// `app.0123456789ab.css` -> what is served there.
    files: BTreeMap<String, Asset>,
}

#[derive(Clone, Debug)]
struct Asset {
    content_type: &'static str,
    body: Bytes,
}

impl Default for Assets {
    fn default() -> Self {
        Self::new()
    }
}

impl Assets {
    /// What every service has: `app.css`, `favicon.svg`, and the scripts of a browser that was held.
    #[must_use]
    pub fn new() -> Self {
        Self {
            urls: BTreeMap::new(),
            files: BTreeMap::new(),
        }
        .with("app.css", include_str!("../../../assets/app.css"))
        .with("favicon.svg", include_str!("../../../assets/favicon.svg"))
        .with("held.js", include_str!("../../../assets/held.js"))
        .with("resumed.js", include_str!("../../../assets/resumed.js"))
    }

    /// Adds a service's own file, to be linked as `frame.asset(name)`.
    #[must_use]
    pub fn with(mut self, name: &'static str, content: &'static str) -> Self {
        let (stem, extension) = name.rsplit_once('.').unwrap_or((name, "txt"));
        let file = format!("{stem}.{}.{extension}", short_hash(content.as_bytes()));
        self.urls.insert(name, format!("/assets/{file}"));
        self.files.insert(
            file,
            Asset {
                content_type: content_type(extension),
                body: Bytes::from_static(content.as_bytes()),
            },
        );
        self
    }

    /// The address of `name`; one that answers 404 if no such asset was registered.
    #[must_use]
    pub fn url(&self, name: &str) -> String {
        self.urls.get(name).cloned().unwrap_or_else(|| {
            tracing::error!(name, "a page links to an asset that is not registered");
            format!("/assets/{name}")
        })
    }

    fn get(&self, file: &str) -> Option<&Asset> {
        self.files.get(file)
    }
}

/// Twelve hex digits of SHA-256: enough to tell versions of one file apart.
fn short_hash(content: &[u8]) -> String {
    let hash = digest::digest(&digest::SHA256, content);
    hash.as_ref()
        .iter()
        .take(6)
        .fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))
}

fn content_type(extension: &str) -> &'static str {
    match extension {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "json" => "application/json",
        _ => "text/plain; charset=utf-8",
    }
}

/// `GET /assets/{file}`
pub(super) async fn asset(file: web::Path<String>, config: web::Data<FrameConfig>) -> HttpResponse {
    match config.assets.get(&file) {
        Some(asset) => HttpResponse::Ok()
            .insert_header((header::CONTENT_TYPE, asset.content_type))
            .insert_header((header::CACHE_CONTROL, FOREVER))
            .body(asset.body.clone()),
        None => HttpResponse::NotFound()
            .insert_header(ContentType::plaintext())
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .body("no such asset\n"),
    }
}

/// `GET /favicon.ico`: browsers ask for it on their own where a page links to none.
pub(super) async fn favicon(config: web::Data<FrameConfig>) -> HttpResponse {
    HttpResponse::Found()
        .insert_header((header::LOCATION, config.assets.url("favicon.svg")))
        .finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_file_has_a_changed_address() {
        let before = Assets::new().with("a.js", "1").url("a.js");
        let after = Assets::new().with("a.js", "2").url("a.js");
        assert_ne!(before, after);
        assert!(before.starts_with("/assets/a."), "{before}");
    }
}
