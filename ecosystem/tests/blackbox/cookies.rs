//! Cookies by HTTPS: called so that only this very host can have set them, and read under no other name —
//! RFC 6265bis §4.1.3.2 and §8.6. Ports do not separate cookies, so names do.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::https::by_https;
use crate::logout::client::{at_the_shop, goes_on};
use crate::logout::is_signed_in;
use crate::support::{ALICE, BOB, Browser, Page, Request, Response, WEB, World};

/// Two realms of an ecosystem by HTTPS: the root, and one with a path.
async fn worlds() -> [World; 2] {
    let root = by_https().await;
    let inside = World::inside(Arc::clone(&root.ecosystem), |seed| seed).await;
    [root, inside]
}

/// What the answers on the way to these pages set, each with where it came from.
fn set_by<'p>(pages: &[&'p Page]) -> Vec<(&'p url::Url, &'p str)> {
    let hops = pages.iter().flat_map(|page| &page.hops);
    let set = |hop: &'p Response| {
        let headers = hop.headers.iter();
        let set = headers.filter(|(name, _)| name == "set-cookie");
        set.map(|(_, value)| (&hop.url, value.as_str()))
    };
    hops.flat_map(set).collect()
}

/// A run of the code grant at the print shop, and every page on its way.
async fn run(world: &World, browser: &mut Browser) -> [Page; 4] {
    let page = browser.open(&world.app("/grants/authorization-code")).await;
    let login = browser.press(&page, "run", &[]).await;
    let fields = [("username", ALICE.username), ("password", ALICE.password)];
    let consent = browser.press(&login, "login-submit", &fields).await;
    let done = browser.press(&consent, "consent-allow", &[]).await;
    assert_eq!(done.response.status, 200, "{}", done.text());
    [page, login, consent, done]
}

#[tokio::test]
async fn every_cookie_is_one_that_this_very_host_alone_can_set() {
    for world in worlds().await {
        let mut browser = Browser::new();
        let mut pages = run(&world, &mut browser).await.to_vec();
        pages.push(browser.open(&world.app("/doctor")).await);
        for url in [world.app(""), world.auth(""), world.api("")] {
            pages.push(browser.look(&format!("{url}/language/zh-CN")).await);
        }
        let settings = browser.open(&world.auth("/settings")).await;
        let form = [("theme", "dark"), ("text", "large"), ("lang", "en")];
        let apply = Request::post(&world.auth("/settings"), &form);
        let from = settings.response.url.clone();
        pages.push(browser.send(apply, Some(&from)).await);
        let pages: Vec<&Page> = pages.iter().collect();
        let mut names = BTreeSet::new();
        for (url, cookie) in set_by(&pages) {
            let mut attributes = cookie.split("; ").skip(1);
            assert!(cookie.starts_with("__Host-"), "{cookie} of {url}");
            for wanted in ["Secure", "Path=/", "HttpOnly", "SameSite=Lax"] {
                let has = attributes.clone().any(|one| one == wanted);
                assert!(has, "{wanted}: {cookie} of {url}");
            }
            let domain = attributes.any(|one| one.to_ascii_lowercase().starts_with("domain"));
            assert!(!domain, "{cookie} of {url}");
            let name = cookie.split('=').next().unwrap_or_default();
            let name = name.trim_start_matches("__Host-");
            // Three services on one host, and one jar: but for how pages look, no name is two services'.
            let own = match url.origin() {
                origin if origin == origin_of(&world.app("")) => "app_",
                origin if origin == origin_of(&world.auth("")) => "as_",
                _ => "rs_",
            };
            let of_all = name.starts_with("grantscope_");
            assert!(of_all || name.starts_with(own), "{cookie} of {url}");
            names.insert(name.to_owned());
        }
        let expected = ["as_session", "as_device", "app_session", "app_doctor"];
        let expected = expected.map(|name| world.realm.name().cookie_name(name));
        let common = ["as_browser", "app_browser", "grantscope_lang"].map(str::to_owned);
        let common = common.into_iter().chain(["grantscope_theme".to_owned()]);
        for name in expected.into_iter().chain(common) {
            assert!(names.contains(&name), "{name} is not among {names:?}");
        }
        // And they are read again: the page looks as was chosen.
        let page = browser.open(&world.auth("/settings")).await;
        assert!(
            page.response.text().contains("theme-dark"),
            "{}",
            page.text()
        );
    }
}

fn origin_of(url: &str) -> url::Origin {
    url::Url::parse(url).expect("a URL").origin()
}

