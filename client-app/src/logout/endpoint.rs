//! What the browser is given: `POST /runs/{run}/sign-out`, `POST /sign-in/sign-out`, `GET /signed-out`, and
//! `GET /frontchannel-logout`, which is loaded in a frame of the provider's page.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use shared::flow::{CheckDef, catalog as check};
use shared::oauth::Params;
use shared::page;
use shared::serve::CspExtra;

use super::leave::{self, Leaver};
use super::page::{FramePage, SignedOutPage};
use super::{Meant, Way, end};
use crate::endpoint::Visit;
use crate::flow::{Refusal, RefusalKind};

/// The checks of a front-channel logout, in order.
const FRAME_CHECKS: [&CheckDef; 2] = [
    &check::FRONTCHANNEL_LOGOUT_ISSUER,
    &check::FRONTCHANNEL_LOGOUT_SESSION,
];

/// Signs out of the session in which a run got its tokens.
pub(crate) async fn of_run(visit: Visit, payload: web::Payload) -> HttpResponse {
    let leaver = match visit.form(payload).await {
        Ok(_) => leaver_of_run(&visit),
        Err(refusal) => Err(refusal),
    };
    send_away(&visit, leaver).await
}

fn leaver_of_run(visit: &Visit) -> Result<Leaver, Refusal> {
    let run = visit.run()?;
    let gone = || Refusal::by_client(RefusalKind::RunUnknown);
    let meant = run.meant().ok_or_else(gone)?;
    let id_token = run.tokens.iter().rev().find_map(|set| set.id_token.clone());
    Ok(Leaver {
        owner: run.owner,
        meant,
        run: Some(run.id),
        id_token: id_token.ok_or_else(gone)?,
        end_session_endpoint: format!("{}/logout", visit.step().issuer()),
    })
}

/// Signs out whoever is signed in with this browser.
pub(crate) async fn of_account(visit: Visit, payload: web::Payload) -> HttpResponse {
    let leaver = match visit.form(payload).await {
        Ok(_) => leaver_of_account(&visit),
        Err(refusal) => Err(refusal),
    };
    send_away(&visit, leaver).await
}

fn leaver_of_account(visit: &Visit) -> Result<Leaver, Refusal> {
    let owner = visit.owner();
    let account = owner.and_then(|owner| visit.state.accounts.of(&owner, &visit.realm));
    let gone = || Refusal::by_client(RefusalKind::NobodySignedIn);
    let account = account.ok_or_else(gone)?;
    Ok(Leaver {
        end_session_endpoint: account.end_session_endpoint.ok_or_else(gone)?,
        owner: account.owner,
        meant: Meant {
            client_id: account.client_id,
            sub: Some(account.sub),
            sid: account.sid,
        },
        run: None,
        id_token: account.id_token,
    })
}

async fn send_away(visit: &Visit, leaver: Result<Leaver, Refusal>) -> HttpResponse {
    let step = visit.step();
    step.observation.note("grant", "logout");
    let location = leaver.and_then(|leaver| {
        let away = leave::away(&step, leaver);
        away.map_err(|error| Refusal::internal(&error))
    });
    match location {
        Ok(location) => visit.see_other(&location),
        Err(refusal) => visit.refuse(&refusal, None).await,
    }
}

/// The browser comes back from signing out.
pub(crate) async fn signed_out(visit: Visit) -> HttpResponse {
    let owner = visit.owner();
    let query = visit.request.query_string();
    match leave::back(&visit.step(), owner.as_ref(), query) {
        Ok(back) => {
            let page = SignedOutPage::new(visit.frame.clone(), &back);
            visit.page(&page, StatusCode::OK)
        }
        Err(refusal) => visit.refuse(&refusal, None).await,
    }
}

/// The browser loads this in a frame of the provider's page (Front-Channel Logout §2): the session is told by `iss`
/// and `sid`, not by a cookie, which browsers keep back in frames of other sites.
pub(crate) async fn front_channel(visit: Visit) -> HttpResponse {
    let held = framed(&visit);
    let status = if held {
        StatusCode::OK
    } else {
        StatusCode::BAD_REQUEST
    };
    let mut response = page::html(&FramePage::new(&visit.frame, held), status);
    response.extensions_mut().insert(CspExtra {
        frame_ancestors: vec![visit.state.addresses.auth_server.clone()],
        ..CspExtra::default()
    });
    response
}

/// Whether the frame's address names our issuer and a session of ours; then that has ended.
fn framed(visit: &Visit) -> bool {
    let step = visit.step();
    let observed = step.observation;
    observed.plan(&FRAME_CHECKS);
    let params = Params::parse(visit.request.query_string().as_bytes()).unwrap_or_default();
    let (issuer, iss) = (step.issuer(), params.get("iss"));
    let same = iss == Some(issuer.as_str());
    let got = iss.unwrap_or("no iss");
    let verdict = observed.require(&check::FRONTCHANNEL_LOGOUT_ISSUER, same, &issuer, got);
    if !verdict.passed() {
        return false;
    }
    let expected = "the sid of a session of this client";
    let got = match params.get("sid") {
        None => "no sid",
        Some(sid) => end_framed(visit, sid).unwrap_or("another sid"),
    };
    let held = !matches!(got, "no sid" | "another sid");
    observed
        .require(&check::FRONTCHANNEL_LOGOUT_SESSION, held, expected, got)
        .passed()
}

/// Ends the sessions of this name, whichever of our clients they are of; `None` where there is none.
fn end_framed(visit: &Visit, sid: &str) -> Option<&'static str> {
    let step = visit.step();
    let own = [step.state.sign_in.client.client_id.as_str()];
    let clients = step.state.clients.signed_in().into_iter().chain(own);
    let mut before = false;
    let mut ended = 0;
    for client_id in clients {
        let departures = &step.state.departures;
        before |= departures
            .what_ended(&visit.realm, client_id, sid)
            .is_some();
        let meant = Meant {
            client_id: client_id.to_owned(),
            sub: None,
            sid: Some(sid.to_owned()),
        };
        ended += end(&step, &meant, Way::FrontChannel);
    }
    match (ended, before) {
        (0, false) => None,
        (0, true) => Some("the sid of a session that had ended before"),
        _ => Some("the sid of a session of this client"),
    }
}
