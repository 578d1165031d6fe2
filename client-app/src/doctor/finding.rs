//! A finding: what was examined, how it stands, what shows it, and what to do about it, in the reader's language.
//!
//! The words stand in `shared/locales/*/doctor.ftl`: `doctor-{id}-title`, `doctor-{id}-{level}` and, for what is
//! not well, `doctor-{id}-remedy` or `doctor-{id}-remedy-{why}`. Each may use `{ $service }`, `{ $address }` and
//! `{ $port }`.

use serde::Serialize;
use shared::page::{Frame, Service, key_of};
use shared::realm::Addresses;

/// How something stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Level {
    /// As it should be.
    Ok,
    /// It could not be examined, for a reason that another finding names, or that the page tells.
    Unknown,
    /// It works, and is worth knowing.
    Care,
    /// Something will not work.
    Fault,
}

impl Level {
    /// `ok`, `unknown`, `care` or `fault`: in JSON, classes and language keys.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Unknown => "unknown",
            Self::Care => "care",
            Self::Fault => "fault",
        }
    }
}

/// What the findings are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Area {
    /// Whether each service answers.
    Services,
    /// Whether what they believe of each other fits.
    Fitting,
    /// What this browser does.
    Browser,
}

impl Area {
    /// All of them, in the order of the page.
    pub(super) const ALL: [Self; 3] = [Self::Services, Self::Fitting, Self::Browser];

    /// Its name in language keys.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Services => "services",
            Self::Fitting => "fitting",
            Self::Browser => "browser",
        }
    }
}

/// One finding, before it is put into words.
#[derive(Clone, Debug)]
pub(super) struct Finding {
    /// Its stable name: `service-answers`.
    pub(super) id: &'static str,
    /// Where it belongs.
    pub(super) area: Area,
    /// Whom it is about, if it is one service.
    pub(super) service: Option<Service>,
    /// How it stands.
    pub(super) level: Level,
    /// Why, where the remedy depends on it.
    pub(super) why: &'static str,
    /// What shows it: facts without secrets, in no language.
    pub(super) evidence: Vec<String>,
}

impl Finding {
    /// A finding that is well until somebody says otherwise.
    pub(super) const fn new(id: &'static str, area: Area) -> Self {
        Self {
            id,
            area,
            service: None,
            level: Level::Ok,
            why: "",
            evidence: Vec::new(),
        }
    }

    /// About this service.
    pub(super) const fn of(mut self, service: Service) -> Self {
        self.service = Some(service);
        self
    }

    /// With this fact.
    pub(super) fn shown_by(mut self, fact: impl Into<String>) -> Self {
        self.evidence.push(fact.into());
        self
    }

    /// It stands so.
    pub(super) const fn is(mut self, level: Level) -> Self {
        self.level = level;
        self
    }

    /// It stands so, for this reason.
    pub(super) const fn because(mut self, level: Level, why: &'static str) -> Self {
        self.level = level;
        self.why = why;
        self
    }

    /// At this level if `wrong`.
    pub(super) const fn worse_if(self, wrong: bool, level: Level) -> Self {
        if wrong { self.is(level) } else { self }
    }
}

/// A finding in words, as the page and the JSON show it.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Told {
    /// Its stable name.
    pub(super) id: &'static str,
    /// Where it belongs.
    pub(super) area: Area,
    /// The service, where it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) service: Option<&'static str>,
    /// How it stands.
    pub(super) level: Level,
    /// What was examined.
    pub(super) title: String,
    /// What was found.
    pub(super) text: String,
    /// What shows it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) evidence: Vec<String>,
    /// What to do; absent where all is well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) remedy: Option<String>,
}

impl Told {
    /// The finding in the reader's language.
    pub(super) fn new(frame: &Frame, addresses: &Addresses, finding: Finding) -> Self {
        let words = Words::of(frame, addresses, finding.service);
        let say = |part: &str| words.say(frame, &format!("doctor-{}-{part}", finding.id));
        let remedy = (finding.level > Level::Unknown).then(|| {
            let special = format!("doctor-{}-remedy-{}", finding.id, finding.why);
            if !finding.why.is_empty() && frame.has(&special) {
                words.say(frame, &special)
            } else {
                say("remedy")
            }
        });
        Self {
            title: say("title"),
            text: say(finding.level.name()),
            remedy,
            id: finding.id,
            area: finding.area,
            service: finding.service.map(Service::name),
            level: finding.level,
            evidence: finding.evidence,
        }
    }
}

/// What sentences about a service may name.
pub(super) struct Words {
    service: String,
    address: String,
    port: String,
}

impl Words {
    /// For sentences about `service`.
    pub(super) fn of(frame: &Frame, addresses: &Addresses, service: Option<Service>) -> Self {
        let address = service.map_or("", |service| address_of(addresses, service));
        let port = address.rsplit(':').next().unwrap_or_default();
        let name = service.map(|service| frame.t(key_of("service", service.name())));
        Self {
            service: name.unwrap_or_default(),
            address: address.to_owned(),
            port: port.to_owned(),
        }
    }

    /// The sentence `key`.
    pub(super) fn say(&self, frame: &Frame, key: &str) -> String {
        let values = [
            ("service", self.service.as_str()),
            ("address", self.address.as_str()),
            ("port", self.port.as_str()),
        ];
        frame.ta(key, values)
    }
}

/// The public address of a service, without a trailing slash.
pub(super) fn address_of(addresses: &Addresses, service: Service) -> &str {
    match service {
        Service::ClientApp => &addresses.client_app,
        Service::AuthServer => &addresses.auth_server,
        Service::ResourceServer => &addresses.resource_server,
    }
}