/// What a neighbour of this host, or a page by http, can get into the browser's jar.
fn planted(name: &str, value: &str) -> Vec<Vec<u8>> {
    let pair = |name: &str| format!("{name}={value}").into_bytes();
    vec![
        pair(name),
        pair(&format!("%5F%5FHost-{name}")),
        pair(&format!("__Host%2D{name}")),
        pair(&format!("__host-{name}")),
        pair(&format!("\u{2000}__Host-{name}")),
        pair(&format!("$Version=1,__Host-{name}")),
        pair(&format!("__Secure-{name}")),
    ]
}

fn own(name: &str, value: &str) -> Vec<u8> {
    format!("__Host-{name}={value}").into_bytes()
}

/// Session fixation: bob brings his own session into alice's browser.
#[tokio::test]
async fn a_planted_session_signs_nobody_in() {
    for world in worlds().await {
        let mut browser = Browser::new();
        let asked = world.authorize(WEB, "openid");
        world.agree_in(&mut browser, BOB, &asked).await;
        let name = world.realm.name().cookie_name("as_session");
        let value = browser.cookie(&format!("__Host-{name}"));
        let silent = asked.clone().with("prompt", "none").url();
        let look = async |cookie: Vec<u8>| {
            let request = Request::get(&silent).header("cookie", cookie);
            world.send(request).await.location().to_string()
        };
        assert!(look(own(&name, &value)).await.contains("code="));
        for cookie in planted(&name, &value) {
            let shown = String::from_utf8_lossy(&cookie).into_owned();
            let location = look(cookie).await;
            assert!(location.contains("login_required"), "{shown}: {location}");
        }
    }
}

#[tokio::test]
async fn a_planted_session_of_the_client_shows_no_run() {
    for world in worlds().await {
        let mut browser = Browser::new();
        let pages = run(&world, &mut browser).await;
        let name = world.realm.name().cookie_name("app_session");
        let value = browser.cookie(&format!("__Host-{name}"));
        let url = pages[3].response.url.to_string();
        let look = async |cookie: Vec<u8>| {
            let request = Request::get(&url).header("cookie", cookie);
            request.send().await.status
        };
        assert_eq!(look(own(&name, &value)).await, 200);
        for cookie in planted(&name, &value) {
            let shown = String::from_utf8_lossy(&cookie).into_owned();
            assert_eq!(look(cookie).await, 404, "{shown}");
        }
    }
}

/// Login CSRF: a form's token is worth something only beside the cookie that it was made for, and that cannot be
/// brought along.
#[tokio::test]
async fn a_planted_browser_makes_no_forged_form_good() {
    let [world, _] = worlds().await;
    let mut attacker = Browser::new();
    let page = attacker.open(&world.authorize(WEB, "openid").url()).await;
    let value = attacker.cookie("__Host-as_browser");
    let fields = [("username", BOB.username), ("password", BOB.password)];
    let url = page.response.url.clone();
    let forged = page
        .form("login-submit")
        .request(&url, "login-submit", &fields)
        .header("origin", url.origin().ascii_serialization())
        .header("sec-fetch-site", "same-origin");
    for cookie in planted("as_browser", &value) {
        let answer = world.send(forged.clone().header("cookie", cookie)).await;
        answer.is(403).failed_check("csrf.token").await;
    }
    let answer = forged.header("cookie", own("as_browser", &value));
    world.send(answer).await.is(303);
}

/// By http the prefix means nothing, as no browser takes such a cookie from there: plain names stay.
#[tokio::test]
async fn by_http_names_are_plain_and_a_prefixed_one_is_not_read() {
    let world = World::new().await;
    let mut browser = Browser::new();
    let asked = world.authorize(WEB, "openid");
    world.agree_in(&mut browser, BOB, &asked).await;
    let name = world.realm.name().cookie_name("as_session");
    let value = browser.cookie(&name);
    let silent = asked.with("prompt", "none").url();
    for (cookie, outcome) in [
        (format!("{name}={value}").into_bytes(), "code="),
        (own(&name, &value), "login_required"),
    ] {
        let request = Request::get(&silent).header("cookie", cookie);
        let location = world.send(request).await.location().to_string();
        assert!(location.contains(outcome), "{location}");
    }
}

/// Signing in at the print shop, silently again, and out by the front channel's frames: as by http.
#[tokio::test]
async fn signing_in_and_out_at_the_print_shop_works_by_https() {
    for world in worlds().await {
        let mut browser = Browser::new();
        run(&world, &mut browser).await;
        let page = at_the_shop(&world, &mut browser).await;
        assert!(is_signed_in(&world, &mut browser, WEB).await);
        let page = browser.press(&page, "sign-out", &[]).await;
        assert!(!page.frames().is_empty(), "{}", page.text());
        goes_on(&mut browser, &page).await;
        assert!(!is_signed_in(&world, &mut browser, WEB).await);
        let page = browser.open(&world.app("/sign-in")).await;
        assert!(!page.has("account"), "{}", page.text());
    }
}
