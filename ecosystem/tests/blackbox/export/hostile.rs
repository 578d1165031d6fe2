//! What a stranger sends cannot run where a script of its flow is run.

use std::process::{Command, Stdio};

use ecosystem::record::FlowView;

use super::{file, settled};
use crate::support::{Request, World};

/// What a stranger may send: none of it may run where a script of its flow is run.
const HOSTILE: [&str; 10] = [
    "$(touch pwned)",
    "`touch pwned`",
    "';touch pwned;'",
    "\";touch pwned;\"",
    "x\ntouch pwned\n",
    "\u{1b}]0;x\u{7}\r\ntouch pwned",
    "read\n';touch pwned;#",
    "${IFS}touch pwned",
    "-o pwned",
    "@/etc/passwd",
];

#[tokio::test]
async fn a_hostile_flow_makes_a_harmless_script() {
    for text in HOSTILE {
        let world = World::new().await;
        let agent: String = text.chars().filter(|c| !c.is_control()).collect();
        let stats = Request::get(&world.api("/stats"))
            .header("accept", &agent)
            .header("user-agent", &agent)
            .header("content-type", &agent)
            .header("authorization", format!("Bearer {agent}"))
            .body(format!("{{\"a\":{}}}", serde_json::Value::from(text)));
        stats.send().await;
        let flow = settled(&world).await;
        harmless(&world, &flow, text).await;

        let form = [
            ("grant_type", "client_credentials"),
            ("scope", text),
            (text, "x"),
            ("client_id", text),
            ("client_secret", text),
            ("code", text),
        ];
        let token = world.token(&form).header("user-agent", &agent);
        token.send().await;
        let query = crate::support::encode(&[
            ("response_type", "code"),
            ("client_id", "web"),
            ("redirect_uri", &world.app("/callback")),
            ("scope", text),
            ("state", text),
            ("nonce", text),
            (text, text),
        ]);
        Request::get(&world.auth(&format!("/authorize?{query}")))
            .send()
            .await;
        settled(&world).await;
        for flow in world.realm.flows().await.unwrap() {
            // One that has joined another meanwhile is told with that one.
            let Ok(flow) = world.realm.flow(&flow.id).await else {
                continue;
            };
            harmless(&world, &flow, text).await;
        }
    }
}

/// Runs the script of a flow in an empty folder, in which nothing may appear.
async fn harmless(world: &World, flow: &FlowView, text: &str) {
    // Not every shell reads every quotation alike: `sh` is another than bash on Debian.
    let ways = [
        ("bash", "shown"),
        ("bash", "redacted"),
        ("sh", "shown"),
        ("sh", "redacted"),
    ];
    for (shell, values) in ways {
        let script = file(world, flow, &format!("sh?values={values}")).await;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("flow.sh");
        std::fs::write(&path, &script).unwrap();
        let mut command = Command::new(shell);
        command
            .arg(&path)
            .current_dir(folder.path())
            .stdin(Stdio::null());
        let anything = [
            "CLIENT_SECRET",
            "USER_NAME",
            "PASSWORD",
            "CODE",
            "ACCESS_TOKEN",
        ];
        command.envs(anything.map(|name| (name, "x")));
        let output = tokio::task::spawn_blocking(move || command.output());
        let output = output.await.unwrap().unwrap();
        let faults = String::from_utf8_lossy(&output.stderr);
        assert!(
            !faults.contains("syntax error"),
            "{text:?}: {faults}\n{script}"
        );
        let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
        assert_eq!(left.len(), 1, "{text:?} ran: {left:?}\n{script}");
    }
}
