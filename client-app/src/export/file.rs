//! The formats in which a flow can be taken away, and `GET {base}/flows/{id}/flow.{format}`: the file of one.

use actix_web::http::header::{
    self, ContentDisposition, DispositionParam, DispositionType, HeaderValue,
};
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use shared::page::{Frame, key_of};
use shared::realm::{Addresses, RealmName};

use super::markdown::Report;
use super::mermaid::{self, Words};
use super::names::Names;
use super::redact::Values;
use super::{har, script};
use crate::diagram::View;
use crate::diagram::svg::{self, Theme};
use crate::endpoint::flows::problem;
use crate::record::knowledge::Knowledge;
use crate::record::view::FlowView;
use crate::state::AppState;
use crate::viewer::{PartyLabel, sentence_of};

/// A format of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// A `curl` script.
    Script,
    /// HAR 1.2.
    Har,
    /// A report in Markdown.
    Report,
    /// A Mermaid sequence diagram.
    Mermaid,
    /// A picture.
    Picture,
}

/// Which picture is wanted.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Look {
    /// The map, or the sequence.
    pub(crate) view: View,
    /// Light or dark.
    pub(crate) theme: Theme,
}

impl Format {
    /// All of them.
    const ALL: [Self; 5] = [
        Self::Script,
        Self::Har,
        Self::Report,
        Self::Mermaid,
        Self::Picture,
    ];

    /// Those that are text, in the order in which the page offers them.
    pub(crate) const TEXTS: [Self; 4] = [Self::Script, Self::Har, Self::Report, Self::Mermaid];

    /// The end of the file's name, and of its address.
    pub(crate) const fn extension(self) -> &'static str {
        match self {
            Self::Script => "sh",
            Self::Har => "har",
            Self::Report => "md",
            Self::Mermaid => "mmd",
            Self::Picture => "svg",
        }
    }

    /// The format of this extension.
    fn of(extension: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|format| format.extension() == extension)
    }

    /// The media type.
    const fn media_type(self) -> &'static str {
        match self {
            Self::Script => "application/x-sh; charset=utf-8",
            Self::Har => "application/json",
            Self::Report => "text/markdown; charset=utf-8",
            Self::Mermaid => "text/vnd.mermaid; charset=utf-8",
            Self::Picture => "image/svg+xml",
        }
    }
}

/// What every format is made of.
pub(crate) struct Export<'a> {
    /// The language, and how addresses are written.
    pub(crate) frame: &'a Frame,
    /// The public addresses.
    pub(crate) addresses: &'a Addresses,
    /// The realm.
    pub(crate) realm: &'a RealmName,
    /// The flow as the record has it.
    pub(crate) flow: &'a FlowView,
    /// Whether values are shown.
    pub(crate) values: Values,
    /// Which picture.
    pub(crate) look: Look,
}

