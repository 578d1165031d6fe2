//! What a flow is taken away as: scripts that really run, files that other tools read, and nothing secret in them.
//!
//! Each grant is run as a person would, then its files are fetched; the scripts are executed by the shells of this
//! machine against the same realm.

mod hostile;
mod secrets;

use std::process::{Command, Output, Stdio};
use std::time::Duration;

use crate::support::{ALICE, Browser, Page, Request, World};
use ecosystem::record::FlowView;

/// What ends when the record has taken in everything.
const QUIET: Duration = Duration::from_millis(150);

/// The variables of a redacted script, for each grant: what the demo's cast knows.
const KNOWN: [(&str, &str); 3] = [
    ("USER_NAME", "alice"),
    ("PASSWORD", "alice-password"),
    ("CLIENT_SECRET", ""),
];

/// A grant that was run at the client app's pages.
#[derive(Clone, Copy, Debug)]
struct Ran {
    grant: &'static str,
    secret: &'static str,
    /// What its script must say: lines of what the API answered, or of what the client saw.
    says: &'static [&'static str],
}

const CODE: Ran = Ran {
    grant: "authorization-code",
    secret: "web-secret",
    says: &["-> back at ", "First light on the ridge"],
};
const REFRESH: Ran = Ran {
    grant: "refresh-token",
    secret: "web-secret",
    says: &["-> back at ", "First light on the ridge"],
};
const MACHINE: Ran = Ran {
    grant: "client-credentials",
    secret: "service-secret",
    says: &["\"photos\""],
};
const PASSWORD: Ran = Ran {
    grant: "password",
    secret: "trusted-secret",
    says: &["First light on the ridge"],
};

/// The newest flow of the realm, once nothing more arrives.
async fn settled(world: &World) -> FlowView {
    let mut before = String::new();
    loop {
        tokio::time::sleep(QUIET).await;
        let flows = world.realm.flows().await.unwrap();
        let flow = world.realm.flow(&flows[0].id).await.unwrap();
        let now = serde_json::to_string(&flow).unwrap();
        if now == before {
            return flow;
        }
        before = now;
    }
}

/// Runs a grant as a person would, to the API's answer.
async fn run(world: &World, ran: Ran) -> FlowView {
    let mut browser = Browser::new();
    let page = browser
        .open(&world.app(&format!("/grants/{}", ran.grant)))
        .await;
    let alice = [("username", ALICE.username), ("password", ALICE.password)];
    let fields: &[(&str, &str)] = if ran.grant == "password" { &alice } else { &[] };
    let page = browser.press(&page, "run", fields).await;
    let page = match ran.grant {
        "authorization-code" => sign_in(&mut browser, page).await,
        "refresh-token" => {
            let page = sign_in(&mut browser, page).await;
            browser.press(&page, "refresh", &[]).await
        }
        _ => page,
    };
    let call = if ran.grant == "client-credentials" {
        "call-stats"
    } else {
        "call-photos"
    };
    let page = browser.press(&page, call, &[]).await;
    assert!(page.has("api-answer"), "{}", page.text());
    settled(world).await
}

async fn sign_in(browser: &mut Browser, page: Page) -> Page {
    let alice = [("username", ALICE.username), ("password", ALICE.password)];
    let page = browser.press(&page, "login-submit", &alice).await;
    browser.press(&page, "consent-allow", &[]).await
}

/// A file of a flow.
async fn file(world: &World, flow: &FlowView, rest: &str) -> String {
    let url = world.app(&format!("/flows/{}/flow.{rest}", flow.summary.id));
    let answer = Request::get(&url).send().await;
    assert_eq!(answer.status, 200, "{url}: {}", answer.text());
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    let disposition = answer.header("content-disposition").unwrap_or_default();
    assert!(
        disposition.starts_with("attachment; filename=\"grantscope-"),
        "{disposition}"
    );
    answer.text()
}

