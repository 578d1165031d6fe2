//! Each grant is drawn while it runs in another window; two flows do not mix.

use super::super::support::World;
use super::Watcher;

#[actix_web::test]
async fn authorization_code_and_refresh_are_drawn_while_they_run() {
    let world = World::start().await;
    let browser = world.browser().await;
    browser.chooses(&world, "authorization-code").await;
    browser.press("#run").await;
    browser.finds("#login-submit").await;
    let watcher = Watcher::of(world, browser).await;
    let (browser, world) = (&watcher.browser, &watcher.world);
    let begun = watcher.sees_the_record("map").await;
    browser.signs_in_and_allows().await;
    browser.comes_to(&world.app("/runs/")).await;
    assert!(watcher.sees_the_record("map").await > begun);
    browser.sees_photos().await;
    watcher.sees_the_record("sequence").await;
    browser.press("#refresh").await;
    browser.finds_many(".chain li", 2).await;
    browser.finds("#diagram .hop").await;
    browser.look("run-with-diagram").await;
    watcher.sees_the_record("sequence").await;
    browser.press("#replay-code").await;
    browser.finds(".check-failed").await;
    watcher.sees_the_record("map").await;
    browser.turn_to(&watcher.watches).await;
    browser.look("diagram-code-map").await;
    browser.press("#diagram [data-go='sequence']").await;
    browser.finds(".rows .hop").await;
    browser.look("diagram-code-sequence").await;
    watcher.browser.leave().await;
}

#[actix_web::test]
async fn implicit_is_drawn_while_it_runs_and_its_fragment_stays() {
    let world = World::start().await;
    let browser = world.browser().await;
    browser.chooses(&world, "implicit").await;
    browser.press("#run").await;
    browser.finds("#login-submit").await;
    let watcher = Watcher::of(world, browser).await;
    let (browser, world) = (&watcher.browser, &watcher.world);
    watcher.sees_the_record("sequence").await;
    browser.signs_in_and_allows().await;
    browser.comes_to(&world.app("/callback/implicit")).await;
    browser.finds("#token:not([hidden])").await;
    watcher.sees_the_record("sequence").await;
    browser.sees_photos().await;
    browser.look("implicit-with-diagram").await;
    watcher.sees_the_record("map").await;
    browser.turn_to(&watcher.watches).await;
    browser.finds(".board.wide .line.fragment").await;
    browser.finds(".board.wide .line.in-browser").await;
    browser.look("diagram-implicit-map").await;
    browser.press("#diagram [data-go='sequence']").await;
    browser.finds(".rows .hop").await;
    // The token is on no arrow that ends at a server but those of the API calls.
    let lit = "const chip = document.querySelector('.rows .leg.fragment').closest('.hop').querySelector('.chip-access-token');
        const value = chip.dataset.value; chip.dispatchEvent(new PointerEvent('pointerover', { bubbles: true }));
        const lit = [...document.querySelectorAll('.chip.is-lit')];
        return lit.length > 3 && lit.every((one) => one.dataset.value === value) && document.querySelectorAll('#exchanges .is-lit .chip').length > 0";
    browser.waits_until(lit).await;
    browser.look("diagram-implicit-sequence").await;
    watcher.browser.leave().await;
}

#[actix_web::test]
async fn password_is_drawn_while_it_runs() {
    let world = World::start().await;
    let browser = world.browser().await;
    browser.chooses(&world, "password").await;
    browser.fill("#username", "alice").await;
    browser.fill("#password", "alice-password").await;
    let watcher = Watcher::of_back_channel(world, browser).await;
    watcher.browser.sees_photos().await;
    watcher.sees_the_record("map").await;
    watcher.browser.press("#call-me").await;
    watcher.browser.sees("Alice Liddell Martin").await;
    watcher.sees_the_record("sequence").await;
    watcher.browser.turn_to(&watcher.watches).await;
    watcher.browser.look("diagram-password-sequence").await;
    watcher.browser.press("#diagram [data-go='map']").await;
    watcher.browser.finds(".board .hop").await;
    watcher.browser.look("diagram-password-map").await;
    watcher.browser.leave().await;
}

#[actix_web::test]
async fn client_credentials_are_drawn_while_they_run_and_two_flows_do_not_mix() {
    let world = World::start().await;
    let browser = world.browser().await;
    browser.chooses(&world, "client-credentials").await;
    let mut watcher = Watcher::of_back_channel(world, browser).await;
    let first_run = watcher.browser.url().await;
    watcher.sees_the_record("sequence").await;
    let first = watcher.watches.clone();

    // A second flow, watched in a third window.
    watcher
        .browser
        .chooses(&watcher.world, "client-credentials")
        .await;
    watcher.browser.press("#run").await;
    watcher.browser.comes_to(&watcher.world.app("/runs/")).await;
    let Watcher { world, browser, .. } = watcher;
    watcher = Watcher::of(world, browser).await;
    for run in [first_run.clone(), watcher.browser.url().await, first_run] {
        watcher.browser.open(&run).await;
        watcher.browser.press("#call-stats").await;
        watcher.browser.finds("#api-answer .status-2xx").await;
    }
    let second = watcher.watches.clone();
    let later = watcher.sees_the_record("map").await;
    watcher.browser.turn_to(&second).await;
    watcher.browser.look("diagram-client-credentials-map").await;
    watcher.browser.turn_to(&watcher.runs).await;
    watcher.watches = first;
    let earlier = watcher.sees_the_record("sequence").await;
    assert!(
        earlier > later,
        "{earlier} and {later}: the first was called twice"
    );
    watcher.browser.turn_to(&watcher.watches).await;
    watcher
        .browser
        .look("diagram-client-credentials-sequence")
        .await;
    watcher.browser.leave().await;
}