impl Export<'_> {
    /// The same with another picture.
    pub(crate) const fn looking(&self, look: Look) -> Export<'_> {
        Export { look, ..*self }
    }

    /// The file's text.
    pub(crate) fn text(&self, format: Format) -> String {
        let names = Names::of(self.flow);
        let shown = self.values.of(self.flow, &names);
        let exchanges = shown.exchanges.iter();
        let sentences = exchanges.map(|exchange| sentence_of(self.frame, self.addresses, exchange));
        let sentences: Vec<_> = sentences.collect();
        let title = self.title(&shown);
        match format {
            Format::Script => script::Source {
                flow: self.flow,
                shown: &shown,
                names: &names,
                values: self.values,
                issuer: self.addresses.issuer(self.realm),
                api: self.addresses.resource(self.realm),
                title,
                sentences,
            }
            .script(),
            Format::Har => har::har(&shown, &title, &sentences, &self.about_values()),
            Format::Report => Report {
                frame: self.frame,
                flow: &shown,
                title,
                sentences: &sentences,
                about_values: self.about_values(),
                knowledge: &Knowledge::of(self.flow),
                names: &names,
            }
            .text(),
            Format::Mermaid => mermaid::mermaid(&shown, &self.words(&shown, title)),
            Format::Picture => self.picture(&shown),
        }
    }

    /// The picture; empty where it cannot be written, which no record can bring about.
    fn picture(&self, shown: &FlowView) -> String {
        let Look { view, theme } = self.look;
        let drawn = svg::standalone(self.frame, self.addresses, shown, view, theme);
        drawn.unwrap_or_else(|error| {
            tracing::error!(%error, "a picture could not be drawn");
            String::new()
        })
    }

    /// What is said of the values in a file.
    fn about_values(&self) -> String {
        self.frame.t(match self.values {
            Values::Redacted => "export-redacted-text",
            Values::Shown => "export-warning-title",
        })
    }

    fn words(&self, shown: &FlowView, title: String) -> Words {
        let parties = shown.summary.parties.iter();
        Words {
            title,
            parties: parties
                .map(|party| PartyLabel::of(self.frame, party).name)
                .collect(),
            in_browser: self.frame.t("record-stays-in-browser"),
            front: self.frame.t("channel-front"),
            back: self.frame.t("channel-back"),
            no_answer: self.frame.t("record-no-status"),
        }
    }

    /// What the flow is, in one line.
    pub(crate) fn title(&self, shown: &FlowView) -> String {
        let grant = self
            .frame
            .t(key_of("grant-name", shown.summary.grant.name()));
        match &shown.summary.client_id {
            Some(client) => self.frame.ta(
                "export-title-of-client",
                [("grant", grant), ("client", client.clone())],
            ),
            None => grant,
        }
    }

    /// The name under which a browser keeps the file: letters, digits and `-` only.
    pub(crate) fn file_name(&self, format: Format) -> String {
        let grant = self.flow.summary.grant.name().replace('_', "-");
        let id = self.flow.summary.id.as_str();
        let id = id.get(..12).unwrap_or(id);
        let values = match self.values {
            Values::Redacted => "",
            Values::Shown => "-with-values",
        };
        let look = match (format, self.look.theme) {
            (Format::Picture, Theme::Light) => format!("-{}", self.look.view.name()),
            (Format::Picture, Theme::Dark) => format!("-{}-dark", self.look.view.name()),
            _ => String::new(),
        };
        format!(
            "grantscope-{grant}-{id}{look}{values}.{}",
            format.extension()
        )
    }
}

/// The path of a file.
#[derive(Debug, Deserialize)]
pub(crate) struct FilePath {
    id: String,
    format: String,
}

/// The query of a file and of the page.
#[derive(Debug, Deserialize)]
pub(crate) struct Asked {
    /// `shown`, where values are asked for.
    #[serde(default)]
    pub(crate) values: String,
    /// `map` or `sequence`, for a picture.
    #[serde(default)]
    view: View,
    /// `dark`, for a picture on something dark.
    #[serde(default)]
    theme: String,
}

impl Asked {
    /// Whether values are asked for, and may be.
    pub(crate) fn values(&self, demo: bool) -> Option<Values> {
        match (self.values.as_str(), demo) {
            ("" | "redacted", _) => Some(Values::Redacted),
            ("shown", true) => Some(Values::Shown),
            _ => None,
        }
    }

    /// Which picture is asked for.
    pub(crate) fn look(&self) -> Look {
        Look {
            view: self.view,
            theme: match self.theme.as_str() {
                "dark" => Theme::Dark,
                _ => Theme::Light,
            },
        }
    }
}

/// `GET {base}/flows/{id}/flow.{format}?values=`: the file.
pub(crate) async fn download(
    state: web::Data<AppState>,
    frame: Frame,
    realm: RealmName,
    path: web::Path<FilePath>,
    asked: web::Query<Asked>,
) -> HttpResponse {
    let Some(values) = asked.values(frame.demo()) else {
        let what = "values is redacted, or in a demo shown: elsewhere the record keeps no values";
        return problem(HttpResponse::BadRequest(), "invalid_request", what);
    };
    let flow = path.id.parse().ok();
    let flow = flow.and_then(|id| state.record.flow(&realm, &id));
    let (Some(flow), Some(format)) = (flow, Format::of(&path.format)) else {
        let what = "no flow of this realm has this id, or no file has this format";
        return problem(HttpResponse::NotFound(), "not_found", what);
    };
    let export = Export {
        frame: &frame,
        addresses: &state.addresses,
        realm: &realm,
        flow: &flow,
        values,
        look: asked.look(),
    };
    let disposition = ContentDisposition {
        disposition: DispositionType::Attachment,
        parameters: vec![DispositionParam::Filename(export.file_name(format))],
    };
    HttpResponse::Ok()
        .insert_header((
            header::CONTENT_TYPE,
            HeaderValue::from_static(format.media_type()),
        ))
        .insert_header(disposition)
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(export.text(format))
}
