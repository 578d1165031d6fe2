//! What a collector takes: an `ExportTraceServiceRequest` in OTLP's JSON encoding (OTLP 1.0, "JSON Protobuf Encoding"),
//! read as strictly as its schema has it: no member that it does not know, ids in lower-case hex, 64-bit numbers as
//! text, enumerations as numbers.

use std::collections::BTreeSet;

use serde::Deserialize;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Export {
    resource_spans: Vec<ResourceSpans>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ResourceSpans {
    resource: Resource,
    scope_spans: Vec<ScopeSpans>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Resource {
    attributes: Vec<Attribute>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ScopeSpans {
    scope: Scope,
    spans: Vec<Span>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Scope {
    name: String,
    version: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(clippy::struct_field_names, reason = "the schema's names")]
struct Span {
    trace_id: String,
    span_id: String,
    parent_span_id: Option<String>,
    name: String,
    kind: u8,
    start_time_unix_nano: String,
    end_time_unix_nano: String,
    attributes: Vec<Attribute>,
    status: Status,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Status {
    code: Option<u8>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Attribute {
    key: String,
    value: AnyValue,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
enum AnyValue {
    StringValue(String),
    IntValue(String),
}

/// `SpanKind`.
const SERVER: u8 = 2;
const CLIENT: u8 = 3;
/// `STATUS_CODE_ERROR`.
const ERROR: u8 = 2;

/// A post is what a collector takes, and no empty one.
///
/// # Panics
/// If it is not.
pub(crate) fn verify(body: &str) {
    let export: Export = serde_json::from_str(body).expect("an ExportTraceServiceRequest");
    assert!(!export.resource_spans.is_empty(), "nothing was posted");
    for resource in &export.resource_spans {
        verify_attributes(&resource.resource.attributes);
        for key in ["service.name", "service.version", "telemetry.sdk.name"] {
            let is_said = !text(&resource.resource.attributes, key).is_empty();
            assert!(is_said, "{key} is missing");
        }
        assert!(!resource.scope_spans.is_empty(), "a service without spans");
        for scope in &resource.scope_spans {
            assert!(!scope.scope.name.is_empty() && !scope.scope.version.is_empty());
            assert!(!scope.spans.is_empty(), "a scope without spans");
            scope.spans.iter().for_each(verify_span);
        }
    }
}

fn verify_span(span: &Span) {
    let parent = span.parent_span_id.as_deref();
    for (id, bytes) in [
        (Some(span.trace_id.as_str()), 16),
        (Some(&span.span_id), 8),
        (parent, 8),
    ] {
        let hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        let is_id =
            |id: &str| id.len() == 2 * bytes && id.bytes().all(hex) && id.contains(|c| c != '0');
        assert!(id.is_none_or(is_id), "{span:?}");
    }
    let nanos = |text: &str| text.parse::<u64>().expect("nanoseconds as text");
    let (start, end) = (
        nanos(&span.start_time_unix_nano),
        nanos(&span.end_time_unix_nano),
    );
    // Later than 2020: nanoseconds, not micro- or milliseconds.
    assert!(
        1_577_836_800_000_000_000 < start && start <= end,
        "{span:?}"
    );
    assert!(!span.name.is_empty(), "{span:?}");
    assert!(matches!(span.kind, SERVER | CLIENT), "{span:?}");
    verify_attributes(&span.attributes);
    let status = text(&span.attributes, "http.response.status_code");
    let fails_from = if span.kind == SERVER { 500 } else { 400 };
    let failed = status
        .parse::<u16>()
        .map_or(true, |status| status >= fails_from);
    assert_eq!(span.status.code, failed.then_some(ERROR), "{span:?}");
    assert_eq!(
        !text(&span.attributes, "error.type").is_empty(),
        failed,
        "{span:?}"
    );
}

/// Each key stands once and says something; numbers are numbers.
fn verify_attributes(attributes: &[Attribute]) {
    let keys: BTreeSet<_> = attributes.iter().map(|one| one.key.as_str()).collect();
    assert_eq!(keys.len(), attributes.len(), "{attributes:?}");
    for attribute in attributes {
        let is_right = match &attribute.value {
            AnyValue::StringValue(text) => !text.is_empty(),
            AnyValue::IntValue(number) => number.parse::<i64>().is_ok(),
        };
        assert!(is_right && !attribute.key.is_empty(), "{attribute:?}");
    }
}

/// What is said under `key`.
fn text<'a>(attributes: &'a [Attribute], key: &str) -> &'a str {
    let found = attributes.iter().find(|one| one.key == key);
    found.map_or("", |one| match &one.value {
        AnyValue::StringValue(text) | AnyValue::IntValue(text) => text,
    })
}
