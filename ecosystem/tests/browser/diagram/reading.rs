//! Who reads it: by keyboard alone, without scripts, on a stage.

use fantoccini::key::Key;

use super::super::support::{Browser, Habits, World};

/// The number of the step that is looked at.
async fn looked_at(browser: &Browser) -> String {
    let number = browser
        .attribute("#diagram .hop.is-now", "data-number")
        .await;
    number.unwrap_or_default()
}

/// The help over the page comes and goes.
async fn the_keys_are_told(browser: &Browser) {
    browser.types("?").await;
    browser.finds("dialog[open]").await;
    browser.look("diagram-keys").await;
    browser.key(Key::Escape).await;
    browser.finds("dialog:not([open])").await;
}

/// A key pauses, another goes on.
async fn following_stops_and_goes_on(browser: &Browser) {
    browser.types(" ").await;
    browser.finds("#diagram.is-paused").await;
    browser.types(".").await;
    browser.finds("#diagram:not(.is-paused)").await;
}

#[actix_web::test]
async fn a_flow_is_read_by_keyboard_alone() {
    let world = World::start().await;
    let browser = world.browser().await;
    browser.gets_tokens(&world).await;
    browser.tab_to("#see-flow").await;
    browser.key(Key::Enter).await;
    browser.finds("#diagram .hop.is-now").await;
    let watched = world.newest_flow().await;
    let last = watched["exchanges"].as_array().expect("exchanges").len();
    browser
        .waits_until(&format!(
            "return document.querySelectorAll('#exchanges > li').length >= {last}"
        ))
        .await;
    let last: usize = looked_at(&browser).await.parse().expect("a number");
    browser.types("pp").await;
    assert_eq!(looked_at(&browser).await, (last - 2).to_string());
    browser.types("j").await;
    assert_eq!(looked_at(&browser).await, (last - 1).to_string());
    let says = format!(
        "return document.querySelector('[data-voice]').textContent.includes('{}')",
        last - 1
    );
    browser.waits_until(&says).await;
    let card = format!(
        "return document.querySelector('[data-card] .step-of').textContent.includes('{}')",
        last - 1
    );
    browser.waits_until(&card).await;
    browser.types("m").await;
    browser.finds(".rows > .hop.is-now").await;
    assert_eq!(
        looked_at(&browser).await,
        (last - 1).to_string(),
        "the other view looks at the same step"
    );
    browser
        .script("document.activeElement.blur()", Vec::new())
        .await;
    following_stops_and_goes_on(&browser).await;
    the_keys_are_told(&browser).await;
    // While somebody writes, keys are letters.
    let field = "const field = document.createElement('input'); field.ariaLabel = 'field'; document.querySelector('main').append(field); field.focus()";
    browser.script(field, Vec::new()).await;
    browser.types("pjn o.").await;
    assert_eq!(looked_at(&browser).await, (last - 1).to_string());
    browser
        .script(
            "document.querySelector('main > input').remove()",
            Vec::new(),
        )
        .await;
    browser.types("o").await;
    browser.comes_to(&world.app("/flows/")).await;
    browser
        .waits_until("return location.pathname.endsWith('/open')")
        .await;
    browser.leave().await;
}

#[actix_web::test]
async fn a_flow_is_read_without_scripts() {
    let world = World::start().await;
    let habits = Habits {
        no_script: true,
        ..Habits::default()
    };
    let browser = world.browser_with(habits).await;
    browser.gets_tokens(&world).await;
    browser.press("#see-flow").await;
    browser.finds("#diagram .board .hop.is-now").await;
    let flow = browser.url().await;
    let flow = flow.split('?').next().unwrap_or_default().to_owned();
    browser.press("#diagram [data-go='sequence']").await;
    browser.finds(".rows > .hop").await;
    browser.press("#diagram a[rel='prev']").await;
    browser.press("#diagram a[rel='prev']").await;
    let now = browser.attribute("#diagram", "data-now").await;
    let total = browser.attribute("#diagram", "data-total").await;
    let number = |text: Option<String>| text.and_then(|text| text.parse::<usize>().ok());
    assert_eq!(
        number(now).expect("a step") + 2,
        number(total).expect("steps")
    );
    browser.open(&format!("{flow}/present?step=4")).await;
    browser.finds(".hop.is-now[data-number='4']").await;
    browser.press(".stage-steps a[rel='next']").await;
    browser.finds(".hop.is-now[data-number='5']").await;
    browser.leave().await;
}

#[actix_web::test]
async fn a_flow_is_presented_step_by_step_and_live() {
    let world = World::start().await;
    let browser = world.browser().await;
    browser.gets_tokens(&world).await;
    let runs = browser.window().await;
    let flow = world.newest_flow().await;
    let id = flow["id"].as_str().expect("an id");
    let stage = browser.open_window().await;
    browser
        .open(&world.app(&format!("/flows/{id}/present")))
        .await;
    browser.finds("[data-following]:not(:empty)").await;
    let newest = browser.attribute("#stage", "data-now").await;
    browser.turn_to(&runs).await;
    browser.sees_photos().await;
    browser.turn_to(&stage).await;
    let newest = newest.unwrap_or_default();
    browser
        .waits_until(&format!(
            "return Number(document.querySelector('#stage').dataset.now) > {newest} + 2"
        ))
        .await;
    browser.look("present-map").await;
    let people = browser.text().await;
    assert!(
        !people.to_lowercase().contains("alice"),
        "no names of people: {people}"
    );
    browser.key(Key::Home).await;
    browser
        .waits_until("return document.querySelector('#stage').dataset.now === '1'")
        .await;
    browser.types("nnn").await;
    browser
        .waits_until("return Number(document.querySelector('#stage').dataset.now) > 1")
        .await;
    browser.types("m").await;
    browser.finds("#stage .rows > .hop.is-now").await;
    browser.look("present-sequence").await;
    browser.leave().await;
}
