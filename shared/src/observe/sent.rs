//! What a sent request leaves in the record: itself, its answer or why there is none, and the values that both carried.
//!
//! May use reqwest, to read URLs. The other half of an exchange is what its receiver saw: [`super::seen`].

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};

use super::Observer;
use super::failure::HttpError;
use super::message::{HttpRequest, HttpResponse};
use super::values::Collector;
use crate::flow::{Body, Channel, Exchange, ExchangeId, Kind, Party, Side, ValuePlace};
use crate::realm::RealmName;

/// What is known of a sent request besides itself and its answer.
pub(super) struct Sent<'a> {
    /// Under which id it travelled.
    pub(super) id: ExchangeId,
    /// In which realm.
    pub(super) realm: &'a RealmName,
    /// The exchange that was being answered.
    pub(super) caused_by: Option<ExchangeId>,
    /// When it began, microseconds of the wall clock.
    pub(super) started_us: i64,
    /// How long it took, in microseconds.
    pub(super) duration_us: u64,
}

impl Sent<'_> {
    /// Puts the request and what came of it into the record, as `observer` saw them.
    pub(super) fn report(
        self,
        observer: &Observer,
        request: &HttpRequest,
        answer: &Result<HttpResponse, HttpError>,
    ) {
        let capture = observer.capture;
        let request_headers = header_map(&request.headers);
        let response_headers = answer
            .as_ref()
            .map_or_else(|_| HeaderMap::new(), |answer| header_map(&answer.headers));
        let request_type = text(&request_headers, "content-type");
        let response_type = text(&response_headers, "content-type");
        let mut collector = Collector::new(&observer.key);
        collector.form(
            request.url.split_once('?').map_or("", |(_, query)| query),
            ValuePlace::RequestQuery,
        );
        collector.authorization(&text(&request_headers, "authorization"));
        if request_type.starts_with("application/x-www-form-urlencoded") {
            collector.form(
                &String::from_utf8_lossy(&request.body),
                ValuePlace::RequestBody,
            );
        }
        collector.location(&text(&response_headers, "location"));
        if let Ok(answer) = answer
            && response_type.contains("json")
        {
            collector.json(&answer.text(), ValuePlace::ResponseBody);
        }
        let kept = |bytes: &[u8], kind: &str| {
            capture.body(bytes, u64::try_from(bytes.len()).unwrap_or(u64::MAX), kind)
        };
        observer.reporter.report(Exchange {
            id: self.id,
            realm: self.realm.clone(),
            kind: Kind::Http,
            observer: crate::flow::Observer {
                party: observer.party.clone(),
                side: Side::Sent,
            },
            from: observer.party.clone(),
            to: party_of(observer, &request.url),
            channel: channel(observer),
            caused_by: self.caused_by,
            started_us: self.started_us,
            duration_us: self.duration_us,
            realm_time: observer.clocks.of(self.realm).now().as_unix(),
            method: request.method.clone(),
            url: capture.url(&request.url),
            path: capture.path(path_of(&request.url, self.realm)),
            request_headers: capture.headers(&request_headers),
            request_body: kept(&request.body, &request_type),
            status: answer.as_ref().ok().map(|answer| answer.status),
            response_headers: capture.headers(&response_headers),
            response_body: answer.as_ref().map_or_else(
                |_| Body::default(),
                |answer| kept(&answer.body, &response_type),
            ),
            failure: answer.as_ref().err().map(ToString::to_string),
            checks: Vec::new(),
            values: collector.finish(),
            kept_back: Vec::new(),
            notes: request.notes.clone(),
        });
    }
}

/// How what this client sends travels.
fn channel(observer: &Observer) -> Channel {
    match observer.party {
        Party::Browser => Channel::Front,
        _ => Channel::Back,
    }
}

/// Whom a URL belongs to.
pub(super) fn party_of(observer: &Observer, url: &str) -> Party {
    let addresses = &observer.addresses;
    let known = [
        (&addresses.auth_server, Party::AuthServer),
        (&addresses.resource_server, Party::ResourceServer),
        (&addresses.client_app, Party::ClientApp),
    ];
    let found = known.into_iter().find(|(base, _)| {
        url.strip_prefix(base.as_str())
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']))
    });
    found.map_or_else(
        || {
            Party::Stranger(
                reqwest::Url::parse(url)
                    .map_or_else(|_| "unknown".to_owned(), |url| url.authority().to_owned()),
            )
        },
        |(_, party)| party,
    )
}

/// The path of a URL without its realm.
fn path_of(url: &str, realm: &RealmName) -> String {
    let path =
        reqwest::Url::parse(url).map_or_else(|_| url.to_owned(), |url| url.path().to_owned());
    let base = realm.base_path();
    path.strip_prefix(&base)
        .filter(|rest| rest.starts_with('/'))
        .unwrap_or(&path)
        .to_owned()
}

fn header_map(headers: &[(String, String)]) -> HeaderMap {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) = (
            HeaderName::from_bytes(name.as_bytes()),
            HeaderValue::from_str(value),
        ) {
            map.append(name, value);
        }
    }
    map
}

fn text(headers: &HeaderMap, name: &str) -> String {
    headers.get(name).map_or_else(String::new, |value| {
        String::from_utf8_lossy(value.as_bytes()).into_owned()
    })
}
