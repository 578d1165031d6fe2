//! For which APIs a token is had in exchange for another — RFC 8707 §2.2, RFC 8693 §2.2.2.

use serde_json::json;
use shared::seed::RealmSeed;

use crate::dpop::claims;
use crate::support::{ALICE, VERIFIER, WEB, World, code_in};
use crate::token_exchange::{LAB, client, delegation, own_token, token};

/// Another API of the realm.
const ARCHIVE: &str = "https://archive.example/api";

/// The demo, whose tokens can be meant for [`ARCHIVE`] too, for which the laboratory may exchange them.
fn with_archive(mut seed: RealmSeed) -> RealmSeed {
    seed.resources = vec![ARCHIVE.to_owned()];
    for rule in &mut client(&mut seed, "print-lab").policy.token_exchange {
        rule.audiences.push(ARCHIVE.to_owned());
    }
    seed
}

/// The shop's token, once alice was asked for these APIs.
async fn granted_for(world: &World, resources: &[&str]) -> String {
    let asking = world.authorize(WEB, "openid photos:read");
    let asking = resources
        .iter()
        .fold(asking, |asking, one| asking.adding("resource", one));
    let code = code_in(&world.agree(ALICE, &asking).await);
    let redeem = world.token(&[
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", &world.callback(WEB)),
        ("code_verifier", VERIFIER),
    ]);
    let answer = world.send(World::signed(WEB, redeem)).await;
    answer.tokens().access
}

#[tokio::test]
async fn what_was_granted_for_one_api_is_exchanged_for_no_other() {
    let world = World::with(with_archive).await;
    let api = world.api("");
    for (granted, asked, held) in [
        // Nobody was asked for any in particular: the rule alone decides.
        (&[][..], Some(ARCHIVE), true),
        (&[], Some(&*api), true),
        (&[], None, true),
        (&[ARCHIVE], Some(ARCHIVE), true),
        (&[ARCHIVE], Some(&*api), false),
        // What is meant where nothing is said is the realm's own API.
        (&[ARCHIVE], None, false),
        (&[&*api], Some(ARCHIVE), false),
        (&[&*api], None, true),
        (&[ARCHIVE, &*api], Some(&*api), true),
    ] {
        let subject = granted_for(&world, granted).await;
        for named in ["audience", "resource"] {
            let request = delegation(&world, LAB, &subject).await;
            let request = asked.iter().fold(request, |all, one| all.with(named, one));
            let answer = world.send(request).await;
            if held {
                let (exchanged, _) = token(&answer);
                assert_eq!(claims(&exchanged)["aud"], json!(asked.unwrap_or(&api)));
                answer.passed_check("exchange.resource_granted").await;
            } else {
                answer.is_refused(400, "invalid_target").no_store();
                answer.failed_check("exchange.resource_granted").await;
            }
        }
    }
}

#[tokio::test]
async fn a_machines_token_for_one_api_is_exchanged_for_no_other() {
    let world = World::with(|seed| {
        let mut seed = with_archive(seed);
        for rule in &mut client(&mut seed, "print-lab").policy.token_exchange {
            rule.subject_clients.push("print-lab".to_owned());
        }
        seed
    })
    .await;
    let own = world.client_credentials(LAB).with("resource", ARCHIVE);
    let own = world.send(own).await.tokens().access;
    let request = || delegation(&world, LAB, &own);
    let answer = world.send(request().await).await;
    answer.is_refused(400, "invalid_target");
    answer.failed_check("exchange.resource_granted").await;
    let within = world.send(request().await.with("audience", ARCHIVE)).await;
    token(&within);
    let plain = own_token(&world, LAB).await;
    let request = delegation(&world, LAB, &plain).await;
    token(&world.send(request.with("audience", ARCHIVE)).await);
}

#[tokio::test]
async fn a_rule_that_says_so_reaches_beyond_what_was_granted() {
    let world = World::with(|seed| {
        let mut seed = with_archive(seed);
        for rule in &mut client(&mut seed, "print-lab").policy.token_exchange {
            rule.beyond_granted_resources = true;
        }
        seed
    })
    .await;
    let subject = granted_for(&world, &[ARCHIVE]).await;
    let answer = world.send(delegation(&world, LAB, &subject).await).await;
    let (exchanged, _) = token(&answer);
    assert_eq!(claims(&exchanged)["aud"], json!(world.api("")));
    answer.passed_check("exchange.resource_granted").await;
    // Beyond the rule itself nothing reaches.
    let request = delegation(&world, LAB, &subject).await;
    let other = world
        .send(request.with("audience", "https://other.example"))
        .await;
    other.is_refused(400, "invalid_target");
    other.failed_check("exchange.target").await;
}
