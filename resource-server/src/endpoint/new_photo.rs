//! The body of `POST /photos`: JSON, read within bounds and made into a photo that can be kept, check by check.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest};
use serde_json::{Map, Value};
use shared::flow::catalog as check;
use shared::observe::Observation;
use shared::serve::read_body;

use super::error::ApiError;
use crate::drawing::Theme;

/// The largest body that is read, in bytes.
const MAX_BODY: usize = 4 * 1024;
/// How long a body may take to arrive.
const BODY_TIME: Duration = Duration::from_secs(5);
/// The longest caption, in characters.
const MAX_CAPTION: usize = 120;

/// A photo that somebody wants to keep.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NewPhoto {
    /// What is written under it: 1 to 120 characters without control characters.
    pub(crate) caption: String,
    /// What it shows.
    pub(crate) theme: Theme,
    /// Its colour: 0 to 359 degrees. Left out, the caption chooses.
    pub(crate) hue: i32,
}

impl FromRequest for NewPhoto {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let content_type = request.headers().get(header::CONTENT_TYPE);
        let content_type = content_type.and_then(|value| value.to_str().ok());
        let content_type = content_type.unwrap_or("none").to_owned();
        let observation = Observation::from_request(request, payload);
        let payload = payload.take();
        Box::pin(async move {
            let Ok(observation) = observation.await;
            observation.plan(&[
                &check::PHOTO_MEDIA_TYPE,
                &check::REQUEST_SIZE,
                &check::PHOTO_JSON,
                &check::PHOTO_VALID,
            ]);
            let media_type = content_type.split(';').next().unwrap_or_default().trim();
            let json = "application/json";
            observation
                .require(
                    &check::PHOTO_MEDIA_TYPE,
                    media_type.eq_ignore_ascii_case(json),
                    json,
                    media_type,
                )
                .or(ApiError::MediaType)?;
            let body = read_body(payload, MAX_BODY, BODY_TIME).await;
            let got = body
                .as_ref()
                .map_or_else(ToString::to_string, |body| format!("{} bytes", body.len()));
            let limit = format_args!("at most {MAX_BODY} bytes");
            // The error says more than the check.
            let _ = observation.require(&check::REQUEST_SIZE, body.is_ok(), limit, got);
            Self::read(&body?, &observation)
        })
    }
}

impl NewPhoto {
    /// Reads a body.
    fn read(body: &[u8], observation: &Observation) -> Result<Self, ApiError> {
        let json: Result<Map<String, Value>, _> = serde_json::from_slice(body);
        let got = json
            .as_ref()
            .map_or_else(ToString::to_string, |_| "an object".to_owned());
        observation
            .require(&check::PHOTO_JSON, json.is_ok(), "an object", &got)
            .or_else(|| ApiError::Json(got))?;
        let mut wrong = BTreeMap::new();
        let photo = Self::from_members(&json.unwrap_or_default(), &mut wrong);
        let got = wrong.iter().map(|(member, why)| format!("{member}: {why}"));
        let got = got.collect::<Vec<_>>().join("; ");
        observation
            .require(
                &check::PHOTO_VALID,
                wrong.is_empty(),
                "a caption and a theme",
                got,
            )
            .or(ApiError::InvalidPhoto(wrong))?;
        Ok(photo)
    }

    /// The photo that the members describe; what is wrong with them is put into `wrong`.
    fn from_members(
        members: &Map<String, Value>,
        wrong: &mut BTreeMap<&'static str, String>,
    ) -> Self {
        let text = |name: &str| members.get(name).and_then(Value::as_str).map(str::trim);
        let caption = text("caption").unwrap_or_default().to_owned();
        let length = caption.chars().count();
        if length == 0 || length > MAX_CAPTION || caption.chars().any(char::is_control) {
            wrong.insert(
                "caption",
                format!("1 to {MAX_CAPTION} characters on one line"),
            );
        }
        let theme = text("theme").unwrap_or_default().parse();
        let theme = theme.unwrap_or_else(|error: crate::drawing::UnknownTheme| {
            wrong.insert("theme", error.to_string());
            Theme::Mountain
        });
        let hue = match members.get("hue") {
            None | Some(Value::Null) => Some(hue_of(&caption)),
            Some(hue) => hue
                .as_i64()
                .and_then(|hue| i32::try_from(hue).ok())
                .filter(|hue| (0..360).contains(hue)),
        };
        if hue.is_none() {
            wrong.insert("hue", "a whole number from 0 to 359".to_owned());
        }
        if members
            .keys()
            .any(|name| !matches!(name.as_str(), "caption" | "theme" | "hue"))
        {
            wrong.insert(
                "others",
                "caption, theme and hue are all there is".to_owned(),
            );
        }
        Self {
            caption,
            theme,
            hue: hue.unwrap_or(0),
        }
    }
}

/// A hue that a caption chooses.
fn hue_of(caption: &str) -> i32 {
    let sum = caption.chars().fold(7_u32, |sum, c| {
        sum.wrapping_mul(31).wrapping_add(u32::from(c))
    });
    i32::try_from(sum % 360).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> (Result<NewPhoto, ApiError>, Option<String>) {
        let observation = Observation::nowhere();
        let photo = NewPhoto::read(body.as_bytes(), &observation);
        (photo, observation.failed_check().map(|check| check.id))
    }

    #[test]
    fn a_photo_needs_a_caption_and_a_theme() {
        let photo = read(r#"{"caption":" 月亮 <3 ","theme":"night","hue":230}"#).0;
        let photo = photo.unwrap();
        assert_eq!((photo.caption.as_str(), photo.hue), ("月亮 <3", 230));
        assert!(read(r#"{"caption":"x","theme":"cat"}"#).0.is_ok());
    }

    #[test]
    fn what_is_wrong_is_named_by_member() {
        let long = "x".repeat(121);
        for (body, member) in [
            (r#"{"theme":"cat"}"#.to_owned(), "caption"),
            (r#"{"caption":"a\nb","theme":"cat"}"#.to_owned(), "caption"),
            (
                format!(r#"{{"caption":"{long}","theme":"cat"}}"#),
                "caption",
            ),
            (r#"{"caption":"x","theme":"dog"}"#.to_owned(), "theme"),
            (
                r#"{"caption":"x","theme":"cat","hue":360}"#.to_owned(),
                "hue",
            ),
            (
                r#"{"caption":"x","theme":"cat","hue":"1"}"#.to_owned(),
                "hue",
            ),
            (
                r#"{"caption":"x","theme":"cat","owner":"bob"}"#.to_owned(),
                "others",
            ),
        ] {
            let (photo, failed) = read(&body);
            assert_eq!(failed.as_deref(), Some("photo.valid"), "{body}");
            match photo {
                Err(ApiError::InvalidPhoto(wrong)) => {
                    assert_eq!(wrong.keys().copied().collect::<Vec<_>>(), [member]);
                }
                other => panic!("{body}: {other:?}"),
            }
        }
        for body in ["", "[]", "{", "caption=x"] {
            assert_eq!(read(body).1.as_deref(), Some("photo.json"), "{body}");
        }
    }
}
