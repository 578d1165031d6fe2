//! `GET {base}/flows/{id}/lifetimes`: bars on the realm's clock; `GET {base}/api/flows/{id}/lifetimes`: the same as JSON.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, web};
use askama::Template;
use shared::page::{self, Frame, key_of};
use shared::realm::RealmName;

use super::axis::Axis;
use super::derive::lifetimes_of;
use super::view::{Life, LifeKind, LifeState, Lifetimes};
use crate::clock::ClockBar;
use crate::endpoint::flows::{PathId, id_in, problem};
use crate::page::{Moment, span};
use crate::record::view::FlowView;
use crate::state::AppState;
use crate::viewer::FoundFlow;

/// `GET {base}/api/flows/{id}/lifetimes`.
pub(crate) async fn json(
    state: web::Data<AppState>,
    realm: RealmName,
    path: web::Path<PathId>,
) -> HttpResponse {
    let flow = id_in(&path).and_then(|id| state.record.flow(&realm, &id));
    let Some(flow) = flow else {
        let what = "no flow of this realm has this id, or it fell out of the record";
        return problem(HttpResponse::NotFound(), "not_found", what);
    };
    let now = state.observer.clocks.of(&realm).now().as_unix();
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .json(lifetimes_of(&flow, now))
}

/// `GET {base}/flows/{id}/lifetimes`.
pub(crate) async fn show(
    frame: Frame,
    FoundFlow { flow, .. }: FoundFlow,
    clock: ClockBar,
) -> HttpResponse {
    let told = lifetimes_of(&flow, clock.now());
    let page = LifetimesPage {
        flow_id: flow.summary.id.to_string(),
        grant: frame.t(key_of("grant-name", flow.summary.grant.name())),
        latest_event: flow.latest_event,
        bars: Bars::new(&frame, &flow, &told),
        clock,
        frame,
    };
    page.clock.with_cookie(page::html(&page, StatusCode::OK))
}

/// `templates/lifetimes.html`
#[derive(Template)]
#[template(path = "lifetimes.html")]
struct LifetimesPage {
    frame: Frame,
    clock: ClockBar,
    flow_id: String,
    grant: String,
    latest_event: u64,
    bars: Bars,
}

/// `templates/lives.html`
struct Bars {
    lives: Vec<Bar>,
    chains: Vec<Chain>,
    kills: Vec<Kill>,
    marks: Vec<MarkView>,
    knots: String,
    now_place: String,
}

/// A name under the line.
struct MarkView {
    place: String,
    anchor: &'static str,
    text: String,
}

/// One life as a bar.
struct Bar {
    id: String,
    name: String,
    state: &'static str,
    state_text: String,
    /// "9 min 58 s left"; empty for what does not run any more.
    left: String,
    expires_at: Option<i64>,
    from: String,
    width: String,
    spent: String,
    /// What would have been left when it ended before its time.
    lost: Option<(String, String)>,
    uses: Vec<UseView>,
    facts: Vec<Fact>,
    /// Accepted although it was revoked, where that was seen.
    accepted_after: Option<Fact>,
}

/// A use on the bar.
struct UseView {
    place: String,
    class: &'static str,
}

/// A sentence, perhaps with a moment and the exchange that shows it.
struct Fact {
    text: String,
    moment: Option<Moment>,
    exchange: Option<(usize, String)>,
}

/// A rotation chain.
struct Chain {
    links: Vec<Link>,
}

/// One refresh token of a chain.
struct Link {
    short: String,
    state: &'static str,
    state_text: String,
}

/// A family that was killed.
struct Kill {
    text: String,
    step: usize,
    exchange: String,
}

/// What all bars of a page have in common.
struct Drawing<'a> {
    frame: &'a Frame,
    flow: &'a FlowView,
    told: &'a Lifetimes,
    axis: Axis,
}

