//! `/healthz`: is the process alive? `/readyz`: can it do its work?
//!
//! No CORS: only the services themselves and their operators ask.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use actix_web::http::header;
use actix_web::{HttpResponse, web};
use serde::Serialize;

use super::{only_read, read};

/// How long a readiness question may take before the answer is no.
const READINESS_TIMEOUT: Duration = Duration::from_secs(3);

/// What a service needs, and whether it has it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Readiness(BTreeMap<&'static str, String>);

/// What a service says of itself that has all that it needs.
pub(super) const READY: &str = "ready";

/// What a need that is met says of itself.
const UP: &str = "up";

impl Readiness {
    /// Nothing is needed.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a need (`store`, `keys`, …) and what became of it.
    #[must_use]
    pub fn with<E: std::fmt::Display>(mut self, need: &'static str, result: Result<(), E>) -> Self {
        let state = match result {
            Ok(()) => UP.to_owned(),
            // The reason goes to the log: it may name hosts and paths.
            Err(error) => {
                tracing::warn!(need, %error, "not ready");
                "down".to_owned()
            }
        };
        self.0.insert(need, state);
        self
    }

    /// Whether every need is met.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.0.values().all(|state| state == UP)
    }
}

type Answer = Pin<Box<dyn Future<Output = Readiness>>>;

/// The two health routes of a service.
#[derive(Clone)]
pub struct Health {
    service: &'static str,
    version: &'static str,
    readiness: Arc<dyn Fn() -> Answer + Send + Sync>,
}

#[derive(Serialize)]
struct Live {
    status: &'static str,
    service: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct Ready<'a> {
    status: &'static str,
    service: &'static str,
    needs: &'a Readiness,
}

impl Health {
    /// The routes of `service` (`auth-server`), whose `readiness` is asked at each `/readyz`.
    pub fn new<F, R>(service: &'static str, version: &'static str, readiness: F) -> Self
    where
        F: Fn() -> R + Send + Sync + 'static,
        R: Future<Output = Readiness> + 'static,
    {
        Self {
            service,
            version,
            readiness: Arc::new(move || Box::pin(readiness())),
        }
    }

    /// Mounts `/healthz` and `/readyz`.
    pub fn mount(&self, routes: &mut web::ServiceConfig) {
        let (live, ready) = (self.clone(), self.clone());
        routes
            .service(only_read(
                "/healthz",
                read().to(move || std::future::ready(live.live())),
            ))
            .service(only_read(
                "/readyz",
                read().to(move || {
                    let health = ready.clone();
                    async move { health.ready().await }
                }),
            ));
    }

    fn live(&self) -> HttpResponse {
        answer(HttpResponse::Ok()).json(Live {
            status: UP,
            service: self.service,
            version: self.version,
        })
    }

    async fn ready(&self) -> HttpResponse {
        let needs = tokio::time::timeout(READINESS_TIMEOUT, (self.readiness)())
            .await
            .unwrap_or_else(|elapsed| Readiness::new().with("answer in time", Err(elapsed)));
        let (response, status) = if needs.is_ready() {
            (HttpResponse::Ok(), READY)
        } else {
            (HttpResponse::ServiceUnavailable(), "not ready")
        };
        answer(response).json(Ready {
            status,
            service: self.service,
            needs: &needs,
        })
    }
}

fn answer(mut response: actix_web::HttpResponseBuilder) -> actix_web::HttpResponseBuilder {
    response.insert_header((header::CACHE_CONTROL, "no-store"));
    response
}

#[cfg(test)]
mod tests {
    use actix_web::{App, test};

    use super::*;

    #[actix_web::test]
    async fn a_service_is_live_while_it_is_not_ready() {
        let health = Health::new("auth-server", "1.2.3", || async {
            Readiness::new()
                .with("keys", Ok::<(), String>(()))
                .with("store", Err("postgres://secret-host is down"))
        });
        let app = test::init_service(App::new().configure(|routes| health.mount(routes))).await;
        let live =
            test::call_and_read_body(&app, test::TestRequest::get().uri("/healthz").to_request())
                .await;
        assert_eq!(
            live,
            r#"{"status":"up","service":"auth-server","version":"1.2.3"}"#
        );
        let request = test::TestRequest::get().uri("/readyz").to_request();
        let ready = test::call_service(&app, request).await;
        assert_eq!(ready.status(), 503);
        let body = test::read_body(ready).await;
        assert_eq!(
            body,
            r#"{"status":"not ready","service":"auth-server","needs":{"keys":"up","store":"down"}}"#
        );
    }
}
