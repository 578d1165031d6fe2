//! The lessons: complete in both languages, every link leads somewhere, and every link to an exchange leads to
//! the one that the sentence speaks of.

use serde_json::Value;

use crate::support::{ALICE, Browser, Page, World, tags};

/// Every lesson, in the order of the course.
const LESSONS: [&str; 18] = [
    "authorization-code",
    "channels",
    "pkce",
    "state",
    "scopes",
    "refresh",
    "jwt",
    "client-credentials",
    "jwt-bearer",
    "pushed-requests",
    "hybrid",
    "dpop",
    "token-exchange",
    "step-up",
    "device",
    "implicit",
    "password",
    "logout",
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

/// The moments of `lesson` lead to exchanges with this method and path, and all its links lead somewhere.
async fn points_at(
    world: &World,
    browser: &mut Browser,
    name: &str,
    moments: &[(&str, &str, &str)],
) {
    let page = lesson(world, browser, name).await;
    assert!(page.has("your-run") && !page.has("run-first"), "{name}");
    for (moment, method, path) in moments {
        let exchange = exchange_of(world, &page, moment).await;
        let found = (exchange["method"].as_str(), exchange["path"].as_str());
        assert_eq!(found, (Some(*method), Some(*path)), "{name}: {moment}");
    }
    let count = links_resolve(world, browser, &page).await;
    assert!(count > moments.len() + 3, "{name}: {count} links");
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one story, told in order")]
async fn the_lessons_of_the_code_flow_point_at_the_right_exchanges() {
    let world = World::new().await;
    let mut browser = Browser::new();
    let page = runs_authorization_code(&world, &mut browser).await;
    let page = browser.press(&page, "refresh", &[]).await;
    assert_eq!(page.response.status, 200, "{}", page.text());
    let browser = &mut browser;
    points_at(
        &world,
        browser,
        "authorization-code",
        &[
            ("asks", "GET", "/authorize"),
            ("signs-in", "POST", "/login"),
            ("decides", "POST", "/consent"),
            ("code-given", "POST", "/consent"),
            ("code-arrives", "GET", "/callback"),
            ("trade", "POST", "/token"),
            ("api", "GET", "/photos"),
        ],
    )
    .await;
    let front_and_back = [("asks", "GET", "/authorize"), ("trade", "POST", "/token")];
    points_at(&world, browser, "channels", &front_and_back).await;
    let pkce = [
        ("challenge", "GET", "/authorize"),
        ("verifier", "POST", "/token"),
    ];
    points_at(&world, browser, "pkce", &pkce).await;
    let state = [
        ("asks", "GET", "/authorize"),
        ("comes-back", "POST", "/consent"),
        ("checked", "GET", "/callback"),
    ];
    points_at(&world, browser, "state", &state).await;
    let scopes = [
        ("asks", "GET", "/authorize"),
        ("decides", "POST", "/consent"),
        ("granted", "POST", "/token"),
        ("enforced", "GET", "/photos"),
    ];
    points_at(&world, browser, "scopes", &scopes).await;
    let refresh = [("first", "POST", "/token"), ("refresh", "POST", "/token")];
    points_at(&world, browser, "refresh", &refresh).await;
    let jwt = [
        ("given", "POST", "/token"),
        ("id-token", "GET", "/callback"),
        ("verified", "GET", "/photos"),
    ];
    points_at(&world, browser, "jwt", &jwt).await;
    let refreshed = lesson(&world, browser, "refresh").await;
    let (first, second) = (
        exchange_of(&world, &refreshed, "first").await,
        exchange_of(&world, &refreshed, "refresh").await,
    );
    let grant = |exchange: &Value| {
        let parameters = exchange["parameters"].as_array().expect("parameters");
        let grant = parameters.iter().find(|one| one["name"] == "grant_type");
        grant.expect("a grant")["value"].clone()
    };
    assert_eq!(grant(&first), "authorization_code");
    assert_eq!(grant(&second), "refresh_token");
}

#[tokio::test]
async fn the_lessons_of_the_other_grants_point_at_the_right_exchanges() {
    let world = World::new().await;
    let mut browser = Browser::new();
    let page = browser.open(&world.app("/grants/client-credentials")).await;
    let page = browser.press(&page, "run", &[]).await;
    browser.press(&page, "call-stats", &[]).await;
    let page = browser.open(&world.app("/grants/password")).await;
    let fields = [("username", ALICE.username), ("password", ALICE.password)];
    let page = browser.press(&page, "run", &fields).await;
    browser.press(&page, "call-photos", &[]).await;
    let page = browser.open(&world.app("/grants/jwt-bearer")).await;
    let page = browser.press(&page, "run", &[]).await;
    browser.press(&page, "call-photos", &[]).await;
    let assertion = [
        ("asks", "POST", "/token"),
        ("key", "GET", "/jwks"),
        ("agreed", "POST", "/token"),
        ("api", "GET", "/photos"),
    ];
    points_at(&world, &mut browser, "jwt-bearer", &assertion).await;
    let own = lesson(&world, &mut browser, "jwt-bearer").await;
    assert!(own.text().contains("You ran this at"), "{}", own.text());
    let machine = [("asks", "POST", "/token"), ("api", "GET", "/stats")];
    points_at(&world, &mut browser, "client-credentials", &machine).await;
    let password = [
        ("typed", "POST", "/grants/{grant}/run"),
        ("trade", "POST", "/token"),
        ("api", "GET", "/photos"),
    ];
    points_at(&world, &mut browser, "password", &password).await;
}

/// Signs in and agrees, where that is asked.
async fn goes_on(browser: &mut Browser, mut page: Page) -> Page {
    if page.has("login-submit") {
        let fields = [("username", ALICE.username), ("password", ALICE.password)];
        page = browser.press(&page, "login-submit", &fields).await;
    }
    if page.has("consent-allow") {
        page = browser.press(&page, "consent-allow", &[]).await;
    }
    page
}

/// Runs the authorization code grant with these settings.
async fn runs_with(world: &World, browser: &mut Browser, fields: &[(&str, &str)]) -> Page {
    let page = browser.open(&world.app("/grants/authorization-code")).await;
    let page = browser.press(&page, "run", fields).await;
    let page = goes_on(browser, page).await;
    assert!(page.has("call-photos"), "{}", page.text());
    page
}

#[tokio::test]
async fn the_lessons_of_the_family_point_at_the_right_exchanges() {
    let world = World::new().await;
    let mut browser = Browser::new();
    let page = runs_with(&world, &mut browser, &[("bound", "yes")]).await;
    browser.press(&page, "call-photos", &[]).await;
    browser.press(&page, "call-stolen", &[]).await;
    let dpop = [
        ("names-key", "GET", "/authorize"),
        ("proves", "POST", "/token"),
        ("api", "GET", "/photos"),
        ("stolen", "GET", "/photos"),
    ];
    points_at(&world, &mut browser, "dpop", &dpop).await;

    let page = runs_with(&world, &mut browser, &[]).await;
    browser.press(&page, "hand-over", &[]).await;
    let exchange = [
        ("hands-over", "POST", "/lab/prints"),
        ("own-token", "POST", "/token"),
        ("exchanges", "POST", "/token"),
        ("api", "GET", "/photos"),
    ];
    points_at(&world, &mut browser, "token-exchange", &exchange).await;

    let page = runs_with(&world, &mut browser, &[]).await;
    world.wait_seconds(400);
    let refused = browser.press(&page, "call-delete-photo", &[]).await;
    let login = browser.press(&refused, "step-up-sign-in", &[]).await;
    goes_on(&mut browser, login).await;
    let step_up = [
        ("asks", "GET", "/authorize"),
        ("signs-in", "POST", "/login"),
        ("passes", "DELETE", "/photos/{id}"),
    ];
    points_at(&world, &mut browser, "step-up", &step_up).await;
}

#[tokio::test]
async fn the_lesson_of_hybrid_points_into_ones_own_sign_in() {
    let world = World::new().await;
    let mut browser = Browser::new();
    let page = browser.open(&world.app("/sign-in")).await;
    let hybrid = [("response", "code-id-token")];
    let page = browser.press(&page, "sign-in", &hybrid).await;
    let mut page = goes_on(&mut browser, page).await;
    if page.has("form-post-submit") {
        page = browser.press(&page, "form-post-submit", &[]).await;
    }
    assert!(page.text().contains("Alice"), "{}", page.text());
    let hybrid = [
        ("asks", "GET", "/authorize"),
        ("arrives", "POST", "/sign-in/callback"),
        ("bound", "POST", "/sign-in/callback"),
        ("trade", "POST", "/token"),
    ];
    points_at(&world, &mut browser, "hybrid", &hybrid).await;
    let own = lesson(&world, &mut browser, "hybrid").await;
    assert!(own.text().contains("You ran this at"), "{}", own.text());
}

#[tokio::test]
async fn a_lesson_points_into_ones_own_run_and_says_when_it_is_another_s() {
    let world = World::new().await;
    let (mut alice, mut bob) = (Browser::new(), Browser::new());
    runs_authorization_code(&world, &mut alice).await;
    let own = lesson(&world, &mut alice, "pkce").await;
    assert!(own.text().contains("You ran this at"), "{}", own.text());
    let theirs = lesson(&world, &mut bob, "pkce").await;
    assert!(
        theirs.text().contains("newest run in this realm"),
        "{}",
        theirs.text()
    );
    // A run that only began does not take the place of one that came to tokens.
    let page = alice.open(&world.app("/grants/authorization-code")).await;
    alice.press_only(&page, "run", &[]).await;
    let again = lesson(&world, &mut alice, "pkce").await;
    let verifier = exchange_of(&world, &again, "verifier").await;
    assert_eq!(verifier["path"], "/token");
}

#[tokio::test]
async fn start_page_and_grants_lead_to_their_lessons() {
    let world = World::new().await;
    let mut browser = Browser::new();
    let home = browser.open(&world.app("/")).await;
    for (grant, lesson) in [
        ("authorization-code", "authorization-code"),
        ("client-credentials", "client-credentials"),
        ("refresh-token", "refresh"),
        ("password", "password"),
        ("implicit", "implicit"),
        ("jwt-bearer", "jwt-bearer"),
        ("device", "device"),
    ] {
        let there = world.app(&format!("/lessons/{lesson}"));
        assert!(links(&world, &home).contains(&there), "{lesson}");
        let page = browser.open(&world.app(&format!("/grants/{grant}"))).await;
        assert!(links(&world, &page).contains(&there), "{grant}");
    }
}
