//! `GET /`: what this server is, where you are, who is signed in, whom the demo knows.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use shared::oauth::well_known;
use shared::page::{self, Frame};

use crate::authorization::AuthorizeError;
use crate::page::{Endpoint, Home};
use crate::request::visit::Visit;

/// Shows the page.
pub(crate) async fn get(visit: Visit) -> HttpResponse {
    let result = show(&visit).await;
    visit.answer(result)
}

async fn show(visit: &Visit) -> Result<HttpResponse, AuthorizeError> {
    let session = visit.session().await?;
    let page = Home {
        frame: visit.frame().clone(),
        here: "home",
        person: session.map(|session| session.person.name),
        issuer: visit.realm.issuer.clone(),
        people: visit.state.demo.people(&visit.realm.name),
        clients: visit.state.demo.clients(&visit.realm.name),
        endpoints: endpoints(visit),
    };
    Ok(page::html(&page, StatusCode::OK))
}

fn endpoints(visit: &Visit) -> Vec<Endpoint> {
    let (issuer, frame): (_, &Frame) = (&visit.realm.issuer, visit.frame());
    // RFC 8414 §3.1: the well-known part stands before the issuer's path.
    let origin = issuer
        .strip_suffix(&visit.realm.name.base_path())
        .unwrap_or(issuer);
    let metadata = format!(
        "{origin}{}{}",
        well_known::OAUTH_AUTHORIZATION_SERVER,
        visit.realm.name.base_path()
    );
    let of = |key: &str, method, url: String| Endpoint {
        title: frame.t(key),
        method,
        url,
        readable: false,
    };
    let open = |endpoint: Endpoint| Endpoint {
        readable: true,
        ..endpoint
    };
    let at = |path: &str| format!("{issuer}{path}");
    vec![
        open(of("issuer-metadata", "GET", metadata)),
        open(of(
            "issuer-openid",
            "GET",
            at(well_known::OPENID_CONFIGURATION),
        )),
        open(of("issuer-jwks", "GET", at("/jwks"))),
        of("issuer-authorize", "GET", at("/authorize")),
        of("issuer-token", "POST", at("/token")),
        of("issuer-userinfo", "GET", at("/userinfo")),
        of("issuer-introspect", "POST", at("/introspect")),
        of("issuer-revoke", "POST", at("/revoke")),
    ]
}
