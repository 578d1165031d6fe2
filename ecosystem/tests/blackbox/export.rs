//! What a flow is taken away as: scripts that really run, files that other tools read, and nothing secret in them.
//!
//! Each grant is run as a person would, then its files are fetched; the scripts are executed by the shells of this
//! machine against the same realm.

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
    let ended = tokio::time::timeout(Duration::from_secs(60), ended).await;
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
