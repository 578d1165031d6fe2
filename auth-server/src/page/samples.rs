//! Every page, rendered in every language: proves that templates and language files fit together. With
//! `PAGE_SAMPLES=some/folder` in the environment they are also written there, to be looked at in a browser.

use std::sync::Arc;

use askama::Template;
use shared::flow::{Check, Outcome, catalog};
use shared::page::{Assets, Frame, FrameConfig, Language, Service, Texts, Tone};
use shared::realm::{Addresses, RealmName};

use super::*;
use crate::authorization::PageError;

fn frame(language: Language) -> Frame {
    let config = FrameConfig {
        service: Service::AuthServer,
        addresses: Addresses::default(),
        texts: Texts::load().unwrap(),
        assets: Assets::new(),
        demo: true,
    };
    Frame::for_path(
        Arc::new(config),
        language,
        RealmName::default_realm(),
        "/login?interaction=abc",
    )
}

fn people() -> Vec<DemoPerson> {
    ["alice", "bob"]
        .map(|name| DemoPerson {
            name: format!("{name} <Example>"),
            username: name.to_owned(),
            password: format!("{name}-password"),
        })
        .to_vec()
}

fn login(language: Language, error: Option<&str>, interaction: Option<&str>) -> String {
    let page = Login {
        frame: frame(language),
        person: None,
        client: interaction.map(|_| "Print & Shop".to_owned()),
        card: interaction.map(|_| ClientCard::sample()),
        csrf: "token".to_owned(),
        interaction: interaction.map(str::to_owned),
        user_code: None,
        username: "alice".to_owned(),
        error: error.map(str::to_owned),
        people: people(),
    };
    page.render().unwrap()
}

fn consent(language: Language) -> String {
    let frame = frame(language);
    let scopes = [
        "openid",
        "profile",
        "email",
        "photos:read",
        "photos:write",
        "offline_access",
        "other",
    ]
    .map(|token| Choice::new(&frame, token, true));
    let details = vec![
        Detail {
            name: "client_id",
            value: Some("web".to_owned()),
        },
        Detail {
            name: "nonce",
            value: None,
        },
    ];
    let page = Consent {
        person: "Alice".to_owned(),
        client: "Print & Shop".to_owned(),
        card: ClientCard::sample(),
        description: "Prints photos.".to_owned(),
        registered_by: "Nobody".to_owned(),
        destination: "http://localhost:8080".to_owned(),
        csrf: "token".to_owned(),
        interaction: "handle".to_owned(),
        error: Some(frame.t("consent-nothing")),
        legacy: true,
        scopes: scopes.to_vec(),
        resources: vec!["https://archive.example/api".to_owned()],
        details,
        frame,
    };
    page.render().unwrap()
}

fn form_post(language: Language, failed: bool) -> String {
    let page = FormPost {
        frame: frame(language),
        failed,
        action: "http://localhost:8080/callback".to_owned(),
        destination: "http://localhost:8080".to_owned(),
        parameters: vec![("state".to_owned(), "\"><script>".to_owned())],
    };
    page.render().unwrap()
}

fn select_account(language: Language) -> String {
    let account = |name: &str| AccountChoice {
        sid: name.to_owned(),
        name: format!("{name} <Example>"),
        username: name.to_owned(),
    };
    let page = SelectAccount {
        frame: frame(language),
        client: "Print & Shop".to_owned(),
        csrf: "token".to_owned(),
        interaction: "handle".to_owned(),
        accounts: vec![account("alice"), account("bob")],
    };
    page.render().unwrap()
}

fn logout(language: Language, person: Option<&str>) -> String {
    let frame = frame(language);
    let page = Logout {
        here: "logout",
        asks: person.is_some(),
        person: person.map(str::to_owned),
        client: Some("Print & Shop".to_owned()),
        from_nobody: person.is_some(),
        title: frame.t("logout-title"),
        text: frame.t("logout-none-text"),
        destination: person.map(|_| "http://localhost:8080/?a=1&b=<script>".to_owned()),
        csrf: "token".to_owned(),
        repeated: vec![("state".to_owned(), "\"><script>".to_owned())],
        frame,
    };
    page.render().unwrap()
}

fn signed_out(language: Language, destination: Option<&str>) -> String {
    use crate::logout::frames::LogoutFrame;
    use crate::logout::notify::{Outcome, Told};
    let told = [
        Outcome::Told,
        Outcome::Refused(400),
        Outcome::Failed,
        Outcome::Waiting,
    ];
    let told = told.map(|outcome| Told {
        name: "Print & <Example>".to_owned(),
        outcome,
    });
    let frame_of_client = LogoutFrame {
        name: "Print & <Example>".to_owned(),
        src: "http://localhost:8080/frontchannel-logout?iss=a&sid=b".to_owned(),
        origin: "http://localhost:8080".to_owned(),
    };
    let page = SignedOut::new(
        &frame(language),
        told.to_vec(),
        vec![frame_of_client],
        destination,
    );
    page.render().unwrap()
}

/// Apps of every kind: with grants, with none, with more than are shown, and with none that is seen.
fn some_apps(frame: &Frame) -> Vec<App> {
    let app = App {
        client_id: "spa".to_owned(),
        name: "Print & Shop".to_owned(),
        registered_by: "Nobody".to_owned(),
        first_party: true,
        implicit: true,
        password: true,
        scopes: vec![ScopeWords::of(frame, "photos:read")],
        since: date_and_time(shared::time::Timestamp::from_unix(0)),
        count: 1,
        more: false,
        grants: vec![GrantLine {
            id: "grant".to_owned(),
            grant_type: "implicit".to_owned(),
            legacy: true,
            offline: true,
            scope: "photos:read".to_owned(),
            since: date_and_time(shared::time::Timestamp::from_unix(0)),
        }],
    };
    let bare = App {
        scopes: Vec::new(),
        count: 0,
        grants: Vec::new(),
        implicit: false,
        password: false,
        ..app.clone()
    };
    let much = App {
        client_id: "much".to_owned(),
        count: 1000,
        more: true,
        ..app.clone()
    };
    let unseen = App {
        client_id: "unseen".to_owned(),
        more: true,
        ..bare.clone()
    };
    vec![app, bare, much, unseen]
}

