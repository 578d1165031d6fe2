//! Signing in at the print shop with OpenID Connect: by code, by hybrid and by an ID token alone, as a person clicks.

use super::support::World;

#[actix_web::test]
async fn a_person_signs_in_by_each_response_type() {
    let world = World::start().await;
    let browser = world.browser().await;
    browser.open(&world.app("/sign-in")).await;
    browser.look("sign-in").await;
    for (round, response) in ["code", "code-id-token", "id-token"].iter().enumerate() {
        let radio = format!("input[name=response][value={response}]");
        browser.press(&radio).await;
        browser.press("#sign-in").await;
        if round == 0 {
            browser.signs_in_and_allows().await;
        }
        browser.comes_to(&world.app("/sign-in")).await;
        browser.finds("#account").await;
        browser.sees("Alice Liddell Martin").await;
        assert_eq!(browser.count("#account .check-failed").await, 0);
        browser.look(&format!("signed-in-by-{response}")).await;
    }
    browser.press("#forget").await;
    browser.finds("#sign-in").await;
    assert_eq!(browser.count("#account").await, 0);
    browser.leave().await;
}
