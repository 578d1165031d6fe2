//! Spans as a collector takes them: an `ExportTraceServiceRequest` in JSON (OTLP 1.0, "JSON Protobuf Encoding": ids
//! in hex, 64-bit numbers as text, enumerations as numbers).

use serde_json::{Value, json};

use super::span::{Ended, Said, Service};

/// Kinds of spans (`SpanKind`).
const SERVER: u8 = 2;
const CLIENT: u8 = 3;
/// The status of what failed (`STATUS_CODE_ERROR`).
const ERROR: u8 = 2;

/// One post: the spans of each service under what is said of it.
pub(super) fn request(spans: &[Ended], resource: &[(String, String)]) -> Value {
    let mut services: Vec<(&Service, Vec<Value>)> = Vec::new();
    for span in spans {
        let service = &*span.service;
        let same = |one: &&mut (&Service, Vec<Value>)| {
            one.0.name == service.name && one.0.instance == service.instance
        };
        match services.iter_mut().find(same) {
            Some((_, spans)) => spans.push(one(span)),
            None => services.push((service, vec![one(span)])),
        }
    }
    let services = services.into_iter().map(|(service, spans)| {
        json!({
            "resource": {"attributes": resource_of(service, resource)},
            "scopeSpans": [{
                "scope": {"name": "grantscope", "version": env!("CARGO_PKG_VERSION")},
                "spans": spans,
            }],
        })
    });
    json!({"resourceSpans": services.collect::<Vec<_>>()})
}

fn resource_of(service: &Service, resource: &[(String, String)]) -> Vec<Value> {
    let mut own = vec![
        ("service.name", service.name.as_str()),
        ("service.namespace", "grantscope"),
        ("service.version", env!("CARGO_PKG_VERSION")),
        ("telemetry.sdk.language", "rust"),
        ("telemetry.sdk.name", "grantscope"),
        ("telemetry.sdk.version", env!("CARGO_PKG_VERSION")),
    ];
    if let Some(instance) = &service.instance {
        own.push(("service.instance.id", instance));
    }
    // What the operator says goes before what we would say, but for the name: that has a variable of its own.
    let theirs = resource.iter().map(|(key, value)| (&**key, &**value));
    let theirs: Vec<_> = theirs.filter(|(key, _)| *key != "service.name").collect();
    own.retain(|(key, _)| theirs.iter().all(|(other, _)| other != key));
    let all = own.into_iter().chain(theirs);
    all.map(|(key, value)| text(key, value)).collect()
}

fn one(span: &Ended) -> Value {
    let started = i128::from(span.started_us) * 1000;
    let took = i128::try_from(span.took.as_nanos()).unwrap_or(0);
    let (name, kind, attributes, failure) = said(&span.said);
    let mut value = json!({
        "traceId": span.context.trace.to_string(),
        "spanId": span.context.span.to_string(),
        "name": name,
        "kind": kind,
        "startTimeUnixNano": started.to_string(),
        "endTimeUnixNano": (started + took).to_string(),
        "attributes": attributes,
        "status": {},
    });
    if let Some(object) = value.as_object_mut() {
        if let Some(parent) = span.parent {
            object.insert("parentSpanId".to_owned(), parent.to_string().into());
        }
        if failure {
            object.insert("status".to_owned(), json!({"code": ERROR}));
        }
    }
    value
}

/// Name, kind and attributes of a span (OpenTelemetry's semantic conventions of HTTP, and ours), and whether it
/// failed: an answer of 5xx is the server's failure, one of 4xx the caller's.
fn said(said: &Said) -> (String, u8, Vec<Value>, bool) {
    match said {
        Said::Request {
            method,
            route,
            status,
            exchange,
            realm,
            check,
        } => {
            let failed = *status >= 500;
            let mut attributes = vec![
                text("http.request.method", method_of(method)),
                text("http.route", route),
                number("http.response.status_code", *status),
                text("grantscope.exchange_id", exchange),
            ];
            attributes.extend(realm.as_ref().map(|realm| text("grantscope.realm", realm)));
            attributes.extend(check.as_ref().map(|check| text("grantscope.check", check)));
            attributes.extend(failed.then(|| text("error.type", &status.to_string())));
            (
                format!("{} {route}", method_of(method)),
                SERVER,
                attributes,
                failed,
            )
        }
        Said::Call {
            method,
            peer,
            status,
            exchange,
        } => {
            let failed = status.is_none_or(|status| status >= 400);
            let mut attributes = vec![
                text("http.request.method", method),
                text("peer.service", peer),
                text("grantscope.exchange_id", exchange),
            ];
            attributes.extend(status.map(|status| number("http.response.status_code", status)));
            attributes.extend(failed.then(|| {
                let kind = status.map_or_else(|| "no_answer".to_owned(), |one| one.to_string());
                text("error.type", &kind)
            }));
            ((*method).to_owned(), CLIENT, attributes, failed)
        }
    }
}

/// A method that is none of HTTP's own, as the conventions call it.
fn method_of(method: &str) -> &str {
    if method == "other" { "_OTHER" } else { method }
}

fn text(key: &str, value: &str) -> Value {
    json!({"key": key, "value": {"stringValue": value}})
}

fn number(key: &str, value: u16) -> Value {
    json!({"key": key, "value": {"intValue": value.to_string()}})
}
