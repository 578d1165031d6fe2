//! Parameters, headers and claims: each has its sentence, and the section that defines it.

use std::collections::BTreeSet;

use super::{contents, four_grants, opened, panel, settled};
use crate::support::{Request, World};

/// The endpoints that speak the protocol, besides the documents under `/.well-known`.
const OF_PROTOCOL: [&str; 6] = [
    "/token",
    "/authorize",
    "/introspect",
    "/revoke",
    "/userinfo",
    "/jwks",
];
/// Names that no standard defines there: Grantscope's own, and what its pages ask for.
const OURS: [&str; 6] = [
    "grantscope_legacy",
    "gid",
    "csrf",
    "interaction",
    "decision",
    "username",
];

/// The parameters and the claims of a page, each with the row that tells of it.
fn rows(page: &str) -> Vec<(String, String)> {
    let parameters = panel(page, "parameters").split("<tr>").skip(2);
    let claims = page.split("<dl class=\"pairs claims\">").skip(1);
    let claims = claims.map(|list| list.split("</dl>").next().unwrap());
    let claims = claims.flat_map(|list| list.split("<div>").skip(1));
    let rows = parameters.chain(claims);
    rows.map(|row| {
        let name = contents(row, "<code>", "</code>").remove(0);
        (name, row.to_owned())
    })
    .collect()
}

/// Whatever our servers send of the protocol, in a parameter or a token, has its sentence and its section.
#[tokio::test]
async fn every_parameter_and_claim_of_the_protocol_is_explained() {
    let world = World::new().await;
    four_grants(&world).await;
    // RFC 9728 §3.1: inserted before the path.
    let api = world.api("");
    let (origin, path) = api.split_at(api.find("/r/").expect("a realm"));
    let metadata = format!("{origin}/.well-known/oauth-protected-resource{path}");
    world.send(Request::get(&metadata)).await.is(200);
    let mut explained = BTreeSet::new();
    let flows = settled(&world).await;
    for exchange in flows.iter().flat_map(|flow| &flow.exchanges) {
        let path = exchange.path.as_str();
        if !OF_PROTOCOL.contains(&path) && !path.contains("well-known") {
            continue;
        }
        let answer = opened(&world, exchange, "parameters", "en").await;
        for (name, row) in rows(&answer.response.text()) {
            assert!(!row.contains("Not a parameter of OAuth"), "{name}: {row}");
            let is_claim = !row.contains("<td");
            assert!(!is_claim || row.contains("sentence"), "{name}: {row}");
            let has_rule = row.contains("class=\"rule\"");
            assert!(has_rule || OURS.contains(&name.as_str()), "{name}: {row}");
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
