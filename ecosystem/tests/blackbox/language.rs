//! A link that names a language shows its page in it, and changes nothing that the reader has chosen.

use crate::support::{Browser, Request, World};

/// The language of a page, by its `<html lang>`.
async fn language(browser: &mut Browser, url: &str) -> String {
    let page = browser.open(url).await.response.text();
    let (_, rest) = page.split_once("<html lang=\"").expect("a page");
    rest.split('"').next().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_link_shows_its_page_in_the_language_that_it_names() {
    let world = World::new().await;
    let mut browser = Browser::new();
    for path in [
        "/",
        "/lessons/pkce",
        "/flows",
        "/grants/authorization-code",
        "/settings",
    ] {
        let url = world.app(path);
        assert_eq!(language(&mut browser, &url).await, "en", "{path}");
        assert_eq!(
            language(&mut browser, &format!("{url}?lang=zh-CN")).await,
            "zh-CN",
            "{path}"
        );
        assert_eq!(
            language(&mut browser, &url).await,
            "en",
            "{path}: nothing was remembered"
        );
        let other = format!("{url}?lang=%22%3E%3Cscript%3E");
        assert_eq!(language(&mut browser, &other).await, "en", "{path}");
    }
    let shown = Request::get(&world.app("/lessons/pkce?lang=zh-CN"))
        .send()
        .await;
    assert!(
        shown
            .header("set-cookie")
            .is_none_or(|set| !set.contains("lang"))
    );
}

/// Who got a page in the language of a link can keep it, or take another: the switch does not lead back into it.
#[tokio::test]
async fn the_switch_keeps_the_language_of_a_link_or_leaves_it() {
    let world = World::new().await;
    let mut browser = Browser::new();
    let page = browser
        .open(&world.app("/lessons/pkce?lang=zh-CN"))
        .await
        .response
        .text();
    let hrefs: Vec<&str> = page
        .split("href=\"")
        .filter_map(|rest| rest.split('"').next())
        .collect();
    let switch = |tag: &str| {
        let found = hrefs
            .iter()
            .find(|href| href.contains(&format!("/language/{tag}?")));
        (*found.unwrap_or_else(|| panic!("no switch to {tag}: {hrefs:?}"))).to_owned()
    };
    let (keep, leave) = (switch("zh-CN"), switch("en"));
    assert!(
        !keep.contains("lang%3D") && !leave.contains("lang%3D"),
        "{keep} {leave}"
    );
    let root = world.app("");
    let root = root
        .strip_suffix(&world.realm.name().base_path())
        .unwrap_or(&root);
    browser.open(&format!("{root}{keep}")).await;
    assert_eq!(language(&mut browser, &world.app("/flows")).await, "zh-CN");
    browser.open(&format!("{root}{leave}")).await;
    assert_eq!(language(&mut browser, &world.app("/flows")).await, "en");
}

/// What is given to others carries the language of whoever gives it.
#[tokio::test]
async fn shared_links_carry_the_language() {
    let world = World::new().await;
    let mut browser = Browser::new();
    for (path, id) in [
        ("/lessons/pkce", "lesson-link"),
        ("/grants/authorization-code?scope=profile", "settings-link"),
    ] {
        let sign = if path.contains('?') { '&' } else { '?' };
        let page = browser
            .open(&world.app(&format!("{path}{sign}lang=zh-CN")))
            .await;
        let link = page.element(id);
        let link = link
            .attribute("href")
            .expect("a link")
            .replace("&#38;", "&")
            .replace("&amp;", "&");
        assert!(link.ends_with("lang=zh-CN"), "{link}");
        assert_eq!(language(&mut Browser::new(), &link).await, "zh-CN");
    }
    let answer = world
        .send(world.client_credentials(crate::support::SERVICE))
        .await;
    let flow = answer.exchange().await.flow;
    let page = browser
        .open(&world.app(&format!("/flows/{flow}/export?lang=zh-CN")))
        .await;
    let link = page.element("flow-link");
    let link = link.attribute("href").expect("a link");
    assert!(
        link.ends_with(&format!("/flows/{flow}?lang=zh-CN")),
        "{link}"
    );
}
