//! `GET {base}/lessons`: the course. `GET {base}/lessons/{name}`: one lesson, beside the learner's own last run.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;
use shared::page::{Frame, key_of};

use super::catalog;
use super::figure::Figure;
use super::learner::{Found, Kind, Learner};
use super::prose::{Piece, pieces, sources};
use super::shape::{Lead, Lesson};
use crate::endpoint::Visit;
use crate::flow::{Refusal, RefusalKind};
use crate::page::Moment as Time;
use crate::record::view::ExchangeView;

/// The sections of a lesson, in order; each has as many paragraphs as the language files give it.
const SECTIONS: [&str; 5] = ["why", "who", "how", "wrong", "modern"];

/// The course.
pub(crate) async fn index(visit: Visit) -> HttpResponse {
    let frame = visit.frame.clone();
    let (owner, browser) = (visit.owner(), visit.browser());
    let reader = (owner.as_ref(), browser.as_ref());
    let learner = Learner::of(&visit.state, &visit.realm, reader);
    let cards = catalog::ALL.iter().map(|lesson| Card {
        name: lesson.name,
        title: say(&frame, lesson, "title"),
        lead: pieces(&say(&frame, lesson, "lead")),
        badge: lesson.badge,
        ran: learner.has_run(lesson.run),
    });
    let page = IndexPage {
        cards: cards.collect(),
        frame,
    };
    visit.page(&page, StatusCode::OK)
}

/// One lesson.
pub(crate) async fn show(visit: Visit) -> HttpResponse {
    let name = visit.request.match_info().get("name").unwrap_or_default();
    let Some(lesson) = catalog::find(name) else {
        let refusal = Refusal::by_client(RefusalKind::PageUnknown);
        return visit.refuse(&refusal, None).await;
    };
    let (owner, browser) = (visit.owner(), visit.browser());
    let reader = (owner.as_ref(), browser.as_ref());
    let learner = Learner::of(&visit.state, &visit.realm, reader);
    let page = LessonPage::new(visit.frame.clone(), lesson, &learner);
    visit.page(&page, StatusCode::OK)
}

/// A sentence of a lesson.
fn say(frame: &Frame, lesson: &Lesson, part: &str) -> String {
    frame.t(format!("lesson-{}-{part}", lesson.name))
}

/// `templates/lessons.html`
#[derive(Template)]
#[template(path = "lessons.html")]
struct IndexPage {
    frame: Frame,
    cards: Vec<Card>,
}

/// One lesson in the list.
struct Card {
    name: &'static str,
    title: String,
    lead: Vec<Piece>,
    badge: Option<&'static str>,
    /// Whether this browser has run what it teaches.
    ran: bool,
}

impl Card {
    /// The words of its badge.
    fn badge_text(&self, frame: &Frame) -> Option<String> {
        self.badge
            .map(|badge| frame.t(format!("grant-badge-{badge}")))
    }
}

/// `templates/lesson.html`
#[derive(Template)]
#[template(path = "lesson.html")]
pub(super) struct LessonPage {
    frame: Frame,
    lesson: &'static Lesson,
    title: String,
    lead: Vec<Piece>,
    badge_text: Option<String>,
    figure: Figure,
    run: Option<RunView>,
    sections: Vec<Section>,
    moments: Vec<MomentView>,
    looks: Vec<Look>,
    breaks: Vec<Todo>,
    compares: Vec<Todo>,
    sources: Vec<Piece>,
    /// The address of this page, in the reader's language.
    link: String,
    before: Option<Neighbour>,
    after: Option<Neighbour>,
}

/// A section with its paragraphs.
struct Section {
    name: &'static str,
    title: String,
    paragraphs: Vec<Vec<Piece>>,
}

/// The run that the page points into.
struct RunView {
    href: String,
    own: bool,
    time: Time,
    clock: String,
    exchanges: usize,
}

/// A moment of the run: what to see there, and where it is.
struct MomentView {
    name: &'static str,
    text: Vec<Piece>,
    exchange: Option<Place>,
}

