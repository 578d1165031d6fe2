//! `GET {base}/flows/{id}/export`: what a flow can be taken away as, with a preview of each file.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use shared::page::{self, Frame};

use super::file::{Asked, Export, Format, Look};
use super::redact::Values;
use crate::diagram::View;
use crate::diagram::svg::Theme;
use crate::flow::Settings;
use crate::state::AppState;
use crate::viewer::FoundFlow;

/// How much of a file the page shows, in characters.
const PREVIEW: usize = 20_000;

/// `templates/export.html`
#[derive(Template)]
#[template(path = "export.html")]
struct ExportPage {
    frame: Frame,
    flow_id: String,
    title: String,
    /// Whether values are shown.
    shown: bool,
    /// The query that keeps the choice.
    query: &'static str,
    files: Vec<FileView>,
    pictures: Vec<Picture>,
    /// What is said where the flow is longer than a file.
    left_out: Option<String>,
    /// The page of the grant with the settings of this flow.
    settings_link: Option<String>,
    /// The page of the flow, in the reader's language.
    flow_link: String,
}

/// One file.
struct FileView {
    /// Its format: the end of its name, its address and its language keys.
    extension: &'static str,
    /// The name under which it is kept.
    name: String,
    /// What is in it, from its beginning.
    text: String,
    /// Whether the file goes on.
    cut: bool,
}

/// One picture.
struct Picture {
    /// `map` or `sequence`.
    view: &'static str,
    /// `light` or `dark`.
    theme: &'static str,
    /// The name under which it is kept.
    name: String,
}

/// The page. The id of a flow that became part of another leads to that one.
pub(crate) async fn show(
    state: web::Data<AppState>,
    frame: Frame,
    found: FoundFlow,
    asked: web::Query<Asked>,
) -> HttpResponse {
    if let Some(moved) = found.moved(&frame, "/export") {
        return moved;
    }
    let flow = found.flow;
    let values = asked.values(frame.demo()).unwrap_or(Values::Redacted);
    let (addresses, look) = (state.addresses.clone(), Look::default());
    let export = Export::new(frame, addresses, flow, values, look);
    // A long flow takes a while, and this thread has others to answer.
    let written = web::block(move || (files(&export), export)).await;
    let Ok((files, export)) = written else {
        return HttpResponse::InternalServerError().finish();
    };
    let Export { frame, flow, .. } = &export;
    let page = ExportPage {
        flow_link: frame.shared_link(format!("/flows/{}", flow.summary.id)),
        flow_id: flow.summary.id.to_string(),
        title: export.title(flow),
        shown: values == Values::Shown,
        query: match values {
            Values::Redacted => "",
            Values::Shown => "?values=shown",
        },
        files,
        pictures: pictures(&export),
        left_out: export.about_rest(),
        settings_link: Settings::of_flow(flow).map(|settings| frame.shared_link(settings.path())),
        frame: frame.clone(),
    };
    page::html(&page, StatusCode::OK)
}

/// The files that are text, with their beginnings.
fn files(export: &Export) -> Vec<FileView> {
    let ready = export.ready();
    let files = Format::TEXTS.into_iter().map(|format| {
        let whole = ready.text(format);
        let end = whole.char_indices().nth(PREVIEW).map(|(at, _)| at);
        let beginning = whole.get(..end.unwrap_or(whole.len()));
        FileView {
            extension: format.extension(),
            name: export.file_name(format, Look::default()),
            text: beginning.unwrap_or_default().to_owned(),
            cut: end.is_some(),
        }
    });
    files.collect()
}

/// Both views, for paper and for something dark.
fn pictures(export: &Export) -> Vec<Picture> {
    let views = [View::Map, View::Sequence].into_iter();
    let looks = views.flat_map(|view| [(view, Theme::Light), (view, Theme::Dark)]);
    let pictures = looks.map(|(view, theme)| Picture {
        view: view.name(),
        theme: match theme {
            Theme::Light => "light",
            Theme::Dark => "dark",
        },
        name: export.file_name(Format::Picture, Look { view, theme }),
    });
    pictures.collect()
}
