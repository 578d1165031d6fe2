//! What the demo says once it runs: where to go, and as whom.

use std::fmt::Write;

use ecosystem::Ecosystem;
use shared::seed::Seed;

/// The text, in a box.
pub(crate) fn banner(ecosystem: &Ecosystem, seed: &Seed) -> String {
    let mut lines = vec![
        String::new(),
        "Grantscope is running: a complete OAuth 2 world on this machine.".to_owned(),
        String::new(),
        format!("Open       {}", ecosystem.client_app()),
        String::new(),
    ];
    let people = seed.realms.first().map(|realm| realm.people.as_slice());
    for (index, person) in people.unwrap_or_default().iter().enumerate() {
        let label = if index == 0 { "Sign in" } else { "or" };
        lines.push(format!(
            "{label:<10} {} / {}",
            person.username, person.password
        ));
    }
    let data = ecosystem.directory().map_or_else(
        || "in memory: gone when it stops".to_owned(),
        |directory| format!("{} (--fresh starts over)", directory.display()),
    );
    lines.extend(trust(ecosystem));
    lines.extend([
        String::new(),
        format!("Server     {}", ecosystem.auth_server()),
        format!("API        {}", ecosystem.resource_server()),
        format!("Data       {data}"),
        String::new(),
        "Ctrl-C stops it.".to_owned(),
        String::new(),
    ]);
    boxed(&lines)
}

/// How a browser comes to trust the certificate, where it is one of ours.
fn trust(ecosystem: &Ecosystem) -> Vec<String> {
    let Some(authority) = ecosystem.authority() else {
        return Vec::new();
    };
    let Some(file) = &authority.file else {
        return vec![
            String::new(),
            "HTTPS      by an authority that is gone when this stops: the browser will warn."
                .to_owned(),
        ];
    };
    let file = file.display();
    vec![
        String::new(),
        format!("HTTPS      trust {file}, which vouches for localhost alone:"),
        format!("  Chromium   certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n grantscope -i {file}"),
        "  Firefox    Settings, Privacy & Security, View Certificates, Authorities, Import"
            .to_owned(),
        format!(
            "  macOS      security add-trusted-cert -k ~/Library/Keychains/login.keychain-db {file}"
        ),
        format!("  Windows    certutil -user -addstore Root {file}"),
        format!(
            "  curl       curl --cacert {file} {}",
            ecosystem.client_app()
        ),
    ]
}

/// Lines in a frame, as wide as the widest.
fn boxed(lines: &[String]) -> String {
    let width = |line: &String| line.chars().count();
    let widest = lines.iter().map(width).max().unwrap_or_default();
    let edge = "─".repeat(widest.saturating_add(4));
    let mut text = format!("\n╭{edge}╮\n");
    for line in lines {
        let room = " ".repeat(widest.saturating_sub(width(line)));
        // Writing to a String does not fail.
        let _ = writeln!(text, "│  {line}{room}  │");
    }
    let _ = writeln!(text, "╰{edge}╯");
    text
}
