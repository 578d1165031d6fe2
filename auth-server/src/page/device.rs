//! The pages of a person's phone (RFC 8628 §3.3): the code, the question, the result.

use askama::Template;
use shared::page::Frame;

use super::{Choice, ClientCard};

/// `device.html`: where the code is typed.
#[derive(Template)]
#[template(path = "device.html")]
pub(crate) struct Device {
    /// The frame.
    pub(crate) frame: Frame,
    /// The link of the header that is this page.
    pub(crate) here: &'static str,
    /// Who is signed in.
    pub(crate) person: Option<String>,
    /// The form's token.
    pub(crate) csrf: String,
    /// What the field holds.
    pub(crate) user_code: String,
    /// Whether it came with the address (RFC 8628 §3.3.1) and nobody typed it.
    pub(crate) from_link: bool,
    /// What was wrong with the last code.
    pub(crate) error: Option<String>,
}

/// `device_confirm.html`: who asks, since when, from where and what for (RFC 8628 §5.4).
#[derive(Template)]
#[template(path = "device_confirm.html")]
pub(crate) struct DeviceConfirm {
    /// The frame.
    pub(crate) frame: Frame,
    /// Who is asked.
    pub(crate) person: String,
    /// The client by name.
    pub(crate) client: String,
    /// What else it shows of itself.
    pub(crate) card: ClientCard,
    /// What it does, as it says itself; may be empty.
    pub(crate) description: String,
    /// Who registered it.
    pub(crate) registered_by: String,
    /// The code as the device shows it.
    pub(crate) user_code: String,
    /// When the device asked, in words.
    pub(crate) asked_at: String,
    /// From where, in words.
    pub(crate) asked_from: String,
    /// Until when it can be decided.
    pub(crate) until: String,
    /// The form's token.
    pub(crate) csrf: String,
    /// What was wrong with the last answer.
    pub(crate) error: Option<String>,
    /// What is asked for.
    pub(crate) scopes: Vec<Choice>,
    /// The APIs that the token is asked for, where the device named any (RFC 8707 §2).
    pub(crate) resources: Vec<String>,
}

/// `device_done.html`: what became of it.
#[derive(Template)]
#[template(path = "device_done.html")]
pub(crate) struct DeviceDone {
    /// The frame.
    pub(crate) frame: Frame,
    /// The link of the header that is this page.
    pub(crate) here: &'static str,
    /// Who decided.
    pub(crate) person: Option<String>,
    /// The client by name.
    pub(crate) client: String,
    /// Whether the person said yes.
    pub(crate) confirmed: bool,
}

/// Every one of these pages, rendered.
#[cfg(test)]
pub(super) fn samples(frame: &Frame) -> Vec<(String, String)> {
    let device = |error: Option<String>, from_link| Device {
        frame: frame.clone(),
        here: "device",
        person: None,
        csrf: "token".to_owned(),
        user_code: "WDJB-MJHT".to_owned(),
        from_link,
        error,
    };
    let confirm = DeviceConfirm {
        frame: frame.clone(),
        person: "Alice".to_owned(),
        client: "TV & <Example>".to_owned(),
        card: ClientCard::sample(),
        description: "Shows photos.".to_owned(),
        registered_by: "Nobody".to_owned(),
        user_code: "WDJB-MJHT".to_owned(),
        asked_at: frame.ta(
            "device-asked-at-minutes",
            [("date", "now"), ("minutes", "2")],
        ),
        asked_from: frame.ta("device-asked-from-here", [("address", "127.0.0.1")]),
        until: "later".to_owned(),
        csrf: "token".to_owned(),
        error: Some(frame.t("consent-nothing")),
        scopes: vec![
            Choice::new(frame, "openid", true),
            Choice::new(frame, "photos:read", true),
        ],
        resources: vec!["https://archive.example/api".to_owned()],
    };
    let done = |confirmed| DeviceDone {
        frame: frame.clone(),
        here: "device",
        person: Some("Alice".to_owned()),
        client: "TV & <Example>".to_owned(),
        confirmed,
    };
    let error = Some(frame.t("device-error-unknown"));
    [
        ("device", device(error, false).render()),
        ("device-link", device(None, true).render()),
        ("device-confirm", confirm.render()),
        ("device-done", done(true).render()),
        ("device-denied", done(false).render()),
    ]
    .map(|(name, html)| (name.to_owned(), html.unwrap()))
    .to_vec()
}
