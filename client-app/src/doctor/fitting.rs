//! Does what the services believe of each other fit: addresses, issuer, clocks, the record's key? Facts in, findings out.

use shared::page::Service;
use shared::serve::vitals::VitalSigns;

use super::facts::{Facts, ServiceFacts};
use super::finding::{Area, Finding, Level};

/// A difference of clocks that nobody notices, in milliseconds.
const SMALL: i64 = 2_000;
/// A difference by which tokens are refused or live on (most verifiers allow a minute), in milliseconds.
const LARGE: i64 = 60_000;

/// The findings about what must fit.
pub(super) fn examine(facts: &Facts) -> Vec<Finding> {
    let mut findings = vec![issuer(facts), addresses(facts), names(facts)];
    for service in &facts.services {
        findings.push(key(service));
        findings.push(heard(facts, service));
    }
    findings.push(record(facts));
    for service in &facts.services {
        let of = |id| Finding::new(id, Area::Fitting).of(service.service);
        findings.push(clock(of("realm-clock"), service.realm_ahead_ms));
        findings.push(clock(of("machine-clock"), service.wall_ahead_ms));
    }
    findings
}

fn fitting(id: &'static str) -> Finding {
    Finding::new(id, Area::Fitting)
}

/// The issuer as the auth server writes it, against the one that this client expects (RFC 9207 §2.4).
fn issuer(facts: &Facts) -> Finding {
    let expected = facts.addresses.issuer(&facts.realm);
    let finding = fitting("issuer").of(Service::AuthServer);
    let Some(signs) = signs_of(facts, Service::AuthServer) else {
        return finding.is(Level::Unknown);
    };
    let wrong = signs.issuer != expected;
    let finding = finding.shown_by(format!("auth-server: {}", signs.issuer));
    if wrong {
        finding
            .shown_by(format!("client-app: {expected}"))
            .is(Level::Fault)
    } else {
        finding
    }
}

/// Where each believes the three to be.
fn addresses(facts: &Facts) -> Finding {
    let ours = &facts.addresses;
    let mut finding = fitting("addresses");
    let mut known = false;
    for service in &facts.services {
        let Some(signs) = &service.signs else {
            continue;
        };
        known = true;
        let theirs = &signs.addresses;
        for (name, ours, theirs) in [
            ("client_app", &ours.client_app, &theirs.client_app),
            ("auth_server", &ours.auth_server, &theirs.auth_server),
            (
                "resource_server",
                &ours.resource_server,
                &theirs.resource_server,
            ),
        ] {
            if ours != theirs {
                let who = service.service.name();
                finding = finding
                    .shown_by(format!("{name}: client-app {ours}, {who} {theirs}"))
                    .is(Level::Fault);
            }
        }
    }
    if known {
        finding
    } else {
        finding.is(Level::Unknown)
    }
}

/// One name of this machine for all three: cookies, and with them settings, belong to a host name.
fn names(facts: &Facts) -> Finding {
    let all = [
        &facts.addresses.client_app,
        &facts.addresses.auth_server,
        &facts.addresses.resource_server,
    ];
    let hosts = all.map(|address| {
        let url = url::Url::parse(address).ok();
        url.and_then(|url| url.host_str().map(str::to_owned))
    });
    let differ = hosts.iter().any(|host| *host != hosts[0]);
    let shown = all.iter().fold(fitting("one-name"), |finding, address| {
        finding.shown_by(address.as_str())
    });
    shown.worse_if(differ, Level::Care)
}

/// Whether the service has the same record key: by it exchanges are believed, and values recognised.
fn key(facts: &ServiceFacts) -> Finding {
    let finding = fitting("record-key").of(facts.service);
    match facts.signs.as_ref().and_then(|signs| signs.same_record_key) {
        None => finding.is(Level::Unknown),
        Some(same) => finding
            .shown_by(if same {
                "HMAC: accepted"
            } else {
                "HMAC: refused"
            })
            .worse_if(!same, Level::Fault),
    }
}

/// Whether what the service observes arrives here.
fn heard(facts: &Facts, service: &ServiceFacts) -> Finding {
    let finding = fitting("record-heard").of(service.service);
    let Some(signs) = &service.signs else {
        return finding.is(Level::Unknown);
    };
    if !signs.records || !facts.records {
        return finding.because(Level::Care, "off");
    }
    match service.heard_seconds_ago {
        Some(seconds) => finding.shown_by(format!("{seconds} s")),
        // Nothing may have happened yet: that is no fault.
        None => finding.because(Level::Unknown, "nothing-yet"),
    }
}

/// Whether anything was lost on the way.
fn record(facts: &Facts) -> Finding {
    let state = facts.record;
    fitting("record-lost")
        .shown_by(format!("exchanges: {}", state.exchanges))
        .shown_by(format!("dropped: {}", state.dropped))
        .shown_by(format!("shed: {}", state.shed))
        .shown_by(format!("forgotten: {}", state.forgotten))
        .worse_if(state.dropped > 0 || state.shed > 0, Level::Care)
}

/// A clock against ours.
fn clock(finding: Finding, ahead_ms: Option<i64>) -> Finding {
    let Some(ahead) = ahead_ms else {
        return finding.is(Level::Unknown);
    };
    let finding = finding.shown_by(format!("{ahead:+} ms"));
    match ahead.saturating_abs() {
        0..=SMALL => finding,
        ..LARGE => finding.is(Level::Care),
        _ => finding.is(Level::Fault),
    }
}

fn signs_of(facts: &Facts, service: Service) -> Option<&VitalSigns> {
    facts.about(service)?.signs.as_ref()
}
