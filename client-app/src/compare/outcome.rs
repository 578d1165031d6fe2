//! What differs between two flows as a whole: who said no, what can be said of one alone, who knows what in one alone.

use shared::flow::{Outcome, ValueKind};

use super::align::index_of;
use super::difference::Difference;
use super::identity::Identities;
use super::parameters::ANSWERED;
use super::{Decided, Flank, KnowledgeDifference, OnlyIn, Step};
use crate::record::flow::Status;
use crate::record::knowledge::{Cell, Knower, KnownValue};
use crate::record::view::{ExchangeView, FlowView};

/// Who said no in one flow and not in the other.
pub(super) fn decided(left: &FlowView, right: &FlowView, steps: &[Step]) -> Vec<Decided> {
    let (one, other) = (&left.summary.result, &right.summary.result);
    let alike = one.status == other.status
        && one.failed_check == other.failed_check
        && one.error == other.error;
    if alike {
        return Vec::new();
    }
    let both = [(Flank::Left, left), (Flank::Right, right)];
    let refusals = both
        .into_iter()
        .map(|(flank, flow)| refusal(flank, flow, steps));
    refusals.flatten().collect()
}

fn refusal(flank: Flank, flow: &FlowView, steps: &[Step]) -> Option<Decided> {
    let result = &flow.summary.result;
    if result.status != Status::Refused {
        return None;
    }
    // A refusal is passed on, from the server to the client app and to its page: who said it first decided.
    let first = steps.iter().find(|step| says_no(flank, step));
    let first = first.and_then(|step| flank.of(step)).map(|side| &side.id);
    let id = first.or(result.exchange.as_ref())?;
    let exchange = flow.exchanges.iter().find(|exchange| exchange.id == *id)?;
    let mut checks = exchange.checks.iter();
    let check = checks.find(|check| check.outcome == Outcome::Failed);
    Some(Decided {
        flank,
        at: index_of(steps, flank, &exchange.id)?,
        exchange: exchange.id.clone(),
        step: exchange.step,
        by: exchange.to.clone(),
        status: exchange.status,
        error: error_of(exchange),
        check: check.cloned(),
    })
}

/// Whether a check failed in this flow that did not in the other, and not only because of another.
fn says_no(flank: Flank, step: &Step) -> bool {
    let mut differences = step.differences.iter();
    differences.any(|difference| match difference {
        Difference::Check(found) if !found.follows => {
            let own = match flank {
                Flank::Left => &found.left,
                Flank::Right => &found.right,
            };
            own.as_ref()
                .is_some_and(|check| check.outcome == Outcome::Failed)
        }
        _ => false,
    })
}

/// The protocol's error code in an answer.
fn error_of(exchange: &ExchangeView) -> Option<String> {
    let mut parameters = exchange.parameters.iter();
    let error = parameters.find(|known| known.name == "error" && ANSWERED.contains(&known.place));
    error.map(|error| error.value.chars().take(80).collect())
}

/// What can be said of one flow and not of the other.
pub(super) fn verdicts(left: &FlowView, right: &FlowView) -> OnlyIn<String> {
    let only = |flow: &FlowView, other: &FlowView| {
        let mut ids = Vec::new();
        for verdict in &flow.verdicts {
            let known = other.verdicts.iter().any(|known| known.id == verdict.id);
            if !known && !ids.contains(&verdict.id) {
                ids.push(verdict.id.clone());
            }
        }
        ids
    };
    OnlyIn {
        left: only(left, right),
        right: only(right, left),
    }
}

/// Who knows what in one flow and not in the other, row by row.
pub(super) fn knowledge(identities: &Identities) -> Vec<KnowledgeDifference> {
    let (left, right) = (&identities.left.knowledge, &identities.right.knowledge);
    let mut knowers = left.knowers.clone();
    for knower in &right.knowers {
        if !knowers.contains(knower) {
            knowers.push(knower.clone());
        }
    }
    let mut met: Vec<&KnownValue> = Vec::new();
    let mut found = Vec::new();
    for row in &left.values {
        let counterpart = counterpart(identities, row).filter(|row| !met.contains(row));
        met.extend(counterpart);
        found.extend(row_differences(Some(row), counterpart, &knowers));
    }
    for row in right.values.iter().filter(|row| !met.contains(row)) {
        found.extend(row_differences(None, Some(row), &knowers));
    }
    found
}

/// The row of the right matrix that answers to one of the left.
fn counterpart<'i>(identities: &'i Identities, row: &KnownValue) -> Option<&'i KnownValue> {
    let rows = || {
        let rows = identities.right.knowledge.values.iter();
        rows.filter(|other| other.kind == row.kind)
    };
    if let Some(hash) = identities.counterpart(&row.hash) {
        return rows().find(|other| other.hash == *hash);
    }
    let constant = matches!(row.kind, ValueKind::Password | ValueKind::ClientSecret);
    let same = rows().find(|other| constant && other.hash == row.hash);
    same.or_else(|| {
        rows().find(|other| other.number == row.number && !identities.is_taken(&other.hash))
    })
}

fn row_differences(
    left: Option<&KnownValue>,
    right: Option<&KnownValue>,
    knowers: &[Knower],
) -> Vec<KnowledgeDifference> {
    let Some(row) = left.or(right) else {
        return Vec::new();
    };
    let cell = |row: Option<&KnownValue>, knower: &Knower| -> Option<Cell> {
        let mut cells = row?.cells.iter();
        cells.find(|cell| cell.knower == *knower).cloned()
    };
    let known = |cell: &Option<Cell>| cell.as_ref().and_then(|cell| cell.exposure);
    let mut found = Vec::new();
    for knower in knowers {
        let (left, right) = (cell(left, knower), cell(right, knower));
        if known(&left) != known(&right) {
            found.push(KnowledgeDifference {
                kind: row.kind,
                number: row.number,
                knower: knower.clone(),
                left,
                right,
            });
        }
    }
    found
}
