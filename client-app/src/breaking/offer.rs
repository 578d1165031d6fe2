//! Offer: what can be done to which parameter, and why not the rest: one table.
//!
//! May use the configured clients and people, from whom another's values come. RFC 6749 Appendix A for what each
//! parameter is.

use serde::Serialize;
use shared::flow::{ExchangeId, Kind, Party};
use shared::realm::{Addresses, RealmName};

use super::edit::Edit;
use super::job::Act;
use super::mutation::Mutation;
use crate::clients::ClientsConfig;
use crate::config::DemoConfig;
use crate::flow::Grant;
use crate::record::parameter::{Parameter, ParameterPlace};
use crate::record::view::{ExchangeView, FlowView};

/// What a parameter is, as far as it can be spoilt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// A word of the protocol: the same for everybody, in every run.
    Word,
    /// Who the client is.
    ClientId,
    /// What only the client knows.
    ClientSecret,
    /// Where the client wants its answer.
    RedirectUri,
    /// What is asked for.
    Scope,
    /// Who the person is.
    Username,
    /// What only the person knows.
    Password,
    /// A value that is made for one run.
    OneRun,
    /// As [`Class::OneRun`], and its request may be made once only.
    OneUse,
    /// A value of one run that a person types, so short that wrong ones are counted (RFC 8628 §5.1).
    UserCode,
    /// As [`Class::OneRun`], but the client's own, whoever its user is.
    ClientsRun,
    /// As [`Class::OneUse`], but the client's own, whoever its user is: what it signed itself.
    ClientsUse,
}

/// From where the value comes that is put in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// Nothing is needed: this is done.
    Known(Act),
    /// From an earlier execution of the same flow.
    Earlier,
    /// From the same flow of this other person.
    Anothers(String),
}

/// Why something is not offered; the end of a language key.
pub(super) type Reason = &'static str;

/// One parameter of one exchange, with what can be done to it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Offer {
    /// The parameter.
    pub(crate) parameter: String,
    /// Where it stands.
    pub(crate) place: ParameterPlace,
    /// What can be done.
    pub(crate) mutations: Vec<Mutation>,
    /// What cannot be done, and why: `constant`, `nobodys`, `nobody`, `clients-own`, `no-person`.
    pub(crate) without: Vec<(Mutation, Reason)>,
}

/// One exchange of a flow, with its parameters.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Offered {
    /// The exchange.
    pub(crate) exchange: ExchangeId,
    /// Its place in the flow, from 1.
    pub(crate) step: usize,
    /// The method.
    pub(crate) method: String,
    /// The route.
    pub(crate) path: String,
    /// Who sent it.
    pub(crate) from: Party,
    /// Who answered it.
    pub(crate) to: Party,
    /// Its parameters; none where `why` says why.
    pub(crate) parameters: Vec<Offer>,
    /// Why nothing of it can be spoilt: `fragment`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) why: Option<Reason>,
}

/// Whose values there are besides those of the flow.
#[derive(Clone, Copy, Debug)]
pub(super) struct Others<'a> {
    pub(super) clients: &'a ClientsConfig,
    pub(super) demo: &'a DemoConfig,
    pub(super) addresses: &'a Addresses,
    pub(super) realm: &'a RealmName,
}

/// What a parameter of this name is at this path.
pub(super) fn class_of(name: &str, path: &str) -> Class {
    match name {
        "client_id" => Class::ClientId,
        "client_secret" => Class::ClientSecret,
        "redirect_uri" => Class::RedirectUri,
        "scope" => Class::Scope,
        "username" => Class::Username,
        "password" => Class::Password,
        "code" | "device_code" | "refresh_token" => Class::OneUse,
        "state" if path == "/callback" => Class::OneUse,
        "user_code" => Class::UserCode,
        "assertion" | "client_assertion" => Class::ClientsUse,
        "actor_token" => Class::ClientsRun,
        "state" | "nonce" | "code_challenge" | "code_verifier" | "dpop_jkt" | "request"
        | "request_uri" | "access_token" | "subject_token" | "id_token" | "id_token_hint"
        | "token" | "interaction" | "csrf" => Class::OneRun,
        _ => Class::Word,
    }
}

/// Whether an exchange has parameters that can be spoilt; why not, where that is worth a word.
fn is_offered(exchange: &ExchangeView) -> Result<bool, Reason> {
    if exchange.kind == Kind::InBrowser {
        return Err("fragment");
    }
    if exchange.from == Party::ResourceServer || exchange.method == "OPTIONS" {
        return Ok(false);
    }
    Ok(match exchange.to {
        Party::AuthServer => {
            let path = exchange.path.as_str();
            let shows_form = exchange.method == "GET"
                && (matches!(path, "/login" | "/consent") || path.starts_with("/device"));
            // A poll while nobody has decided changes nothing: the one that counts comes after.
            !shows_form && !is_told_to_wait(exchange)
        }
        // The pictures of a list are got by the same token in the same way.
        Party::ResourceServer => !exchange.path.ends_with("/picture.svg"),
        Party::ClientApp => exchange.path == "/callback",
        _ => false,
    })
}

