//! Hostile text through each format's escaping.

use serde_json::json;

use super::markdown;
use super::mermaid;
use super::names::Names;
use super::redact::Values;
use crate::record::view::FlowView;

/// Text that is grammar somewhere: Mermaid, Markdown, HTML, a terminal.
const HOSTILE: [&str; 14] = [
    "a; b",
    "a # b",
    "%% comment",
    "end",
    "END",
    "x->>y: z",
    "a\nNote over b: c",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "#quot;#35;&lt;",
    "| a | b |",
    "```\n# x\n```",
    "[a](javascript:alert(1)) ![b](http://x) <http://x>",
    "\u{1b}[31m\u{202e}evil\u{2028}x\r\n- y",
];

#[test]
fn nothing_in_a_caption_is_grammar_of_mermaid() {
    for text in HOSTILE {
        let caption = mermaid::escaped(text);
        assert!(
            !caption.contains(['\n', '\r', '<', '>', '"', '%', ':', '|']),
            "{caption}"
        );
        // `;` and `#` stand only in a character's code.
        let mut rest = caption.as_str();
        while let Some((before, after)) = rest.split_once('#') {
            assert!(!before.contains(';'), "{caption}");
            let (number, after) = after.split_once(';').expect("a code ends");
            assert!(number.parse::<u32>().is_ok(), "{caption}");
            rest = after;
        }
        assert!(!rest.contains(';'), "{caption}");
        assert!(!caption.eq_ignore_ascii_case("end"), "{caption}");
    }
}

#[test]
fn nothing_in_running_text_is_markup() {
    for text in HOSTILE {
        let written = markdown::escaped(text);
        assert!(
            !written.contains(['\n', '\r', '\u{2028}', '\u{1b}']),
            "{written:?}"
        );
        let mut before = ' ';
        for c in written.chars() {
            if "`*_[]<>#|~!".contains(c) {
                assert_eq!(before, '\\', "{written}");
            }
            before = if before == '\\' && c == '\\' { ' ' } else { c };
        }
    }
}

#[test]
fn a_code_span_ends_where_it_should() {
    assert_eq!(markdown::code("a`b``c"), "```a`b``c```");
    assert_eq!(markdown::code("`"), "`` ` ``");
    assert_eq!(markdown::code(""), "–");
    for text in HOSTILE {
        let span = markdown::code(text);
        let fence: String = span.chars().take_while(|c| *c == '`').collect();
        let inside = &span[fence.len()..span.len() - fence.len()];
        let runs = inside.split(|c| c != '`').map(str::len);
        assert!(runs.into_iter().all(|run| run != fence.len()), "{span}");
        assert!(!span.contains('\n'), "{span}");
    }
}

/// A flow of two exchanges whose record holds these texts as code and token.
fn flow(code: &str, token: &str) -> FlowView {
    let exchange = |step: usize, values: serde_json::Value, parameters: serde_json::Value| {
        json!({
            "id": format!("{step:032}"), "flow": "0".repeat(32), "step": step, "kind": "http",
            "from": "client-app", "to": "auth-server", "channel": "back", "observers": [],
            "method": "POST", "path": "/token", "url": "http://localhost:9000/token", "status": 200,
            "started_us": 0, "duration_ms": 1.0, "realm_time": 0, "checks": [],
            "values": values, "parameters": parameters, "notes": {},
            "request": {"headers": [], "body": {"bytes": 0}},
            "response": {"headers": [], "body": {"bytes": 0}},
        })
    };
    let first = exchange(
        1,
        json!([
            {"kind": "code", "hash": "c1", "place": "request_body"},
            {"kind": "access_token", "hash": "t1", "place": "response_body"},
        ]),
        json!([
            {"name": "code", "value": code, "place": "request_body"},
            {"name": "access_token", "value": token, "place": "response_body"},
        ]),
    );
    let second = exchange(
        2,
        json!([{"kind": "access_token", "hash": "t2", "place": "request_header"}]),
        json!([
            {"name": "access_token", "value": format!("{token}2"), "place": "request_header"},
            {"name": "new_field", "value": "x", "place": "request_body"},
        ]),
    );
    serde_json::from_value(json!({
        "id": "0".repeat(32), "grant": "authorization_code", "parties": ["client-app", "auth-server"],
        "exchange_count": 2, "forgotten": 0, "started_us": 0, "ended_us": 0, "result": {"status": "succeeded"},
        "verdicts": [], "exchanges": [first, second], "latest_event": 0,
    }))
    .unwrap()
}

#[test]
fn values_have_the_same_names_where_the_record_keeps_them_and_where_it_hides_them() {
    for (code, token) in [("the-code", "the-token"), ("‹hidden›", "‹hidden›")] {
        let flow = flow(code, token);
        let names = Names::of(&flow);
        let shown = Values::Redacted.of(&flow, &names);
        let parameters = shown
            .exchanges
            .iter()
            .flat_map(|exchange| &exchange.parameters);
        let told: Vec<_> = parameters
            .map(|parameter| parameter.value.as_str())
            .collect();
        assert_eq!(
            told,
            [
                "‹code 1›",
                "‹access token 1›",
                "‹access token 2›",
                "‹hidden›"
            ]
        );
    }
}
