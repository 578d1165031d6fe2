//! By HTTPS: the browser trusts the authority of this machine as a person is told to, and all is as it is without.

use ecosystem::{Ecosystem, Https};
use serde_json::{Value, json};

use super::super::support::{Browser, World};
use super::Watcher;

/// The cookies of the three services, which share `localhost`.
async fn cookies(browser: &Browser, world: &World) -> Vec<Value> {
    let urls = [world.app("/"), world.auth("/"), world.api("/")];
    let kept = browser.devtools("Network.getCookies", json!({"urls": urls}));
    let kept = kept.await["cookies"].as_array().cloned();
    kept.expect("a list of cookies")
}

/// What the page was made of came by HTTPS, and the browser takes it for secure.
async fn is_secure(browser: &Browser) {
    assert!(browser.url().await.starts_with("https://localhost:"));
    let secure = browser.script("return isSecureContext", Vec::new()).await;
    assert_eq!(secure, json!(true));
    let parts = "return performance.getEntriesByType('resource').map((part) => part.name)";
    let parts = browser.script(parts, Vec::new()).await;
    let parts = parts.as_array().expect("a list of addresses");
    assert!(!parts.is_empty(), "a page has parts");
    for part in parts {
        let part = part.as_str().expect("an address");
        let secure = part.starts_with("https://") || part.starts_with("data:");
        assert!(secure, "mixed content: {part}");
    }
}

#[actix_web::test]
async fn a_code_flow_runs_and_is_drawn_while_it_runs() {
    let started = Ecosystem::builder().tls(Https::Ephemeral).start().await;
    let world = World::of(started.unwrap_or_else(|error| panic!("{error}")));
    let browser = world.browser().await;
    browser.chooses(&world, "authorization-code").await;
    is_secure(&browser).await;
    browser.press("#run").await;
    browser.finds("#login-submit").await;
    is_secure(&browser).await;
    let watcher = Watcher::of(world, browser).await;
    let (browser, world) = (&watcher.browser, &watcher.world);
    let begun = watcher.sees_the_record("map").await;
    browser.signs_in_and_allows().await;
    browser.comes_to(&world.app("/runs/")).await;
    assert!(watcher.sees_the_record("map").await > begun);
    browser.sees_photos().await;
    is_secure(browser).await;
    watcher.sees_the_record("sequence").await;
    browser.turn_to(&watcher.watches).await;
    is_secure(browser).await;

    let cookies = cookies(browser, world).await;
    for session in ["__Host-as_session", "__Host-app_session"] {
        let kept = cookies.iter().find(|cookie| cookie["name"] == session);
        let kept = kept.unwrap_or_else(|| panic!("no {session}: {cookies:#?}"));
        assert_eq!(kept["httpOnly"], true, "{kept:#}");
    }
    for cookie in &cookies {
        assert_eq!(cookie["secure"], true, "{cookie:#}");
    }
    let flow = world.newest_flow().await;
    let exchanges = flow["exchanges"].as_array().expect("exchanges");
    for exchange in exchanges {
        let url = exchange["url"].as_str().expect("an address");
        assert!(url.starts_with("https://"), "{url}");
    }
    let proven = exchanges.iter().any(|exchange| {
        let mut checks = exchange["checks"].as_array().into_iter().flatten();
        checks.any(|check| check["id"] == "pkce.s256" && check["outcome"] == "passed")
    });
    assert!(proven, "PKCE takes part: {flow:#}");
    watcher.browser.leave().await;
}
