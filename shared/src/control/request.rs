//! A request taken off its connection, whole, and put back on it or on another.
//!
//! Knows actix. What is put back is byte for byte what came, except for what was changed.

use std::time::Duration;

use actix_web::HttpMessage;
use actix_web::dev::{Payload, ServiceRequest};
use actix_web::error::PayloadError;
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::http::{Method, Uri};
use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt, stream};

/// How long a body may take to arrive before its request is not stopped after all.
const IN_TIME: Duration = Duration::from_secs(5);

/// A request, whole.
#[derive(Clone, Debug)]
pub struct StoredRequest {
    /// Its method.
    pub method: Method,
    /// Its target: path and query.
    pub uri: Uri,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Bytes,
}

impl StoredRequest {
    /// Takes the request in, body and all, and leaves the body readable. `None` where the body is larger than
    /// `limit` bytes or does not arrive in time: then nothing is lost and the request can go on.
    pub async fn take(request: &mut ServiceRequest, limit: usize) -> Option<Self> {
        let body = buffer(request, limit).await?;
        Some(Self {
            method: request.method().clone(),
            uri: request.uri().clone(),
            headers: request.headers().clone(),
            body,
        })
    }

    /// Puts it in the place of the request that a browser came back with: all of it, its cookies too.
    pub fn put(self, request: &mut ServiceRequest) {
        let mut headers = self.headers;
        let chunked = headers.contains_key(header::TRANSFER_ENCODING);
        if chunked || headers.contains_key(header::CONTENT_LENGTH) || !self.body.is_empty() {
            headers.remove(header::TRANSFER_ENCODING);
            headers.insert(header::CONTENT_LENGTH, HeaderValue::from(self.body.len()));
        }
        let head = request.head_mut();
        head.method = self.method;
        head.uri = self.uri;
        head.headers = headers;
        request.set_payload(Payload::from(self.body));
    }

    /// The query; empty without one.
    #[must_use]
    pub fn query(&self) -> &str {
        self.uri.query().unwrap_or_default()
    }

    /// The first header of this name as text; empty without one.
    #[must_use]
    pub fn header(&self, name: &str) -> String {
        let value = self.headers.get(name);
        value.map_or_else(String::new, |value| {
            String::from_utf8_lossy(value.as_bytes()).into_owned()
        })
    }

    /// Whether its body is a form.
    #[must_use]
    pub fn is_form(&self) -> bool {
        let kind = self.header("content-type");
        kind.starts_with("application/x-www-form-urlencoded")
    }

    /// The client that it names: by parameter, or by Basic credentials (RFC 6749 §2.3.1).
    #[must_use]
    pub fn client_id(&self) -> Option<String> {
        let form = if self.is_form() {
            String::from_utf8_lossy(&self.body)
        } else {
            "".into()
        };
        let parameter = |text: &str| {
            url::form_urlencoded::parse(text.as_bytes())
                .find(|(name, _)| name == "client_id")
                .map(|(_, value)| value.into_owned())
        };
        let basic = || {
            use base64::Engine;
            use base64::engine::general_purpose::STANDARD;
            let authorization = self.header("authorization");
            let credentials = STANDARD
                .decode(authorization.strip_prefix("Basic ")?)
                .ok()?;
            let credentials = String::from_utf8(credentials).ok()?;
            let (id, _) = credentials.split_once(':')?;
            let id = format!("id={id}");
            let decoded = url::form_urlencoded::parse(id.as_bytes()).next();
            decoded.map(|(_, id)| id.into_owned())
        };
        parameter(self.query())
            .or_else(|| parameter(&form))
            .or_else(basic)
    }
}

/// Reads the body and leaves a copy in its place.
async fn buffer(request: &mut ServiceRequest, limit: usize) -> Option<Bytes> {
    let announced = request.headers().get(header::CONTENT_LENGTH);
    let announced = announced
        .and_then(|length| length.to_str().ok())
        .and_then(|length| length.parse::<usize>().ok());
    if announced.is_some_and(|length| length > limit) {
        return None;
    }
    let mut payload = request.take_payload();
    let mut read: Vec<Result<Bytes, PayloadError>> = Vec::new();
    let mut length = 0_usize;
    let whole = tokio::time::timeout(IN_TIME, async {
        while let Some(chunk) = payload.next().await {
            let (size, broken) = match &chunk {
                Ok(chunk) => (chunk.len(), false),
                Err(_) => (0, true),
            };
            length = length.saturating_add(size);
            read.push(chunk);
            if broken || length > limit {
                return false;
            }
        }
        true
    });
    if whole.await == Ok(true) {
        let chunks = read.into_iter().flatten();
        let body = chunks
            .fold(BytesMut::with_capacity(length), |mut body, chunk| {
                body.extend_from_slice(&chunk);
                body
            })
            .freeze();
        request.set_payload(Payload::from(body.clone()));
        return Some(body);
    }
    let rest = stream::iter(read).chain(payload);
    request.set_payload(Payload::Stream {
        payload: Box::pin(rest),
    });
    None
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[actix_web::test]
    async fn a_body_within_the_limit_is_taken_and_stays_readable() {
        let mut request = TestRequest::post()
            .uri("/token?a=b")
            .insert_header(("content-type", "application/x-www-form-urlencoded"))
            .set_payload("client_id=web&x=1")
            .to_srv_request();
        let stored = StoredRequest::take(&mut request, 17).await.unwrap();
        assert_eq!(stored.client_id().as_deref(), Some("web"));
        assert_eq!(stored.query(), "a=b");
        let again = StoredRequest::take(&mut request, 17).await.unwrap();
        assert_eq!(again.body, "client_id=web&x=1");
    }

    #[actix_web::test]
    async fn a_body_beyond_the_limit_is_left_whole() {
        let mut request = TestRequest::post()
            .set_payload("0123456789")
            .to_srv_request();
        assert!(StoredRequest::take(&mut request, 9).await.is_none());
        assert_eq!(
            StoredRequest::take(&mut request, 10).await.unwrap().body,
            "0123456789"
        );
    }
}
