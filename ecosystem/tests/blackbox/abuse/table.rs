//! Every route of the three services, as their sources mount it.

use std::path::{Path, PathBuf};

/// A route: where, by which methods, and whose.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Route {
    /// `client-app`, `auth-server`, `resource-server`.
    pub(super) service: &'static str,
    /// As it is mounted: `/flows/{id}`.
    pub(super) path: String,
    /// `GET`.
    pub(super) method: String,
}

/// The files that mount routes, and the services that use them.
const FILES: [(&str, &[&str]); 9] = [
    ("client-app/src/routes.rs", &["client-app"]),
    ("client-app/src/control/mod.rs", &["client-app"]),
    ("client-app/src/clock/mod.rs", &["client-app"]),
    ("client-app/src/lifetime/mod.rs", &["client-app"]),
    ("client-app/src/predict/mod.rs", &["client-app"]),
    ("auth-server/src/routes.rs", &["auth-server"]),
    ("resource-server/src/routes.rs", &["resource-server"]),
    (
        "shared/src/page/mod.rs",
        &["client-app", "auth-server", "resource-server"],
    ),
    (
        "shared/src/serve/health.rs",
        &["client-app", "auth-server", "resource-server"],
    ),
];

/// Constants that stand for a path in those files.
const CONSTANTS: [(&str, &str); 4] = [
    ("shared::control::follow::PATH", "/control"),
    (
        "well_known::OAUTH_AUTHORIZATION_SERVER",
        "/.well-known/oauth-authorization-server",
    ),
    (
        "well_known::OPENID_CONFIGURATION",
        "/.well-known/openid-configuration",
    ),
    (
        "OAUTH_PROTECTED_RESOURCE",
        "/.well-known/oauth-protected-resource",
    ),
];

/// Files that mount routes and are not read: what makes a route for others to mount; `/vitals` and `/metrics`, which
/// anybody may read by GET; and the pages of the page tests.
const NOT_READ: [&str; 5] = [
    "client-app/src/endpoint/not_found.rs",
    "shared/src/serve/read.rs",
    "shared/src/serve/vitals.rs",
    "shared/src/telemetry/exposition.rs",
    "shared/src/page/samples.rs",
];

/// All of them, from the sources: a path, and the methods of the routes that are named until the next path.
pub(super) fn routes() -> Vec<Route> {
    let mut all = Vec::new();
    for (file, services) in FILES {
        let source = std::fs::read_to_string(root().join(file)).unwrap();
        let mut source = source.split("#[cfg(test)]").next().unwrap().to_owned();
        for (constant, path) in CONSTANTS {
            source = source.replace(constant, &format!("\"{path}\""));
        }
        for (path, methods) in paths(&source) {
            for method in methods {
                for service in services {
                    all.push(Route {
                        service,
                        path: path.clone(),
                        method: method.to_owned(),
                    });
                }
            }
        }
    }
    all.sort();
    all.dedup();
    all
}

/// The text literals of a source that are paths, each with the methods that follow it.
fn paths(source: &str) -> Vec<(String, Vec<&'static str>)> {
    let code: Vec<&str> = source
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect();
    let code = code.join("\n");
    let mut found: Vec<(String, Vec<&'static str>)> = Vec::new();
    for (at, piece) in code.split('"').enumerate() {
        if at % 2 == 1 {
            if piece.starts_with('/') && !piece.contains(' ') {
                found.push((piece.to_owned(), Vec::new()));
            }
            continue;
        }
        let Some((_, methods)) = found.last_mut() else {
            continue;
        };
        for (word, method) in [
            ("get().to", "GET"),
            // `HEAD`, too.
            ("read().to", "GET"),
            ("post().to", "POST"),
            ("put().to", "PUT"),
            ("delete().to", "DELETE"),
            ("patch().to", "PATCH"),
        ] {
            if piece.contains(word) && !methods.contains(&method) {
                methods.push(method);
            }
        }
    }
    // What is mounted by a helper that names the path once more has its methods there.
    // A scope is no route.
    found.retain(|(path, methods)| path != "/r/{realm}" && !methods.is_empty());
    found
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_path_buf()
}

impl Route {
    /// A path that can be asked for: identifiers filled in.
    pub(super) fn concrete(&self) -> String {
        let mut path = String::new();
        for part in self.path.split_inclusive('}') {
            match part.split_once('{') {
                Some((before, name)) => {
                    path.push_str(before);
                    path.push_str(match name.trim_end_matches('}') {
                        "grant" => "client-credentials",
                        "name" => "state",
                        "tag" => "en",
                        "format" => "har",
                        "theme" => "cat",
                        _ => "0199f2d8-0000-7000-8000-000000000000",
                    });
                }
                None => path.push_str(part),
            }
        }
        path
    }

    /// Whether it changes something by its method (RFC 9110 §9.2.1).
    pub(super) fn is_unsafe(&self) -> bool {
        self.method != "GET"
    }
}

/// No file mounts a route that is not in [`FILES`].
#[test]
fn every_file_that_mounts_routes_is_read() {
    let mut others = Vec::new();
    for service in ["client-app", "auth-server", "resource-server", "shared"] {
        let mut folders = vec![root().join(service).join("src")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let source = std::fs::read_to_string(&path).unwrap();
                let source = source.split("#[cfg(test)]\nmod tests {").next().unwrap();
                let mounts = source.lines().any(|line| {
                    let line = line.trim_start();
                    !line.starts_with("//")
                        && [".route(", ".service(only_", "web::resource("]
                            .iter()
                            .any(|mounts| line.contains(mounts))
                });
                let name = path
                    .strip_prefix(root())
                    .unwrap()
                    .to_str()
                    .unwrap()
                    .to_owned();
                if mounts && !FILES.iter().any(|(known, _)| *known == name) {
                    others.push(name);
                }
            }
        }
    }
    others.retain(|name| !NOT_READ.contains(&name.as_str()));
    assert_eq!(others, [""; 0], "routes that no test of abuse knows of");
    let known = routes();
    assert!(
        known.len() > 120,
        "only {} were found: {known:#?}",
        known.len()
    );
    for (service, method, path) in [
        ("client-app", "DELETE", "/api/flows"),
        ("client-app", "POST", "/control"),
        ("client-app", "POST", "/sign-in/callback"),
        ("client-app", "GET", "/api/clock"),
        ("auth-server", "POST", "/token"),
        ("auth-server", "PUT", "/register/{client_id}"),
        ("auth-server", "POST", "/login"),
        ("resource-server", "DELETE", "/photos/{id}"),
    ] {
        let wanted = |route: &&Route| {
            (route.service, route.method.as_str(), route.path.as_str()) == (service, method, path)
        };
        assert!(known.iter().any(|route| wanted(&route)), "{method} {path}");
    }
}
