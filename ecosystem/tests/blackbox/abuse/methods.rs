//! Methods that a path does not have: 405, and in `Allow` those that it has, no more and no less — RFC 9110 §15.5.6.

use std::collections::{BTreeMap, BTreeSet};

use super::table::routes;
use crate::support::{Request, World};

/// What is asked of every path, if it does not have it.
const METHODS: [&str; 6] = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH"];

/// Every path of the three services with its methods; `HEAD` is not among them.
fn paths(world: &World) -> BTreeMap<String, BTreeSet<String>> {
    let base = |service| match service {
        "client-app" => world.ecosystem.client_app(),
        "auth-server" => world.ecosystem.auth_server(),
        _ => world.ecosystem.resource_server(),
    };
    let mut all: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for route in routes() {
        let url = format!("{}{}", base(route.service), route.concrete());
        all.entry(url).or_default().insert(route.method);
    }
    // What anybody may read; mounted by the services' foundation.
    for service in ["client-app", "auth-server", "resource-server"] {
        for path in ["/vitals", "/metrics"] {
            let url = format!("{}{path}", base(service));
            all.entry(url).or_default().insert("GET".to_owned());
        }
    }
    all
}

/// What `Allow` says where `method` is refused; nothing where it is not.
async fn refused(url: &str, method: &str) -> Option<BTreeSet<String>> {
    let answer = Request::new(method, url).send().await;
    let allow = answer.header("allow").filter(|_| answer.status == 405)?;
    let allow = allow.split(", ").map(str::to_owned);
    Some(allow.collect())
}

#[tokio::test]
async fn every_path_tells_who_sends_a_method_that_it_has_not_which_it_has() {
    let world = World::new().await;
    let mut wrong = Vec::new();
    for (url, methods) in paths(&world) {
        let Some(said) = refused(&url, "PATCH").await else {
            wrong.push(format!("PATCH {url}: not refused by 405 with Allow"));
            continue;
        };
        let mut expected = methods.clone();
        let by_head = refused(&url, "HEAD").await;
        if by_head.is_none() {
            expected.insert("HEAD".to_owned());
        }
        if said != expected {
            wrong.push(format!("{url}: Allow has {said:?}, and is {expected:?}"));
        }
        for method in METHODS {
            if !expected.contains(method) && refused(&url, method).await.as_ref() != Some(&said) {
                wrong.push(format!("{method} {url}: not refused as PATCH is"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
