//! `/apps`: where a person is signed in, and what they granted; each can be ended or taken back.

use super::listener::{Answers, Listener};
use super::{claims, id_token, is_signed_in, signed_in};
use crate::support::{Browser, Page, Request, SPA, WEB, World};

async fn apps(world: &World, browser: &mut Browser) -> Page {
    let page = browser.open(&world.auth("/apps")).await;
    assert_eq!(page.response.status, 200, "{}", page.text());
    page
}

/// A world in which `spa` is told at `listener`.
async fn world_with(listener: &Listener) -> World {
    World::with(|mut seed| {
        let known = seed.client_mut(SPA.id).expect("of the demo");
        known.metadata.backchannel_logout_uri = Some(listener.uri.clone());
        seed
    })
    .await
}

#[tokio::test]
async fn every_session_is_listed_and_this_one_is_marked() {
    let world = World::new().await;
    let (mut here, mut there) = (Browser::new(), Browser::new());
    let one = id_token(&signed_in(&world, &mut here, SPA, "openid").await);
    let other = id_token(&signed_in(&world, &mut there, SPA, "openid").await);
    let page = apps(&world, &mut here).await;
    let text = page.text();
    for hint in [&one, &other] {
        let sid = claims(hint)["sid"].as_str().unwrap().to_owned();
        assert!(text.contains(&sid), "{text}");
    }
    assert_eq!(text.matches("this browser").count(), 1, "{text}");
    assert!(text.contains("Linux"), "which browser: {text}");
    assert!(page.has("end-session-1") && page.has("end-session-2"));
    assert!(!page.has("end-session-3"));
}

#[tokio::test]
async fn another_session_can_be_ended_from_here_and_its_clients_are_told() {
    let listener = Listener::start(Answers::With(200)).await;
    let world = world_with(&listener).await;
    let (mut here, mut there) = (Browser::new(), Browser::new());
    let other = id_token(&signed_in(&world, &mut there, SPA, "openid").await);
    signed_in(&world, &mut here, WEB, "openid").await;
    let sid = claims(&other)["sid"].as_str().unwrap().to_owned();
    let page = apps(&world, &mut here).await;
    let button = ["end-session-1", "end-session-2"]
        .into_iter()
        .find(|id| page.form(id).fields.iter().any(|field| field.value == sid))
        .expect("the other session");
    let page = here.press(&page, button, &[]).await;
    assert!(!page.text().contains(&sid), "{}", page.text());
    assert!(!is_signed_in(&world, &mut there, SPA).await);
    assert!(is_signed_in(&world, &mut here, WEB).await);
    assert_eq!(claims(&listener.token().await)["sid"], sid);
}

#[tokio::test]
async fn signing_out_everywhere_ends_every_session_and_this_one() {
    let listener = Listener::start(Answers::With(200)).await;
    let world = world_with(&listener).await;
    let (mut here, mut there) = (Browser::new(), Browser::new());
    signed_in(&world, &mut there, SPA, "openid").await;
    signed_in(&world, &mut here, WEB, "openid").await;
    let page = apps(&world, &mut here).await;
    let page = here.press(&page, "sign-out-everywhere", &[]).await;
    assert!(page.has("signed-out"), "{}", page.text());
    assert!(!is_signed_in(&world, &mut there, SPA).await);
    assert!(!is_signed_in(&world, &mut here, WEB).await);
    listener.token().await;
}

/// However many sessions somebody has, the page lists those that were used last, and always the one of this browser.
#[tokio::test]
async fn of_many_sessions_the_latest_are_listed_and_this_one() {
    let world = World::new().await;
    let (mut here, mut first) = (Browser::new(), Browser::new());
    signed_in(&world, &mut here, WEB, "openid").await;
    signed_in(&world, &mut first, WEB, "openid").await;
    world.wait_seconds(2);
    for _ in 0..18 {
        signed_in(&world, &mut Browser::new(), WEB, "openid").await;
    }
    let page = apps(&world, &mut here).await;
    assert!(page.has("end-session-20"), "{}", page.text());
    assert!(!page.has("more-sessions"), "there are no more");
    for _ in 0..3 {
        signed_in(&world, &mut Browser::new(), WEB, "openid").await;
    }
    let page = apps(&world, &mut here).await;
    assert!(page.has("end-session-20"), "{}", page.text());
    assert!(!page.has("end-session-21"), "{}", page.text());
    assert!(page.has("more-sessions"), "{}", page.text());
    let text = page.response.text();
    assert_eq!(text.matches("this browser").count(), 1, "{text}");
    // Those that are not listed are ended, too.
    let page = here.press(&page, "sign-out-everywhere", &[]).await;
    assert!(page.has("signed-out"), "{}", page.text());
    assert!(!is_signed_in(&world, &mut first, WEB).await);
}

#[tokio::test]
async fn one_grant_can_be_taken_back_and_the_others_stay() {
    let world = World::new().await;
    let mut browser = Browser::new();
    let first = signed_in(&world, &mut browser, WEB, "openid offline_access").await;
    world.wait_seconds(60);
    let second = signed_in(&world, &mut browser, WEB, "openid offline_access").await;
    let page = apps(&world, &mut browser).await;
    assert!(page.text().contains("2 grants"), "{}", page.text());
    // The latest stands first.
    let page = browser.press(&page, "take-back-grant-web-1", &[]).await;
    assert!(page.has("take-back-grant-web-1"), "{}", page.text());
    assert!(!page.has("take-back-grant-web-2"), "{}", page.text());
    let answer = world.send(world.refresh(WEB, &second.refresh)).await;
    answer.is_refused(400, "invalid_grant");
    world
        .send(world.refresh(WEB, &first.refresh))
        .await
        .tokens();
}

#[tokio::test]
async fn nobody_ends_the_sessions_or_grants_of_others() {
    let world = World::new().await;
    let (mut alice, mut bob) = (Browser::new(), Browser::new());
    let hers = signed_in(&world, &mut alice, WEB, "openid offline_access").await;
    let his = super::signed_in_as(&world, &mut bob, crate::support::BOB, (SPA, "openid"));
    his.await;
    let sid = claims(&id_token(&hers))["sid"].as_str().unwrap().to_owned();
    let gid = claims(&hers.access)["gid"].as_str().unwrap().to_owned();
    let page = apps(&world, &mut bob).await;
    let form = page.form("end-session-1");
    let csrf = form
        .fields
        .iter()
        .find(|field| field.name == "csrf")
        .unwrap();
    for (name, value) in [("session", &sid), ("grant", &gid)] {
        let fields = [("csrf", csrf.value.as_str()), (name, value.as_str())];
        let request = Request::post(&world.auth("/apps"), &fields);
        bob.send(request, Some(&page.response.url)).await;
    }
    assert!(is_signed_in(&world, &mut alice, WEB).await);
    assert!(world.is_active(&hers.access).await);
    let request = Request::post(&world.auth("/apps"), &[("everywhere", "yes")]);
    let answer = bob.send(request, Some(&page.response.url)).await;
    assert_eq!(answer.response.status, 403, "a form without its token");
    assert!(is_signed_in(&world, &mut bob, SPA).await);
}