fn apps(language: Language, full: bool) -> String {
    let frame = frame(language).with_notice(Tone::Success, "taken back");
    let acting = if full { some_apps(&frame) } else { Vec::new() };
    let page = Apps {
        frame,
        here: "apps",
        person: Some("Alice".to_owned()),
        csrf: "token".to_owned(),
        sessions: [true, false]
            .map(|here| SessionLine {
                sid: "sid".to_owned(),
                browser: "Firefox <Example>".to_owned(),
                since: date_and_time(shared::time::Timestamp::from_unix(0)),
                last_used: date_and_time(shared::time::Timestamp::from_unix(0)),
                here,
            })
            .to_vec(),
        more_sessions: full,
        acting,
    };
    page.render().unwrap()
}

fn home(language: Language) -> String {
    let frame = frame(language);
    let client = |secret: Option<&str>| DemoClient {
        name: "Print & Shop".to_owned(),
        client_id: "web".to_owned(),
        secret: secret.map(str::to_owned),
        grants: vec![GrantName {
            name: "implicit".to_owned(),
            legacy: true,
        }],
        redirect_uris: secret
            .map(|_| "http://localhost:8080/callback".to_owned())
            .into_iter()
            .collect(),
    };
    let page = Home {
        here: "home",
        person: None,
        issuer: "http://localhost:9000".to_owned(),
        people: people(),
        clients: vec![client(Some("web-secret")), client(None)],
        endpoints: vec![
            Endpoint {
                title: frame.t("issuer-jwks"),
                method: "GET",
                url: "http://localhost:9000/jwks".to_owned(),
                readable: true,
            },
            Endpoint {
                title: frame.t("issuer-token"),
                method: "POST",
                url: "http://localhost:9000/token".to_owned(),
                readable: false,
            },
        ],
        frame,
    };
    page.render().unwrap()
}

fn error(language: Language, error: PageError) -> String {
    let check = Check {
        outcome: Outcome::Failed,
        expected: "http://localhost:8080/callback".to_owned(),
        got: "<script>".to_owned(),
        ..Check::not_reached(&catalog::REDIRECT_URI_EXACT_MATCH)
    };
    let page = ErrorPage::new(frame(language), error, Some(check), ("0".repeat(32), true));
    page.render().unwrap()
}

#[test]
fn every_page_renders_in_every_language_and_escapes() {
    for language in Language::ALL {
        let mut pages = vec![
            ("login".to_owned(), login(language, None, Some("handle"))),
            (
                "login-wrong".to_owned(),
                login(language, Some("wrong"), None),
            ),
            ("consent".to_owned(), consent(language)),
            ("form-post".to_owned(), form_post(language, false)),
            ("form-post-error".to_owned(), form_post(language, true)),
            ("select-account".to_owned(), select_account(language)),
            ("logout".to_owned(), logout(language, Some("Alice"))),
            ("logout-none".to_owned(), logout(language, None)),
            ("signed-out".to_owned(), signed_out(language, None)),
            (
                "signed-out-on".to_owned(),
                signed_out(language, Some("http://localhost:8080/?state=a")),
            ),
            ("apps".to_owned(), apps(language, true)),
            ("apps-none".to_owned(), apps(language, false)),
            ("home".to_owned(), home(language)),
        ];
        pages.extend(device::samples(&frame(language)));
        pages.extend(
            PageError::ALL.map(|kind| (format!("error-{}", kind.kind()), error(language, kind))),
        );
        for (name, html) in pages {
            assert!(!html.contains("<script>"), "{name} escapes");
            assert!(!html.contains("<Example>"), "{name} escapes");
            for hole in [
                "{login-",
                "{consent-",
                "{error-",
                "{apps-",
                "{issuer-",
                "{logout-",
                "{as-",
                "{device-",
                "{scope-",
            ] {
                assert!(
                    !html.contains(hole),
                    "{name} in {}: a text is missing at {hole}",
                    language.tag()
                );
            }
            if let Some(folder) = std::env::var_os("PAGE_SAMPLES") {
                let html = html.replace(&Assets::new().url("app.css"), "app.css");
                let file = format!("{name}.{}.html", language.tag());
                std::fs::write(std::path::Path::new(&folder).join(file), html).unwrap();
            }
        }
    }
}

#[test]
fn the_forms_have_the_ids_that_browsers_are_driven_by() {
    let page = login(Language::En, None, Some("handle"));
    for id in ["username", "password", "login-submit", "login-cancel"] {
        assert!(page.contains(&format!("id=\"{id}\"")), "{id}");
    }
    let page = consent(Language::En);
    for id in ["consent-allow", "consent-deny"] {
        assert!(page.contains(&format!("id=\"{id}\"")), "{id}");
    }
    let page = logout(Language::En, Some("Alice"));
    for id in ["logout-confirm", "logout-cancel"] {
        assert!(page.contains(&format!("id=\"{id}\"")), "{id}");
    }
    let page = signed_out(Language::En, Some("http://localhost:8080/?state=a"));
    assert!(page.contains("http-equiv=\"refresh\""), "{page}");
    assert!(page.contains("id=\"logout-continue\""), "{page}");
}
