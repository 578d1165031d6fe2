//! Own: executes a flow of this client app again, from the press of its first button: a robot in place of the person.
//!
//! The client app makes its own fresh `state`, `nonce` and verifier, sends its own requests, and judges the answers
//! with its own checks; only the one parameter is another. Where it is a TV, it polls as it always does, by the realm's
//! clock, and a second robot is the person with the phone.

use std::time::Duration;

use super::BreakError;
use super::form::{Form, forms_of};
use super::phone::{self, Screen};
use super::plan::{Press, Pressed};
use super::robot::{Landing, Robot, post, resolve};
use crate::flow::RunStore;

/// How often it is looked whether the TV has got its answer.
const LOOK: Duration = Duration::from_millis(50);

/// Presses the buttons in order, as far as the pages still have them.
///
/// # Errors
/// [`BreakError`] when a service is away or answers what cannot be followed.
pub(super) async fn run(
    robot: &mut Robot<'_>,
    runs: &RunStore,
    presses: &[Press],
) -> Result<(), BreakError> {
    let mut at: Option<(String, String)> = None;
    for press in presses {
        let Some((url, form)) = find(robot, press, at.as_ref()).await? else {
            // The flow ended otherwise than the recorded one.
            return Ok(());
        };
        let form = filled(robot, form, press);
        let is_screen = |url: &str| run_of_screen(url).is_some();
        at = match robot.go(post(&url, &form)?, is_screen).await? {
            Landing::Page { url, page } => Some((url, page.text())),
            Landing::Left(url) => watch(robot, runs, &url).await?,
            Landing::Over => None,
        };
        if at.is_none() {
            return Ok(());
        }
    }
    Ok(())
}

/// The run whose TV shows its screen at this address.
fn run_of_screen(url: &str) -> Option<&str> {
    let path = url.split(['?', '#']).next()?;
    let (_, run) = path.strip_suffix("/tv")?.rsplit_once("/runs/")?;
    Some(run)
}

/// Lets the person decide on the phone and the TV have its answer; the address and the page of the run then, where it
/// got one. Else nobody waits any more: the TV is switched off.
async fn watch(
    robot: &mut Robot<'_>,
    runs: &RunStore,
    url: &str,
) -> Result<Option<(String, String)>, BreakError> {
    let run = run_of_screen(url).ok_or(BreakError::Lost)?;
    let off = SwitchedOff { runs, run };
    let waiting = runs.waiting(run).ok_or(BreakError::Lost)?;
    let plain = waiting.verification_uri;
    let screen = Screen {
        user_code: waiting.user_code,
        address: waiting.verification_uri_complete.unwrap_or(plain),
    };
    // It polls once somebody has decided, and no sooner than it was told: what it hears before changes nothing.
    runs.poll_at(run, waiting.expires_at);
    let decided = phone::decide(robot, screen).await?;
    let polls = runs.waiting(run).map_or(0, |waiting| waiting.log.len());
    runs.poll_at(run, waiting.next_poll);
    if !decided {
        return Ok(None);
    }
    loop {
        match runs.waiting(run) {
            None => break,
            // It was told to wait, or nothing: the person decided about another device.
            Some(waiting) if waiting.log.len() > polls => return Ok(None),
            Some(_) => tokio::time::sleep(LOOK).await,
        }
    }
    drop(off);
    if robot.job.is_over() {
        return Ok(None);
    }
    let url = url.strip_suffix("/tv").unwrap_or(url).to_owned();
    let page = robot.look(&url).await?.text();
    Ok(Some((url, page)))
}

/// A TV that stops to poll when this is dropped, however its execution ended.
struct SwitchedOff<'a> {
    runs: &'a RunStore,
    run: &'a str,
}

impl Drop for SwitchedOff<'_> {
    fn drop(&mut self) {
        self.runs.switch_off(self.run);
    }
}

/// The form of a press, and the address of the page that it stands on.
async fn find(
    robot: &mut Robot<'_>,
    press: &Press,
    at: Option<&(String, String)>,
) -> Result<Option<(String, Form)>, BreakError> {
    let (url, page, target) = match (&press.target, at) {
        (Pressed::Start(start), _) => {
            let url = start.strip_suffix("/run").unwrap_or(start).to_owned();
            let page = robot.look(&url).await?.text();
            (url, page, start.clone())
        }
        (Pressed::Run(what), Some((url, page))) => {
            let run = url.split(['?', '#']).next().unwrap_or_default();
            (url.clone(), page.clone(), format!("{run}/{what}"))
        }
        (Pressed::Run(_), None) => return Ok(None),
    };
    let goes_there = |form: &Form| resolve(&url, &form.action).is_ok_and(|url| url == target);
    let mut form = forms_of(&page).into_iter().find(goes_there);
    // The page of a grant has no form for the start of another (refresh begins with a code).
    if form.is_none() && matches!(press.target, Pressed::Start(_)) {
        return Err(BreakError::Lost);
    }
    if let Some(form) = &mut form {
        form.action = target;
    }
    Ok(form.map(|form| (url, form)))
}

/// The form as it was filled in then, with the token of now.
fn filled(robot: &Robot<'_>, form: Form, press: &Press) -> Form {
    let token = form.fields.iter().find(|(name, _)| name == "csrf").cloned();
    let mut filled = Form {
        fields: press.fields.clone(),
        ..form
    };
    if let (Some((name, password)), true) = (
        &robot.conduct.person,
        press.fields.iter().any(|(name, _)| name == "password"),
    ) {
        filled.set("username", name);
        filled.set("password", password);
    }
    filled.fields.extend(token);
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_screen_is_known_by_its_address() {
        let run = run_of_screen("http://localhost:8080/blue/runs/abc/tv?x=/tv");
        assert_eq!(run, Some("abc"));
        for other in [
            "http://localhost:8080/runs/abc",
            "http://localhost:8080/tv",
            "http://localhost:8080/login?next=/runs/abc/tv",
        ] {
            assert_eq!(run_of_screen(other), None, "{other}");
        }
    }
}
