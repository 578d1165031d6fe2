//! The actix middleware that observes what a service receives, and stops it at breakpoints.
//!
//! Wrapped round each observed resource (`.wrap(Observe::back(observer, path, methods))`), so that the route table
//! shows what is observed and on which channel, and no observed route is unknown to the breakpoints. It copies the
//! bodies as they pass; only a breakpoint changes anything, and says so in the record.

use std::future::{Future, Ready, ready};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;

use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform, forward_ready};
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::{Error, HttpMessage};

use super::answered::{Answered, report, tell};
use super::gate::{Gate, Passage, pass};
use super::hung_up::Unanswered;
use super::observation::Observation;
use super::seen::{arrival_of, is_onlooker, see};
use super::{EXCHANGE_ID_HEADER, Observer};
use crate::control::{Arrival, Route, RouteChannel, route_path};

/// The header that names the exchange, read once.
const EXCHANGE_ID: HeaderName = HeaderName::from_static(EXCHANGE_ID_HEADER);

/// Who is expected to call a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RouteClass {
    /// The browser, by navigating (the front channel).
    Front,
    /// Servers, and scripts in the browser.
    Back,
}

/// The middleware: made from the service's [`Observer`], one for each route.
#[derive(Clone, Debug)]
pub struct Observe {
    pub(super) observer: Arc<Observer>,
    pub(super) class: RouteClass,
    /// The route's pattern without its realm.
    pub(super) route: Arc<str>,
}

impl Observe {
    /// Observes the route `path` that the browser navigates to by `methods` (`"GET, POST"`).
    #[must_use]
    pub fn front(observer: &Arc<Observer>, path: &str, methods: &str) -> Self {
        Self::new(observer, RouteClass::Front, path, methods)
    }

    /// Observes the route `path` that servers and scripts call by `methods` (`"GET, POST"`).
    #[must_use]
    pub fn back(observer: &Arc<Observer>, path: &str, methods: &str) -> Self {
        Self::new(observer, RouteClass::Back, path, methods)
    }

    fn new(observer: &Arc<Observer>, class: RouteClass, path: &str, methods: &str) -> Self {
        for method in methods.split(", ") {
            observer.controls.register(Route {
                service: observer.party.clone(),
                path: route_path(path).to_owned(),
                method: method.to_owned(),
                channel: match class {
                    RouteClass::Front => RouteChannel::Front,
                    RouteClass::Back => RouteChannel::Back,
                },
            });
        }
        Self {
            observer: Arc::clone(observer),
            class,
            route: path.strip_prefix("/r/{realm}").unwrap_or(path).into(),
        }
    }
}

impl<S> Transform<S, ServiceRequest> for Observe
where
    S: Service<ServiceRequest, Response = ServiceResponse, Error = Error> + 'static,
{
    type Response = ServiceResponse;
    type Error = Error;
    type InitError = ();
    type Transform = Observing<S>;
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        ready(Ok(Observing {
            service: Rc::new(service),
            observe: Rc::new(self.clone()),
        }))
    }
}

/// The wrapped service.
#[derive(Debug)]
pub struct Observing<S> {
    service: Rc<S>,
    /// Counted in this thread alone, as it is for each request.
    observe: Rc<Observe>,
}

impl<S> Service<ServiceRequest> for Observing<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse, Error = Error> + 'static,
{
    type Response = ServiceResponse;
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<ServiceResponse, Error>>>>;

    forward_ready!(service);

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let observe = Rc::clone(&self.observe);
        let service = Rc::clone(&self.service);
        let looks_on = is_onlooker(request.headers(), &observe.observer);
        let recording = !looks_on && observe.observer.reporter.admits();
        let arrival = arrival_of(&request, &observe);
        if recording && observe.observer.controls.is_active() {
            return Box::pin(async move { stopped(&observe, &*service, request, arrival).await });
        }
        Box::pin(async move {
            let passage = Passage::default();
            serve(&observe, &*service, request, arrival, passage, recording).await
        })
    }
}

/// Where breakpoints exist: asks whether the request waits, and does what is decided.
async fn stopped<S>(
    observe: &Observe,
    service: &S,
    request: ServiceRequest,
    arrival: Arrival,
) -> Result<ServiceResponse, Error>
where
    S: Service<ServiceRequest, Response = ServiceResponse, Error = Error>,
{
    match pass(observe, request, arrival).await {
        Gate::Open(opened) => {
            let (request, arrival, passage) = *opened;
            serve(observe, service, request, arrival, passage, true).await
        }
        Gate::Answered(response) => Ok(response),
    }
}

/// Gives the request to the service, and tells the record what came of it.
async fn serve<S>(
    observe: &Observe,
    service: &S,
    mut request: ServiceRequest,
    arrival: Arrival,
    passage: Passage,
    recording: bool,
) -> Result<ServiceResponse, Error>
where
    S: Service<ServiceRequest, Response = ServiceResponse, Error = Error>,
{
    let observer = observe.observer.as_ref();
    let seen = recording.then(|| Box::new(see(&mut request, observe, arrival.clone())));
    let key = recording.then(|| observer.key.clone());
    let observation = Observation::new(arrival.id.clone(), key);
    request.extensions_mut().insert(observation.clone());
    let unanswered = Unanswered::new(
        (observer, observation.clone()),
        (arrival, request.method().clone()),
        (seen, passage),
    );
    let answer = service.call(request).await;
    let left = unanswered.answered();
    let mut response = answer?;
    let Some((arrival, seen, passage)) = left else {
        return Ok(response);
    };
    name_exchange(&mut response, &arrival);
    tell(response.request(), arrival, &observation);
    let Some(seen) = seen else {
        return Ok(response);
    };
    let (response, answered) = Answered::copy(response, observer.capture);
    report(observer, *seen, answered, observation.take(), passage, true);
    Ok(response)
}

/// Writes the exchange's id on the answer.
pub(super) fn name_exchange(response: &mut ServiceResponse, arrival: &Arrival) {
    if let Ok(id) = HeaderValue::from_str(arrival.id.as_str()) {
        response.headers_mut().insert(EXCHANGE_ID, id);
    }
}
