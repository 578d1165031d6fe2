//! What needs no token: metadata, health and the front page.

use shared::observe::HttpRequest;

use crate::support::World;

#[tokio::test]
async fn the_metadata_names_the_resource_and_its_issuer() {
    let world = World::start().await;
    for realm in ["", "/r/blue"] {
        let path = format!("/.well-known/oauth-protected-resource{realm}");
        let metadata = world.send(HttpRequest::get(path)).await.ok().json();
        assert_eq!(metadata["resource"], format!("{}{realm}", world.api));
        let issuer = format!("{}{realm}", world.issuer.url);
        assert_eq!(metadata["authorization_servers"][0], issuer);
        assert_eq!(metadata["bearer_methods_supported"][0], "header");
    }
}

#[tokio::test]
async fn the_front_page_speaks_both_languages() {
    let world = World::start().await;
    for (language, title) in [
        ("en", "The provider&#39;s photo API"),
        ("zh-CN", "提供方的照片 API"),
    ] {
        let request = HttpRequest::get("/").header("accept-language", language);
        let page = world.send(request.header("accept", "text/html")).await.ok();
        assert!(page.text().contains(title), "{}", page.text());
        assert!(page.text().contains("photos:write"));
        assert!(
            !page.text().contains("endpoint-rs-"),
            "no key is left untranslated"
        );
    }
    let specimen = world.send(HttpRequest::get("/themes/cat.svg")).await.ok();
    assert_eq!(specimen.header("content-type"), "image/svg+xml");
    assert_eq!(
        world
            .send(HttpRequest::get("/themes/dog.svg"))
            .await
            .status(),
        404
    );
}

#[tokio::test]
async fn the_client_app_may_ask_from_the_browser() {
    let world = World::start().await;
    for path in ["/healthz", "/readyz", "/photos", "/nothing"] {
        let request = HttpRequest::get(path).header("origin", "http://localhost:8080");
        let answer = world.send(request).await;
        assert_eq!(
            answer.header("access-control-allow-origin"),
            "http://localhost:8080",
            "{path}"
        );
        assert!(
            answer
                .header("access-control-expose-headers")
                .contains("www-authenticate")
        );
        assert_eq!(
            answer.header("cross-origin-resource-policy"),
            "cross-origin"
        );
    }
    let rebound = HttpRequest::get("/photos").header("host", "attacker.example");
    assert_eq!(world.send(rebound).await.status(), 421);
}
