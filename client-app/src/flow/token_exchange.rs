//! Token exchange (RFC 8693): a back end behind the shop, the laboratory, is handed the shop's access token and gets one
//! of its own for it, which says who acts for whom.
//!
//! Two sides: the shop hands over ([`hand_over`]), the laboratory exchanges and works ([`print`]). They speak HTTP.

use serde_json::{Value, json};
use shared::oauth::GrantType;
use shared::observe::{HttpRequest, HttpResponse};

use super::{Answer, ApiAnswer, Latest, Refusal, Run, Step};
use crate::resource::Call;

/// RFC 8693 §3.
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

/// The shop hands its access token to the laboratory.
pub(crate) async fn hand_over(step: &Step<'_>, run: &mut Run) {
    let Some(token) = run.current().map(|set| set.access_token.clone()) else {
        return;
    };
    let (method, path) = Call::HandOver.request();
    let url = format!("{}{path}", step.state.addresses.client(step.realm));
    let request = HttpRequest::post_form(&url, &[]).bearer(&token);
    run.latest = Some(match send(step, request).await {
        Ok(response) => Latest::Api(ApiAnswer {
            call: Call::HandOver,
            method,
            url,
            answer: Answer::from(&response),
            photos: Vec::new(),
        }),
        Err(error) => Latest::Refused(Refusal::provider_away(&error)),
    });
}

/// Why the laboratory cannot print.
#[derive(Debug)]
pub(crate) struct NotPrinted {
    /// The status of its answer.
    pub(crate) status: u16,
    /// What it says.
    pub(crate) body: Value,
}

/// The laboratory's work: a token of its own (§2.1 `actor_token`), the exchange, and the photos by what came of it.
///
/// # Errors
/// [`NotPrinted`]: who said no, and how.
pub(crate) async fn print(step: &Step<'_>, shop_token: &str) -> Result<Value, NotPrinted> {
    let endpoint = format!("{}/token", step.issuer());
    let lab = step.state.clients.lab.basic();
    let own = [("grant_type", "client_credentials")];
    let own = HttpRequest::post_form(&endpoint, &own).header("authorization", lab.as_str());
    let own = said(send(step, own).await, "the laboratory's own token")?;
    let resource = step.state.addresses.resource(step.realm);
    let exchange = [
        ("grant_type", GrantType::TokenExchange.as_str()),
        ("subject_token", shop_token),
        ("subject_token_type", ACCESS_TOKEN),
        ("actor_token", text(&own, "access_token")),
        ("actor_token_type", ACCESS_TOKEN),
        ("resource", &resource),
        ("scope", "photos:read"),
    ];
    let exchange = HttpRequest::post_form(&endpoint, &exchange).header("authorization", lab);
    let exchanged = said(send(step, exchange).await, "the exchange")?;
    let photos = HttpRequest::get(format!("{resource}/photos"))
        .header("accept", "application/json")
        .bearer(text(&exchanged, "access_token"));
    let photos = said(send(step, photos).await, "the photos")?;
    let list = photos.get("photos").and_then(Value::as_array);
    Ok(json!({
        "printed": list.map_or(0, Vec::len),
        "issued_token_type": exchanged.get("issued_token_type"),
        "scope": exchanged.get("scope"),
        "expires_in": exchanged.get("expires_in"),
    }))
}

async fn send(step: &Step<'_>, request: HttpRequest) -> Result<HttpResponse, String> {
    let http = &step.state.http;
    let sent = http.send(request, step.realm, Some(step.observation)).await;
    sent.map_err(|error| error.to_string())
}

/// The JSON of an answer that said yes.
fn said(answer: Result<HttpResponse, String>, what: &str) -> Result<Value, NotPrinted> {
    let refused = |status, reason: &str| NotPrinted {
        status,
        body: json!({"error": "not_printed", "step": what, "reason": reason}),
    };
    let answer = answer.map_err(|error| refused(502, &error))?;
    let body = serde_json::from_slice::<Value>(&answer.body);
    match body {
        Ok(body) if answer.status == 200 => Ok(body),
        Ok(body) => Err(refused(403, text(&body, "error"))),
        Err(_) => Err(refused(502, "no JSON")),
    }
}

fn text<'b>(body: &'b Value, name: &str) -> &'b str {
    body.get(name).and_then(Value::as_str).unwrap_or_default()
}
