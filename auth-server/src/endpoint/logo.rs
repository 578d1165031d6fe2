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

use crate::state::AppState;

/// What is shown as a picture. No SVG: it can hold scripts.
const PICTURES: [&str; 5] = [
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/webp",
    "image/avif",
];

/// How long a picture is kept, and how long it is remembered that there is none.
const KEPT: Duration = Duration::from_mins(10);

/// The most pictures that are kept, 64 KiB each at most; beyond it all are forgotten.
const MOST: usize = 100;

/// Pictures that were fetched. Clones share them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Logos(Arc<Mutex<HashMap<(RealmName, String), Kept>>>);

/// When it was asked for, and what came.
type Kept = (Instant, Option<Logo>);

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
    let key = (realm.name.clone(), uri.clone());
    if let Some((kept_at, logo)) = state.logos.lock().get(&key)
        && kept_at.elapsed() < KEPT
    {
        return logo.clone();
    }
    // Remembered before it is fetched, so that a page that is loaded often calls once.
    state.logos.keep(&key, None);
    let fetched = state.outbound.get(&realm, &uri, None).await.ok()?;
    let kind = PICTURES
        .into_iter()
        .find(|kind| *kind == fetched.content_type)?;
    let logo = Logo {
        kind,
        bytes: fetched.body,
    };
    state.logos.keep(&key, Some(logo.clone()));
    Some(logo)
}

impl Logos {
    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<(RealmName, String), Kept>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, key: &(RealmName, String), logo: Option<Logo>) {
        let mut all = self.lock();
        if all.len() >= MOST {
            all.clear();
        }
        all.insert(key.clone(), (Instant::now(), logo));
    }
}
