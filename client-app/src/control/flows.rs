//! Breakpoints for one flow: tells the controls by which values its requests are recognised, as the record learns
//! them.
//!
//! May use the record. A request belongs to a flow by what it carries: the `state` and the challenge that the flow
//! began with, the code and the tokens that were issued in it. So a breakpoint for one flow stops what carries any of
//! them, as soon as the record has it.

use std::collections::BTreeSet;
use std::sync::Arc;

use shared::control::Controls;
use shared::flow::ValueHash;

use crate::record::FlowStore;
use crate::record::view::FlowView;

/// Tells `controls` what the record learns of flows on which breakpoints are set; for ever.
pub(crate) async fn watch_flows(record: Arc<FlowStore>, controls: Controls) {
    let (mut events, mut changes) = (record.watch(), controls.watch());
    loop {
        events.borrow_and_update();
        changes.borrow_and_update();
        tell(&record, &controls);
        let gone = tokio::select! {
            event = events.changed() => event.is_err(),
            change = changes.changed() => change.is_err(),
        };
        if gone {
            return;
        }
    }
}

/// Tells them at once.
pub(super) fn tell(record: &FlowStore, controls: &Controls) {
    if !controls.is_active() {
        return;
    }
    for (realm, flow) in controls.watched_flows() {
        let view = record.flow(&realm, &flow);
        let values = view.as_ref().map(values_of).unwrap_or_default();
        controls.know_flow(&realm, &flow, values);
    }
}

/// The values by which requests of a flow are recognised.
fn values_of(flow: &FlowView) -> BTreeSet<ValueHash> {
    let exchanges = flow.exchanges.iter();
    let values = exchanges.flat_map(|exchange| exchange.values.iter().chain(&exchange.only_sent));
    let joining = values.filter(|value| value.kind.joins());
    joining.map(|value| value.hash.clone()).collect()
}
