//! The pages of scores: `templates/clients.html` and `templates/score.html`.

use askama::Template;
use shared::page::{Frame, key_of};

use super::card::Card;
use super::rule::{Judged, Standard};
use crate::record::verdict::ALL;

/// `templates/clients.html`
#[derive(Template)]
#[template(path = "clients.html")]
pub(super) struct ScoresPage {
    frame: Frame,
    rows: Option<Vec<Row>>,
    left: Option<String>,
}

/// A client in one line.
struct Row {
    id: String,
    name: String,
    link: String,
    legacy: bool,
    counts: Vec<Count>,
}

/// How much of a standard is met.
struct Count {
    title: String,
    met: usize,
    of: usize,
    text: String,
}

/// `templates/score.html`
#[derive(Template)]
#[template(path = "score.html")]
pub(super) struct ScorePage {
    frame: Frame,
    id: String,
    name: String,
    legacy: Vec<String>,
    profile: Option<String>,
    refused: Option<String>,
    flows: String,
    has_flows: bool,
    sections: Vec<Section>,
}

/// A standard with its rules.
struct Section {
    slug: &'static str,
    count: Count,
    lead: String,
    rules: Vec<Line>,
}

/// A rule, ready to show.
struct Line {
    id: &'static str,
    ended: &'static str,
    ended_text: String,
    sentence: String,
    reason: String,
    reference: &'static str,
    got: String,
    seen: Option<String>,
    shown_by: Option<String>,
}

impl Count {
    fn of(frame: &Frame, card: &Card, standard: Standard) -> Self {
        let (met, of) = card.met(standard);
        let arguments = [("met", met.to_string()), ("of", of.to_string())];
        let arguments = arguments
            .each_ref()
            .map(|(name, text)| (*name, text.as_str()));
        Self {
            title: frame.t(format!("score-standard-{}", standard.slug())),
            met,
            of,
            text: frame.ta("score-met-of", arguments),
        }
    }
}

/// The grants of a client that RFC 9700 advises against: `implicit` where an access token comes of it.
fn legacy(card: &Card) -> Vec<String> {
    let has_token = |one: &String| one.split(' ').any(|part| part == "token");
    let in_front = card.client.response_types.iter().any(has_token);
    let grants = card.client.grant_types.iter();
    grants
        .filter(|grant| *grant == "password" || (*grant == "implicit" && in_front))
        .cloned()
        .collect()
}

impl ScoresPage {
    /// The page of these clients, with `left` more that are not listed; `None` where the auth server does not tell.
    pub(super) fn new(frame: Frame, cards: Option<&[Card]>, left: usize) -> Self {
        let rows = cards.map(|cards| {
            let row = |card: &Card| Row {
                id: card.client.client_id.clone(),
                name: card.client.name.clone(),
                link: link_of(&frame, &card.client.client_id),
                legacy: !legacy(card).is_empty(),
                counts: Standard::ALL
                    .map(|standard| Count::of(&frame, card, standard))
                    .into(),
            };
            cards.iter().map(row).collect()
        });
        let more = left.to_string();
        let text = || frame.ta("score-left", [("count", more.as_str())]);
        let left = (left > 0).then(text);
        Self { frame, rows, left }
    }
}

/// The page of a client: its identifier is any text (RFC 6749 Appendix A.1).
fn link_of(frame: &Frame, client_id: &str) -> String {
    let id: String = url::form_urlencoded::byte_serialize(client_id.as_bytes()).collect();
    frame.link(format!("/clients/{}", id.replace('+', "%20")))
}

impl ScorePage {
    /// The page of one client.
    pub(super) fn new(frame: Frame, card: &Card) -> Self {
        let section = |standard: Standard| Section {
            slug: standard.slug(),
            count: Count::of(&frame, card, standard),
            lead: frame.t(format!("score-lead-{}", standard.slug())),
            rules: card
                .rules
                .iter()
                .filter(|judged| judged.rule.standard == standard)
                .map(|judged| Line::new(&frame, judged))
                .collect(),
        };
        let flows = card.flows.to_string();
        Self {
            id: card.client.client_id.clone(),
            name: card.client.name.clone(),
            legacy: legacy(card),
            profile: card.client.profile.clone(),
            refused: refused(&frame, card),
            flows: frame.ta("score-flows", [("count", flows.as_str())]),
            has_flows: card.flows > 0,
            sections: Standard::ALL.map(section).into(),
            frame,
        }
    }
}

/// What is told of a client that gets nothing, as its registration does not keep to the profile that it is held to.
fn refused(frame: &Frame, card: &Card) -> Option<String> {
    let missed = &card.client.profile_missed;
    let rules = missed.join(", ");
    (!missed.is_empty()).then(|| frame.ta("score-refused", [("rules", rules.as_str())]))
}

impl Line {
    fn new(frame: &Frame, judged: &Judged) -> Self {
        let id = judged.rule.id;
        let ended = judged.ended.slug();
        Self {
            id,
            ended,
            ended_text: frame.t(format!("score-ended-{ended}")),
            sentence: frame.t(format!("score-rule-{id}")),
            reason: frame.t(format!("score-why-{id}")),
            reference: judged.rule.reference,
            got: judged.got.clone(),
            seen: seen(frame, judged),
            shown_by: judged
                .shown_by
                .as_ref()
                .map(|(flow, exchange)| frame.link(format!("/flows/{flow}#x-{exchange}"))),
        }
    }
}

/// What a flow showed, in words, where a verdict decided.
fn seen(frame: &Frame, judged: &Judged) -> Option<String> {
    let by_verdict = judged.shown_by.is_some() && ALL.iter().any(|(id, _)| *id == judged.got);
    by_verdict.then(|| frame.t(key_of("verdict", &judged.got)))
}

#[cfg(test)]
mod tests {
    use shared::page::{Language, Texts};

    use super::super::rule::{Ended, Standard};
    use super::super::{flows, registration};

    #[test]
    fn every_rule_has_its_words_in_every_language() {
        let texts = Texts::load().unwrap();
        for language in Language::ALL {
            let has = |key: String| assert!(texts.find(language, &key, &()).is_some(), "{key}");
            for rule in registration::rules().chain(flows::rules()) {
                has(format!("score-rule-{}", rule.id));
                has(format!("score-why-{}", rule.id));
            }
            for ended in [Ended::Met, Ended::NotMet, Ended::NotSeen, Ended::NotAsked] {
                has(format!("score-ended-{}", ended.slug()));
            }
            for standard in Standard::ALL {
                has(format!("score-standard-{}", standard.slug()));
                has(format!("score-lead-{}", standard.slug()));
            }
        }
    }
}