/// An exchange as a link.
struct Place {
    href: String,
    step: usize,
    line: String,
}

/// A question, its answer, and where to look.
struct Look {
    question: Vec<Piece>,
    answer: Vec<Piece>,
    link: Option<Link>,
}

/// Something to do, and where.
struct Todo {
    text: Vec<Piece>,
    link: Option<Link>,
}

/// A link with its words.
struct Link {
    href: String,
    text: String,
}

/// The lesson before or after.
struct Neighbour {
    name: &'static str,
    title: String,
}

impl LessonPage {
    /// The page of `lesson` for this learner.
    pub(super) fn new(frame: Frame, lesson: &'static Lesson, learner: &Learner<'_>) -> Self {
        let found = learner.newest(lesson.run);
        let author = Author {
            frame: &frame,
            lesson,
            learner,
            found: found.as_ref(),
        };
        let sections = author.sections();
        let lead = author.prose("lead");
        let (looks, moments) = (author.looks(), author.moments());
        let (breaks, compares) = (author.breaks(), author.compares());
        let all = std::iter::once(&lead)
            .chain(sections.iter().flat_map(|section| &section.paragraphs))
            .chain(moments.iter().map(|moment| &moment.text))
            .chain(looks.iter().flat_map(|look| [&look.question, &look.answer]))
            .chain(breaks.iter().chain(&compares).map(|todo| &todo.text));
        let at = catalog::ALL.iter().position(|one| one.name == lesson.name);
        let neighbour = |at: Option<usize>| {
            let lesson = catalog::ALL.get(at?)?;
            Some(Neighbour {
                name: lesson.name,
                title: say(&frame, lesson, "title"),
            })
        };
        Self {
            link: frame.shared_link(format!("/lessons/{}", lesson.name)),
            title: say(&frame, lesson, "title"),
            badge_text: lesson
                .badge
                .map(|badge| frame.t(format!("grant-badge-{badge}"))),
            figure: Figure::of(&frame, lesson),
            run: found.as_ref().map(|found| RunView::new(&frame, found)),
            sources: sources(all),
            before: neighbour(at.and_then(|at| at.checked_sub(1))),
            after: neighbour(at.and_then(|at| at.checked_add(1))),
            lead,
            sections,
            moments,
            looks,
            breaks,
            compares,
            lesson,
            frame,
        }
    }

    /// Where the run that is missing can be run.
    fn begins_at(&self) -> String {
        self.frame.link(self.lesson.run.begins_at())
    }

    /// What the button there says.
    fn begin(&self) -> String {
        self.frame
            .t(format!("lesson-run-{}", self.lesson.run.name()))
    }
}

impl RunView {
    fn new(frame: &Frame, found: &Found) -> Self {
        let time = Time::of(found.flow.summary.started_us);
        Self {
            href: frame.link(format!("/flows/{}", found.flow.summary.id)),
            own: found.own,
            clock: time.text.get(11..16).unwrap_or_default().to_owned(),
            exchanges: found.flow.summary.exchange_count,
            time,
        }
    }
}

/// Who writes a page: the lesson, the learner and the run at hand.
struct Author<'a> {
    frame: &'a Frame,
    lesson: &'static Lesson,
    learner: &'a Learner<'a>,
    found: Option<&'a Found>,
}

