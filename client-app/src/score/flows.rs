//! The rules that only a flow answers: what really happened, from the verdicts of a client's last flows and from the
//! parameters that they carried.

use crate::record::view::FlowView;
use shared::fapi2::section;

use super::rule::{Ended, Judged, Rule, Standard};

/// A rule, the verdicts that show that it was met, and those that show that it was not.
struct Observed {
    rule: Rule,
    good: &'static [&'static str],
    bad: &'static [&'static str],
}

const fn rule(id: &'static str, standard: Standard, reference: &'static str) -> Rule {
    Rule {
        id,
        standard,
        reference,
    }
}

/// Those that a verdict answers.
const BY_VERDICT: [Observed; 6] = [
    Observed {
        rule: rule("flow-pkce", Standard::Rfc9700, "RFC 9700 §2.1.1"),
        good: &["pkce.s256_used"],
        bad: &["pkce.plain_used", "pkce.not_used"],
    },
    Observed {
        rule: rule("flow-state", Standard::Rfc9700, "RFC 9700 §2.1, §4.7"),
        good: &[
            "state.checked",
            "state.sent",
            "state.left_to_pkce",
            "state.left_to_nonce",
        ],
        bad: &["state.not_sent"],
    },
    Observed {
        rule: rule(
            "flow-iss",
            Standard::Rfc9700,
            "RFC 9700 §2.1, RFC 9207 §2.4",
        ),
        good: &["iss.checked"],
        bad: &[],
    },
    Observed {
        rule: rule("flow-no-token-in-url", Standard::Rfc9700, "RFC 9700 §4.3.2"),
        good: &["token.back_channel_only"],
        bad: &["token.in_url"],
    },
    Observed {
        rule: rule("flow-no-password", Standard::Rfc9700, "RFC 9700 §2.4"),
        good: &["password.only_at_auth_server"],
        bad: &["password.seen_by_client"],
    },
    Observed {
        rule: rule("flow-rotation", Standard::Rfc9700, "RFC 9700 §4.14.2"),
        good: &["refresh.rotated"],
        bad: &["refresh.reused"],
    },
];

/// A rule that the way of a parameter answers: where a flow has the first, it must have the second.
struct Carried {
    rule: Rule,
    /// A path whose request tells.
    path: &'static str,
    /// What the request must have, as a parameter or a header.
    has: &'static str,
}

/// Those of FAPI 2.0 that parameters answer.
const BY_PARAMETER: [Carried; 3] = [
    Carried {
        rule: rule("flow-pushed", Standard::Fapi2, section::AUTHORIZATION),
        path: "/authorize",
        has: "request_uri",
    },
    Carried {
        rule: rule("flow-assertion", Standard::Fapi2, section::GENERAL),
        path: "/token",
        has: "client_assertion",
    },
    Carried {
        rule: rule("flow-proof", Standard::Fapi2, section::GENERAL),
        path: "/token",
        has: "dpop",
    },
];

/// All rules, judged over a client's flows, the newest first: one that was broken in any of them is not met.
pub(super) fn judge(flows: &[FlowView]) -> Vec<Judged> {
    let by_verdict = BY_VERDICT.iter().map(|observed| verdict(observed, flows));
    let by_parameter = BY_PARAMETER.iter().map(|carried| parameter(carried, flows));
    by_verdict.chain(by_parameter).collect()
}

/// The rules, for the language files' test.
#[cfg(test)]
pub(super) fn rules() -> impl Iterator<Item = Rule> {
    let carried = BY_PARAMETER.iter().map(|carried| carried.rule);
    BY_VERDICT
        .iter()
        .map(|observed| observed.rule)
        .chain(carried)
}

fn verdict(observed: &Observed, flows: &[FlowView]) -> Judged {
    let shown = |ids: &[&str]| {
        flows.iter().find_map(|flow| {
            let mut verdicts = flow.verdicts.iter();
            let found = verdicts.find(|verdict| ids.contains(&verdict.id.as_str()))?;
            Some((flow, found))
        })
    };
    let found = shown(observed.bad)
        .map(|found| (Ended::NotMet, found))
        .or_else(|| shown(observed.good).map(|found| (Ended::Met, found)));
    match found {
        None => not_seen(observed.rule),
        Some((ended, (flow, found))) => Judged {
            rule: observed.rule,
            ended,
            got: found.id.clone(),
            shown_by: found
                .exchange
                .clone()
                .map(|exchange| (flow.summary.id.clone(), exchange)),
        },
    }
}

fn parameter(carried: &Carried, flows: &[FlowView]) -> Judged {
    let mut met = None;
    for flow in flows {
        for exchange in &flow.exchanges {
            let asked = exchange.path.ends_with(carried.path)
                && exchange.to == shared::flow::Party::AuthServer;
            if !asked {
                continue;
            }
            let has = exchange
                .parameters
                .iter()
                .any(|parameter| parameter.name == carried.has)
                || exchange
                    .request
                    .headers
                    .iter()
                    .any(|header| header.name.eq_ignore_ascii_case(carried.has));
            let shown_by = Some((flow.summary.id.clone(), exchange.id.clone()));
            let judged = Judged {
                rule: carried.rule,
                ended: Ended::of(has),
                got: if has {
                    carried.has.to_owned()
                } else {
                    format!("no {}", carried.has)
                },
                shown_by,
            };
            if !has {
                return judged;
            }
            met.get_or_insert(judged);
        }
    }
    met.unwrap_or_else(|| not_seen(carried.rule))
}

const fn not_seen(rule: Rule) -> Judged {
    Judged {
        rule,
        ended: Ended::NotSeen,
        got: String::new(),
        shown_by: None,
    }
}
