//! HAR 1.2: what browsers' developer tools and HTTP debuggers read.
//!
//! May use serde and url. [HAR 1.2](http://www.softwareishard.com/blog/har-12-spec/): one page for the flow, one
//! entry for each exchange over HTTP. Fields that begin with `_` are ours, as the format allows.

use serde::Serialize;
use serde_json::{Value, json};
use shared::flow::{Body, Channel, Header, Kind};

use crate::page::Moment;
use crate::record::parameter::{Parameter, ParameterPlace, header};
use crate::record::view::{ExchangeView, FlowView, Message};

/// The entry of one exchange.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry<'a> {
    pageref: &'static str,
    started_date_time: String,
    /// Milliseconds.
    time: f64,
    request: Value,
    response: Value,
    cache: Value,
    timings: Value,
    comment: String,
    #[serde(rename = "_exchange")]
    exchange: &'a shared::flow::ExchangeId,
    #[serde(rename = "_from")]
    from: String,
    #[serde(rename = "_to")]
    to: String,
    #[serde(rename = "_channel")]
    channel: Channel,
    #[serde(rename = "_checks")]
    checks: &'a [shared::flow::Check],
}

/// The file: `title` names the flow, `sentences` say what each exchange is.
pub(super) fn har(flow: &FlowView, title: &str, sentences: &[String], comment: &str) -> String {
    let exchanges = flow.exchanges.iter().zip(sentences);
    let http = exchanges.filter(|(exchange, _)| exchange.kind == Kind::Http);
    let entries: Vec<_> = http.map(|(exchange, text)| entry(exchange, text)).collect();
    let har = json!({
        "log": {
            "version": "1.2",
            "creator": { "name": "Grantscope", "version": env!("CARGO_PKG_VERSION") },
            "pages": [{
                "id": PAGE,
                "startedDateTime": moment(flow.summary.started_us),
                "title": title,
                "pageTimings": {},
                "comment": comment,
            }],
            "entries": entries,
            "comment": comment,
        }
    });
    let mut text = serde_json::to_string_pretty(&har).unwrap_or_default();
    text.push('\n');
    text
}

const PAGE: &str = "flow";

fn entry<'a>(exchange: &'a ExchangeView, sentence: &str) -> Entry<'a> {
    let waited = exchange.sender_duration_ms.unwrap_or(exchange.duration_ms);
    // What the receiver did not take, the way took; nobody measured which part of it.
    let way = (waited - exchange.duration_ms).max(0.0);
    let channel = match exchange.channel {
        Channel::Front => "front channel",
        Channel::Back => "back channel",
    };
    Entry {
        pageref: PAGE,
        started_date_time: moment(exchange.started_us),
        time: way + exchange.duration_ms,
        request: request(exchange),
        response: response(exchange),
        cache: json!({}),
        timings: json!({
            "blocked": -1, "dns": -1, "connect": -1, "ssl": -1,
            "send": 0, "wait": exchange.duration_ms, "receive": way,
        }),
        exchange: &exchange.id,
        comment: format!("{}. {sentence} [{channel}]", exchange.step),
        from: exchange.from.name(),
        to: exchange.to.name(),
        channel: exchange.channel,
        checks: &exchange.checks,
    }
}

fn request(exchange: &ExchangeView) -> Value {
    let message = &exchange.request;
    let mut request = json!({
        "method": exchange.method,
        "url": address(&exchange.url),
        "httpVersion": "HTTP/1.1",
        "cookies": cookies(message, "cookie"),
        "headers": headers(&message.headers),
        "queryString": pairs(&exchange.parameters, ParameterPlace::RequestQuery),
        "headersSize": -1,
        "bodySize": message.body.bytes,
    });
    if !message.body.text.is_empty() {
        let kind = header(&message.headers, "content-type").unwrap_or_default();
        let mut data = json!({ "mimeType": kind, "text": message.body.text });
        if kind.starts_with("application/x-www-form-urlencoded") {
            let params = pairs(&exchange.parameters, ParameterPlace::RequestBody);
            put(&mut data, "params", params);
        }
        cut(&mut data, &message.body);
        put(&mut request, "postData", data);
    }
    request
}

fn response(exchange: &ExchangeView) -> Value {
    let message = &exchange.response;
    let kind = header(&message.headers, "content-type").unwrap_or("x-unknown");
    let mut content = json!({ "size": message.body.bytes, "mimeType": kind });
    if !message.body.text.is_empty() {
        put(&mut content, "text", message.body.text.as_str());
    }
    cut(&mut content, &message.body);
    let mut response = json!({
        // What no answer came to has the status 0, as in browsers.
        "status": exchange.status.unwrap_or(0),
        "statusText": "",
        "httpVersion": "HTTP/1.1",
        "cookies": cookies(message, "set-cookie"),
        "headers": headers(&message.headers),
        "content": content,
        "redirectURL": header(&message.headers, "location").map(address).unwrap_or_default(),
        "headersSize": -1,
        "bodySize": message.body.bytes,
    });
    if let Some(failure) = &exchange.failure {
        put(&mut response, "_error", failure.as_str());
    }
    response
}

/// One member more.
fn put(object: &mut Value, name: &str, value: impl Into<Value>) {
    if let Value::Object(members) = object {
        members.insert(name.to_owned(), value.into());
    }
}

/// Says where a body is not whole.
fn cut(content: &mut Value, body: &Body) {
    if body.truncated {
        let comment = format!("cut: {} bytes travelled", body.bytes);
        put(content, "comment", comment);
    }
}

fn headers(headers: &[Header]) -> Value {
    let listed = headers.iter();
    listed
        .map(|header| json!({ "name": header.name, "value": header.value }))
        .collect()
}

fn pairs(parameters: &[Parameter], place: ParameterPlace) -> Value {
    let standing = parameters
        .iter()
        .filter(|parameter| parameter.place == place);
    standing
        .map(|parameter| json!({ "name": parameter.name, "value": parameter.value }))
        .collect()
}

/// The cookies of a message; what the record keeps of their values.
fn cookies(message: &Message, name: &str) -> Value {
    let lines = message.headers.iter().filter(|header| header.name == name);
    let pairs = lines.flat_map(|header| match name {
        "cookie" => header.value.split(';').collect::<Vec<_>>(),
        _ => header.value.split(';').take(1).collect(),
    });
    pairs
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| json!({ "name": name.trim(), "value": value.trim() }))
        .collect()
}

/// An address as the format wants it: a URI (RFC 3986), other characters encoded.
fn address(url: &str) -> String {
    url::Url::parse(url).map_or_else(
        |_| {
            let kept = |c: char| c.is_ascii_graphic();
            url.chars().filter(|c| kept(*c)).collect()
        },
        String::from,
    )
}

/// A moment in ISO 8601.
fn moment(us: i64) -> String {
    Moment::of(us).datetime
}
