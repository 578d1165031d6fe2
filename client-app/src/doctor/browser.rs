//! What this browser does, as far as its own request tells: cookies, name, language, https. Facts in, findings out.
//!
//! What only a script can tell (whether the browser reaches each service, its clock) is unknown here, and asked by
//! `assets/doctor.js`.

use shared::page::Service;
use shared::realm::Addresses;
use shared::serve::cookies::HOST_PREFIX;

use super::finding::{Area, Finding, Level};
use super::visitor::{CookieTest, MOST_COOKIES, Visitor};

/// The findings about the browser.
pub(super) fn examine(addresses: &Addresses, visitor: &Visitor) -> Vec<Finding> {
    let mut findings = vec![
        cookies(visitor),
        crowd(visitor),
        host(addresses, visitor),
        language(visitor),
        https(addresses, visitor),
    ];
    for service in Service::ALL {
        findings.push(unknown("browser-reaches").of(service));
    }
    findings.push(unknown("browser-clock"));
    findings
}

fn about(id: &'static str) -> Finding {
    Finding::new(id, Area::Browser)
}

/// Left to the script.
fn unknown(id: &'static str) -> Finding {
    about(id).is(Level::Unknown)
}

/// A cookie was set on the way here: did it come back?
fn cookies(visitor: &Visitor) -> Finding {
    about("cookies").is(match visitor.test {
        CookieTest::NotMade => Level::Unknown,
        CookieTest::Kept => Level::Ok,
        CookieTest::Lost => Level::Fault,
    })
}

/// Ports do not separate cookies: every program on this host name has the same jar.
fn crowd(visitor: &Visitor) -> Finding {
    let mut seen: Vec<&str> = Vec::new();
    let mut twice: Vec<&str> = Vec::new();
    let mut strangers = 0_usize;
    for name in &visitor.cookies {
        let ours = ["app_", "as_", "rs_", "grantscope_"];
        let plain = name.strip_prefix(HOST_PREFIX).unwrap_or(name);
        if !ours.iter().any(|prefix| plain.starts_with(prefix)) {
            strangers = strangers.saturating_add(1);
        } else if seen.contains(&name.as_str()) {
            twice.push(name);
        }
        seen.push(name);
    }
    let finding = about("cookie-crowd")
        .shown_by(format!("Cookie: {} bytes", visitor.cookie_bytes))
        .shown_by(format!("cookies: {}", visitor.cookies.len()))
        .shown_by(format!("of other programs: {strangers}"));
    let finding = visitor
        .cookies
        .iter()
        .fold(finding, |finding, name| finding.shown_by(name.as_str()));
    if !twice.is_empty() {
        let names = twice.join(", ");
        return finding
            .shown_by(format!("twice: {names}"))
            .because(Level::Fault, "twice");
    }
    finding.worse_if(visitor.cookie_bytes > MOST_COOKIES, Level::Care)
}

/// The name by which the browser came, against the one that every link and redirect uses.
fn host(addresses: &Addresses, visitor: &Visitor) -> Finding {
    let public = &addresses.client_app;
    let authority = public.split_once("://").map_or("", |(_, rest)| rest);
    about("host")
        .shown_by(format!("Host: {}", visitor.host))
        .shown_by(public.clone())
        .worse_if(!visitor.host.eq_ignore_ascii_case(authority), Level::Care)
}

/// Which language, and why.
fn language(visitor: &Visitor) -> Finding {
    let why = match &visitor.language_cookie {
        Some(cookie) => format!("Cookie: {cookie}"),
        None => format!("Accept-Language: {}", visitor.accept_language),
    };
    about("language").shown_by(why)
}

/// Plain http is fine on this machine alone; Safari can be told to refuse it even there.
fn https(addresses: &Addresses, visitor: &Visitor) -> Finding {
    let url = url::Url::parse(&addresses.client_app).ok();
    let plain = url.as_ref().is_some_and(|url| url.scheme() == "http");
    let here = url.as_ref().and_then(|url| url.host_str());
    let here = matches!(here, Some("localhost" | "127.0.0.1" | "[::1]"));
    let finding = about("https").shown_by(addresses.client_app.clone());
    match (plain, here) {
        // No secure context: scripts have no crypto.subtle and no clipboard there.
        (true, false) => finding.because(Level::Care, "network"),
        (true, true) if visitor.is_safari => finding.because(Level::Care, "safari"),
        (false, _) | (true, true) => finding,
    }
}