/// Whether a device asks while its person has not decided yet, or sooner than it may (RFC 8628 §3.5).
pub(super) fn is_told_to_wait(exchange: &ExchangeView) -> bool {
    let mut parameters = exchange.parameters.iter();
    parameters.any(|one| {
        let waits = matches!(one.value.as_str(), "authorization_pending" | "slow_down");
        one.name == "error" && one.place == ParameterPlace::ResponseBody && waits
    })
}

/// The most exchanges that are offered at once: a page of them is half a megabyte.
pub(super) const MOST: usize = 50;

/// Some of the exchanges of a flow, and whether there are more.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Offers {
    /// Those that were asked for, at most 50.
    pub(super) exchanges: Vec<Offered>,
    /// How many of the flow's exchanges that have parameters come after these.
    pub(super) left_out: usize,
    /// The step after which they come: `?after=`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) next: Option<usize>,
}

/// What of a flow can be spoilt, exchange by exchange, from the one after step `after` on.
pub(super) fn offers_of(flow: &FlowView, others: Others<'_>, after: usize) -> Offers {
    let mut offers = Offers::default();
    let rest = flow.exchanges.iter().filter(|one| one.step > after);
    for exchange in rest {
        let why = match is_offered(exchange) {
            Ok(true)
                if exchange
                    .parameters
                    .iter()
                    .any(|one| is_parameter(exchange, one)) =>
            {
                None
            }
            Ok(_) => continue,
            Err(why) => Some(why),
        };
        if offers.exchanges.len() >= MOST {
            offers.left_out += 1;
            offers.next = offers.exchanges.last().map(|last| last.step);
            continue;
        }
        offers.exchanges.push(Offered {
            exchange: exchange.id.clone(),
            step: exchange.step,
            method: exchange.method.clone(),
            path: exchange.path.clone(),
            from: exchange.from.clone(),
            to: exchange.to.clone(),
            parameters: match why {
                None => parameters_of(flow, exchange, others),
                Some(_) => Vec::new(),
            },
            why,
        });
    }
    offers
}

/// Whether this parameter of this exchange is offered.
pub(super) fn is_known(exchange: &ExchangeView, parameter: &Parameter) -> bool {
    is_offered(exchange) == Ok(true) && is_parameter(exchange, parameter)
}

/// Whether it stands in the request, as a parameter of the protocol: what stands in JSON is the API's own.
fn is_parameter(exchange: &ExchangeView, parameter: &Parameter) -> bool {
    match parameter.place {
        ParameterPlace::RequestQuery | ParameterPlace::RequestHeader => true,
        ParameterPlace::RequestBody => exchange.to != Party::ResourceServer,
        ParameterPlace::RedirectQuery
        | ParameterPlace::RedirectFragment
        | ParameterPlace::ResponseBody => false,
    }
}

fn parameters_of(flow: &FlowView, exchange: &ExchangeView, others: Others<'_>) -> Vec<Offer> {
    let mut offers: Vec<Offer> = Vec::new();
    for parameter in &exchange.parameters {
        let known =
            |offer: &Offer| offer.parameter == parameter.name && offer.place == parameter.place;
        if !is_parameter(exchange, parameter) || offers.iter().any(known) {
            continue;
        }
        let (mut mutations, mut without) = (Vec::new(), Vec::new());
        for mutation in Mutation::ALL {
            match source_of(flow, exchange, parameter, (mutation, others)) {
                Ok(_) => mutations.push(mutation),
                Err("") => {}
                Err(reason) => without.push((mutation, reason)),
            }
        }
        offers.push(Offer {
            parameter: parameter.name.clone(),
            place: parameter.place,
            mutations,
            without,
        });
    }
    offers
}