impl Bars {
    fn new(frame: &Frame, flow: &FlowView, told: &Lifetimes) -> Self {
        let drawing = Drawing {
            frame,
            flow,
            told,
            axis: Axis::of(moments(told)),
        };
        let marks = drawing.axis.marks();
        let last = marks.len().saturating_sub(1);
        let marks = marks.into_iter().enumerate();
        Self {
            marks: marks
                .map(|(at, mark)| MarkView {
                    place: percent(mark.at),
                    anchor: match at {
                        0 => "start",
                        at if at == last => "end",
                        _ => "middle",
                    },
                    text: if mark.elapsed == 0 {
                        frame.t("life-begin")
                    } else {
                        format!("+ {}", span(frame, rounded(mark.elapsed)))
                    },
                })
                .collect(),
            lives: told.lives.iter().map(|life| drawing.bar(life)).collect(),
            chains: drawing.chains(),
            kills: drawing.kills(),
            knots: drawing.axis.as_text(),
            now_place: percent(drawing.axis.place(told.now)),
        }
    }
}

/// Everything that must have a place on the line.
fn moments(told: &Lifetimes) -> Vec<i64> {
    let mut moments = Vec::new();
    for life in &told.lives {
        moments.push(life.issued.at);
        moments.extend(life.expires_at);
        moments.extend(life.end.as_ref().map(|end| end.event.at));
    }
    if moments.iter().max().is_some_and(|last| *last < told.now) {
        moments.push(told.now);
    }
    moments
}

/// A span as a mark names it: minutes without seconds, days without hours.
const fn rounded(seconds: i64) -> i64 {
    let unit = match seconds {
        ..60 => 1,
        60..86_400 => 60,
        _ => 86_400,
    };
    (seconds + unit / 2) / unit * unit
}

fn percent(place: f64) -> String {
    format!("{place:.2}%")
}

