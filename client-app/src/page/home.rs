//! The start page: the four roles, whether they are up, and the grants to choose from.

use askama::Template;
use shared::page::Frame;

use crate::clock::ClockBar;
use crate::config::DemoPerson;
use crate::endpoint::ServiceStatus;
use crate::flow::Grant;
use crate::state::AppState;

/// `templates/home.html`
#[derive(Template)]
#[template(path = "home.html")]
pub(crate) struct HomePage {
    frame: Frame,
    clock: ClockBar,
    services: Vec<ServiceStatus>,
    grants: Vec<GrantCard>,
    people: Vec<DemoPerson>,
    clients: Vec<ClientLine>,
}

/// One grant to choose.
struct GrantCard {
    slug: &'static str,
    lesson: &'static str,
    name: String,
    when: String,
    safety: String,
    badge: &'static str,
    badge_text: String,
    legacy: bool,
    reference: &'static str,
}

/// One registration of the demo.
struct ClientLine {
    id: String,
    secret: Option<String>,
    grant: String,
}

impl HomePage {
    /// The page.
    pub(crate) fn new(
        frame: Frame,
        services: Vec<ServiceStatus>,
        state: &AppState,
        clock: ClockBar,
    ) -> Self {
        let grants = Grant::ALL.into_iter().map(|grant| card(&frame, grant));
        let grants = grants.collect();
        let lines = [
            Grant::AuthorizationCode,
            Grant::Implicit,
            Grant::Password,
            Grant::ClientCredentials,
            Grant::Device,
            Grant::JwtBearer,
        ];
        let lines = lines.into_iter().map(|grant| {
            let client = state.clients.of(grant);
            let secret = client.client_secret.as_ref().filter(|_| frame.demo());
            ClientLine {
                id: client.client_id.clone(),
                secret: secret.map(|secret| secret.expose().to_owned()),
                grant: name_of(&frame, grant),
            }
        });
        Self {
            people: state.demo.people.clone(),
            clients: lines.collect(),
            services,
            grants,
            clock,
            frame,
        }
    }

    /// The name of a service in the reader's language.
    fn service_name(&self, service: &str) -> String {
        self.frame.named("service", service)
    }
}

/// The name of a grant in the reader's language.
pub(super) fn name_of(frame: &Frame, grant: Grant) -> String {
    frame.t(format!("grant-{}-name", grant.slug()))
}

fn card(frame: &Frame, grant: Grant) -> GrantCard {
    let text = |part: &str| frame.t(format!("grant-{}-{part}", grant.slug()));
    GrantCard {
        slug: grant.slug(),
        lesson: grant.lesson(),
        name: text("name"),
        when: text("when"),
        safety: text("safety"),
        badge: grant.badge(),
        badge_text: frame.t(format!("grant-badge-{}", grant.badge())),
        legacy: grant.is_legacy(),
        reference: grant.reference(),
    }
}
