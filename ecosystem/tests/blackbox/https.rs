//! HTTPS: all three services by a certificate authority of this machine, or by given certificates.
//!
//! May use the harness, and `openssl`-free rustls for the handshakes.

use std::sync::Arc;

use ecosystem::{Ecosystem, Https};

use crate::support::{ALICE, Browser, Request, World, plain, tls};

/// An ecosystem by HTTPS, whose authority the raw client trusts.
pub(crate) async fn by_https() -> World {
    let started = Ecosystem::builder().tls(Https::Ephemeral).start().await;
    let ecosystem = started.unwrap_or_else(|error| panic!("{error}"));
    tls::trust(&ecosystem.authority().expect("an authority").certificate);
    World::at_root(Arc::new(ecosystem))
}

#[tokio::test]
async fn a_whole_flow_runs_by_https_alone() {
    let world = by_https().await;
    assert!(world.realm.issuer().starts_with("https://localhost:"));
    let mut browser = Browser::new();
    let page = browser.open(&world.app("/grants/authorization-code")).await;
    let login = browser.press(&page, "run", &[]).await;
    let fields = [("username", ALICE.username), ("password", ALICE.password)];
    let consent = browser.press(&login, "login-submit", &fields).await;
    let done = browser.press(&consent, "consent-allow", &[]).await;
    assert_eq!(done.response.status, 200);
    assert!(
        plain(&done.response.text()).contains("Alice"),
        "{}",
        plain(&done.response.text())
    );
    for hop in [&login, &consent, &done]
        .into_iter()
        .flat_map(|page| &page.hops)
    {
        assert_eq!(hop.url.scheme(), "https", "{}", hop.url);
        for (name, value) in &hop.headers {
            if name == "set-cookie" {
                assert!(value.contains("; Secure"), "{value}");
            }
            if name == "location" {
                assert!(!value.starts_with("http://"), "{value}");
            }
        }
    }
    let flows = world.realm.flows().await.unwrap();
    assert_eq!(flows.len(), 1, "{flows:?}");
}

#[tokio::test]
async fn the_doctor_says_what_is_believed_of_the_certificates() {
    let world = by_https().await;
    let answer = world.send(Request::get(&world.app("/api/doctor"))).await;
    let report = answer.is(200).json();
    let findings = report["findings"].as_array().unwrap();
    let certificates: Vec<_> = findings
        .iter()
        .filter(|one| one["id"] == "certificate")
        .collect();
    assert_eq!(certificates.len(), 2, "{report:#}");
    for finding in certificates {
        assert_eq!(finding["level"], "ok", "{finding:#}");
    }
    assert_eq!(report["status"], "ok", "{report:#}");
}

#[tokio::test]
async fn metadata_names_https_addresses_alone() {
    let world = by_https().await;
    for path in [
        "/.well-known/openid-configuration",
        "/.well-known/oauth-authorization-server",
    ] {
        let answer = Request::get(&world.auth(path)).send().await;
        assert_eq!(answer.status, 200);
        assert!(!answer.text().contains("http://"), "{}", answer.text());
    }
}

/// RFC 6797 §8.2, §8.3: what a browser learns of a host holds for each of its ports, and on localhost somebody else has
/// the others.
#[tokio::test]
async fn no_browser_is_told_to_come_to_this_machine_by_https_alone() {
    let world = by_https().await;
    for url in [
        world.auth("/"),
        world.auth("/jwks"),
        world.auth("/nowhere"),
        world.app("/"),
        world.api("/photos"),
    ] {
        let answer = Request::get(&url).send().await;
        assert_eq!(answer.header("strict-transport-security"), None, "{url}");
        let told = answer.header("x-content-type-options");
        assert_eq!(told, Some("nosniff"), "{url}");
    }
}

#[tokio::test]
async fn a_client_that_does_not_know_the_authority_gets_no_connection() {
    let started = Ecosystem::builder().tls(Https::Ephemeral).start().await;
    let ecosystem = started.unwrap_or_else(|error| panic!("{error}"));
    let url = url::Url::parse(ecosystem.auth_server()).unwrap();
    let refused = tls::try_connect(&url).await;
    assert!(refused.is_err(), "an unknown authority was trusted");
}

/// RFC 9325 §4.2, FAPI 2.0 Security Profile §5.2.2: TLS 1.2 by the four suites that are recommended, and no others.
#[tokio::test]
async fn tls_1_2_is_spoken_by_recommended_suites_alone() {
    let world = by_https().await;
    let url = url::Url::parse(&world.auth("/")).unwrap();
    let tls12 = |recommended: bool| {
        move |suite: &rustls::SupportedCipherSuite| {
            let name = format!("{:?}", suite.suite());
            suite.tls13().is_none() && name.contains("_AES_") == recommended
        }
    };
    assert!(tls::offering(&url, tls12(true)).await.is_ok());
    assert!(tls::offering(&url, tls12(false)).await.is_err());
    let tls13 = |suite: &rustls::SupportedCipherSuite| suite.tls13().is_some();
    assert!(tls::offering(&url, tls13).await.is_ok());
}

#[tokio::test]
async fn given_certificates_are_served_and_two_that_do_not_match_stop_the_start() {
    let kept = tempfile::tempdir().unwrap();
    let files = kept.path();
    let own = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let other = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    std::fs::write(files.join("cert.pem"), own.cert.pem()).unwrap();
    std::fs::write(files.join("key.pem"), own.signing_key.serialize_pem()).unwrap();
    std::fs::write(files.join("other.pem"), other.signing_key.serialize_pem()).unwrap();
    let given = |key: &str| Https::Given {
        certificate: files.join("cert.pem"),
        key: files.join(key),
    };
    let ecosystem = Ecosystem::builder().tls(given("key.pem")).start().await;
    let ecosystem = ecosystem.unwrap_or_else(|error| panic!("{error}"));
    tls::trust(&own.cert.pem());
    let world = World::at_root(Arc::new(ecosystem));
    let answer = Request::get(&world.auth("/healthz")).send().await;
    assert_eq!(answer.status, 200);
    let refused = Ecosystem::builder().tls(given("other.pem")).start().await;
    let why = refused.map(drop).unwrap_err().to_string();
    assert!(why.contains("certificate"), "{why}");
}