/// Runs a script in `shell`, with these variables and nothing else of this process's.
async fn execute(shell: &str, script: &str, variables: &[(&str, &str)]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("flow.sh");
    std::fs::write(&path, script).unwrap();
    let mut command = Command::new(shell);
    command.arg(&path).env_clear().stdin(Stdio::null());
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.envs(variables.iter().copied());
    let ended = tokio::task::spawn_blocking(move || command.output());
    let ended = tokio::time::timeout(Duration::from_mins(1), ended).await;
    let output = ended.expect("it ends").unwrap();
    output.unwrap_or_else(|error| panic!("{shell}: {error}"))
}

/// The script did what was recorded, and said so.
#[track_caller]
fn did(output: &Output, says: &[&str], script: &str) {
    let said = String::from_utf8_lossy(&output.stdout);
    let faults = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n{faults}\n{script}");
    for line in says {
        assert!(
            said.contains(line),
            "{line:?} is missing:\n{said}\n{faults}"
        );
    }
    assert!(!said.contains("recorded:"), "{said}");
}

/// Both scripts of a flow, in both shells.
async fn runs(world: &World, flow: &FlowView, ran: Ran) {
    let shown = file(world, flow, "sh?values=shown").await;
    for shell in ["bash", "sh"] {
        did(&execute(shell, &shown, &[]).await, ran.says, &shown);
    }
    let redacted = file(world, flow, "sh").await;
    assert!(!redacted.contains(ran.secret), "{redacted}");
    let asked = KNOWN.map(|(name, value)| match name {
        "CLIENT_SECRET" => (name, ran.secret),
        _ => (name, value),
    });
    let asked: Vec<_> = asked
        .into_iter()
        .filter(|(name, _)| redacted.contains(&format!("${{{name}:?set")))
        .collect();
    assert!(!asked.is_empty(), "{redacted}");
    // Pictures lie at addresses that are hidden, so only what is said of the rest counts.
    did(
        &execute("bash", &redacted, &asked).await,
        ran.says,
        &redacted,
    );
    let refused = execute("bash", &redacted, &[]).await;
    let faults = String::from_utf8_lossy(&refused.stderr);
    assert!(
        !refused.status.success(),
        "without what is hidden it must not run"
    );
    let names_one = |(name, _): &(&str, &str)| faults.contains(&format!("set {name}"));
    assert!(asked.iter().any(names_one), "{faults}");
}

#[tokio::test]
async fn the_script_of_the_authorization_code_grant_runs() {
    let world = World::new().await;
    let flow = run(&world, CODE).await;
    runs(&world, &flow, CODE).await;
}

#[tokio::test]
async fn the_script_of_a_refresh_runs() {
    let world = World::new().await;
    let flow = run(&world, REFRESH).await;
    runs(&world, &flow, REFRESH).await;
}

#[tokio::test]
async fn the_script_of_the_client_credentials_grant_runs() {
    let world = World::new().await;
    let flow = run(&world, MACHINE).await;
    runs(&world, &flow, MACHINE).await;
}

#[tokio::test]
async fn the_script_of_the_password_grant_runs() {
    let world = World::new().await;
    let flow = run(&world, PASSWORD).await;
    runs(&world, &flow, PASSWORD).await;
}

/// What the page's script does is done here in its place: it opens the authorization endpoint, reads the fragment,
/// and calls the API from the browser.
async fn run_implicit(world: &World) -> FlowView {
    let mut browser = Browser::new();
    let query = crate::support::encode(&[
        ("response_type", "token"),
        ("client_id", "spa"),
        ("redirect_uri", &world.app("/callback/implicit")),
        ("scope", "profile photos:read"),
        ("state", "made-by-the-script"),
    ]);
    let page = browser
        .open(&world.auth(&format!("/authorize?{query}")))
        .await;
    let page = sign_in(&mut browser, page).await;
    let back = page.hops[page.hops.len() - 2].header("location").unwrap();
    let fragment = back.split_once('#').unwrap().1;
    let token = url::form_urlencoded::parse(fragment.as_bytes())
        .find(|(name, _)| name == "access_token")
        .unwrap()
        .1
        .into_owned();
    let photos = Request::get(&world.api("/photos"))
        .header("origin", world.ecosystem.client_app())
        .header("user-agent", "Mozilla/5.0 (X11; Linux x86_64) Scripted/1.0")
        .header("sec-fetch-mode", "cors")
        .bearer(&token)
        .send()
        .await;
    assert_eq!(photos.status, 200, "{}", photos.text());
    settled(world).await;
    // The page of the callback stands alone, where no script joins it to the rest.
    let flows = world.realm.flows().await.unwrap();
    let mut implicit = flows.iter().filter(|flow| flow.grant.name() == "implicit");
    let id = &implicit.next().expect("a flow of this grant").id;
    world.realm.flow(id).await.unwrap()
}

