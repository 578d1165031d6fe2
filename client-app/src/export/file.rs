//! The formats in which a flow can be taken away, and `GET {base}/flows/{id}/flow.{format}`: the file of one.

use std::borrow::Cow;

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

/// The most exchanges that a file holds; of a longer flow it is the beginning.
pub(crate) const MOST: usize = 500;

/// What every format is made of. It owns what it reads, so that a thread of its own can write the file.
pub(crate) struct Export {
    /// The language, and how addresses are written.
    pub(crate) frame: Frame,
    /// The public addresses.
    pub(crate) addresses: Addresses,
    /// The flow as the record has it, its first exchanges.
    pub(crate) flow: FlowView,
    /// How many exchanges after those are left out.
    left_out: usize,
    /// Whether values are shown.
    pub(crate) values: Values,
    /// Which picture.
    look: Look,
}

/// What the files of one export have in common.
pub(crate) struct Ready<'a> {
    export: &'a Export,
    names: Names,
    /// The flow as it may be shown.
    shown: Cow<'a, FlowView>,
    sentences: Vec<String>,
    title: String,
}

impl Export {
    /// The export of `flow`, or of its beginning where it is longer than a file may be.
    pub(crate) fn new(
        frame: Frame,
        addresses: Addresses,
        mut flow: FlowView,
        values: Values,
        look: Look,
    ) -> Self {
        let left_out = flow.exchanges.len().saturating_sub(MOST);
        flow.exchanges.truncate(MOST);
        Self {
            frame,
            addresses,
            flow,
            left_out,
            values,
            look,
        }
    }

    /// What all files need, made once.
    pub(crate) fn ready(&self) -> Ready<'_> {
        let names = Names::of(&self.flow);
        let shown = self.values.of(&self.flow, &names);
        let exchanges = shown.exchanges.iter();
        let sentences =
            exchanges.map(|exchange| sentence_of(&self.frame, &self.addresses, exchange));
        Ready {
            sentences: sentences.collect(),
            title: self.title(&shown),
            names,
            shown,
            export: self,
        }
    }

    /// What is said where the flow is longer than a file.
    pub(crate) fn about_rest(&self) -> Option<String> {
        let counts = [("most", MOST), ("count", self.left_out)];
        (self.left_out > 0).then(|| self.frame.ta("export-left-out", counts))
    }

    /// The picture; empty where it cannot be written, which no record can bring about.
    fn picture(&self, shown: &FlowView) -> String {
        let Look { view, theme } = self.look;
        let about = (&self.frame, &self.addresses);
        let drawn = svg::standalone(about, shown, (view, theme), self.about_rest());
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
                .map(|party| PartyLabel::of(&self.frame, party).name)
                .collect(),
            in_browser: self.frame.t("record-stays-in-browser"),
            front: self.frame.t("channel-front"),
            back: self.frame.t("channel-back"),
            no_answer: self.frame.t("record-no-status"),
            left_out: self.about_rest(),
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
    pub(crate) fn file_name(&self, format: Format, look: Look) -> String {
        let grant = self.flow.summary.grant.name().replace('_', "-");
        let id = self.flow.summary.id.as_str();
        let id = id.get(..12).unwrap_or(id);
        let values = match self.values {
            Values::Redacted => "",
            Values::Shown => "-with-values",
        };
        let look = match (format, look.theme) {
            (Format::Picture, Theme::Light) => format!("-{}", look.view.name()),
            (Format::Picture, Theme::Dark) => format!("-{}-dark", look.view.name()),
            _ => String::new(),
        };
        format!(
            "grantscope-{grant}-{id}{look}{values}.{}",
            format.extension()
        )
    }
}

impl Ready<'_> {
    /// The file's text.
    pub(crate) fn text(&self, format: Format) -> String {
        let Self { export, shown, .. } = self;
        match format {
            Format::Script => script::Source {
                flow: &export.flow,
                shown,
                names: &self.names,
                values: export.values,
                issuer: export.addresses.issuer(&export.frame.realm),
                api: export.addresses.resource(&export.frame.realm),
                title: &self.title,
                sentences: &self.sentences,
                left_out: export.about_rest(),
            }
            .script(),
            Format::Har => {
                let mut comment = vec![export.about_values()];
                comment.extend(export.about_rest());
                har::har(shown, &self.title, &self.sentences, &comment.join(" "))
            }
            Format::Report => Report {
                frame: &export.frame,
                flow: shown,
                title: &self.title,
                sentences: &self.sentences,
                about_values: export.about_values(),
                left_out: export.about_rest(),
                knowledge: &Knowledge::of(&export.flow),
                names: &self.names,
            }
            .text(),
            Format::Mermaid => {
                let words = export.words(shown, self.title.clone());
                mermaid::mermaid(shown, &words)
            }
            Format::Picture => export.picture(shown),
        }
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
    let (addresses, look) = (state.addresses.clone(), asked.look());
    let export = Export::new(frame, addresses, flow, values, look);
    let disposition = ContentDisposition {
        disposition: DispositionType::Attachment,
        parameters: vec![DispositionParam::Filename(export.file_name(format, look))],
    };
    // A long flow takes a while, and this thread has others to answer.
    let written = web::block(move || export.ready().text(format)).await;
    let Ok(text) = written else {
        let what = "the file could not be written";
        return problem(HttpResponse::InternalServerError(), "server_error", what);
    };
    HttpResponse::Ok()
        .insert_header((
            header::CONTENT_TYPE,
            HeaderValue::from_static(format.media_type()),
        ))
        .insert_header(disposition)
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(text)
}
