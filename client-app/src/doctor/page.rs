//! `GET {base}/doctor`: every finding, with what to do. `GET {base}/api/doctor`: the same for scripts.

use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};
use askama::Template;
use serde::Serialize;
use shared::page::{Frame, Service};
use shared::serve::CspExtra;
use shared::serve::vitals::vitals_of;

use super::facts::Facts;
use super::finding::{Area, Level, Told, Words};
use super::visitor::{CookieTest, PARAMETER, Visitor, begin_test, test_of};
use super::{browser, fitting, services};
use crate::endpoint::Visit;

/// The page. Sets a cookie on the first visit and looks for it on the second, which follows at once.
pub(crate) async fn show(visit: Visit) -> HttpResponse {
    let own = (visit.state.cookies(), &visit.realm);
    let Some(test) = test_of(&visit.request, own) else {
        return match begin_test(own) {
            Ok((value, cookie)) => {
                let again = format!("/doctor?{PARAMETER}={value}");
                HttpResponse::SeeOther()
                    .insert_header((header::LOCATION, visit.frame.link(again)))
                    .insert_header((header::CACHE_CONTROL, "no-store"))
                    .cookie(cookie)
                    .finish()
            }
            Err(error) => {
                tracing::error!(%error, "no test of cookies");
                HttpResponse::InternalServerError().finish()
            }
        };
    };
    let told = Box::pin(examine(&visit, test)).await;
    let page = DoctorPage::new(&visit, told);
    let mut response = visit.page(&page, StatusCode::OK);
    // The page's script asks all three whether this browser reaches them.
    response.extensions_mut().insert(CspExtra {
        connect_src: vec![
            visit.state.addresses.auth_server.clone(),
            visit.state.addresses.resource_server.clone(),
        ],
        ..CspExtra::default()
    });
    response
}

/// What `GET {base}/api/doctor` answers.
#[derive(Serialize)]
struct Report {
    status: Level,
    findings: Vec<Told>,
}

/// The findings as JSON; of the browser only what a script's request tells.
pub(crate) async fn report(visit: Visit) -> HttpResponse {
    let test = CookieTest::NotMade;
    let findings = Box::pin(examine(&visit, test)).await;
    let status = worst(&findings);
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .json(Report { status, findings })
}

/// How all stands: what could not be examined counts for nothing.
fn worst(findings: &[Told]) -> Level {
    let levels = findings.iter().map(|finding| finding.level);
    levels
        .filter(|level| *level != Level::Unknown)
        .max()
        .unwrap_or(Level::Ok)
}

async fn examine(visit: &Visit, test: CookieTest) -> Vec<Told> {
    let facts = Facts::gather(&visit.state, &visit.realm).await;
    let visitor = Visitor::of(&visit.request, (visit.state.cookies(), &visit.realm), test);
    let mut findings = services::examine(&facts);
    findings.extend(fitting::examine(&facts));
    findings.extend(browser::examine(&facts.addresses, &visitor));
    let tell = |finding| Told::new(&visit.frame, &facts.addresses, finding);
    findings.into_iter().map(tell).collect()
}

/// `templates/doctor.html`
#[derive(Template)]
#[template(path = "doctor.html")]
struct DoctorPage {
    frame: Frame,
    status: Level,
    faults: usize,
    cares: usize,
    groups: Vec<Group>,
    probes: Vec<Probe>,
    clock: Clock,
}

/// The findings of one area.
struct Group {
    name: &'static str,
    title: String,
    findings: Vec<Told>,
}

/// What the script asks, and what it says then.
struct Probe {
    service: &'static str,
    url: String,
    ok: String,
    fault: String,
    remedy: String,
}

/// What the script says of the browser's clock; `%` stands for the seconds.
struct Clock {
    url: String,
    ok: String,
    care: String,
    remedy: String,
}

impl DoctorPage {
    fn new(visit: &Visit, findings: Vec<Told>) -> Self {
        let frame = visit.frame.clone();
        let count = |level| findings.iter().filter(|one| one.level == level).count();
        let addresses = &visit.state.addresses;
        let probe = |service: Service| {
            let words = Words::of(&frame, addresses, Some(service));
            let say = |part: &str| words.say(&frame, &format!("doctor-browser-reaches-{part}"));
            Probe {
                service: service.name(),
                url: vitals_of(addresses, service, &visit.realm),
                ok: say("ok"),
                fault: say("fault"),
                remedy: say("remedy-away"),
            }
        };
        Self {
            status: worst(&findings),
            faults: count(Level::Fault),
            cares: count(Level::Care),
            probes: Service::ALL.map(probe).into(),
            clock: Clock {
                url: visit.frame.link("/vitals"),
                ok: frame.t("doctor-browser-clock-ok"),
                care: frame.ta("doctor-browser-clock-care", [("seconds", "%")]),
                remedy: frame.t("doctor-browser-clock-remedy-apart"),
            },
            groups: groups(&frame, findings),
            frame,
        }
    }

    /// The probe that stands for this finding, if a script answers it.
    fn probe(&self, finding: &Told) -> Option<&Probe> {
        if finding.id != "browser-reaches" {
            return None;
        }
        let mut probes = self.probes.iter();
        probes.find(|probe| Some(probe.service) == finding.service)
    }
}

fn groups(frame: &Frame, findings: Vec<Told>) -> Vec<Group> {
    let mut groups: Vec<Group> = Area::ALL
        .map(|area| Group {
            name: area.name(),
            title: frame.t(format!("doctor-area-{}", area.name())),
            findings: Vec::new(),
        })
        .into();
    for finding in findings {
        let name = finding.area.name();
        if let Some(group) = groups.iter_mut().find(|group| group.name == name) {
            group.findings.push(finding);
        }
    }
    groups
}