const IMPLICIT: Ran = Ran {
    grant: "implicit",
    secret: "alice-password",
    says: &["-> back at ", "First light on the ridge"],
};

/// It ends with the fragment, and the call that a script makes with what stands in it.
#[tokio::test]
async fn the_script_of_the_implicit_grant_runs() {
    let world = World::new().await;
    let flow = run_implicit(&world).await;
    let shown = file(&world, &flow, "sh?values=shown").await;
    assert!(
        shown.contains("response_type=token") && !shown.contains("/token"),
        "{shown}"
    );
    runs(&world, &flow, IMPLICIT).await;
}

/// A refusal is a flow too: what was refused is refused again, by the same status.
#[tokio::test]
async fn the_script_of_a_refusal_is_refused_alike() {
    let world = World::new().await;
    let mut browser = Browser::new();
    let page = browser.open(&world.app("/grants/authorization-code")).await;
    let page = browser.press(&page, "try-wrong-verifier", &[]).await;
    let page = sign_in(&mut browser, page).await;
    assert!(page.text().contains("invalid_grant"), "{}", page.text());
    let flow = settled(&world).await;
    let script = file(&world, &flow, "sh?values=shown").await;
    did(&execute("bash", &script, &[]).await, &["-> 400"], &script);

    let world = World::new().await;
    let mut browser = Browser::new();
    let page = browser.open(&world.app("/grants/authorization-code")).await;
    let page = browser.press(&page, "run", &[]).await;
    let alice = [("username", ALICE.username), ("password", ALICE.password)];
    let page = browser.press(&page, "login-submit", &alice).await;
    browser.press(&page, "consent-deny", &[]).await;
    let flow = settled(&world).await;
    let script = file(&world, &flow, "sh?values=shown").await;
    did(
        &execute("bash", &script, &[]).await,
        &["-> access_denied"],
        &script,
    );
}

/// A script that meets another answer than the recorded one says so, and fails.
#[tokio::test]
async fn a_script_that_meets_another_answer_fails() {
    let world = World::new().await;
    let flow = run(&world, MACHINE).await;
    let script = file(&world, &flow, "sh").await;
    let wrong = [("CLIENT_SECRET", "another")];
    let output = execute("bash", &script, &wrong).await;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(!output.status.success(), "{said}");
    assert!(said.contains("-> 401 (recorded: 200)"), "{said}");
}

#[tokio::test]
async fn what_is_no_choice_is_refused() {
    let world = World::new().await;
    let flow = run(&world, MACHINE).await;
    let id = &flow.summary.id;
    for (rest, status) in [
        ("flow.sh?values=all", 400),
        ("flow.exe", 404),
        ("flow.sh?values=redacted", 200),
    ] {
        let url = world.app(&format!("/flows/{id}/{rest}"));
        assert_eq!(Request::get(&url).send().await.status, status, "{url}");
    }
    let unknown = world.app(&format!("/flows/{}/flow.sh", "0".repeat(32)));
    assert_eq!(Request::get(&unknown).send().await.status, 404);
    let har = world.realm.export(id, "har").await.unwrap();
    assert!(har.contains("\"version\": \"1.2\""), "{har}");
    assert!(world.realm.export(id, "exe").await.is_err());
}
