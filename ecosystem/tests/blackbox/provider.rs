//! `/provider` at the client app — the provider's metadata explained, and a client registered before one's eyes
//! (OpenID Connect Discovery §3, RFC 7591, RFC 7592).

use crate::support::{Browser, Page, Request, World, plain};

/// The id of the client that the page registered last.
fn registered(page: &Page) -> String {
    let shown = page.response.text();
    let before = "name=\"client_id\" value=\"";
    let start = shown.rfind(before).expect("a registered client") + before.len();
    shown[start..].split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn every_member_of_the_metadata_is_explained() {
    let world = World::new().await;
    let metadata = Request::get(&world.auth("/.well-known/openid-configuration"));
    let metadata = world.send(metadata).await.json();
    for (language, tag) in [("en", "en"), ("zh-CN", "zh-CN")] {
        let request = Request::get(&world.app("/provider")).header("accept-language", language);
        let page = world.send(request).await;
        let shown = page.is(200).response.text();
        assert!(shown.contains(&format!("lang=\"{tag}\"")), "{language}");
        for name in metadata.as_object().unwrap().keys() {
            let at = shown.find(&format!("<dt><code>{name}</code></dt>"));
            let at = at.unwrap_or_else(|| panic!("{name} is not shown"));
            let row = shown[at..].split("</div>").next().unwrap();
            assert!(
                row.contains("sentence"),
                "{name} is not explained in {language}"
            );
        }
    }
}

#[tokio::test]
async fn a_client_is_registered_and_removed_and_both_are_in_the_record() {
    let world = World::new().await;
    let mut browser = Browser::new();
    let page = browser.open(&world.app("/provider")).await;
    let fields = [("client_name", "Frames <b>"), ("method", "none")];
    let page = browser.press(&page, "register", &fields).await;
    assert_eq!(page.response.status, 200);
    let shown = page.response.text();
    assert!(
        shown.contains("registration_access_token"),
        "{}",
        plain(&shown)
    );
    assert!(!shown.contains("Frames <b>"), "it is escaped");
    let id = registered(&page);
    let known = |shown: &str| shown.contains(&format!("value=\"{id}\""));
    let again = browser.open(&world.app("/provider")).await;
    assert!(known(&again.response.text()));
    let facts = world
        .send(Request::get(&world.app("/api/clients")))
        .await
        .json();
    let one = |one: &serde_json::Value| one["client"]["client_id"] == id.as_str();
    assert!(
        facts["clients"].as_array().unwrap().iter().any(one),
        "{facts}"
    );
    let page = browser.press(&again, &format!("remove-{id}"), &[]).await;
    assert_eq!(page.response.status, 200);
    assert!(!known(&page.response.text()));

    let flows = world.realm.flows().await.unwrap();
    let mut paths = Vec::new();
    for flow in flows {
        let flow = world.realm.flow(&flow.id).await.unwrap();
        paths.extend(
            flow.exchanges
                .into_iter()
                .map(|one| (one.method, one.path, one.status)),
        );
    }
    let post = ("POST".to_owned(), "/register".to_owned(), Some(201));
    assert!(paths.contains(&post), "{paths:?}");
    let removed = |(method, _, status): &(String, String, Option<u16>)| {
        method == "DELETE" && *status == Some(204)
    };
    assert!(paths.iter().any(removed), "{paths:?}");
}

#[tokio::test]
async fn a_form_of_another_page_registers_nothing() {
    let world = World::new().await;
    let forged = Request::post(
        &world.app("/provider/register"),
        &[("client_name", "x"), ("method", "none")],
    );
    let answer = world.send(forged).await;
    assert!(answer.status() >= 400, "{answer}");
    let facts = world
        .send(Request::get(&world.app("/api/clients")))
        .await
        .json();
    let known = facts["clients"].as_array().unwrap().len();
    let forged = Request::post(&world.app("/provider/remove"), &[("client_id", "web")]);
    assert!(world.send(forged).await.status() >= 400);
    let facts = world
        .send(Request::get(&world.app("/api/clients")))
        .await
        .json();
    assert_eq!(facts["clients"].as_array().unwrap().len(), known);
}
