//! The public documents of a realm as they are sent: rendered when they are first asked for, and again when the realm
//! was read anew or a key is gone.

use std::sync::{Mutex, OnceLock, PoisonError};

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use serde::Serialize;
use shared::time::Timestamp;

use crate::issue::keys::KeySet;

/// A document as it is sent.
#[derive(Clone, Debug)]
pub(crate) struct Rendered {
    /// The body.
    pub(crate) bytes: Bytes,
    /// Its entity tag (RFC 9110 §8.8.3).
    pub(crate) etag: Bytes,
}

impl Rendered {
    fn of(document: &impl Serialize) -> Self {
        // What has no JSON form is a fault of ours, and then nothing is told.
        let bytes = serde_json::to_vec(document).unwrap_or_default();
        let tag = URL_SAFE_NO_PAD.encode(digest(&SHA256, &bytes));
        Self {
            bytes: bytes.into(),
            etag: format!("\"{tag}\"").into(),
        }
    }
}

/// Those of one realm, as it was read.
#[derive(Debug, Default)]
pub(crate) struct Documents {
    metadata: OnceLock<Rendered>,
    /// The key set, and the names of the keys in it.
    key_set: Mutex<Option<(Vec<String>, Rendered)>>,
}

impl Documents {
    /// The metadata, which `make` makes.
    pub(crate) fn metadata<T: Serialize>(&self, make: impl FnOnce() -> T) -> Rendered {
        self.metadata.get_or_init(|| Rendered::of(&make())).clone()
    }

    /// The key set at `now`.
    pub(crate) fn key_set(&self, keys: &KeySet, now: Timestamp) -> Rendered {
        let mut kept = self.key_set.lock().unwrap_or_else(PoisonError::into_inner);
        match &*kept {
            Some((kids, rendered)) if keys.published_kids(now).eq(kids) => rendered.clone(),
            _ => {
                let rendered = Rendered::of(&keys.published(now));
                let kids = keys.published_kids(now).map(str::to_owned).collect();
                *kept = Some((kids, rendered.clone()));
                rendered
            }
        }
    }
}
