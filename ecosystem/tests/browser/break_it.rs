//! Break it, in a browser: one press on a finished flow, and the comparison names the check that said no.

use super::support::World;

/// The button of a mutation of a parameter.
fn button(parameter: &str, mutation: &str) -> String {
    format!("[data-parameter='{parameter}'] button[value='{mutation}']")
}

#[actix_web::test]
async fn one_press_breaks_a_flow_and_leads_to_the_comparison() {
    let world = World::start().await;
    let browser = world.browser().await;
    browser.gets_tokens(&world).await;
    let flow = world.newest_flow().await;
    let id = flow["id"].as_str().expect("an id").to_owned();
    let page = world.app(&format!("/flows/{id}/break"));
    browser.open(&page).await;
    browser.finds(&button("code_verifier", "use_old")).await;
    browser.look("break").await;

    browser.press(&button("code_verifier", "change_one")).await;
    browser
        .comes_to(&world.app(&format!("/flows/{id}/compare?with=")))
        .await;
    browser.sees("pkce.s256").await;
    browser.look("break-compared").await;
    let broken = world.newest_flow().await;
    assert_ne!(broken["id"], flow["id"], "a flow of its own");
    let result = &broken["result"];
    assert_eq!(result["failed_check"], "pkce.s256", "{result}");

    // It is remembered beside the parameter, with the way to both flows.
    browser.open(&page).await;
    let result = "[data-parameter='code_verifier'] .break-refused";
    browser.finds(result).await;
    let said = browser.reads(result).await;
    assert!(
        said.contains("pkce.s256") && said.contains("RFC 7636 §4.6"),
        "{said}"
    );

    // What rightly is no refusal says why.
    browser.press(&button("scope", "leave_out")).await;
    browser
        .comes_to(&world.app(&format!("/flows/{id}/compare?with=")))
        .await;
    browser.open(&page).await;
    browser
        .finds("[data-parameter='scope'] .break-accepted")
        .await;
    browser.look("break-executed").await;
    browser.leave().await;
}
