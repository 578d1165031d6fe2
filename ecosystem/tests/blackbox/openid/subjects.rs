//! Subjects: one for all clients, or one for each sector — OpenID Connect Core §8.

use shared::seed::{ClientSeed, SubjectType};

use super::{Answered, Signed};
use crate::support::{ALICE, BOB, Browser, Client, Person, Request, Tokens, WEB, World};

const ONE: Client = Client {
    id: "one",
    secret: Some("one-secret"),
    callback: "/callback",
};
const TWO: Client = Client {
    id: "two",
    secret: Some("two-secret"),
    callback: "/callback",
};
const ELSEWHERE: Client = Client {
    id: "elsewhere",
    secret: Some("elsewhere-secret"),
    callback: "/callback",
};

/// Two clients of one sector, and one whose sector is another.
async fn world() -> World {
    World::with(|mut seed| {
        for client in [ONE, TWO, ELSEWHERE] {
            let mut made = ClientSeed::confidential(
                client.id,
                client.secret.unwrap(),
                "{client_app}/callback",
            )
            .with_scopes(&["openid", "profile", "photos:read"]);
            made.metadata.subject_type = Some(SubjectType::Pairwise);
            if client.id == ELSEWHERE.id {
                let sector = "https://elsewhere.example/redirect_uris.json";
                made.metadata.sector_identifier_uri = Some(sector.to_owned());
            }
            seed = seed.with_client(made);
        }
        seed
    })
    .await
}

async fn tokens(world: &World, person: Person, client: Client) -> (Tokens, String) {
    let code = world
        .code_of(person, client, "openid profile photos:read")
        .await;
    let tokens = world.send(world.redeem(&code)).await.tokens();
    let id_token = tokens.body["id_token"].as_str().unwrap();
    let sub = Signed::verify(world, id_token).await.claims["sub"].clone();
    (tokens, sub.as_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_sector_knows_a_person_by_one_subject_that_no_other_knows() {
    let world = world().await;
    let (_, one) = tokens(&world, ALICE, ONE).await;
    let (_, two) = tokens(&world, ALICE, TWO).await;
    let (_, elsewhere) = tokens(&world, ALICE, ELSEWHERE).await;
    let (_, public) = tokens(&world, ALICE, WEB).await;
    let (_, bob) = tokens(&world, BOB, ONE).await;
    assert_eq!(one, two, "one host, one sector");
    assert_eq!(public, "alice-0001");
    for other in [&elsewhere, &public, &bob] {
        assert_ne!(&one, other);
    }
    let (_, again) = tokens(&world, ALICE, ONE).await;
    assert_eq!(one, again, "and it stays the same");
}

#[tokio::test]
async fn the_client_meets_its_own_subject_everywhere_and_the_resource_server_the_person() {
    let world = world().await;
    let (tokens, sub) = tokens(&world, ALICE, ONE).await;
    let request = Request::get(&world.auth("/userinfo")).bearer(&tokens.access);
    let told = world.send(request).await.is(200).json();
    assert_eq!(told["sub"], *sub, "UserInfo");
    for token in [&tokens.access, &tokens.refresh] {
        let said = world.send(world.introspect_as(ONE, token)).await.json();
        assert_eq!(said["active"], true);
        assert_eq!(said["sub"], *sub, "introspection for the client");
        assert_eq!(said.get("username"), None, "which names nobody");
    }
    assert!(!tokens.access.contains('.'), "no JWT, which would tell");
    let everything = format!("{} {told}", tokens.body);
    assert!(!everything.contains("alice-0001"), "{everything}");
    // The API must know whose photos are asked for.
    assert_eq!(
        world.introspection(&tokens.access).await["sub"],
        "alice-0001"
    );
    let photos = Request::get(&world.api("/photos")).bearer(&tokens.access);
    let photos = world.send(photos).await.is(200).json();
    assert!(photos.to_string().contains("ridge"), "alice's: {photos}");
    let renewed = world
        .send(world.refresh(ONE, &tokens.refresh))
        .await
        .tokens();
    let id_token = renewed.body["id_token"].as_str().unwrap();
    let renewed = Signed::verify(&world, id_token).await;
    assert_eq!(renewed.claims["sub"], *sub, "and after a refresh");
}

#[tokio::test]
async fn a_hint_names_the_person_as_the_client_knows_them() {
    let world = world().await;
    let mut browser = Browser::new();
    let authorization = world.authorize(ONE, "openid");
    let page = world.agree_in(&mut browser, ALICE, &authorization).await;
    let code = crate::support::Code {
        client: ONE,
        value: Answered::of(&page).get("code").unwrap().to_owned(),
        redirect_uri: world.callback(ONE),
        verifier: crate::support::VERIFIER,
    };
    let tokens = world.send(world.redeem(&code)).await.tokens();
    let hint = tokens.body["id_token"].as_str().unwrap();
    let silent = authorization
        .with("prompt", "none")
        .with("id_token_hint", hint);
    let page = browser.look(&silent.url()).await;
    assert!(Answered::of(&page).get("code").is_some());
    let mut of_bob = Browser::new();
    world
        .agree_in(&mut of_bob, BOB, &world.authorize(ONE, "openid"))
        .await;
    let page = of_bob.look(&silent.url()).await;
    assert_eq!(Answered::of(&page).get("error"), Some("login_required"));
}

#[tokio::test]
async fn metadata_names_both_kinds() {
    let world = World::new().await;
    let url = world.auth("/.well-known/openid-configuration");
    let metadata = world.send(Request::get(&url)).await.is(200).json();
    let types = serde_json::json!(["public", "pairwise"]);
    assert_eq!(metadata["subject_types_supported"], types);
}
