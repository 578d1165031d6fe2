//! What browsers are told on the way from a client through the auth server and back: whoever opened the window keeps
//! its hold on it (HTML §7.1.3), and forms may be answered by redirects to any client and on from there (CSP §6.4.2).

use crate::support::{ALICE, Authorization, Browser, Page, Request, Response, WEB, World};

const OPENER: &str = "cross-origin-opener-policy";

/// Every answer of the auth server on the way to a page.
fn on_the_way<'p>(world: &World, page: &'p Page) -> Vec<&'p Response> {
    let own = world.auth("");
    let own = |response: &&Response| response.url.as_str().starts_with(&own);
    page.hops.iter().filter(own).collect()
}

#[track_caller]
fn keeps_the_opener(world: &World, page: &Page, at_least: usize) {
    let answers = on_the_way(world, page);
    assert!(answers.len() >= at_least, "{}", answers.len());
    for answer in answers {
        let policy = answer.header(OPENER);
        assert_eq!(policy, Some("unsafe-none"), "{}", answer.url);
    }
}

#[track_caller]
fn leads_to_clients(page: &Page) {
    let policy = page.response.header("content-security-policy").unwrap();
    assert!(!policy.contains("form-action"), "{policy}");
    for kept in [
        "default-src 'none'",
        "script-src 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ] {
        assert!(policy.contains(kept), "{policy}");
    }
    assert_eq!(page.response.header("x-frame-options"), Some("DENY"));
}

fn asking(world: &World, more: &[(&str, &str)]) -> Authorization {
    let asking = world.authorize(WEB, "openid").with("nonce", "n");
    let with = |request: Authorization, (name, value): &(&str, &str)| request.with(name, value);
    more.iter().fold(asking, with)
}

#[tokio::test]
async fn from_the_request_to_the_answer_the_opener_is_kept_and_forms_lead_to_clients() {
    let world = World::new().await;
    let mut browser = Browser::new();
    let stop = world.callback(WEB);
    let login = browser.open(&asking(&world, &[]).url()).await;
    keeps_the_opener(&world, &login, 2);
    leads_to_clients(&login);
    let language = login.response.url.query().unwrap();
    let language = format!("/language/zh-CN?return_to=/login?{language}");
    let language = Request::get(&world.auth(&language)).send().await;
    assert_eq!(language.header(OPENER), Some("unsafe-none"));

    // Who changes the language, or how pages look, has gone no other way.
    let settings = browser.open(&world.auth("/settings?lang=zh-CN")).await;
    keeps_the_opener(&world, &settings, 1);
    let settings = Request::post(&world.auth("/settings"), &[]).send().await;
    assert_eq!(settings.header(OPENER), Some("unsafe-none"));

    let wrong = [("username", "alice"), ("password", "wrong")];
    let again = browser.press(&login, "login-submit", &wrong).await;
    keeps_the_opener(&world, &again, 1);
    leads_to_clients(&again);
    let right = [("username", ALICE.username), ("password", ALICE.password)];
    let consent = browser.press(&again, "login-submit", &right).await;
    keeps_the_opener(&world, &consent, 2);
    leads_to_clients(&consent);
    let answer = browser
        .press_until(&consent, "consent-allow", &[], &stop)
        .await;
    keeps_the_opener(&world, &answer, 1);

    let choice = asking(&world, &[("prompt", "select_account")]);
    let choice = browser.open(&choice.url()).await;
    assert!(choice.has("account-1"), "{}", choice.text());
    keeps_the_opener(&world, &choice, 2);
    leads_to_clients(&choice);
    let posted = asking(&world, &[("response_mode", "form_post")]);
    let posted = browser.open(&posted.url()).await;
    keeps_the_opener(&world, &posted, 1);
    leads_to_clients(&posted);
    // Neither what refuses cuts the window off.
    let refused = asking(&world, &[("redirect_uri", "https://attacker.example/")]);
    let refused = browser.open(&refused.url()).await;
    assert_eq!(refused.response.status, 400);
    keeps_the_opener(&world, &refused, 1);
}

#[tokio::test]
async fn a_client_that_signs_out_gets_its_window_back_too() {
    let world = World::new().await;
    let mut browser = Browser::new();
    world
        .agree_in(&mut browser, ALICE, &world.authorize(WEB, "openid"))
        .await;
    let own = browser.open(&world.auth("/logout")).await;
    keeps_the_opener(&world, &own, 1);
    let policy = own.response.header("content-security-policy").unwrap();
    // Nobody's destination: its form leads nowhere else.
    assert!(policy.ends_with("; form-action 'self'"), "{policy}");
    let home = world.app("/");
    let pairs = [
        ("client_id", "spa"),
        ("post_logout_redirect_uri", home.as_str()),
    ];
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish();
    let asked = browser.open(&world.auth(&format!("/logout?{query}"))).await;
    assert!(asked.has("logout-confirm"), "{}", asked.text());
    keeps_the_opener(&world, &asked, 1);
    leads_to_clients(&asked);
    let gone = browser
        .press_until(&asked, "logout-confirm", &[], &home)
        .await;
    keeps_the_opener(&world, &gone, 1);
}

#[tokio::test]
async fn pages_that_no_client_leads_to_are_cut_off_from_who_opened_them_and_keep_their_forms() {
    let world = World::new().await;
    for path in ["/", "/apps", "/device", "/login", "/nowhere"] {
        // Where `/apps` sends who is not signed in.
        let answer = Request::get(&world.auth(path)).send().await;
        let between = path == "/login";
        let expected = if between {
            "unsafe-none"
        } else {
            "same-origin"
        };
        assert_eq!(answer.header(OPENER), Some(expected), "{path}");
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.ends_with("; form-action 'self'"), "{path}: {policy}");
    }
}
