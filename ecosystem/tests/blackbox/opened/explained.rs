//! Parameters, headers and claims: each has its sentence, and the section that defines it.

use std::collections::BTreeSet;

use super::{contents, four_grants, opened, panel, settled};
use crate::support::{Request, World};

/// Whatever our servers send of the protocol, in a parameter or a token, has its sentence and its section.
#[tokio::test]
async fn every_parameter_and_claim_of_the_protocol_is_explained() {
    const OURS: [&str; 6] = [
        "grantscope_legacy",
        "gid",
        "csrf",
        "interaction",
        "decision",
        "username",
    ];
    let world = World::new().await;
    four_grants(&world).await;
    // RFC 9728 §3.1: inserted before the path.
    let api = world.api("");
    let (origin, path) = api.split_at(api.find("/r/").expect("a realm"));
    let metadata = format!("{origin}/.well-known/oauth-protected-resource{path}");
    world.send(Request::get(&metadata)).await.is(200);
    let mut explained = BTreeSet::new();
    for exchange in settled(&world)
        .await
        .iter()
        .flat_map(|flow| &flow.exchanges)
    {
        let of_protocol = [
            "/token",
            "/authorize",
            "/introspect",
            "/revoke",
            "/userinfo",
            "/jwks",
        ];
        if !of_protocol.contains(&exchange.path.as_str()) && !exchange.path.contains("well-known") {
            continue;
        }
        let page = opened(&world, exchange, "parameters", "en")
            .await
            .response
            .text();
        let mut rows: Vec<(String, String)> = Vec::new();
        for row in panel(&page, "parameters").split("<tr>").skip(2) {
            rows.push((
                contents(row, "<code>", "</code>")[0].clone(),
                row.to_owned(),
            ));
        }
        let claims = page.split("<dl class=\"pairs claims\">").skip(1);
        for claim in
            claims.flat_map(|list| list.split("</dl>").next().unwrap().split("<div>").skip(1))
        {
            rows.push((
                contents(claim, "<code>", "</code>")[0].clone(),
                claim.to_owned(),
            ));
        }
        for (name, row) in rows {
            assert!(!row.contains("Not a parameter of OAuth"), "{name}: {row}");
            let has_sentence = row.matches("<td").count() == 2 || row.contains("sentence");
            assert!(has_sentence, "{name}: {row}");
            assert!(
                row.contains("class=\"rule\"") || OURS.contains(&name.as_str()),
                "{name}: {row}"
            );
            explained.insert(name);
        }
    }
    for name in [
        "jwks_uri",
        "at_hash",
        "email_verified",
        "active",
        "kid",
        "authorization_servers",
        "keys",
    ] {
        assert!(explained.contains(name), "{name}: {explained:?}");
    }
}
