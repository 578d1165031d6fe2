//! Front-Channel Logout 1.0: the browser tells the clients of a session, in frames of the provider's page.

use super::{asks, claims, id_token, signed_in};
use crate::support::{Browser, Page, Request, SPA, WEB, World};

/// A world in which `spa` wants a frame, told which session or not.
async fn world_with_frame(session_required: bool) -> World {
    World::with(|mut seed| {
        let uri = format!("{}/a-frame?kept=yes", "{client_app}");
        let known = seed.client_mut(SPA.id).expect("of the demo");
        known.metadata.frontchannel_logout_uri = Some(uri);
        known.metadata.frontchannel_logout_session_required = session_required;
        seed
    })
    .await
}

/// The directive `name` of a page's Content-Security-Policy.
fn directive(page: &Page, name: &str) -> Option<String> {
    let policy = page
        .response
        .header("content-security-policy")
        .expect("one");
    let mut directives = policy.split(';').map(str::trim);
    let found = directives.find_map(|one| one.strip_prefix(&format!("{name} ")));
    found.map(str::to_owned)
}

#[tokio::test]
async fn each_client_of_the_session_is_loaded_and_then_the_browser_goes_on() {
    let world = world_with_frame(true).await;
    let mut browser = Browser::new();
    let hint = id_token(&signed_in(&world, &mut browser, SPA, "openid").await);
    signed_in(&world, &mut browser, WEB, "openid").await;
    let home = world.app("/");
    let parameters = [
        ("id_token_hint", hint.as_str()),
        ("post_logout_redirect_uri", &home),
        ("state", "s"),
    ];
    let page = asks(&world, &mut browser, &parameters).await;
    let sid = claims(&hint)["sid"].as_str().expect("a sid").to_owned();
    let told = crate::support::encode(&[("iss", world.realm.issuer()), ("sid", &sid)]);
    let expected = [
        format!("{}?kept=yes&{told}", world.app("/a-frame")),
        format!("{}?{told}", world.app("/frontchannel-logout")),
    ];
    assert_eq!(page.frames(), expected);
    let origin = url::Url::parse(&home).unwrap().origin();
    let origin = origin.ascii_serialization();
    assert_eq!(directive(&page, "frame-src"), Some(origin));
    assert_eq!(
        directive(&page, "frame-ancestors").as_deref(),
        Some("'none'")
    );
    let html = page.response.text();
    let refresh = crate::support::tags(&html);
    let refresh = refresh
        .iter()
        .find(|tag| tag.attribute("http-equiv") == Some("refresh"))
        .expect("the browser goes on by itself");
    let to = format!("{home}?state=s");
    assert_eq!(
        refresh.attribute("content"),
        Some(format!("3; url={to}").as_str())
    );
    let link = page.element("logout-continue");
    assert_eq!(link.attribute("href"), Some(to.as_str()));
    assert!(!html.contains("<script"), "{html}");
}

#[tokio::test]
async fn a_client_that_did_not_ask_is_not_told_which_session() {
    let world = world_with_frame(false).await;
    let mut browser = Browser::new();
    let hint = id_token(&signed_in(&world, &mut browser, SPA, "openid").await);
    let page = asks(&world, &mut browser, &[("id_token_hint", &hint)]).await;
    assert_eq!(page.frames(), [world.app("/a-frame?kept=yes")]);
    let html = page.response.text();
    assert!(!html.contains("http-equiv=\"refresh\""), "it stays: {html}");
}

#[tokio::test]
async fn without_a_frame_nothing_may_be_framed() {
    let world = World::new().await;
    let mut browser = Browser::new();
    let hint = id_token(&signed_in(&world, &mut browser, SPA, "openid").await);
    let page = asks(&world, &mut browser, &[("id_token_hint", &hint)]).await;
    assert!(page.has("signed-out"));
    assert_eq!(page.frames(), [""; 0]);
    assert_eq!(directive(&page, "frame-src"), None);
}

/// The other end: the address of the print shop that is loaded in the frame.
#[tokio::test]
async fn the_print_shop_may_be_framed_by_its_provider_and_believes_only_its_issuer() {
    let world = World::new().await;
    let at = |pairs: &[(&str, &str)]| {
        let query = crate::support::encode(pairs);
        Request::get(&format!("{}?{query}", world.app("/frontchannel-logout")))
    };
    let issuer = world.realm.issuer();
    for (pairs, check) in [
        (&[][..], "frontchannel_logout.issuer"),
        (&[("sid", "1")], "frontchannel_logout.issuer"),
        (
            &[("iss", "https://attacker.example"), ("sid", "1")],
            "frontchannel_logout.issuer",
        ),
        (&[("iss", issuer)], "frontchannel_logout.session"),
        (
            &[("iss", issuer), ("sid", "guessed")],
            "frontchannel_logout.session",
        ),
    ] {
        let answer = world.send(at(pairs)).await;
        answer.is(400).no_store().failed_check(check).await;
        assert_eq!(answer.response.header("x-frame-options"), None);
        let policy = answer.header("content-security-policy");
        let provider = url::Url::parse(issuer).unwrap().origin();
        let framed = format!("frame-ancestors {}", provider.ascii_serialization());
        assert!(policy.contains(&framed), "{policy}");
    }
}
