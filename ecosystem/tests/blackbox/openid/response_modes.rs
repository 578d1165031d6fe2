//! `response_mode`: query, fragment, `form_post` — OAuth 2.0 Multiple Response Types §2.1, OAuth 2.0 Form Post
//! Response Mode.

use super::Answered;
use crate::support::{ALICE, Authorization, Browser, Page, Request, SPA, WEB, World, tags};

fn request(world: &World, mode: &str) -> Authorization {
    world
        .authorize(WEB, "openid")
        .with("response_mode", mode)
        .with("nonce", "n")
}

async fn sign_in(world: &World, authorization: &Authorization) -> Page {
    world
        .agree_in(&mut Browser::new(), ALICE, authorization)
        .await
}

#[tokio::test]
async fn the_answer_travels_as_it_was_asked_to() {
    let world = World::new().await;
    for mode in ["query", "fragment", "form_post"] {
        let answered = Answered::of(&sign_in(&world, &request(&world, mode)).await);
        assert_eq!(answered.mode, mode);
        assert_eq!(answered.target, world.callback(WEB));
        assert_eq!(answered.names(), ["code", "iss", "state"]);
        assert_eq!(answered.get("state"), Some("the state"));
    }
}

#[tokio::test]
async fn a_posted_answer_is_a_page_that_submits_itself_and_works_without_scripts() {
    let world = World::new().await;
    let state = "\"><script>alert(1)</script> & 'quoted' \u{4e2d}\u{6587}";
    let authorization = request(&world, "form_post").with("state", state);
    let page = sign_in(&world, &authorization).await;
    assert_eq!(page.response.status, 200);
    let answered = Answered::of(&page);
    assert_eq!(answered.get("state"), Some(state), "escaped, and exact");
    assert!(
        page.response
            .header("cache-control")
            .unwrap()
            .contains("no-store")
    );
    let policy = page.response.header("content-security-policy").unwrap();
    let directive = |name: &str| {
        let all = policy.split("; ").find(|part| part.starts_with(name));
        all.unwrap_or_default().to_owned()
    };
    // The client may send the browser on, and is told who posts: this page alone says its origin, not its address.
    assert_eq!(directive("form-action"), "");
    assert_eq!(page.response.header("referrer-policy"), Some("origin"));
    assert_eq!(directive("script-src"), "script-src 'self'");
    let text = page.response.text();
    assert!(!text.contains("<script>"), "nothing inline: {text}");
    assert!(page.has("form-post-submit"), "a button without scripts");
    let scripts: Vec<_> = tags(&text)
        .into_iter()
        .filter(|tag| tag.name == "script")
        .collect();
    let [script] = scripts.as_slice() else {
        panic!("one script: {text}");
    };
    let source = page
        .response
        .url
        .join(script.attribute("src").unwrap())
        .unwrap();
    let script = Request::get(source.as_str()).send().await;
    assert_eq!(script.status, 200);
    assert!(script.text().contains("submit()"));
    // Elsewhere no form leads away, and nobody is told anything.
    let home = Browser::new().open(&world.auth("/")).await;
    let policy = home.response.header("content-security-policy").unwrap();
    assert!(policy.ends_with("form-action 'self'"), "{policy}");
    let referrer = home.response.header("referrer-policy");
    assert_eq!(referrer, Some("no-referrer"));
}

#[tokio::test]
async fn a_token_never_travels_in_a_query() {
    let world = World::new().await;
    for response_type in [
        "token",
        "id_token",
        "id_token token",
        "code id_token",
        "code token",
    ] {
        let authorization = world
            .authorize(SPA, "openid")
            .with("response_type", response_type)
            .with("nonce", "n");
        let answer = world
            .ask(&authorization.clone().with("response_mode", "query"))
            .await;
        let answered = Answered::in_response(&answer.response);
        assert_eq!(answered.get("error"), Some("invalid_request"));
        assert_eq!(answered.mode, "fragment");
        answer.failed_check("response_mode.allowed").await;
        for mode in ["fragment", "form_post"] {
            let authorization = authorization.clone().with("response_mode", mode);
            let answered = Answered::of(&sign_in(&world, &authorization).await);
            assert_eq!(answered.mode, mode, "{response_type}");
        }
    }
    let answer = world.ask(&request(&world, "web_message")).await;
    let answered = Answered::in_response(&answer.response);
    assert_eq!(answered.get("error"), Some("invalid_request"));
    assert_eq!(answered.mode, "query");
}

#[tokio::test]
async fn errors_travel_as_the_answer_would_have_and_keep_a_long_state() {
    let world = World::new().await;
    let state = "s".repeat(8000);
    for mode in ["query", "fragment", "form_post"] {
        for (name, value, error) in [
            ("scope", "unheard:of", "invalid_scope"),
            ("prompt", "none", "login_required"),
            ("response_type", "magic", "unsupported_response_type"),
            ("code_challenge", "short", "invalid_request"),
        ] {
            let authorization = request(&world, mode)
                .with("state", &state)
                .with(name, value);
            let answer = world.ask(&authorization).await;
            let answered = Answered::in_response(&answer.response);
            assert_eq!(answered.get("error"), Some(error));
            assert_eq!(answered.mode, mode, "{error}");
            assert_eq!(answered.get("state"), Some(state.as_str()));
            assert_eq!(answered.get("iss"), Some(world.realm.issuer()));
        }
        let mut browser = Browser::new();
        let page = browser.open(&request(&world, mode).url()).await;
        let page = browser
            .press_until(&page, "login-cancel", &[], &world.callback(WEB))
            .await;
        let answered = Answered::of(&page);
        assert_eq!(answered.get("error"), Some("access_denied"));
        assert_eq!(answered.mode, mode, "after a person decided, too");
    }
}

#[tokio::test]
async fn what_was_posted_is_followed_in_the_record() {
    let world = World::new().await;
    let page = sign_in(&world, &request(&world, "form_post")).await;
    let answer = world.answer(page.response.clone());
    let exchange = answer.exchange().await;
    let kinds: Vec<_> = exchange
        .values
        .iter()
        .map(|value| format!("{:?}", value.kind))
        .collect();
    for kind in ["Code", "State"] {
        assert!(kinds.iter().any(|known| known == kind), "{kinds:?}");
    }
}
