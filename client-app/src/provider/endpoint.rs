//! `GET /provider`, `POST /provider/register` and `POST /provider/remove`.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde_json::{Value, json};
use shared::observe::{HttpError, HttpRequest};

use super::page::{Outcome, ProviderPage};
use super::{Registered, metadata, tell};
use crate::endpoint::visit::Visit;
use crate::flow::{Refusal, RefusalKind};

/// The ways of authenticating that the form offers.
pub(super) const METHODS: [&str; 3] = ["client_secret_basic", "client_secret_post", "none"];

/// The longest name that is registered, in characters.
const MAX_NAME: usize = 80;

/// The provider's metadata, read anew and explained.
pub(crate) async fn show(visit: Visit) -> HttpResponse {
    respond(&visit, None).await
}

async fn respond(visit: &Visit, outcome: Option<Outcome>) -> HttpResponse {
    let read = metadata(&visit.state, &visit.realm).await;
    let status = match &read {
        Ok(_) => StatusCode::OK,
        Err(_) => StatusCode::BAD_GATEWAY,
    };
    visit.page(
        &ProviderPage::new(visit, read.as_ref().ok(), outcome),
        status,
    )
}

/// Registers a client with the provider.
pub(crate) async fn register(visit: Visit, payload: web::Payload) -> HttpResponse {
    match try_register(&visit, payload).await {
        Ok(outcome) => respond(&visit, Some(outcome)).await,
        Err(refusal) => visit.refuse(&refusal, None).await,
    }
}

async fn try_register(visit: &Visit, payload: web::Payload) -> Result<Outcome, Refusal> {
    let form = visit.form(payload).await?;
    let name = form.get("client_name").unwrap_or_default();
    let name: String = name.chars().take(MAX_NAME).collect();
    let asked = form.get("method").unwrap_or_default();
    let method = METHODS.into_iter().find(|known| *known == asked);
    let client = visit.state.addresses.client(&visit.realm);
    let mut body = json!({
        "redirect_uris": [format!("{client}/callback")],
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": method.unwrap_or("client_secret_basic"),
        "client_uri": client,
    });
    if let (false, Some(members)) = (name.is_empty(), body.as_object_mut()) {
        members.insert("client_name".to_owned(), json!(name));
    }
    let endpoint = format!("{}/register", visit.state.addresses.issuer(&visit.realm));
    let request = HttpRequest {
        method: "POST".to_owned(),
        url: endpoint,
        headers: vec![("content-type".to_owned(), "application/json".to_owned())],
        body: body.to_string().into_bytes(),
        ..HttpRequest::default()
    };
    let told = tell(&visit.state, &visit.realm, request).await;
    let told = told.map_err(|error| away(&error))?;
    let text = |name: &str| {
        told.members
            .get(name)
            .and_then(Value::as_str)
            .map(str::to_owned)
    };
    let issuer = visit.state.addresses.issuer(&visit.realm);
    if let (201, Some(client_id), Some(uri), Some(token)) = (
        told.status,
        text("client_id"),
        text("registration_client_uri"),
        text("registration_access_token"),
    ) && uri.starts_with(&format!("{issuer}/"))
    {
        visit.state.registrations.keep(Registered {
            realm: visit.realm.clone(),
            client_id,
            uri,
            token,
        });
    }
    Ok(Outcome::Registered { sent: body, told })
}

/// Removes a client that was registered from this page (RFC 7592 §2.3).
pub(crate) async fn remove(visit: Visit, payload: web::Payload) -> HttpResponse {
    match try_remove(&visit, payload).await {
        Ok(outcome) => respond(&visit, Some(outcome)).await,
        Err(refusal) => visit.refuse(&refusal, None).await,
    }
}

async fn try_remove(visit: &Visit, payload: web::Payload) -> Result<Outcome, Refusal> {
    let form = visit.form(payload).await?;
    let client_id = form.get("client_id").unwrap_or_default();
    let own = visit.state.registrations.take(&visit.realm, client_id);
    let own = own.ok_or_else(|| Refusal::by_client(RefusalKind::FormExpired))?;
    let request = HttpRequest {
        method: "DELETE".to_owned(),
        url: own.uri,
        ..HttpRequest::default()
    };
    let told = tell(&visit.state, &visit.realm, request.bearer(&own.token)).await;
    Ok(Outcome::Removed {
        client_id: own.client_id,
        told: told.map_err(|error| away(&error))?,
    })
}

fn away(error: &HttpError) -> Refusal {
    Refusal::provider_away(&error.to_string())
}
