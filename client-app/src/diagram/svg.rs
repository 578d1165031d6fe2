//! A picture of a flow that stands by itself: no style sheet, no font, no script from elsewhere.
//!
//! It shows captions, which hold no secret, and names values without showing them: it may be handed on as it is.

use askama::Template;
use shared::page::{Frame, key_of};
use shared::realm::Addresses;

use super::View;
use super::board::Board;
use super::figure::Card;
use super::map::Map;
use super::scene::Scene;
use super::sequence::{Head, Row, Ruler, heads};
use crate::record::view::FlowView;

/// The width of a sequence and of a map's list, in pixels.
const WIDTH: i32 = 1100;
/// What lies above the drawing: the title, and the heads of the lanes.
const TITLE: i32 = 64;
const HEADS: i32 = 40;
/// A line of the list under a map.
const LINE: i32 = 24;
/// What lies below: the key.
const KEY: i32 = 48;

/// On what the picture is looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Theme {
    /// Dark on white: paper.
    #[default]
    Light,
    /// Light on dark.
    Dark,
}

/// The colours of `assets/app.css`, resolved.
pub(crate) struct Palette {
    pub(crate) paper: &'static str,
    pub(crate) surface: &'static str,
    pub(crate) ink: &'static str,
    pub(crate) soft: &'static str,
    pub(crate) line: &'static str,
    pub(crate) browser: &'static str,
    pub(crate) client_app: &'static str,
    pub(crate) auth_server: &'static str,
    pub(crate) resource_server: &'static str,
    pub(crate) bad: &'static str,
    pub(crate) care: &'static str,
}

/// `templates/diagram_standalone.html`, which is SVG: escaped as HTML is, and well-formed XML.
#[derive(Template)]
#[template(path = "diagram_standalone.html")]
struct Standalone {
    frame: Frame,
    palette: Palette,
    title: String,
    width: i32,
    height: i32,
    top: i32,
    maps: Vec<Map>,
    heads: Vec<Head>,
    rows: Vec<(i32, Row)>,
    lines: Vec<(i32, Card)>,
    /// Whether the map leaves out what lies under newer exchanges.
    is_folded: bool,
    /// What is said below where the flow goes on.
    left_out: Option<String>,
}

/// The picture as SVG, in the reader's language; `left_out` is said where the flow goes on after `flow`.
///
/// # Errors
/// [`askama::Error`] when the template cannot be written.
pub(crate) fn standalone(
    (frame, addresses): (&Frame, &Addresses),
    flow: &FlowView,
    (view, theme): (View, Theme),
    left_out: Option<String>,
) -> Result<String, askama::Error> {
    let scene = Scene::of(flow);
    let mut picture = Standalone {
        palette: palette(theme),
        title: frame.t(key_of("grant-name", flow.summary.grant.name())),
        width: WIDTH,
        height: 0,
        top: TITLE,
        maps: Vec::new(),
        heads: Vec::new(),
        rows: Vec::new(),
        lines: Vec::new(),
        is_folded: false,
        left_out,
        frame: frame.clone(),
    };
    let steps = scene.steps.iter().zip(&flow.exchanges);
    let mut down = TITLE;
    match view {
        View::Sequence => {
            let ruler = Ruler::Pixels(WIDTH);
            picture.heads = heads(frame, &scene, ruler);
            down += HEADS;
            for step in steps {
                let row = Row::new(frame, addresses, &scene, step, ruler);
                let height = row.height;
                picture.rows.push((down, row));
                down += height;
            }
        }
        View::Map => {
            let board = Board::wide(&scene);
            down += board.height + LINE;
            let map = Map::new(frame, addresses, (flow, &scene), (&board, 0), |_| true);
            picture.is_folded = map.hops.iter().any(|hop| hop.is_folded);
            picture.maps = vec![map];
            if picture.is_folded {
                down += LINE;
            }
            for step in steps {
                let card = Card::new(frame, addresses, step, scene.steps.len());
                picture.lines.push((down, card));
                down += LINE;
            }
        }
    }
    if picture.left_out.is_some() {
        down += LINE;
    }
    picture.height = down + KEY;
    picture.render()
}

const fn palette(theme: Theme) -> Palette {
    match theme {
        Theme::Light => Palette {
            paper: "#ffffff",
            surface: "#fbfaf8",
            ink: "#1d232c",
            soft: "#565e6a",
            line: "#dedad3",
            browser: "#7d3577",
            client_app: "#9a4600",
            auth_server: "#3a4cc0",
            resource_server: "#0a6a54",
            bad: "#b3261e",
            care: "#805300",
        },
        Theme::Dark => Palette {
            paper: "#14171c",
            surface: "#1c2027",
            ink: "#e8eaee",
            soft: "#a9b1bd",
            line: "#323842",
            browser: "#e0a0da",
            client_app: "#f0a868",
            auth_server: "#a3b0ff",
            resource_server: "#67cfae",
            bad: "#ff9d94",
            care: "#e6bd5c",
        },
    }
}
