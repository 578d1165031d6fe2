//! Calling the protected API with a token (RFC 6750 §2.1), or with one that is bound to a key (RFC 9449 §7.1), and
//! reading what it answers.
//!
//! The pictures are fetched here, server to server, and shown inline: the token never enters the browser.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::Value;
use shared::observe::{HttpRequest, HttpResponse};

use crate::flow::{Answer, ApiAnswer, Latest, Photo, Refusal, Run, Step};
use crate::proof::{ProofKey, wants_nonce};

/// The most pictures that are shown of one answer.
const MAX_PICTURES: usize = 12;

/// What a person can ask the API for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    /// The photos: `photos:read`.
    Photos,
    /// The profile: `profile`.
    Me,
    /// Figures for machines: `stats:read`.
    Stats,
    /// Adds a photo: `photos:write`.
    AddPhoto,
    /// Deletes the oldest photo: `photos:write`, and a recent sign-in (RFC 9470).
    DeletePhoto,
    /// The photos with the token alone, as a thief would ask for them (RFC 9449 §7.2).
    Stolen,
    /// The laboratory behind the shop is handed the token (RFC 8693): `photos:read`.
    HandOver,
}

impl Call {
    /// Every call, in the order of the buttons.
    pub(crate) const ALL: [Self; 4] = [Self::Photos, Self::Me, Self::Stats, Self::AddPhoto];

    /// Those that have a place of their own on the page.
    const APART: [Self; 2] = [Self::DeletePhoto, Self::Stolen];

    /// Its name in forms and language keys.
    pub(crate) const fn slug(self) -> &'static str {
        match self {
            Self::Photos => "photos",
            Self::Me => "me",
            Self::Stats => "stats",
            Self::AddPhoto => "add-photo",
            Self::DeletePhoto => "delete-photo",
            Self::Stolen => "stolen",
            Self::HandOver => "hand-over",
        }
    }

    /// The call of this name.
    pub(crate) fn from_slug(slug: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter().chain(Self::APART);
        all.find(|call| call.slug() == slug)
    }

    /// Method and path.
    pub(crate) const fn request(self) -> (&'static str, &'static str) {
        match self {
            Self::Photos | Self::Stolen => ("GET", "/photos"),
            Self::HandOver => ("POST", "/lab/prints"),
            Self::Me => ("GET", "/me"),
            Self::Stats => ("GET", "/stats"),
            Self::AddPhoto => ("POST", "/photos"),
            Self::DeletePhoto => ("DELETE", "/photos/{id}"),
        }
    }

    /// The scope that it needs.
    pub(crate) const fn scope(self) -> &'static str {
        match self {
            Self::Photos | Self::Stolen | Self::HandOver => "photos:read",
            Self::Me => "profile",
            Self::Stats => "stats:read",
            Self::AddPhoto | Self::DeletePhoto => "photos:write",
        }
    }
}

/// A photo as the API lists it; other members are ignored.
#[derive(Deserialize)]
struct Listed {
    #[serde(default)]
    id: String,
    #[serde(default)]
    caption: String,
    #[serde(default)]
    picture: String,
}

/// A token, and the key that it is bound to.
#[derive(Clone, Copy)]
struct Presented<'a> {
    token: &'a str,
    key: Option<&'a ProofKey>,
}

/// Calls the API with the newest access token of `run`.
pub(crate) async fn call(step: &Step<'_>, run: &mut Run, call: Call, caption: &str) {
    let Some(token) = run.current().map(|set| set.access_token.clone()) else {
        return;
    };
    let key = run.key.clone().filter(|_| call != Call::Stolen);
    let presented = Presented {
        token: &token,
        key: key.as_ref(),
    };
    let base = step.state.addresses.resource(step.realm);
    let (method, path) = call.request();
    let url = if call == Call::DeletePhoto {
        match oldest(step, presented, &base).await {
            Some(id) => format!("{base}/photos/{id}"),
            None => format!("{base}/photos/none"),
        }
    } else {
        format!("{base}{path}")
    };
    let sent = send(step, presented, request(method, &url, caption)).await;
    run.latest = Some(match sent {
        Ok(response) => {
            let photos = if matches!(call, Call::Photos) && response.status == 200 {
                photos(step, presented, &response.text()).await
            } else {
                Vec::new()
            };
            Latest::Api(ApiAnswer {
                call,
                method,
                url,
                answer: Answer::from(&response),
                photos,
            })
        }
        Err(error) => Latest::Refused(Refusal::provider_away(&error)),
    });
}

