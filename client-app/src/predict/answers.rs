//! What the reader has answered so far. It stands in the address: `?step=4&way=front&values=code,state&score=212&view=map`.

use serde::Deserialize;

use super::question::{Kinds, Way};
use crate::diagram::View;

/// The most answers that are counted.
const MOST: usize = 500;

/// The query of the page.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Query {
    step: Option<String>,
    way: Option<String>,
    values: Option<String>,
    score: Option<String>,
    view: Option<String>,
}

/// Where the reader stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Standing {
    /// The exchange that is asked about, from 1.
    pub(super) step: usize,
    /// The answer to it, once there is one.
    pub(super) answer: Option<Answer>,
    /// What was answered before.
    pub(super) score: Score,
    /// How the flow is drawn so far.
    pub(super) view: View,
}

/// An answer to one question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// Both clicks.
    Given(Way, Kinds),
    /// The reader wants to see it without guessing.
    Skipped,
}

/// How right each answer was: two clicks, so 0 to 2; nothing for a question that was skipped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Score(Vec<Option<u32>>);

impl Standing {
    /// Reads the address; what makes no sense is a question that is not answered yet.
    pub(super) fn of(query: &Query) -> Self {
        let step = query.step.as_deref().and_then(|step| step.parse().ok());
        let way = query.way.as_deref().and_then(Way::parse);
        let answer = match (query.values.as_deref(), way) {
            (Some("skip"), _) => Some(Answer::Skipped),
            (Some(kinds), Some(way)) => Kinds::parse(kinds).map(|kinds| Answer::Given(way, kinds)),
            _ => None,
        };
        Self {
            step: step.unwrap_or(1).max(1),
            answer,
            score: Score::parse(query.score.as_deref().unwrap_or_default()),
            view: View::named(query.view.as_deref()),
        }
    }

    /// The answer as it stands in the address; empty without one.
    pub(super) fn answered(&self) -> String {
        match &self.answer {
            None => String::new(),
            Some(Answer::Skipped) => "&values=skip".to_owned(),
            Some(Answer::Given(way, kinds)) => {
                format!("&way={}&values={}", way.name(), kinds.as_text())
            }
        }
    }
}

impl Score {
    fn parse(text: &str) -> Self {
        let marks = text.chars().filter_map(|mark| match mark {
            '0'..='2' => Some(mark.to_digit(10)),
            '-' => Some(None),
            _ => None,
        });
        Self(marks.take(MOST).collect())
    }

    /// With one answer more.
    pub(super) fn with(mut self, right: Option<u32>) -> Self {
        if self.0.len() < MOST {
            self.0.push(right);
        }
        self
    }

    /// How it stands in the address.
    pub(super) fn as_text(&self) -> String {
        let marks = self.0.iter();
        marks
            .map(|mark| mark.map_or_else(|| "-".to_owned(), |right| right.to_string()))
            .collect()
    }

    /// How many clicks were right, and how many there were.
    pub(super) fn total(&self) -> (u32, usize) {
        let answered = self.0.iter().flatten();
        (answered.clone().sum(), answered.count().saturating_mul(2))
    }

    /// Each answer in order.
    pub(super) fn marks(&self) -> &[Option<u32>] {
        &self.0
    }
}
