//! The lessons: complete in both languages, every link leads somewhere, and every link to an exchange leads to
//! the one that the sentence speaks of.

use serde_json::Value;

use crate::support::{ALICE, Browser, Page, World, tags};

/// Every lesson, in the order of the course.
const LESSONS: [&str; 10] = [
    "authorization-code",
    "channels",
    "pkce",
    "state",
    "scopes",
    "refresh",
    "jwt",
    "client-credentials",
    "implicit",
    "password",
];

/// The tags of the index and of each lesson that link somewhere in this world.
fn links(world: &World, page: &Page) -> Vec<String> {
    let url = &page.response.url;
    let html = page.response.text();
    let main = html.split("<main").nth(1).expect("a main part");
    let hrefs = tags(main).into_iter().filter(|tag| tag.name == "a");
    let hrefs = hrefs.filter_map(|tag| tag.attribute("href").map(str::to_owned));
    let ours = hrefs.map(|href| url.join(&href).expect("a URL").to_string());
    ours.filter(|href| href.starts_with(&world.app("")))
        .collect()
}

/// Every link of `page` answers 200, and the place on the page that it names is there.
async fn links_resolve(world: &World, browser: &mut Browser, page: &Page) -> usize {
    let links = links(world, page);
    for link in &links {
        let there = browser.open(link).await;
        assert_eq!(
            there.response.status, 200,
            "{link} on {}",
            page.response.url
        );
        if let Some((_, place)) = link.split_once('#') {
            assert!(there.has(place), "{link}: there is no #{place}");
        }
    }
    links.len()
}

async fn lesson(world: &World, browser: &mut Browser, name: &str) -> Page {
    let page = browser.open(&world.app(&format!("/lessons/{name}"))).await;
    assert_eq!(page.response.status, 200, "{}", page.text());
    let unfinished = page.text().contains("{lesson") || page.text().contains("{ $");
    assert!(!unfinished, "{name}: {}", page.text());
    page
}

/// The exchange to which the moment `name` of a lesson leads, as the record knows it.
async fn exchange_of(world: &World, page: &Page, name: &str) -> Value {
    let html = page.response.text();
    let item = html
        .split(&format!("data-moment=\"{name}\""))
        .nth(1)
        .and_then(|rest| rest.split("</li>").next())
        .unwrap_or_else(|| panic!("no moment {name}"));
    let link = tags(item).into_iter().find(|tag| tag.name == "a");
    let href = link.unwrap_or_else(|| panic!("{name} has no exchange: {item}"));
    let href = href.attribute("href").expect("an address").to_owned();
    let id = href.split("/exchanges/").nth(1).expect("an exchange");
    let id = id.trim_end_matches("/open").parse().expect("an id");
    let exchange = world.realm.exchange(&id).await.expect("the exchange");
    serde_json::to_value(exchange).expect("JSON")
}

/// Runs the authorization code grant to the photos.
async fn runs_authorization_code(world: &World, browser: &mut Browser) -> Page {
    let page = browser.open(&world.app("/grants/authorization-code")).await;
    let page = browser.press(&page, "run", &[]).await;
    let fields = [("username", ALICE.username), ("password", ALICE.password)];
    let page = browser.press(&page, "login-submit", &fields).await;
    let page = browser.press(&page, "consent-allow", &[]).await;
    let page = browser.press(&page, "call-photos", &[]).await;
    assert!(page.has("api-answer"), "{}", page.text());
    page
}

#[tokio::test]
async fn every_lesson_is_there_before_anything_was_run() {
    let world = World::new().await;
    let mut browser = Browser::new();
    let index = browser.open(&world.app("/lessons")).await;
    for name in LESSONS {
        assert!(links(&world, &index).contains(&world.app(&format!("/lessons/{name}"))));
        let page = lesson(&world, &mut browser, name).await;
        assert!(page.has("run-first"), "{name} says what to run");
        assert!(
            links_resolve(&world, &mut browser, &page).await > 3,
            "{name}"
        );
    }
    let nowhere = browser.open(&world.app("/lessons/nothing")).await;
    assert_eq!(nowhere.response.status, 404);
}

#[tokio::test]
async fn the_moments_of_authorization_code_are_the_right_exchanges() {
    let world = World::new().await;
    let mut browser = Browser::new();
    runs_authorization_code(&world, &mut browser).await;
    let page = lesson(&world, &mut browser, "authorization-code").await;
    links_resolve(&world, &mut browser, &page).await;
    for (moment, method, path) in [
        ("asks", "GET", "/authorize"),
        ("signs-in", "POST", "/login"),
        ("decides", "POST", "/consent"),
        ("code-arrives", "GET", "/callback"),
        ("trade", "POST", "/token"),
        ("api", "GET", "/photos"),
    ] {
        let exchange = exchange_of(&world, &page, moment).await;
        assert_eq!(exchange["method"], method, "{moment}");
        assert_eq!(exchange["path"], path, "{moment}");
    }
}
