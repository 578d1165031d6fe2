//! Keys that change under the client app, which keeps those that it has fetched — OpenID Connect Core §10.1.1,
//! RFC 7517 §5.

use std::time::{Duration, Instant};

use serde_json::json;
use tokio::task::JoinSet;

use super::refusals::Trap;
use super::sign_in;
use crate::support::{ALICE, Browser, Page, World, encode, plain};

/// How often the keys were fetched on the way to this page.
async fn fetches(world: &World) -> usize {
    let flows = world.realm.flows().await.unwrap();
    let newest = flows.first().expect("a flow");
    let flow = world.realm.flow(&newest.id).await.unwrap();
    let of_keys = |url: &str| url.ends_with("/jwks");
    flow.exchanges
        .iter()
        .filter(|hop| of_keys(&hop.url))
        .count()
}

fn is_signed_in(page: &Page) -> bool {
    plain(&page.response.text()).contains("Signed in as")
}

#[tokio::test]
async fn who_signs_in_by_a_new_key_is_let_in_after_one_look() {
    let world = World::new().await;
    let mut browser = Browser::new();
    let first = sign_in(&world, &mut browser, &[], ALICE).await;
    assert!(is_signed_in(&first), "{}", first.text());
    assert_eq!(fetches(&world).await, 1);
    let rotated = world.ecosystem.rotate_keys(world.realm.name()).await;
    let signs_from = rotated.expect("keys are rotated");
    let wait = signs_from.seconds_since(world.realm.clock().now());
    world.wait_seconds(u32::try_from(wait).unwrap_or(0) + 1);
    // The provider itself may know of its new key two seconds later.
    tokio::time::sleep(Duration::from_millis(2100)).await;
    for looks in [1, 0] {
        let page = browser.open(&world.app("/sign-in")).await;
        let page = browser.press(&page, "forget", &[]).await;
        let page = browser.press(&page, "sign-in", &[]).await;
        assert!(is_signed_in(&page), "{}", page.text());
        assert_eq!(fetches(&world).await, looks);
    }
}

#[tokio::test]
async fn a_key_that_the_provider_withdrew_signs_nobody_in() {
    let mut trap = Trap::new().await;
    let page = trap.with(&[], |_, _| {}).await;
    assert!(is_signed_in(&page), "{}", page.text());
    assert_eq!(trap.liar.asked_for_keys(), 1);
    // At once, however new the keys are that are kept.
    let before = trap.liar.clone();
    trap.liar.rotate("liar-2");
    let page = trap
        .with(&[], |header, _| header["kid"] = json!("liar-2"))
        .await;
    assert!(is_signed_in(&page), "{}", page.text());
    assert_eq!(trap.liar.asked_for_keys(), 2, "one look");
    trap.forget().await;
    // By the old key, under its own name and under the new one's.
    let mut new = std::mem::replace(&mut trap.liar, before);
    for kid in ["liar-1", "liar-2"] {
        let page = trap.with(&[], |header, _| header["kid"] = json!(kid)).await;
        trap.refused(&page, "id_token.signature").await;
    }
    std::mem::swap(&mut trap.liar, &mut new);
    let page = trap
        .with(&[], |header, _| header["kid"] = json!("liar-2"))
        .await;
    assert!(is_signed_in(&page), "{}", page.text());
}

/// Many browsers come back at once with ID tokens of keys that nobody has: the provider is asked once, and again only
/// when two seconds are over.
#[tokio::test]
async fn forged_key_names_make_no_storm() {
    let mut trap = Trap::new().await;
    let page = trap.with(&[], |_, _| {}).await;
    assert!(is_signed_in(&page), "{}", page.text());
    let before = trap.liar.asked_for_keys();
    let begun = Instant::now();
    for wave in 0..3 {
        let mut away = Vec::new();
        for _ in 0..8 {
            trap.browser = Browser::new();
            let sent = trap.away(&[]).await;
            away.push((sent, trap.browser.clone()));
        }
        let forged = trap.id_token(&away[0].0, |header, _| {
            header["kid"] = json!(format!("forged-{wave}"));
        });
        trap.tokens(&forged);
        let mut back = JoinSet::new();
        for (sent, mut browser) in away {
            let parameters = [
                ("code", "c"),
                ("state", sent.state.as_str()),
                ("iss", trap.liar.issuer.as_str()),
            ];
            let callback = format!("/sign-in/callback?{}", encode(&parameters));
            let url = trap.world.app(&callback);
            back.spawn(async move { browser.open(&url).await });
        }
        for page in back.join_all().await {
            assert!(!is_signed_in(&page), "{}", page.text());
            let text = page.response.text();
            let line = "<li class=\"check check-failed\" data-check=\"id_token.signature\"";
            assert!(text.contains(line), "{}", page.text());
        }
    }
    let looks = trap.liar.asked_for_keys() - before;
    let allowed = 1 + usize::try_from(begun.elapsed().as_secs() / 2).unwrap();
    assert!(
        looks >= 1 && looks <= allowed,
        "{looks} looks of 24, {allowed} allowed"
    );
    // Nobody honest is kept waiting by that.
    trap.browser = Browser::new();
    let page = trap.with(&[], |_, _| {}).await;
    assert!(is_signed_in(&page), "{}", page.text());
}
