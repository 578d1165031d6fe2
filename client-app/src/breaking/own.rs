//! Own: executes a flow of this client app again, from the press of its first button: a robot in place of the person.
//!
//! The client app makes its own fresh `state`, `nonce` and verifier, sends its own requests, and judges the answers
//! with its own checks; only the one parameter is another.

use super::BreakError;
use super::form::{Form, forms_of};
use super::plan::{Press, Pressed};
use super::robot::{Landing, Robot, post, resolve};

/// Presses the buttons in order, as far as the pages still have them.
///
/// # Errors
/// [`BreakError`] when a service is away or answers what cannot be followed.
pub(super) async fn run(robot: &mut Robot<'_>, presses: &[Press]) -> Result<(), BreakError> {
    let mut at: Option<(String, String)> = None;
    for press in presses {
        let Some((url, form)) = find(robot, press, at.as_ref()).await? else {
            // The flow ended otherwise than the recorded one.
            return Ok(());
        };
        let form = filled(robot, form, press);
        match robot.go(post(&url, &form)?, |_| false).await? {
            Landing::Page { url, page } => at = Some((url, page.text())),
            Landing::Left(_) | Landing::Over => return Ok(()),
        }
    }
    Ok(())
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
