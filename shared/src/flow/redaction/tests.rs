//! What is shown, what is hidden, and that nothing of a corpus of secrets comes through anywhere.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::*;
use crate::flow::Outcome;

const SECRET: &str = "s3cr3t/+=&\"é value";

fn naming() -> Redaction {
    Redaction::naming([
        ("SplxlOBeZQQYbYS6WxSbIA".to_owned(), "‹code 1›".to_owned()),
        (SECRET.to_owned(), "‹password 1›".to_owned()),
    ])
}

#[test]
fn a_url_keeps_the_names_of_its_parameters() {
    let url = "http://localhost:8080/callback?code=SplxlOBeZQQYbYS6WxSbIA&state=xyz&iss=http%3A%2F%2Flocalhost%3A9000&new=1";
    assert_eq!(
        naming().url(url),
        "http://localhost:8080/callback?code=‹code 1›&state=‹hidden›&iss=http%3A%2F%2Flocalhost%3A9000&new=‹hidden›"
    );
}

#[test]
fn a_handle_in_a_path_is_hidden_and_a_realm_is_not() {
    let redaction = Redaction::strict();
    assert_eq!(
        redaction.url("http://localhost:8080/r/team-blue/runs/Zk3v9/call"),
        "http://localhost:8080/r/team-blue/runs/‹hidden›/call"
    );
    assert_eq!(redaction.path("/runs/{run}/call"), "/runs/{run}/call");
    assert_eq!(
        redaction.url("http://u:p@h/token"),
        "http://‹hidden›@h/token"
    );
}

#[test]
fn an_address_that_is_a_value_keeps_its_path_and_not_its_query() {
    let redaction = Redaction::strict();
    assert_eq!(
        redaction.value("redirect_uri", "https://shop.example/oauth/cb?sid=123"),
        "https://shop.example/oauth/cb?sid=‹hidden›"
    );
}

