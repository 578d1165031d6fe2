//! The diagram's promises that need no server: every exchange once and in order, nothing invented, nothing leaked.

use std::sync::Arc;

use shared::flow::{Exchange, ExchangeId, Kind, Party, Side, ValueKind, ValuePlace};
use shared::page::{Assets, Frame, FrameConfig, Language, Service, Texts};
use shared::realm::{Addresses, RealmName};

use super::View;
use super::figure::Figure;
use super::scene::{Leg, Scene, Way};
use super::svg::{Theme, standalone};
use crate::config::RecordConfig;
use crate::record::FlowStore;
use crate::record::sample::{Sample, authorization_code, received};
use crate::record::view::FlowView;

fn flow_of(exchanges: impl IntoIterator<Item = Exchange>) -> FlowView {
    let store = FlowStore::new(RecordConfig::default());
    let mut first: Option<ExchangeId> = None;
    for exchange in exchanges {
        first.get_or_insert_with(|| exchange.id.clone());
        store.ingest(exchange);
    }
    let id = first.expect("an exchange");
    store
        .flow(&RealmName::default_realm(), &id)
        .expect("a flow")
}

fn flow(samples: Vec<Sample>) -> FlowView {
    flow_of(samples.into_iter().map(|sample| sample.0))
}

fn frame(language: Language) -> Frame {
    let config = FrameConfig {
        service: Service::ClientApp,
        addresses: Addresses::default(),
        texts: Texts::load().unwrap(),
        assets: Assets::new(),
        demo: true,
    };
    Frame::for_path(
        Arc::new(config),
        language,
        RealmName::default_realm(),
        "/flows",
    )
}

fn legs(scene: &Scene) -> Vec<Vec<Leg>> {
    let legs = |step: &super::scene::Step| step.arrows.iter().map(|arrow| arrow.leg).collect();
    scene.steps.iter().map(legs).collect()
}

#[test]
fn every_exchange_is_drawn_once_in_order_and_none_is_invented() {
    let flow = flow(authorization_code());
    let scene = Scene::of(&flow);
    let drawn: Vec<_> = scene.steps.iter().map(|step| &step.exchange).collect();
    let recorded: Vec<_> = flow.exchanges.iter().map(|exchange| &exchange.id).collect();
    assert_eq!(drawn, recorded);
    let numbers: Vec<_> = scene.steps.iter().map(|step| step.number).collect();
    assert_eq!(numbers, [1, 2, 3, 4, 5, 6]);
    let four = [
        Party::Browser,
        Party::ClientApp,
        Party::AuthServer,
        Party::ResourceServer,
    ];
    assert_eq!(scene.lanes, four);
    for (step, exchange) in scene.steps.iter().zip(&flow.exchanges) {
        let (from, to) = step.ends();
        assert_eq!(
            (&scene.lanes[from], &scene.lanes[to]),
            (&exchange.from, &exchange.to)
        );
    }
}

#[test]
fn a_redirect_is_the_answer_down_and_the_browsers_new_request_up() {
    let scene = Scene::of(&flow(authorization_code()));
    let (browser, auth_server) = (0, 2);
    let down = &scene.steps[2].arrows[1];
    assert_eq!(
        (down.leg, down.from, down.to),
        (Leg::Redirect, auth_server, browser)
    );
    let up = &scene.steps[3].arrows[0];
    assert_eq!((up.leg, up.from, up.to), (Leg::Request, browser, 1));
    // The code travels on both; without the second exchange there is no second arrow.
    for arrow in [down, up] {
        assert!(
            arrow.chips.iter().any(|chip| chip.kind == ValueKind::Code),
            "{arrow:?}"
        );
    }
    let mut cut = authorization_code();
    cut.truncate(3);
    let scene = Scene::of(&flow(cut));
    assert_eq!(legs(&scene).last().unwrap(), &[Leg::Request, Leg::Redirect]);
}

#[test]
fn a_fragment_stays_in_the_browser() {
    let place = ValuePlace::RedirectFragment;
    let sample = received(
        0,
        Party::Browser,
        Party::AuthServer,
        "GET",
        "/authorize?response_type=token&state=s",
    )
    .redirect("http://localhost:8080/callback/implicit#access_token=t&state=s")
    .value(ValueKind::State, "s", ValuePlace::RequestQuery)
    .value(ValueKind::AccessToken, "t", place);
    let mut read = received(9, Party::Browser, Party::Browser, "", "/callback/implicit").value(
        ValueKind::AccessToken,
        "t",
        ValuePlace::BrowserFragment,
    );
    read.0.kind = Kind::InBrowser;
    read.0.observer.side = Side::Browser;
    read.0.status = None;
    let scene = Scene::of(&flow(vec![sample, read]));
    assert_eq!(
        legs(&scene),
        [
            vec![Leg::Request, Leg::Redirect, Leg::Fragment],
            vec![Leg::InBrowser]
        ]
    );
    let fragment = &scene.steps[0].arrows[2];
    assert_eq!(
        (fragment.from, fragment.to),
        (0, 0),
        "it leaves the browser for nowhere"
    );
    assert_eq!(fragment.chips[0].kind, ValueKind::AccessToken);
    assert_eq!(scene.steps[1].way, Way::InBrowser);
    assert_eq!(
        fragment.chips[0], scene.steps[1].arrows[0].chips[0],
        "the same value, recognised"
    );
    // No arrow that carries the token ends at a server.
    let token = |arrow: &&super::scene::Arrow| arrow.chips.contains(&fragment.chips[0]);
    assert!(
        scene
            .steps
            .iter()
            .flat_map(|step| &step.arrows)
            .filter(token)
            .all(|arrow| arrow.to == 0)
    );
}

