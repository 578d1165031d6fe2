//! Every page of the grants renders in every language, and asks for no text that no file has.

use std::sync::Arc;

use askama::Template;
use shared::flow::{Check, Outcome, catalog};
use shared::observe::Observation;
use shared::page::{Assets, Frame, FrameConfig, Language, Service, Texts};
use shared::realm::{Addresses, RealmName};
use shared::time::Clock;

use super::{GrantPage, HomePage, ImplicitCallbackPage, RefusalPage};
use crate::clock::ClockBar;
use crate::endpoint::ServiceStatus;
use crate::flow::{Grant, Refusal, RefusalKind, Step};
use crate::server::test_state;

/// A page of the default realm in this language.
pub(crate) fn frame(language: Language) -> Frame {
    let config = FrameConfig {
        service: Service::ClientApp,
        addresses: Addresses::default(),
        texts: Texts::load().unwrap(),
        assets: Assets::new(),
        demo: true,
    };
    Frame::for_path(Arc::new(config), language, RealmName::default_realm(), "/")
}

fn clock(language: Language) -> ClockBar {
    ClockBar::at(&frame(language), Clock::default().reading(), "/")
}

/// The page as HTML; a text that is missing shows as `{key}`.
fn render(page: &impl Template) -> String {
    let html = page.render().unwrap();
    for prefix in [
        "{app-",
        "{home-",
        "{grant-",
        "{run-",
        "{implicit-",
        "{error-",
        "{endpoint-",
        "{clock-",
    ] {
        let missing = html
            .split(prefix)
            .nth(1)
            .and_then(|rest| rest.split('}').next());
        assert_eq!(missing, None, "no file has {prefix}…");
    }
    html
}

#[actix_web::test]
async fn every_page_renders_in_every_language() {
    let state = test_state().await;
    let (realm, observation) = (RealmName::default_realm(), Observation::nowhere());
    let step = Step {
        state: &state,
        realm: &realm,
        observation: &observation,
    };
    for language in Language::ALL {
        let services = vec![ServiceStatus {
            service: "auth-server",
            address: "http://localhost:9000".to_owned(),
            up: false,
            ms: None,
        }];
        let home = render(&HomePage::new(
            frame(language),
            services,
            &state,
            clock(language),
        ));
        assert!(home.contains("alice-password"));
        for grant in Grant::ALL {
            let page = GrantPage::new(frame(language), &step, grant, clock(language), None);
            let html = render(&page);
            assert!(html.contains("id=\"run\""), "{}", grant.slug());
        }
        let page = ImplicitCallbackPage::new(frame(language), &step, "http://x/");
        render(&page);
    }
}

#[actix_web::test]
async fn a_refusal_says_which_check_said_no_and_escapes_what_it_was_told() {
    let failed = Check {
        outcome: Outcome::Failed,
        expected: "this".to_owned(),
        got: "<b>that</b>".to_owned(),
        ..Check::not_reached(&catalog::STATE_MATCHES)
    };
    let told = Refusal {
        description: Some("<script>alert(1)</script>".into()),
        ..Refusal::by_client(RefusalKind::WrongState)
    };
    let exchange = Observation::nowhere();
    for language in Language::ALL {
        let page = RefusalPage::new(
            frame(language),
            &told,
            Some(Grant::AuthorizationCode),
            std::slice::from_ref(&failed),
            Some(exchange.id()),
        );
        let html = render(&page);
        assert!(html.contains("data-check=\"state.matches\""));
        assert!(!html.contains("<script>alert") && !html.contains("<b>that"));
        assert!(html.contains("/grants/authorization-code"));
    }
}