#[test]
fn json_is_hidden_by_name_at_every_depth_and_keeps_its_order() {
    let text = r#"{"token_type":"Bearer","access_token":"SplxlOBeZQQYbYS6WxSbIA","extra":{"scope":"a"},"aud":["x"],"n":5,"keys":[{"kty":"EC","x":"1","d":"2"}],"expires_in":600}"#;
    assert_eq!(
        naming().json(text),
        r#"{"token_type":"Bearer","access_token":"‹code 1›","extra":"‹hidden›","aud":["x"],"n":"‹hidden›","keys":[{"kty":"EC","x":"1","d":"‹hidden›"}],"expires_in":600}"#
    );
    assert_eq!(naming().json("[1,\"a\"]"), r#"["‹hidden›","‹hidden›"]"#);
    assert_eq!(naming().json("{\"scope\":\"cut"), HIDDEN);
}

#[test]
fn credentials_of_every_scheme_are_hidden() {
    let redaction = Redaction::naming([("a+b".to_owned(), "‹client secret 1›".to_owned())]);
    let basic = format!("Basic {}", STANDARD.encode("web:a%2Bb"));
    assert_eq!(
        redaction.header("authorization", &basic),
        "Basic ‹client secret 1›"
    );
    assert_eq!(
        redaction.header("authorization", "Bearer abc"),
        "Bearer ‹hidden›"
    );
    assert_eq!(redaction.header("authorization", "eyJhbGciOi"), HIDDEN);
    assert_eq!(redaction.header("authorization", "eyJhbGciOi x"), HIDDEN);
    assert_eq!(redaction.header("x-api-key", "abc"), HIDDEN);
    assert_eq!(redaction.header("cookie", "a=1; b"), "a=‹hidden›; ‹hidden›");
    assert_eq!(
        redaction.header("set-cookie", "a=1; Path=/; HttpOnly; secret=x"),
        "a=‹hidden›; Path=/; HttpOnly; ‹hidden›"
    );
}

#[test]
fn a_check_that_is_not_listed_says_only_how_it_ended() {
    let check = |id: &str, got: &str| Check {
        id: id.to_owned(),
        outcome: Outcome::Failed,
        expected: "a known user name".to_owned(),
        got: got.to_owned(),
        reference: "RFC 6749 §3.1".to_owned(),
    };
    let redaction = naming();
    assert_eq!(
        redaction.check(&check("login.credentials", "alice")).got,
        HIDDEN
    );
    assert_eq!(redaction.check(&check("made.up", "alice")).got, HIDDEN);
    let got = "http://evil.example/cb?code=SplxlOBeZQQYbYS6WxSbIA";
    assert_eq!(
        redaction.check(&check("redirect_uri.exact_match", got)).got,
        "http://evil.example/cb?code=‹code 1›"
    );
}

#[test]
fn a_name_that_is_none_is_hidden_too() {
    let redaction = naming();
    assert_eq!(redaction.form("SplxlOBeZQQYbYS6WxSbIA"), "‹code 1›");
    assert_eq!(
        redaction.form("SplxlOBeZQQYbYS6WxSbIA=1"),
        "‹hidden›=‹hidden›"
    );
    assert_eq!(
        redaction.form("client%5Fsecret=s3"),
        "client%5Fsecret=‹hidden›"
    );
    assert_eq!(redaction.form("a b=1&=2"), "‹hidden›=‹hidden›&=‹hidden›");
}

/// Every place of an exchange, with a secret in it however it may be written, and what is left of it.
#[test]
fn no_secret_comes_through_anywhere() {
    let form: String = url::form_urlencoded::byte_serialize(SECRET.as_bytes()).collect();
    let json = serde_json::Value::from(SECRET).to_string();
    let basic = STANDARD.encode(format!("web:{form}"));
    let redaction = naming();
    let names = [
        "scope",
        "client_id",
        "error_description",
        "password",
        "unknown",
        "redirect_uri",
    ];
    let mut shown = Vec::new();
    for name in names {
        shown.push(redaction.url(&format!(
            "http://localhost:9000/token?{name}={form}#{name}={form}"
        )));
        shown.push(redaction.form(&format!("{name}={form}")));
        shown.push(redaction.json(&format!(
            "{{\"{name}\":{json},\"in\":{{\"{name}\":[{json}]}}}}"
        )));
        shown.push(redaction.value(name, SECRET));
        shown.push(redaction.value(name, &format!("before {SECRET} after")));
        shown.push(redaction.value(name, &format!("http://x/{form}?a={form}")));
        shown.push(redaction.note(name, SECRET));
    }
    for name in ["authorization", "cookie", "location", "referer", "x-new"] {
        shown.push(redaction.header(name, SECRET));
        shown.push(redaction.header(name, &format!("Basic {basic}")));
        shown.push(redaction.header(
            name,
            &format!("http://localhost:8080/runs/{form}?code={form}"),
        ));
    }
    shown.push(redaction.header("www-authenticate", &format!("Bearer error=\"{SECRET}\"")));
    for kind in [
        "text/html",
        "text/plain",
        "image/svg+xml",
        "",
        "application/jwt",
    ] {
        shown.push(redaction.body_text(&format!("<p>{SECRET}</p>"), kind));
    }
    for text in shown {
        for way in [
            SECRET,
            form.as_str(),
            json.trim_matches('"'),
            basic.as_str(),
        ] {
            assert!(!text.contains(way), "{text}");
        }
    }
}

#[test]
fn what_stands_more_than_once_is_named_where_it_is_a_name() {
    let check = |got: &str| {
        let check = Check {
            id: "request.no_repeats".to_owned(),
            outcome: Outcome::Failed,
            expected: "each parameter once".to_owned(),
            got: got.to_owned(),
            reference: "RFC 6749 §3.1".to_owned(),
        };
        let shown = naming().check(&check);
        (shown.expected, shown.got)
    };
    let expected = "each parameter once".to_owned();
    let told = |got: &str| (expected.clone(), got.to_owned());
    assert_eq!(check("scope more than once"), told("scope more than once"));
    let somebody = "the parameter alice@example.com is repeated";
    assert_eq!(check(somebody), told("the parameter ‹hidden› is repeated"));
    assert_eq!(check("each once"), told("each once"));
}
