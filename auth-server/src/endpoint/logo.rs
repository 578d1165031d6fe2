//! `GET /logo?client_id=…`: a client's picture for our pages (RFC 7591 §2 `logo_uri`).
//!
//! Our pages load nothing from another origin, and no browser tells a client who looks at them: this server fetches
//! the picture by its guarded client and hands it on, as a picture and nothing else. Kept for a while in memory.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY};
use actix_web::web::{Data, Query};
use bytes::Bytes;
use serde::Deserialize;
use shared::realm::RealmName;

use crate::client::Client;
use crate::page::Picture;
use crate::realms::Realm;
use crate::request::visit::Visit;
use crate::state::AppState;

/// What is shown as a picture. No SVG: it can hold scripts.
const PICTURES: [&str; 5] = [
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/webp",
    "image/avif",
];

/// How long a page waits for a picture that is not known yet.
const PATIENCE: Duration = Duration::from_secs(1);

/// How long a picture is kept, and how long it is remembered that there is none.
const KEPT: Duration = Duration::from_mins(10);

/// The most pictures that are kept, 64 KiB each at most; beyond it all are forgotten.
const MOST: usize = 100;

/// Pictures that were fetched. Clones share them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Logos(Arc<Mutex<HashMap<(RealmName, String), Kept>>>);

/// When it was asked for, and what came.
#[derive(Clone, Debug)]
struct Kept {
    at: Instant,
    logo: Option<Logo>,
}

/// A picture.
#[derive(Clone, Debug)]
struct Logo {
    kind: &'static str,
    bytes: Bytes,
}

/// The query.
#[derive(Deserialize)]
pub(crate) struct Asked {
    client_id: String,
}

/// Answers with the picture.
pub(crate) async fn get(
    state: Data<AppState>,
    realm: RealmName,
    asked: Query<Asked>,
) -> HttpResponse {
    match find(&state, &realm, &asked.client_id).await {
        Some(logo) => HttpResponse::Ok()
            .content_type(logo.kind)
            .insert_header((CACHE_CONTROL, "private, max-age=600"))
            .insert_header((CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"))
            .body(logo.bytes),
        None => HttpResponse::NotFound()
            .insert_header((CACHE_CONTROL, "no-store"))
            .finish(),
    }
}

async fn find(state: &AppState, realm: &RealmName, client_id: &str) -> Option<Logo> {
    let realm = state.realm(realm).await.ok()?;
    let client = state.client(&realm, client_id).await.ok()??;
    let uri = client.metadata.logo_uri.clone()?;
    match state.logos.known(&(realm.name.clone(), uri.clone())) {
        Some(kept) => kept.logo,
        None => fetch(state, &realm, &uri).await,
    }
}

/// Whether a page can show the picture of `client`: so that none is broken, it is fetched before the page names it. A
/// page waits a moment for it and no longer; whoever comes later has it.
pub(super) async fn picture_of(visit: &Visit, client: &Client) -> Picture {
    let Some(uri) = client.metadata.logo_uri.clone() else {
        return Picture::None;
    };
    let known = visit.state.logos.known(&(visit.realm_name(), uri.clone()));
    let found = if let Some(kept) = known {
        kept.logo
    } else {
        let (state, realm) = (visit.state.clone(), Arc::clone(&visit.realm));
        let fetching = actix_web::rt::spawn(async move { fetch(&state, &realm, &uri).await });
        match tokio::time::timeout(PATIENCE, fetching).await {
            Ok(Ok(found)) => found,
            // It goes on being fetched.
            Ok(Err(_)) | Err(_) => None,
        }
    };
    found.map_or(Picture::None, |_| Picture::Known)
}

async fn fetch(state: &AppState, realm: &Realm, uri: &str) -> Option<Logo> {
    let key = (realm.name.clone(), uri.to_owned());
    // Remembered before it is fetched, so that a page that is loaded often calls once.
    state.logos.keep(&key, None);
    let fetched = state.outbound.get(realm, uri, None).await.ok()?;
    let kind = PICTURES
        .into_iter()
        .find(|kind| *kind == fetched.content_type)
        .filter(|kind| begins_as(kind, &fetched.body))?;
    let logo = Logo {
        kind,
        bytes: fetched.body,
    };
    state.logos.keep(&key, Some(logo.clone()));
    Some(logo)
}

/// Whether bytes begin as a picture of this kind does (WHATWG MIME Sniffing §6.1).
fn begins_as(kind: &str, bytes: &[u8]) -> bool {
    let at =
        |from: usize, mark: &[u8]| bytes.get(from..).is_some_and(|rest| rest.starts_with(mark));
    match kind {
        "image/png" => at(0, b"\x89PNG"),
        "image/jpeg" => at(0, b"\xff\xd8\xff"),
        "image/gif" => at(0, b"GIF8"),
        "image/webp" => at(0, b"RIFF") && at(8, b"WEBP"),
        "image/avif" => at(4, b"ftypavif") || at(4, b"ftypavis"),
        _ => false,
    }
}

impl Logos {
    /// What came when it was asked for of late; `None` where it was not.
    fn known(&self, key: &(RealmName, String)) -> Option<Kept> {
        let all = self.lock();
        let kept = all.get(key)?;
        (kept.at.elapsed() < KEPT).then(|| kept.clone())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<(RealmName, String), Kept>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, key: &(RealmName, String), logo: Option<Logo>) {
        let mut all = self.lock();
        if all.len() >= MOST {
            all.clear();
        }
        let at = Instant::now();
        all.insert(key.clone(), Kept { at, logo });
    }
}
