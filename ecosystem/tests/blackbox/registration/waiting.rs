//! A request that waits for its person while its client's registration changes, and response types that nobody named —
//! RFC 7592 §2.2, RFC 9449 §5, RFC 7591 §2.1.

use serde_json::json;

use super::management::replace;
use super::{CALLBACK, register, registered, text};
use crate::support::{ALICE, Browser, World};

#[tokio::test]
async fn what_waits_is_judged_by_the_registration_of_now() {
    let world = World::new().await;
    let client = registered(
        &world,
        json!({
            "redirect_uris": [CALLBACK], "grant_types": ["implicit"],
            "response_types": ["id_token token"], "scope": "openid photos:read",
        }),
    )
    .await;
    let id = text(&client, "client_id");
    let query = format!(
        "response_type=id_token%20token&client_id={id}&redirect_uri={CALLBACK}&scope=openid%20photos:read&nonce=n&state=s"
    );
    let mut browser = Browser::new();
    let page = browser
        .open(&world.auth(&format!("/authorize?{query}")))
        .await;
    let fields = [("username", ALICE.username), ("password", ALICE.password)];
    let page = browser.press(&page, "login-submit", &fields).await;
    assert!(page.has("consent-allow"), "{}", page.text());
    let after = json!({
        "client_id": id, "redirect_uris": [CALLBACK], "dpop_bound_access_tokens": true,
    });
    world.send(replace(&client, &after)).await.is(200);
    let answer = browser
        .press_until(&page, "consent-allow", &[], CALLBACK)
        .await;
    let location = answer.location();
    assert!(location.as_str().starts_with(CALLBACK), "{location}");
    let told = location.fragment().expect("a fragment");
    assert!(told.contains("error=unauthorized_client"), "{told}");
    assert!(
        told.contains("state=s") && !told.contains("token="),
        "{told}"
    );
    let answer = world.answer(answer.response);
    answer.failed_check("response_type.allowed").await;
}

#[tokio::test]
async fn response_types_that_nobody_named_are_those_of_the_grants() {
    let world = World::new().await;
    for types in [json!(null), json!([])] {
        let bound = json!({
            "redirect_uris": [CALLBACK], "grant_types": ["implicit"], "response_types": types,
            "dpop_bound_access_tokens": true,
        });
        let answer = register(&world, bound).await;
        answer.is_refused(400, "invalid_client_metadata");
        let nowhere = json!({ "grant_types": ["implicit"], "response_types": types });
        let answer = register(&world, nowhere).await;
        answer.is_refused(400, "invalid_redirect_uri");
    }
    let free = json!({ "redirect_uris": [CALLBACK], "grant_types": ["implicit"] });
    let client = registered(&world, free).await;
    assert_eq!(
        client["response_types"],
        json!(["token", "id_token", "id_token token"])
    );
}
