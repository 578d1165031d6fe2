//! `GET /grants/{grant}`: explains a grant and shows the request. `POST /grants/{grant}/run`: runs it for real.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use shared::oauth::{Digest, Params};
use shared::serve::CspExtra;

use super::visit::Visit;
use crate::clock::ClockBar;
use crate::flow::{
    Delivery, Experiment, Grant, Refusal, RefusalKind, Run, Settings, Stage, Start, Step,
    authorization_code, client_credentials, device, jwt_bearer, password,
};
use crate::page::GrantPage;

/// The page of one grant.
pub(crate) async fn show(visit: Visit) -> HttpResponse {
    let Some(grant) = grant_of(&visit) else {
        let refusal = Refusal::by_client(RefusalKind::GrantUnknown);
        return visit.refuse(&refusal, None).await;
    };
    let owner = visit.owner();
    let runs = &visit.state.runs;
    let of = |owner: &Digest| runs.newest_of(owner, &visit.realm, grant);
    let last = owner.as_ref().and_then(of);
    let refreshable = owner.and_then(|owner| runs.newest_with_refresh_token(&owner, &visit.realm));
    let step = visit.step();
    let clock = ClockBar::new(&visit);
    let settings = Settings::read(grant, visit.request.query_string());
    let page = GrantPage::new(visit.frame.clone(), &step, grant, clock, refreshable)
        .with(&settings)
        .beside(last);
    let mut response = visit.page(&page, StatusCode::OK);
    // Chromium applies `form-action` to the redirect that answers the form: to the auth server.
    response.extensions_mut().insert(CspExtra {
        form_action: vec![visit.state.addresses.auth_server.clone()],
        ..CspExtra::default()
    });
    response
}

/// Runs a grant.
pub(crate) async fn run(mut visit: Visit, payload: web::Payload) -> HttpResponse {
    let grant = grant_of(&visit);
    match start(&mut visit, grant, payload).await {
        Ok(response) => response,
        Err(refusal) => visit.refuse(&refusal, grant).await,
    }
}

async fn start(
    visit: &mut Visit,
    grant: Option<Grant>,
    payload: web::Payload,
) -> Result<HttpResponse, Refusal> {
    let grant = grant.ok_or_else(|| Refusal::by_client(RefusalKind::GrantUnknown))?;
    let form = visit.form(payload).await?;
    let owner = visit.owner_or_new()?;
    let choice = choice_of(grant, &form);
    let step = visit.step();
    let run = match grant {
        Grant::AuthorizationCode => {
            let (run, url) = authorization_code::start(&step, owner, &choice)?;
            let url = choice.delivery.carry(&step, url).await?;
            visit.state.runs.insert(run);
            return Ok(visit.see_other(&url));
        }
        Grant::ClientCredentials => client_credentials::run(&step, owner, &choice).await?,
        Grant::JwtBearer => jwt_bearer::run(&step, owner, &choice).await?,
        Grant::Device => {
            let run = device::start(&step, owner, &choice).await?;
            return Ok(show_tv(visit, run));
        }
        Grant::Password => {
            let field = |name| form.get(name).unwrap_or_default().to_owned();
            let typed = password::Typed {
                username: field("username"),
                password: field("password"),
            };
            password::run(&step, owner, &choice, typed).await?
        }
        // The one runs in the browser, the other begins with a run that has a refresh token.
        Grant::Implicit | Grant::RefreshToken => {
            return Ok(visit.see_other(&visit.frame.link(format!("/grants/{}", grant.slug()))));
        }
    };
    Ok(visit.show_run(run))
}

/// Keeps a run, polls for it while its person decides elsewhere, and shows its screen.
fn show_tv(visit: &Visit, run: Run) -> HttpResponse {
    if !matches!(run.stage, Stage::Polling(_)) {
        return visit.show_run(run);
    }
    let screen = visit.frame.link(format!("/runs/{}/tv", run.id));
    let (owner, id) = (run.owner.clone(), run.id.clone());
    visit.state.runs.insert(run);
    let (state, realm) = (visit.state.clone(), visit.realm.clone());
    let observation = visit.observation.clone();
    actix_web::rt::spawn(async move {
        let step = Step {
            state: &state,
            realm: &realm,
            observation: &observation,
        };
        device::watch(&step, &owner, &id).await;
    });
    visit.see_other(&screen)
}

/// What the person chose: each ticked scope is a field `scope.{name}`.
fn choice_of(grant: Grant, form: &Params) -> Start {
    let experiment = form
        .get("experiment")
        .and_then(Experiment::from_slug)
        .filter(|known| Experiment::of(grant).contains(known));
    let ticked = form
        .iter()
        .filter_map(|(name, _)| name.strip_prefix("scope."));
    let scope = match experiment {
        Some(Experiment::FewerScopes) => "profile".to_owned(),
        Some(_) => default_scope(grant),
        None => grant.allowed_scope(ticked),
    };
    let delivery = form.get("delivery").and_then(Delivery::from_slug);
    Start {
        scope,
        experiment,
        delivery: delivery.unwrap_or_default(),
        bound: form.get("bound").is_some() && grant == Grant::AuthorizationCode,
        ..Start::default()
    }
}

/// The scopes that are ticked at first.
pub(crate) fn default_scope(grant: Grant) -> String {
    let ticked = grant.scopes().iter().filter(|(_, ticked)| *ticked);
    grant.allowed_scope(ticked.map(|(name, _)| *name))
}

fn grant_of(visit: &Visit) -> Option<Grant> {
    Grant::from_slug(visit.request.match_info().get("grant")?)
}
