//! The API itself: what people keep, each for themselves.

use shared::observe::HttpRequest;

use crate::support::World;

fn delete(path: &str, token: &str) -> HttpRequest {
    HttpRequest {
        method: "DELETE".to_owned(),
        ..HttpRequest::get(path).bearer(token)
    }
}

#[tokio::test]
async fn me_tells_the_address_only_with_its_scope() {
    let world = World::start().await;
    let all = world
        .get("/me", &world.issuer.sign(&world.alice()))
        .await
        .ok();
    assert_eq!(all.json()["name"], "Alice Liddell Martin");
    assert_eq!(all.json()["email"], "alice@example.com");
    let profile = world.claims("alice-0001", "web", "profile");
    let some = world.get("/me", &world.issuer.sign(&profile)).await.ok();
    assert_eq!(some.json()["sub"], "alice-0001");
    assert!(some.json().get("email").is_none() && some.json().get("email_verified").is_none());
    let picture = format!("{}/me/picture.svg", world.api);
    assert_eq!(some.json()["picture"], picture);
    let portrait = world
        .get("/me/picture.svg", &world.issuer.sign(&profile))
        .await;
    assert!(portrait.ok().text().starts_with("<svg "));
}

#[tokio::test]
async fn a_photo_is_added_seen_and_deleted() {
    let world = World::start().await;
    let token = world.issuer.sign(&world.alice());
    let body = r#"{"caption": "Tea & <cake>", "theme": "balloon", "hue": 40}"#;
    let added = world.post_photo(&token, body).await;
    assert_eq!(added.status(), 201, "{}", added.text());
    let id = added.json()["id"].as_str().unwrap().to_owned();
    let path = format!("/photos/{id}");
    assert_eq!(added.header("location"), format!("{}{path}", world.api));

    let photos = world.get("/photos", &token).await.ok().json();
    assert_eq!(photos["photos"].as_array().unwrap().len(), 5);
    assert_eq!(photos["photos"][0]["id"], id, "the newest is the first");
    assert_eq!(
        world.get(&path, &token).await.ok().json()["theme"],
        "balloon"
    );
    let picture = world.get(&format!("{path}/picture.svg"), &token).await.ok();
    assert_eq!(picture.header("content-type"), "image/svg+xml");
    assert_eq!(
        picture.header("content-security-policy"),
        "default-src 'none'; sandbox"
    );
    assert!(
        picture
            .text()
            .contains("<title>Tea &amp; &lt;cake&gt;</title>")
    );

    assert_eq!(world.send(delete(&path, &token)).await.status(), 204);
    let gone = world.get(&path, &token).await;
    assert_eq!(
        (gone.status(), gone.json()["error"].as_str()),
        (404, Some("not_found"))
    );
}

#[tokio::test]
async fn deleting_asks_for_a_recent_sign_in() {
    let world = World::start().await;
    let mut unsaid = world.alice();
    unsaid.0.remove("auth_time");
    let long_ago = world.alice().with("auth_time", 1_000_000_000);
    let otherwise = world.alice().with("acr", "0");
    for claims in [unsaid, long_ago, otherwise] {
        let token = world.issuer.sign(&claims);
        let answer = world.send(delete("/photos/alice-1", &token)).await;
        assert_eq!(answer.status(), 401);
        let challenge = answer.header("www-authenticate").to_owned();
        assert!(
            challenge.contains("insufficient_user_authentication"),
            "{challenge}"
        );
        world.get("/photos/alice-1", &token).await.ok();
    }
}

#[tokio::test]
async fn another_persons_photo_does_not_exist() {
    let world = World::start().await;
    let bob = world.claims("bob-0002", "web", "photos:read photos:write");
    let bob = world.issuer.sign(&bob);
    for request in [
        HttpRequest::get("/photos/alice-1").bearer(&bob),
        HttpRequest::get("/photos/alice-1/picture.svg").bearer(&bob),
        delete("/photos/alice-1", &bob),
    ] {
        let answer = world.send(request).await;
        assert_eq!(answer.status(), 404);
        assert_eq!(answer.failed_checks().await, ["photo.found"]);
    }
    let alice = world.issuer.sign(&world.alice());
    world.get("/photos/alice-1", &alice).await.ok();
}

#[tokio::test]
async fn what_cannot_be_kept_is_refused_by_name() {
    let world = World::start().await;
    let token = world.issuer.sign(&world.alice());
    let long = format!(r#"{{"caption": "{}", "theme": "cat"}}"#, "x".repeat(5000));
    for (body, status, error, check) in [
        ("{", 400, "invalid_json", "photo.json"),
        ("{}", 422, "invalid_photo", "photo.valid"),
        (long.as_str(), 413, "too_large", "request.size"),
    ] {
        let answer = world.post_photo(&token, body).await;
        assert_eq!(answer.status(), status, "{}", answer.text());
        assert_eq!(answer.json()["error"], error);
        assert_eq!(answer.failed_checks().await, [check]);
    }
    let fields = world.post_photo(&token, "{}").await.json();
    assert!(
        fields["fields"]["theme"]
            .as_str()
            .unwrap()
            .contains("mountain")
    );
    let form = HttpRequest::post_form("/photos", &[("caption", "x")]).bearer(&token);
    assert_eq!(world.send(form).await.status(), 415);
    let put = HttpRequest {
        method: "PUT".to_owned(),
        ..HttpRequest::get("/photos").bearer(&token)
    };
    let answer = world.send(put).await;
    assert_eq!(
        (answer.status(), answer.header("allow")),
        (405, "GET, HEAD, POST")
    );
}