/// From where comes what a mutation of a parameter needs.
///
/// # Errors
/// The reason why it cannot be done; an empty one where it makes no sense to say.
pub(super) fn source_of(
    flow: &FlowView,
    exchange: &ExchangeView,
    parameter: &Parameter,
    (mutation, others): (Mutation, Others<'_>),
) -> Result<Source, Reason> {
    let class = class_of(&parameter.name, &exchange.path);
    match mutation {
        Mutation::LeaveOut => Ok(Source::Known(Act::Spoil(Edit::Remove))),
        Mutation::ChangeOne => Ok(Source::Known(Act::Spoil(Edit::ChangeOne))),
        Mutation::SendTwice => Ok(Source::Known(Act::Spoil(Edit::Repeat))),
        Mutation::SendAgain => match class {
            Class::OneUse | Class::ClientsUse => Ok(Source::Known(Act::Again)),
            _ => Err(""),
        },
        Mutation::UseOld => match class {
            Class::OneRun
            | Class::OneUse
            | Class::UserCode
            | Class::ClientsRun
            | Class::ClientsUse => Ok(Source::Earlier),
            _ => Err("constant"),
        },
        Mutation::UseAnothers => others.anothers(flow, exchange, (class, &parameter.value)),
    }
}

impl Others<'_> {
    fn anothers(
        self,
        flow: &FlowView,
        exchange: &ExchangeView,
        (class, value): (Class, &str),
    ) -> Result<Source, Reason> {
        let put = |value: String| Source::Known(Act::Spoil(Edit::Replace(value)));
        let client = flow.summary.client_id.as_deref().unwrap_or_default();
        match class {
            Class::Word => Err("nobodys"),
            Class::ClientId => Ok(put(self.another_client(client, &exchange.path))),
            Class::ClientSecret => self.another_secret(client).map(put).ok_or("nobody"),
            Class::RedirectUri => Ok(put(self.another_redirect(value))),
            Class::Scope => self.another_scope(client, value).map(put).ok_or("nobody"),
            Class::Username => {
                let (name, _) = self.another_person(value).ok_or("nobody")?;
                Ok(put(name))
            }
            Class::Password => {
                let person = flow.summary.person.as_deref().unwrap_or_default();
                let (_, password) = self.another_person(person).ok_or("nobody")?;
                Ok(put(password))
            }
            Class::ClientsRun | Class::ClientsUse => Err("clients-own"),
            Class::OneRun | Class::OneUse | Class::UserCode => {
                if !has_person(flow) {
                    return Err("no-person");
                }
                let person = flow.summary.person.as_deref().unwrap_or_default();
                let (name, _) = self.another_person(person).ok_or("nobody")?;
                Ok(Source::Anothers(name))
            }
        }
    }

    /// Somebody else who can sign in: name and password.
    pub(super) fn another_person(self, person: &str) -> Option<(String, String)> {
        let first = self.demo.people.first().map(|one| one.username.as_str());
        // Whose name is not recorded is taken for the first.
        let person = if person.is_empty() { first? } else { person };
        let mut people = self.demo.people.iter();
        let other = people.find(|one| one.username != person)?;
        Some((other.username.clone(), other.password.expose().to_owned()))
    }

    /// Another client, one that can send people to `/authorize` where that is asked for.
    fn another_client(self, client: &str, path: &str) -> String {
        let known = self.clients;
        let all = if path == "/authorize" {
            [&known.spa, &known.web, &known.trusted, &known.service]
        } else {
            [&known.trusted, &known.web, &known.service, &known.spa]
        };
        let other = all.into_iter().find(|one| one.client_id != client);
        other.map_or_else(|| "another-client".to_owned(), |one| one.client_id.clone())
    }

    fn another_secret(self, client: &str) -> Option<String> {
        let known = self.clients;
        let all = [&known.trusted, &known.web, &known.service];
        let other = all.into_iter().find(|one| one.client_id != client)?;
        Some(other.client_secret.as_ref()?.expose().to_owned())
    }

    /// Where another client gets its answers.
    fn another_redirect(self, redirect_uri: &str) -> String {
        let base = self.addresses.client(self.realm);
        let (web, spa) = (
            format!("{base}/callback"),
            format!("{base}/callback/implicit"),
        );
        if redirect_uri == web { spa } else { web }
    }

    /// A scope that another client may ask for, and this one not.
    fn another_scope(self, client: &str, asked: &str) -> Option<String> {
        let scopes = |grant: Grant| grant.scopes().iter().map(|(name, _)| (*name).to_owned());
        let (people, machines) = (Grant::AuthorizationCode, Grant::ClientCredentials);
        let machine = self.clients.of(machines).client_id == client;
        let all: Vec<String> = if machine {
            scopes(people).collect()
        } else {
            scopes(machines).collect()
        };
        all.into_iter()
            .rev()
            .find(|name| name != "offline_access" && !asked.split(' ').any(|asked| asked == name))
    }
}

/// Whether a person takes part in a flow.
fn has_person(flow: &FlowView) -> bool {
    let asked = flow
        .exchanges
        .iter()
        .any(|one| matches!(one.path.as_str(), "/authorize" | "/device/confirm"));
    asked || flow.summary.person.is_some()
}