impl Author<'_> {
    fn prose(&self, part: &str) -> Vec<Piece> {
        pieces(&say(self.frame, self.lesson, part))
    }

    fn sections(&self) -> Vec<Section> {
        let mut sections = Vec::new();
        for name in SECTIONS {
            let key = |number| format!("lesson-{}-{name}-{number}", self.lesson.name);
            let paragraphs: Vec<_> = (1..)
                .map_while(|number: u32| self.frame.find(key(number)))
                .map(|text| pieces(&text))
                .collect();
            if !paragraphs.is_empty() {
                sections.push(Section {
                    name,
                    title: self.frame.t(key_of("lesson-section", name)),
                    paragraphs,
                });
            }
        }
        sections
    }

    fn moments(&self) -> Vec<MomentView> {
        let views = self.lesson.moments.iter().map(|moment| MomentView {
            name: moment.name,
            text: self.prose(&format!("see-{}", moment.name)),
            exchange: self
                .exchange(moment.name)
                .map(|exchange| self.place(exchange)),
        });
        views.collect()
    }

    /// The first exchange of the run that is the moment of this name.
    fn exchange(&self, name: &str) -> Option<&ExchangeView> {
        let moment = self.lesson.moments.iter().find(|one| one.name == name)?;
        let mut exchanges = self.found?.flow.exchanges.iter();
        exchanges.find(|exchange| (moment.is)(exchange))
    }

    fn place(&self, exchange: &ExchangeView) -> Place {
        let line = match exchange.status {
            Some(status) => format!("{} {} → {status}", exchange.method, exchange.path),
            None => format!("{} {}", exchange.method, exchange.path),
        };
        Place {
            href: self.exchange_page(exchange),
            step: exchange.step,
            line: line.trim().to_owned(),
        }
    }

    fn exchange_page(&self, exchange: &ExchangeView) -> String {
        let path = format!("/flows/{}/exchanges/{}/open", exchange.flow, exchange.id);
        self.frame.link(path)
    }

    fn looks(&self) -> Vec<Look> {
        let numbered = self.lesson.looks.iter().zip(1_u32..);
        let look = |(lead, number): (&Lead, u32)| Look {
            question: self.prose(&format!("look-{number}")),
            answer: self.prose(&format!("look-{number}-answer")),
            link: self.link(*lead),
        };
        numbered.map(look).collect()
    }

    fn breaks(&self) -> Vec<Todo> {
        let numbered = self.lesson.breaks.iter().zip(1_u32..);
        let todo = |(lead, number): (&Lead, u32)| Todo {
            text: self.prose(&format!("break-{number}")),
            link: self.link(*lead),
        };
        numbered.map(todo).collect()
    }

    fn compares(&self) -> Vec<Todo> {
        let numbered = self.lesson.compares.iter().zip(1_u32..);
        let todo = |(pair, number): (&(Kind, Kind), u32)| Todo {
            text: self.prose(&format!("compare-{number}")),
            link: Some(self.comparison(*pair)),
        };
        numbered.map(todo).collect()
    }

    /// The two runs side by side; where one of them is missing, the page on which it is run.
    fn comparison(&self, (one, other): (Kind, Kind)) -> Link {
        let missing = |kind: Kind| Link {
            href: self.frame.link(kind.begins_at()),
            text: self.frame.t(format!("lesson-run-{}", kind.name())),
        };
        let Some(first) = self.learner.newest(one) else {
            return missing(one);
        };
        let Some(second) = self.learner.newest(other) else {
            return missing(other);
        };
        let (first, second) = (first.flow.summary.id, second.flow.summary.id);
        let path = format!("/flows/{first}/compare?with={second}");
        Link {
            href: self.frame.link(path),
            text: self.frame.t("lesson-side-by-side"),
        }
    }

    /// Where `lead` leads in the run at hand; nowhere before there is one, unless it needs none.
    fn link(&self, lead: Lead) -> Option<Link> {
        let flow = self.found.map(|found| &found.flow.summary.id);
        let of_flow = |page: &str| flow.map(|id| self.frame.link(format!("/flows/{id}{page}")));
        let (href, key) = match lead {
            Lead::Knowledge => (of_flow("/knowledge")?, "lesson-to-knowledge"),
            Lead::Flow => (of_flow("")?, "lesson-to-flow"),
            Lead::Break => (of_flow("/break")?, "lesson-to-break"),
            Lead::Lifetimes => (of_flow("/lifetimes")?, "lesson-to-lifetimes"),
            Lead::Moment(name) => (
                self.exchange_page(self.exchange(name)?),
                "lesson-to-exchange",
            ),
            Lead::Page(path) => (self.frame.link(path), "lesson-to-page"),
        };
        Some(Link {
            href,
            text: self.frame.t(key),
        })
    }
}