#[test]
fn a_request_without_an_answer_is_drawn_broken() {
    let mut sample = received(0, Party::ClientApp, Party::AuthServer, "POST", "/token");
    sample.0.status = None;
    sample.0.failure = Some("connection refused".to_owned());
    let scene = Scene::of(&flow(vec![sample]));
    assert_eq!(legs(&scene), [vec![Leg::Unanswered]]);
    assert!(scene.steps[0].has_failed());
}

#[test]
fn a_stranger_stands_with_the_clients_and_values_of_a_kind_are_counted() {
    let curl = || Party::Stranger("curl".to_owned());
    let token = |at, token, refresh| {
        received(at, curl(), Party::AuthServer, "POST", "/token")
            .form("grant_type=refresh_token&refresh_token=r")
            .value(ValueKind::RefreshToken, "r", ValuePlace::RequestBody)
            .value(ValueKind::AccessToken, token, ValuePlace::ResponseBody)
            .value(ValueKind::RefreshToken, refresh, ValuePlace::ResponseBody)
    };
    let call = received(30, curl(), Party::ResourceServer, "GET", "/photos").value(
        ValueKind::AccessToken,
        "t2",
        ValuePlace::RequestHeader,
    );
    let scene = Scene::of(&flow(vec![
        token(0, "t1", "r"),
        token(10, "t2", "r2"),
        call,
    ]));
    assert_eq!(
        scene.lanes,
        [curl(), Party::AuthServer, Party::ResourceServer]
    );
    let numbers: Vec<_> = scene
        .steps
        .iter()
        .map(|step| {
            let tokens = step
                .chips()
                .into_iter()
                .filter(|chip| chip.kind == ValueKind::AccessToken);
            tokens.map(|chip| chip.number).collect::<Vec<_>>()
        })
        .collect();
    assert_eq!(numbers, [[1], [2], [2]]);
    let called = scene.steps[2].chips()[0];
    assert_eq!(
        called.first, scene.steps[1].exchange,
        "a chip leads to where its value came from"
    );
}

#[test]
fn each_view_draws_each_exchange_once() {
    let samples = (0..200).map(|at| {
        received(
            at * 10,
            Party::ClientApp,
            Party::ResourceServer,
            "GET",
            "/photos",
        )
        .value(ValueKind::AccessToken, "t", ValuePlace::RequestHeader)
    });
    for flow in [flow(authorization_code()), flow(samples.collect())] {
        let recorded: Vec<_> = flow
            .exchanges
            .iter()
            .map(|exchange| exchange.id.to_string())
            .collect();
        let frame = frame(Language::En);
        let map = Figure::new(&frame, &Addresses::default(), &flow, View::Map, None);
        assert_eq!(map.maps.len(), 2);
        for map in &map.maps {
            let drawn: Vec<_> = map.hops.iter().map(|hop| hop.id.clone()).collect();
            assert_eq!(drawn, recorded);
            let inside =
                |(x, y): (i32, i32)| (0..=map.width).contains(&x) && (0..=map.height).contains(&y);
            assert!(
                map.hops
                    .iter()
                    .all(|hop| hop.badges.iter().all(|badge| inside(*badge))),
                "a number is off the board"
            );
        }
        let sequence = Figure::new(
            &frame,
            &Addresses::default(),
            &flow,
            View::Sequence,
            Some(1),
        );
        let drawn: Vec<_> = sequence.rows.iter().map(|row| row.id.clone()).collect();
        assert_eq!((drawn, sequence.now), (recorded, 1));
    }
}

#[test]
fn a_picture_stands_by_itself_and_shows_no_value() {
    let flow = flow(authorization_code());
    for language in Language::ALL {
        for (view, theme) in [(View::Map, Theme::Light), (View::Sequence, Theme::Dark)] {
            let picture = standalone(
                (&frame(language), &Addresses::default()),
                &flow,
                (view, theme),
                None,
            )
            .unwrap();
            for secret in ["alice-password", "k1", "v1", "t1", "alice"] {
                let shown = picture.contains(&format!(">{secret}<"))
                    || picture.contains(&format!("={secret}"));
                assert!(!shown, "{secret} in {picture}");
            }
            for elsewhere in [
                "http:", "https:", "url(h", "@import", "<script", "<image", "var(",
            ] {
                let own = picture.replace("http://www.w3.org/2000/svg", "");
                assert!(!own.contains(elsewhere), "{elsewhere} in {own}");
            }
            assert!(picture.contains("POST /token"), "{picture}");
            if let Some(folder) = std::env::var_os("PICTURES") {
                let name = format!("standalone.{}.{}.svg", view.name(), language.tag());
                std::fs::write(std::path::Path::new(&folder).join(name), &picture).unwrap();
            }
        }
    }
}

#[test]
fn what_was_captured_is_drawn_as_text_only() {
    let hostile = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>";
    let mut sample = received(
        0,
        Party::Stranger(hostile.to_owned()),
        Party::AuthServer,
        hostile,
        hostile,
    )
    .form(&format!("grant_type={hostile}"))
    .redirect(&format!("javascript:{hostile}#{hostile}"));
    sample.0.failure = Some(hostile.to_owned());
    let flow = flow(vec![sample]);
    for view in [View::Map, View::Sequence] {
        let frame = frame(Language::En);
        let picture = standalone(
            (&frame, &Addresses::default()),
            &flow,
            (view, Theme::Light),
            None,
        )
        .unwrap();
        let figure = Figure::new(&frame, &Addresses::default(), &flow, view, None);
        let page = super::pieces::rendered(frame, figure);
        for html in [picture, page] {
            assert!(
                !html.contains("<script") && !html.contains("<img"),
                "{html}"
            );
            assert!(!html.contains("href=\"javascript:"), "{html}");
            assert!(html.contains("&#60;script"), "{html}");
        }
    }
}