/// Sends a request with the token: as `Bearer`, or as `DPoP` with a proof, once more where only the nonce was missing
/// (RFC 9449 §9).
async fn send(
    step: &Step<'_>,
    presented: Presented<'_>,
    request: HttpRequest,
) -> Result<HttpResponse, String> {
    let send = async |request| {
        let http = &step.state.http;
        let sent = http.send(request, step.realm, Some(step.observation)).await;
        sent.map_err(|error| error.to_string())
    };
    let Some(key) = presented.key else {
        return send(request.bearer(presented.token)).await;
    };
    let proven = || -> Result<HttpRequest, String> {
        let target = (request.method.as_str(), request.url.as_str());
        let proof = key.prove(target, Some(presented.token), step.now());
        let proof = proof.map_err(|error| error.to_string())?;
        let token = format!("DPoP {}", presented.token);
        Ok(request
            .clone()
            .header("authorization", token)
            .header("dpop", proof))
    };
    let answer = send(proven()?).await?;
    key.learn(&request.url, answer.header("dpop-nonce"));
    if wants_nonce(answer.status, answer.header("www-authenticate"), "") {
        return send(proven()?).await;
    }
    Ok(answer)
}

/// The id of the oldest photo.
async fn oldest(step: &Step<'_>, presented: Presented<'_>, base: &str) -> Option<String> {
    let request = request("GET", &format!("{base}/photos"), "");
    let answer = send(step, presented, request).await.ok()?;
    let id = listed(&answer.text()).pop()?.id;
    // It goes into a path.
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    (!id.is_empty() && id.chars().all(plain)).then_some(id)
}

fn request(method: &str, url: &str, caption: &str) -> HttpRequest {
    let request = HttpRequest {
        method: method.to_owned(),
        url: url.to_owned(),
        ..HttpRequest::default()
    };
    let request = request.header("accept", "application/json");
    if method != "POST" {
        return request;
    }
    let body = serde_json::json!({ "caption": caption, "theme": "night", "hue": 260 });
    HttpRequest {
        body: body.to_string().into_bytes(),
        ..request.header("content-type", "application/json")
    }
}

/// The photos that an answer lists.
fn listed(body: &str) -> Vec<Listed> {
    let listed = serde_json::from_str::<Value>(body).ok();
    let listed = listed.map(|answer| match answer {
        Value::Object(mut members) => members.remove("photos").unwrap_or_default(),
        other => other,
    });
    listed
        .and_then(|listed| serde_json::from_value(listed).ok())
        .unwrap_or_default()
}

/// The photos in an answer, with their pictures.
async fn photos(step: &Step<'_>, presented: Presented<'_>, body: &str) -> Vec<Photo> {
    let mut photos = Vec::new();
    for photo in listed(body).into_iter().take(MAX_PICTURES) {
        photos.push(Photo {
            picture: picture(step, presented, &photo.picture).await,
            caption: photo.caption,
        });
    }
    photos
}

/// A picture as a `data:` URL: only from the API itself, and only an SVG.
async fn picture(step: &Step<'_>, presented: Presented<'_>, url: &str) -> String {
    let base = step.state.addresses.resource(step.realm);
    let url = if url.starts_with('/') {
        format!("{}{url}", step.state.addresses.resource_server)
    } else {
        url.to_owned()
    };
    if !url.starts_with(&format!("{base}/")) {
        return String::new();
    }
    let request = HttpRequest::get(url).header("accept", "image/svg+xml");
    match send(step, presented, request).await {
        Ok(answer) if answer.status == 200 && is_svg(answer.header("content-type")) => {
            format!(
                "data:image/svg+xml;base64,{}",
                STANDARD.encode(&answer.body)
            )
        }
        _ => String::new(),
    }
}

fn is_svg(content_type: Option<&str>) -> bool {
    content_type.is_some_and(|kind| kind.starts_with("image/svg+xml"))
}
