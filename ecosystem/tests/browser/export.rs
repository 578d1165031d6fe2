//! Taking a flow away: the page, the pictures that this browser draws as PNG, and the link that carries settings.

use serde_json::json;

use super::support::{Browser, World};

/// Keeps what the page would download, in place of a dialogue of the browser's.
const KEEP: &str = "URL.createObjectURL = (blob) => { window.kept = blob; return '#'; };
    HTMLAnchorElement.prototype.click = function () { window.named = this.download; };";

/// Reads the picture that was kept: its first bytes, its size, and how many colours it has.
const READ: &str = "if (!window.kept) return false;
    if (!window.read) { window.read = true; (async () => {
        const bytes = new Uint8Array(await window.kept.arrayBuffer());
        const picture = await createImageBitmap(window.kept);
        const canvas = new OffscreenCanvas(picture.width, picture.height).getContext('2d');
        canvas.drawImage(picture, 0, 0);
        const { data } = canvas.getImageData(0, 0, picture.width, Math.min(picture.height, 600));
        const colours = new Set(new Uint32Array(data.buffer));
        window.told = { first: [...bytes.slice(0, 8)], width: picture.width, height: picture.height, colours: colours.size };
    })(); }
    return window.told !== undefined;";

/// A code flow with its call of the API, and its page of exports.
async fn at_exports(world: &World, browser: &Browser) -> String {
    browser.chooses(world, "authorization-code").await;
    browser.press("#run").await;
    browser.signs_in_and_allows().await;
    browser.comes_to(&world.app("/runs/")).await;
    browser.sees_photos().await;
    let flow = world.newest_flow().await;
    let id = flow["id"].as_str().expect("an id");
    let page = world.app(&format!("/flows/{id}/export"));
    browser.open(&page).await;
    page
}

#[actix_web::test]
async fn a_flow_is_taken_away() {
    let world = World::start().await;
    let browser = world.browser().await;
    let page = at_exports(&world, &browser).await;
    browser.press("#file-mmd summary").await;
    let preview = browser.reads("#file-mmd pre").await;
    assert!(
        preview.contains("sequenceDiagram") && !preview.contains("web-secret"),
        "{preview}"
    );
    browser.look("export").await;

    for (at, theme) in ["light", "dark"].into_iter().enumerate() {
        browser.script(KEEP, Vec::new()).await;
        browser
            .script(
                "window.kept = window.read = window.told = undefined",
                Vec::new(),
            )
            .await;
        let press = "document.querySelectorAll('[data-png]')[arguments[0]].click()";
        browser.script(press, vec![json!(at)]).await;
        browser.waits_until(READ).await;
        let told = browser.script("return window.told", Vec::new()).await;
        assert_eq!(
            told["first"],
            json!([137, 80, 78, 71, 13, 10, 26, 10]),
            "{theme}: {told}"
        );
        assert!(
            told["width"].as_u64() >= Some(1600) && told["height"].as_u64() >= Some(400),
            "{told}"
        );
        assert!(
            told["colours"].as_u64() > Some(20),
            "the picture is drawn: {told}"
        );
        let named = browser.script("return window.named", Vec::new()).await;
        let named = named.as_str().expect("a name").to_owned();
        assert!(
            named.starts_with("grantscope-authorization-code-")
                && named.split('.').next_back() == Some("png"),
            "{named}"
        );
    }

    browser.open(&page).await;
    browser.press("#values-shown").await;
    browser.press("#file-sh summary").await;
    let script = browser.reads("#file-sh pre").await;
    assert!(script.contains("CLIENT_SECRET='web-secret'"), "{script}");
    browser.look("export-with-values").await;
    browser.leave().await;
}

#[actix_web::test]
async fn a_link_carries_settings_and_nothing_else() {
    let world = World::start().await;
    let browser = world.browser().await;
    browser.open(&world.app("/grants/password")).await;
    browser.fill("#password", "alice-password").await;
    browser.press("input[name='scope.photos:read']").await;
    let link = browser
        .script(
            "return document.querySelector('#settings-link').href",
            Vec::new(),
        )
        .await;
    let link = link.as_str().expect("an address").to_owned();
    assert!(!link.contains("alice") && !link.contains("csrf"), "{link}");
    browser.open(&link).await;
    let ticked =
        "return [...document.querySelectorAll('#run-form input:checked')].map(box => box.name)";
    let ticked = browser.script(ticked, Vec::new()).await;
    assert_eq!(ticked, json!(["scope.profile", "scope.offline_access"]));
    browser.look("grant-with-settings").await;
    browser.leave().await;
}
