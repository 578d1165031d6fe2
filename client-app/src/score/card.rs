//! Card: every rule judged for one client, and the facts of all clients of a realm.

use serde::Serialize;
use shared::page::Service;
use shared::realm::RealmName;
use shared::registration::RegistrationFacts;
use shared::serve::vitals::{proven, vitals_of};

use super::rule::{Ended, Judged, Standard};
use super::{flows, registration};
use crate::record::FlowStore;
use crate::record::view::FlowView;
use crate::state::AppState;

/// How many of a client's last flows are looked at.
const LAST: usize = 10;

/// Why there is no card.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoCard {
    /// There are no facts.
    #[error("the auth server does not tell about its clients: {0}")]
    Untold(String),
    /// The program is being stopped.
    #[error("nobody is there to judge")]
    Unjudged,
}

/// What is known of one client.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Card {
    /// The registration.
    pub(super) client: RegistrationFacts,
    /// How many of its flows were looked at.
    pub(super) flows: usize,
    /// Every rule, judged.
    pub(super) rules: Vec<Judged>,
}

impl Card {
    /// The card of a client whose last flows are `seen`, the newest first.
    fn of(client: RegistrationFacts, seen: &[FlowView]) -> Self {
        let mut rules = registration::judge(&client);
        rules.extend(flows::judge(seen));
        Self {
            flows: seen.len(),
            client,
            rules,
        }
    }

    /// How many rules of a standard are met, of how many that could be judged.
    pub(super) fn met(&self, standard: Standard) -> (usize, usize) {
        let count = |ended: &[Ended]| {
            let of = self
                .rules
                .iter()
                .filter(|one| one.rule.standard == standard);
            of.filter(|one| ended.contains(&one.ended)).count()
        };
        (count(&[Ended::Met]), count(&[Ended::Met, Ended::NotMet]))
    }
}

/// The cards of these clients, after one look at the whole record for all of them. It takes a while: not for a thread
/// that has others to answer.
pub(super) fn cards(
    clients: Vec<RegistrationFacts>,
    record: &FlowStore,
    realm: &RealmName,
) -> Vec<Card> {
    let ids: Vec<_> = clients.iter().map(|one| one.client_id.as_str()).collect();
    let mut newest = record.newest_of(realm, &ids, LAST);
    let card = |client: RegistrationFacts| {
        let ids = newest.remove(&client.client_id).unwrap_or_default();
        let seen = ids.iter().filter_map(|id| record.flow(realm, id));
        Card::of(client, &seen.collect::<Vec<_>>())
    };
    clients.into_iter().map(card).collect()
}

/// The facts of all clients of a realm, by identifier.
pub(super) async fn facts(
    state: &AppState,
    realm: &RealmName,
) -> Result<Vec<RegistrationFacts>, NoCard> {
    let vitals = vitals_of(&state.addresses, Service::AuthServer, realm);
    let mut request = proven(&state.observer.key, Service::AuthServer, &vitals);
    request.url = format!("{}/registrations", state.addresses.issuer(realm));
    let answer = state.http.send_unobserved(request).await;
    let answer = answer.map_err(|error| NoCard::Untold(error.to_string()))?;
    if answer.status != 200 {
        return Err(NoCard::Untold(format!("it answered {}", answer.status)));
    }
    answer
        .json()
        .map_err(|error| NoCard::Untold(error.to_string()))
}

#[cfg(test)]
mod tests {
    use shared::flow::Party;

    use super::*;
    use crate::config::RecordConfig;
    use crate::record::sample::received;

    #[test]
    fn each_client_is_judged_by_its_own_last_flows() {
        let record = FlowStore::new(RecordConfig::default());
        for number in 0..24 {
            let (client, state) = if number % 2 == 0 {
                ("even", "")
            } else {
                ("odd", "&state=s")
            };
            let path = format!("/authorize?response_type=code&client_id={client}{state}");
            let sample = received(number, Party::Browser, Party::AuthServer, "GET", &path);
            record.ingest(sample.0);
        }
        let clients = ["odd", "nobody", "even"].map(|id| RegistrationFacts {
            client_id: id.to_owned(),
            ..RegistrationFacts::default()
        });
        let cards = cards(clients.into(), &record, &RealmName::default_realm());
        let said = cards.iter().map(|card| {
            let mut rules = card.rules.iter();
            let state = rules.find(|one| one.rule.id == "flow-state").unwrap();
            (card.client.client_id.as_str(), card.flows, state.ended)
        });
        assert_eq!(
            said.collect::<Vec<_>>(),
            [
                ("odd", LAST, Ended::Met),
                ("nobody", 0, Ended::NotSeen),
                ("even", LAST, Ended::NotMet),
            ]
        );
    }
}
