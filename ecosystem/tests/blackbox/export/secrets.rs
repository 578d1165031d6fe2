//! No file of a flow holds a secret, however it may be written, unless values were asked for.

use ecosystem::record::FlowView;

use super::{CODE, IMPLICIT, MACHINE, PASSWORD, REFRESH, file, run, run_implicit, settled};
use crate::support::{Request, World};

/// Everything in a flow that must not leave: what the record holds in plain text under these names, the cast's
/// credentials, and the parts of tokens.
fn secrets_of(flow: &FlowView) -> Vec<String> {
    let hidden = [
        "password",
        "client_secret",
        "code",
        "code_verifier",
        "code_challenge",
        "access_token",
        "refresh_token",
        "id_token",
        "token",
        "state",
        "nonce",
        "interaction",
    ];
    let mut secrets = vec!["alice-password".to_owned(), "alice@example.com".to_owned()];
    for exchange in &flow.exchanges {
        for parameter in &exchange.parameters {
            if hidden.contains(&parameter.name.as_str()) && parameter.value.len() > 5 {
                secrets.push(parameter.value.clone());
                let parts = parameter.value.split('.').map(str::to_owned);
                secrets.extend(parts.filter(|part| part.len() > 20));
            }
        }
        for header in &exchange.request.headers {
            if header.name == "authorization" {
                secrets.extend(header.value.split(' ').skip(1).map(str::to_owned));
            }
        }
        let path = exchange.url.split('?').next().unwrap();
        let run = path.split_once("/runs/").map(|(_, rest)| rest);
        secrets.extend(run.map(|rest| rest.split('/').next().unwrap().to_owned()));
    }
    secrets.sort();
    secrets.dedup();
    secrets
}

/// A text as it may be written elsewhere.
fn ways_of(secret: &str) -> Vec<String> {
    use base64::Engine;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
    let form: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let quoted = serde_json::Value::from(secret).to_string();
    vec![
        secret.to_owned(),
        form,
        quoted.trim_matches('"').to_owned(),
        STANDARD.encode(secret).trim_end_matches('=').to_owned(),
        URL_SAFE_NO_PAD.encode(secret),
    ]
}

#[tokio::test]
async fn no_file_holds_a_secret_unless_it_is_asked_to() {
    for ran in [CODE, REFRESH, MACHINE, PASSWORD, IMPLICIT] {
        let world = World::new().await;
        let flow = match ran.grant {
            "implicit" => run_implicit(&world).await,
            _ => run(&world, ran).await,
        };
        let secrets = secrets_of(&flow);
        assert!(secrets.len() > 2, "{secrets:?}");
        for format in [
            "sh",
            "har",
            "md",
            "mmd",
            "svg",
            "svg?view=sequence&theme=dark",
        ] {
            let text = file(&world, &flow, format).await;
            assert!(text.len() > 200, "{text}");
            for secret in &secrets {
                for way in ways_of(secret) {
                    assert!(
                        !text.contains(&way),
                        "{}.{format}: {way}\n{text}",
                        ran.grant
                    );
                }
            }
        }
        let page = Request::get(&world.app(&format!("/flows/{}/export", flow.summary.id)));
        let page = page.send().await.text();
        assert!(
            secrets.iter().all(|secret| !page.contains(secret)),
            "{page}"
        );
        let shown = file(&world, &flow, "har?values=shown").await;
        let secret = secrets.iter().filter(|secret| shown.contains(*secret));
        assert!(secret.count() > 0, "the test looks for what is there");
    }
}

#[tokio::test]
async fn a_redacted_file_says_which_parameter_was_repeated() {
    let world = World::new().await;
    let callback = world.app("/callback");
    let query = crate::support::encode(&[
        ("response_type", "code"),
        ("client_id", "web"),
        ("redirect_uri", &callback),
        ("scope", "photos:read"),
        ("scope", "openid"),
    ]);
    let url = world.auth(&format!("/authorize?{query}"));
    Request::get(&url).send().await;
    let flow = settled(&world).await;
    let har = file(&world, &flow, "har").await;
    let har: serde_json::Value = serde_json::from_str(&har).unwrap();
    let checks = har["log"]["entries"][0]["_checks"].as_array().unwrap();
    let check = checks
        .iter()
        .find(|check| check["id"] == "request.no_repeats");
    let check = check.unwrap_or_else(|| panic!("{checks:#?}"));
    assert_eq!(check["outcome"], "failed");
    assert_eq!(check["expected"], "each parameter once");
    assert_eq!(check["got"], "scope more than once");
}
