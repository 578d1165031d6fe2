//! Who knows what, for each grant against a reviewed golden file (`golden/knowledge-*.json`), and of every flow
//! that was really run: a party is never said to know what no exchange carried to it or from it.
//!
//! The flows are those of `flows`, run as a person would. `UPDATE_GOLDEN=1` writes the files anew.

use std::collections::BTreeMap;

use ecosystem::record::{Exposure, FlowView, Knower, Knowledge};
use serde_json::{Value, json};
use shared::flow::{Party, ValuePlace};

use crate::flows::is_written;
use crate::support::World;

/// What is known in these flows is what `golden/knowledge-{name}.json` says, and nothing is made up.
pub(crate) async fn is_golden(world: &World, flows: &[FlowView], name: &str) {
    let mut known = Vec::new();
    for flow in flows {
        let knowledge = world.realm.knowledge(&flow.summary.id).await.unwrap();
        is_true(flow, &knowledge);
        known.push(essence(flow, &knowledge));
    }
    is_written(&known, &format!("knowledge-{name}"));
}

/// What of a matrix is the same in every run: for each value, who knows it, how, since which step.
fn essence(flow: &FlowView, knowledge: &Knowledge) -> Value {
    let mut values = Vec::new();
    for row in &knowledge.values {
        let kind = serde_json::to_value(row.kind).unwrap();
        let mut name = format!("{} {}", kind.as_str().unwrap(), row.number);
        if let Some(owner) = &row.owner {
            name = format!("{name} of {owner}");
        }
        let mut cells = BTreeMap::new();
        for cell in &row.cells {
            let Some(learned) = &cell.learned else {
                continue;
            };
            let exchange = &flow.exchanges[learned.step - 1];
            let mut text = format!(
                "{} by step {} {} {}",
                learned.how.name(),
                learned.step,
                exchange.method,
                exchange.path
            );
            if cell.exposure != Some(Exposure::Expected) {
                let exposure = serde_json::to_value(cell.exposure).unwrap();
                let rule = cell.rule.as_deref().unwrap();
                text = format!("{}: {} ({text})", exposure.as_str().unwrap(), rule);
            }
            cells.insert(cell.knower.to_string(), text);
        }
        values.push(json!({ "value": name, "known to": cells }));
    }
    json!({ "grant": flow.summary.grant, "knowers": knowledge.knowers, "values": values })
}

/// The matrix, said again from the exchanges of the record in another way.
fn is_true(flow: &FlowView, knowledge: &Knowledge) {
    for row in &knowledge.values {
        for cell in &row.cells {
            let party = match &cell.knower {
                Knower::Party(party) => party,
                Knower::AddressBar => &Party::Browser,
            };
            let mut carriers = flow.exchanges.iter().filter(|exchange| {
                let mut values = exchange.values.iter();
                let carried = values.any(|value| {
                    let in_address = matches!(
                        value.place,
                        ValuePlace::RequestQuery
                            | ValuePlace::RedirectQuery
                            | ValuePlace::RedirectFragment
                            | ValuePlace::BrowserFragment
                    );
                    value.hash == row.hash && (in_address || cell.knower != Knower::AddressBar)
                });
                let asked_by = exchange.from == *party;
                let answered_by = exchange.to == *party && cell.knower != Knower::AddressBar;
                carried && (asked_by || answered_by)
            });
            match &cell.learned {
                Some(learned) => {
                    assert!(
                        carriers.any(|exchange| exchange.id == learned.exchange),
                        "{} knows {:?} from nowhere",
                        cell.knower,
                        row.kind
                    );
                }
                // Every party that took part was reached in these flows, so each carrier taught it.
                None => assert_eq!(carriers.count(), 0, "{} {:?}", cell.knower, row.kind),
            }
        }
    }
}
