//! Calling the protected API with a token (RFC 6750 §2.1), and reading what it answers.
//!
//! The pictures are fetched here, server to server, and shown inline: the token never enters the browser.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::Value;
use shared::observe::HttpRequest;

use crate::flow::{Answer, ApiAnswer, Latest, Photo, Refusal, Run, Step};

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
}

impl Call {
    /// Every call, in the order of the buttons.
    pub(crate) const ALL: [Self; 4] = [Self::Photos, Self::Me, Self::Stats, Self::AddPhoto];

    /// Its name in forms and language keys.
    pub(crate) const fn slug(self) -> &'static str {
        match self {
            Self::Photos => "photos",
            Self::Me => "me",
            Self::Stats => "stats",
            Self::AddPhoto => "add-photo",
        }
    }

    /// The call of this name.
    pub(crate) fn from_slug(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|call| call.slug() == slug)
    }

    /// Method and path.
    pub(crate) const fn request(self) -> (&'static str, &'static str) {
        match self {
            Self::Photos => ("GET", "/photos"),
            Self::Me => ("GET", "/me"),
            Self::Stats => ("GET", "/stats"),
            Self::AddPhoto => ("POST", "/photos"),
        }
    }

    /// The scope that it needs.
    pub(crate) const fn scope(self) -> &'static str {
        match self {
            Self::Photos => "photos:read",
            Self::Me => "profile",
            Self::Stats => "stats:read",
            Self::AddPhoto => "photos:write",
        }
    }
}

/// A photo as the API lists it; other members are ignored.
#[derive(Deserialize)]
struct Listed {
    #[serde(default)]
    caption: String,
    #[serde(default)]
    picture: String,
}

/// Calls the API with the newest access token of `run`.
pub(crate) async fn call(step: &Step<'_>, run: &mut Run, call: Call, caption: &str) {
    let Some(token) = run.current().map(|set| set.access_token.clone()) else {
        return;
    };
    let (method, path) = call.request();
    let url = format!("{}{path}", step.state.addresses.resource(step.realm));
    let request = request(method, &url, caption).bearer(&token);
    let sent = step
        .state
        .http
        .send(request, step.realm, Some(step.observation));
    run.latest = Some(match sent.await {
        Ok(response) => {
            let photos = if call == Call::Photos && response.status == 200 {
                photos(step, &token, &response.text()).await
            } else {
                Vec::new()
            };
            Latest::Api(ApiAnswer {
                method,
                url,
                answer: Answer::from(&response),
                photos,
            })
        }
        Err(error) => Latest::Refused(Refusal::provider_away(&error.to_string())),
    });
}

fn request(method: &str, url: &str, caption: &str) -> HttpRequest {
    let request = HttpRequest {
        method: method.to_owned(),
        url: url.to_owned(),
        ..HttpRequest::default()
    };
    let request = request.header("accept", "application/json");
    if method == "GET" {
        return request;
    }
    let body = serde_json::json!({ "caption": caption, "theme": "night", "hue": 260 });
    HttpRequest {
        body: body.to_string().into_bytes(),
        ..request.header("content-type", "application/json")
    }
}

/// The photos in an answer, with their pictures.
async fn photos(step: &Step<'_>, token: &str, body: &str) -> Vec<Photo> {
    let listed = serde_json::from_str::<Value>(body).ok();
    let listed = listed.map(|answer| match answer {
        Value::Object(mut members) => members.remove("photos").unwrap_or_default(),
        other => other,
    });
    let listed: Vec<Listed> = listed
        .and_then(|listed| serde_json::from_value(listed).ok())
        .unwrap_or_default();
    let mut photos = Vec::new();
    for photo in listed.into_iter().take(MAX_PICTURES) {
        photos.push(Photo {
            picture: picture(step, token, &photo.picture).await,
            caption: photo.caption,
        });
    }
    photos
}

/// A picture as a `data:` URL: only from the API itself, and only an SVG.
async fn picture(step: &Step<'_>, token: &str, url: &str) -> String {
    let base = step.state.addresses.resource(step.realm);
    let url = if url.starts_with('/') {
        format!("{}{url}", step.state.addresses.resource_server)
    } else {
        url.to_owned()
    };
    if !url.starts_with(&format!("{base}/")) {
        return String::new();
    }
    let request = HttpRequest::get(url)
        .header("accept", "image/svg+xml")
        .bearer(token);
    let sent = step
        .state
        .http
        .send(request, step.realm, Some(step.observation));
    match sent.await {
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
