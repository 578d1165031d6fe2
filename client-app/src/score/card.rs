//! Card: every rule judged for one client, and the facts of all clients of a realm.

use serde::Serialize;
use shared::page::Service;
use shared::realm::RealmName;
use shared::registration::RegistrationFacts;
use shared::serve::vitals::{proven, vitals_of};

use super::rule::{Ended, Judged, Standard};
use super::{flows, registration};
use crate::record::{FlowStore, Wanted};
use crate::state::AppState;

/// How many of a client's last flows are looked at.
const LAST: usize = 10;

/// Why there are no facts.
#[derive(Debug, thiserror::Error)]
#[error("the auth server does not tell about its clients: {0}")]
pub(super) struct NoFacts(String);

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
    /// The card of a client.
    pub(super) fn of(client: RegistrationFacts, record: &FlowStore, realm: &RealmName) -> Self {
        let wanted = Wanted {
            limit: LAST,
            client_id: Some(client.client_id.clone()),
            grant: None,
        };
        let seen: Vec<_> = record
            .flows(realm, &wanted)
            .flows
            .iter()
            .filter_map(|flow| record.flow(realm, &flow.id))
            .collect();
        let mut rules = registration::judge(&client);
        rules.extend(flows::judge(&seen));
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

/// The facts of all clients of a realm, by identifier.
pub(super) async fn facts(
    state: &AppState,
    realm: &RealmName,
) -> Result<Vec<RegistrationFacts>, NoFacts> {
    let vitals = vitals_of(&state.addresses, Service::AuthServer, realm);
    let mut request = proven(&state.observer.key, Service::AuthServer, &vitals);
    request.url = format!("{}/registrations", state.addresses.issuer(realm));
    let answer = state.http.send_unobserved(request).await;
    let answer = answer.map_err(|error| NoFacts(error.to_string()))?;
    if answer.status != 200 {
        return Err(NoFacts(format!("it answered {}", answer.status)));
    }
    answer.json().map_err(|error| NoFacts(error.to_string()))
}
