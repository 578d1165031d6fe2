//! Does each service answer, is it ready, and does it reach its peers? Facts in, findings out.

use shared::page::Service;

use super::facts::{Facts, Reached, ServiceFacts};
use super::finding::{Area, Finding, Level, address_of};

/// The findings about services.
pub(super) fn examine(facts: &Facts) -> Vec<Finding> {
    let mut findings = vec![
        Finding::new("service-answers", Area::Services)
            .of(Service::ClientApp)
            .shown_by(facts.addresses.client_app.clone()),
    ];
    for service in &facts.services {
        findings.push(answers(service));
        findings.push(ready(service));
        findings.extend(certificate(facts, service));
        findings.extend(loopback(service));
    }
    findings.push(peer(facts));
    findings
}

/// Whether it is there, and whether it is itself.
fn answers(facts: &ServiceFacts) -> Finding {
    let finding = Finding::new("service-answers", Area::Services)
        .of(facts.service)
        .shown_by(facts.health.line());
    if facts.answers() {
        return finding;
    }
    finding.because(
        Level::Fault,
        match &facts.health.answer {
            Err(reason) if reason.contains("no answer within") => "slow",
            Err(reason) if reason.contains("certificate") => "certificate",
            Err(_) => "away",
            Ok((421, _)) => "host",
            Ok(_) => "other",
        },
    )
}

/// Whether its certificate is believed here, where it speaks HTTPS. What each browser believes is its own business.
fn certificate(all: &Facts, facts: &ServiceFacts) -> Option<Finding> {
    let address = address_of(&all.addresses, facts.service);
    if !address.starts_with("https://") {
        return None;
    }
    let finding = Finding::new("certificate", Area::Services)
        .of(facts.service)
        .shown_by(facts.health.line());
    Some(match &facts.health.answer {
        Ok(_) => finding,
        Err(reason) if reason.contains("certificate") => finding.is(Level::Fault),
        Err(_) => finding.is(Level::Unknown),
    })
}

/// Whether it has what it needs (its store).
fn ready(facts: &ServiceFacts) -> Finding {
    let finding = Finding::new("service-ready", Area::Services)
        .of(facts.service)
        .shown_by(facts.ready.line());
    if !facts.answers() {
        return finding.is(Level::Unknown);
    }
    let needs = facts.ready.answer.as_ref().ok();
    let needs = needs.and_then(|(_, body)| body.get("needs")?.as_object());
    let missing = needs
        .into_iter()
        .flatten()
        .filter(|(_, state)| *state != "up");
    let missing: Vec<_> = missing.map(|(need, _)| need.as_str()).collect();
    let finding = missing.iter().fold(finding, |finding, need| {
        finding.shown_by(format!("{need}: down"))
    });
    finding.worse_if(!facts.ready.has_status(200), Level::Fault)
}

/// Whether somebody else listens on another spelling of the same address. Browsers try `[::1]` first.
fn loopback(facts: &ServiceFacts) -> Option<Finding> {
    let all = &facts.loopback;
    if all.is_empty() || !facts.answers() {
        return None;
    }
    let finding = all.iter().fold(
        Finding::new("loopback", Area::Services).of(facts.service),
        |finding, reached| finding.shown_by(reached.line()),
    );
    let ours = |reached: &&Reached| reached.answered_as() == Some(facts.service.name());
    let is_stranger = |reached: &&Reached| reached.answer.is_ok() && !ours(reached);
    if all.iter().any(|reached| is_stranger(&reached)) {
        return Some(finding.is(Level::Fault));
    }
    // None of them: this process lives elsewhere (a container), and cannot tell.
    let none = !all.iter().any(|reached| ours(&reached));
    Some(finding.worse_if(none, Level::Unknown))
}

/// Whether the API reaches the auth server, for keys and introspection.
fn peer(facts: &Facts) -> Finding {
    let finding = Finding::new("peer-reached", Area::Services).of(Service::ResourceServer);
    let signs = facts
        .about(Service::ResourceServer)
        .and_then(|service| service.signs.as_ref());
    let name = Service::AuthServer.name();
    let reached = signs.and_then(|signs| signs.peers.iter().find(|peer| peer.service == name));
    let Some(reached) = reached else {
        return finding.is(Level::Unknown);
    };
    let outcome = match (reached.status, &reached.failure) {
        (Some(status), _) => format!("{status}, {} ms", reached.ms),
        (None, Some(reason)) => reason.clone(),
        (None, None) => String::new(),
    };
    finding
        .shown_by(format!("resource-server: GET {} → {outcome}", reached.url))
        .worse_if(!reached.is_well(), Level::Fault)
}