impl Drawing<'_> {
    fn bar(&self, life: &Life) -> Bar {
        let (frame, now) = (self.frame, self.told.now);
        let from = self.axis.place(life.issued.at);
        let over = life.ends_at().unwrap_or(life.issued.at);
        let whole = self.axis.place(life.expires_at.unwrap_or(over));
        let spent = self
            .axis
            .place(now.clamp(life.issued.at, over.max(life.issued.at)));
        let lost = self.axis.place(over);
        let left = life.expires_at.filter(|_| life.state == LifeState::Live);
        Bar {
            id: life.id.clone(),
            name: self.name(life),
            state: life.state.name(),
            state_text: self.states_in_words(life),
            left: left.map_or_else(String::new, |at| {
                frame.ta("life-left", [("span", span(frame, at.saturating_sub(now)))])
            }),
            expires_at: life.expires_at,
            from: percent(from),
            width: percent((whole - from).max(0.6)),
            spent: percent((spent - from).max(0.0)),
            lost: (whole - lost > 0.01).then(|| (percent(lost), percent(whole - lost))),
            uses: self.uses(life),
            facts: self.facts(life),
            accepted_after: self.accepted_after(life),
        }
    }

    /// How it stands, after how it stood before: "rotated, then revoked".
    fn states_in_words(&self, life: &Life) -> String {
        let now = state_text(self.frame, life.state);
        let before = life.ended_before.as_ref().map(|end| end.cause.state());
        match before.filter(|before| *before != life.state) {
            Some(before) => {
                let before = state_text(self.frame, before);
                let states = (("before", before), ("now", now));
                self.frame.ta("life-state-then", states)
            }
            None => now,
        }
    }

    /// "Refresh token 2"; without a number where there is one alone.
    fn name(&self, life: &Life) -> String {
        let name = self.frame.t(key_of("life-kind", life.kind.name()));
        let mut lives = self.told.lives.iter();
        if lives.any(|other| other.kind == life.kind && other.id != life.id) {
            format!("{name} {}", life.number)
        } else {
            name
        }
    }

    fn uses(&self, life: &Life) -> Vec<UseView> {
        let uses = life.uses.iter().map(|one| UseView {
            place: percent(self.axis.place(one.event.at)),
            class: if one.accepted {
                "life-use"
            } else {
                "life-use is-refused"
            },
        });
        uses.collect()
    }

    /// When it was issued, until when it lives and how that is known, and what ended it.
    fn facts(&self, life: &Life) -> Vec<Fact> {
        let frame = self.frame;
        let mut facts = vec![Fact {
            text: frame.t("life-issued"),
            moment: Some(moment(life.issued.at)),
            exchange: self.exchange(&life.issued.exchange),
        }];
        facts.push(match (life.expires_at, life.expiry_from) {
            (Some(at), Some(source)) => Fact {
                text: frame.t(key_of("life-expiry", source.name())),
                moment: Some(moment(at)),
                exchange: None,
            },
            _ => Fact {
                text: frame.t("life-expiry-unknown"),
                moment: None,
                exchange: None,
            },
        });
        for end in [&life.ended_before, &life.end].into_iter().flatten() {
            facts.push(Fact {
                text: frame.t(key_of("life-end", end.cause.name())),
                moment: Some(moment(end.event.at)),
                exchange: self.exchange(&end.event.exchange),
            });
        }
        facts
    }

    /// A resource server that verifies by itself does not hear of a revocation: shown where it was seen, and said
    /// of a token that it would still take.
    fn accepted_after(&self, life: &Life) -> Option<Fact> {
        let end = life.end.as_ref()?;
        if life.kind != LifeKind::AccessToken || life.state != LifeState::Revoked {
            return None;
        }
        let unexpired = life.expires_at.is_none_or(|at| at > self.told.now);
        let step = |id| self.exchange(id).map_or(0, |(step, _)| step);
        let ended = step(&end.event.exchange);
        let after = life
            .uses
            .iter()
            .find(|one| one.accepted && step(&one.event.exchange) > ended);
        let Some(after) = after else {
            return (life.self_contained && unexpired).then(|| Fact {
                text: self.frame.t("life-still-accepted"),
                moment: None,
                exchange: None,
            });
        };
        Some(Fact {
            text: self.frame.t("life-accepted-after"),
            moment: None,
            exchange: self.exchange(&after.event.exchange),
        })
    }

    /// The step of an exchange in this flow, and its id for links.
    fn exchange(&self, id: &shared::flow::ExchangeId) -> Option<(usize, String)> {
        let mut exchanges = self.flow.exchanges.iter();
        let found = exchanges.find(|exchange| exchange.id == *id)?;
        Some((found.step, id.to_string()))
    }

    /// The refresh tokens of each grant that has any, in the order of their succession.
    fn chains(&self) -> Vec<Chain> {
        let mut grants: Vec<usize> = Vec::new();
        let tokens = || {
            let lives = self.told.lives.iter();
            lives.filter(|life| life.kind == LifeKind::RefreshToken)
        };
        for life in tokens() {
            if !grants.contains(&life.grant) {
                grants.push(life.grant);
            }
        }
        let chain = |grant: usize| Chain {
            links: tokens()
                .filter(|life| life.grant == grant)
                .map(|life| Link {
                    short: format!("RT{}", life.number),
                    state: life.state.name(),
                    state_text: self.states_in_words(life),
                })
                .collect(),
        };
        grants.into_iter().map(chain).collect()
    }

    /// Each replay, with what it took along.
    fn kills(&self) -> Vec<Kill> {
        let replayed = self
            .told
            .lives
            .iter()
            .filter(|life| life.state == LifeState::Replayed);
        let kills = replayed.filter_map(|life| {
            let end = life.end.as_ref()?;
            let (step, exchange) = self.exchange(&end.event.exchange)?;
            let key = key_of("life-killed-by", life.kind.name());
            let name = self.name(life);
            Some(Kill {
                text: self.frame.ta(key, [("name", name)]),
                step,
                exchange,
            })
        });
        kills.collect()
    }
}

fn state_text(frame: &Frame, state: LifeState) -> String {
    frame.t(key_of("life-state", state.name()))
}

fn moment(seconds: i64) -> Moment {
    Moment::of(seconds.saturating_mul(1_000_000))
}
