//! What becomes of an authorization request: sign in, ask for consent, issue, or refuse
//! (`OpenID` Connect Core §3.1.2.3 and §3.1.2.4).
//!
//! A pure function of the request and its circumstances, so that its table can be tested row by row.

use std::collections::BTreeMap;

use shared::flow::catalog as check;
use shared::oauth::{Prompt, Scope, SessionId, Subject};
use shared::observe::Observation;
use shared::time::Timestamp;

use super::{AuthorizationRequest, Refusal};
use crate::person::Means;

/// Somebody who is signed in with this browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SignedIn {
    /// Who.
    pub(crate) subject: Subject,
    /// In which login session.
    pub(crate) sid: SessionId,
    /// When they last proved it.
    pub(crate) auth_time: Timestamp,
    /// And how.
    pub(crate) means: Means,
}

/// Whose client it is, as its registration says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ownership {
    /// It belongs to the provider: nobody is asked.
    FirstParty,
    /// It belongs to somebody else.
    ThirdParty,
    /// Whosever it is, any program on the person's machine can pass for it (RFC 8252 §8.6).
    Anybody,
}

impl Ownership {
    /// What a registration says with its `first_party`.
    pub(crate) const fn of(first_party: bool) -> Self {
        if first_party {
            Self::FirstParty
        } else {
            Self::ThirdParty
        }
    }
}

/// What a person lets a client do without being asked again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Allowed {
    /// The scope at each API that its tokens may be meant for (RFC 8707 §2); the realm's own is [`OWN_API`].
    pub(crate) scopes: BTreeMap<String, Scope>,
}

/// The realm's own API among those of [`Allowed`]: its address may change, what was agreed to does not.
pub(crate) const OWN_API: &str = "";

/// What the decision depends on besides the request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Circumstances<'a> {
    /// Who is signed in.
    pub(crate) signed_in: Option<&'a SignedIn>,
    /// The subject under which the client knows them (`OpenID` Connect Core §8).
    pub(crate) seen_as: Option<&'a str>,
    /// The login session that was begun for this very request, so that `prompt=login` does not ask twice.
    pub(crate) begun_for_this: Option<&'a SessionId>,
    /// The login session that the person chose for this very request, so that `prompt=select_account` does not ask
    /// twice.
    pub(crate) chosen_for_this: Option<&'a SessionId>,
    /// What the person has allowed this client before.
    pub(crate) remembered: Option<&'a Allowed>,
    /// What the request needs to be allowed.
    pub(crate) permissions: &'a Scope,
    /// At which APIs, [`OWN_API`] for the realm's own (RFC 8707 §2).
    pub(crate) apis: &'a [String],
    /// Whose client it is.
    pub(crate) ownership: Ownership,
    /// The realm's time.
    pub(crate) now: Timestamp,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// Show the sign-in page.
    Login,
    /// Show the accounts that are signed in with this browser.
    SelectAccount,
    /// Show the consent page to this person.
    Consent(SignedIn),
    /// Issue what was asked for, in the name of this person.
    Issue(SignedIn),
    /// Tell the client no.
    Refuse(Refusal),
}

/// Decides, and records what was verified on the way. What the person has yet to do is no failed check:
/// it is not reached.
pub(crate) fn decide(
    request: &AuthorizationRequest,
    circumstances: Circumstances<'_>,
    observation: &Observation,
) -> Decision {
    let silent = request.wants(Prompt::None);
    if is_choice_due(request, circumstances) {
        return Decision::SelectAccount;
    }
    let expected = "somebody signed in, recently enough";
    let recent = |who: &&SignedIn| is_login_enough(request, who, circumstances);
    let Some(signed_in) = circumstances.signed_in.filter(recent) else {
        if !silent {
            return Decision::Login;
        }
        let got = match circumstances.signed_in {
            Some(_) => "signed in too long ago",
            None => "nobody",
        };
        let _ = observation.require(&check::LOGIN_SESSION, false, expected, got);
        return Decision::Refuse(Refusal::LoginRequired);
    };
    let _ = observation.require(&check::LOGIN_SESSION, true, expected, expected);
    if let Some(decision) = another_person(request, circumstances, observation) {
        return decision;
    }
    let expected = "consent to this scope";
    let within = |scope: &Scope| circumstances.permissions.is_subset(scope);
    let allowed = circumstances.remembered.map(|allowed| &allowed.scopes);
    let at = |api: &String| allowed.is_some_and(|scopes| scopes.get(api).is_some_and(within));
    let covered = circumstances.apis.iter().all(at);
    let anew = request.wants(Prompt::Consent);
    let reason = if anew {
        None
    } else if circumstances.ownership == Ownership::FirstParty {
        Some("not needed: the client belongs to the provider")
    } else if covered && circumstances.ownership != Ownership::Anybody {
        Some("remembered from before")
    } else {
        None
    };
    match reason {
        Some(reason) => {
            let _ = observation.require(&check::CONSENT_GIVEN, true, expected, reason);
            Decision::Issue(signed_in.clone())
        }
        None if silent => {
            let elsewhere = allowed.is_some_and(|scopes| scopes.values().any(within));
            let got = match (covered, elsewhere) {
                (true, _) => "asked each time: any program can pass for this app",
                (false, true) => "at other APIs alone",
                (false, false) => "none yet",
            };
            let _ = observation.require(&check::CONSENT_GIVEN, false, expected, got);
            Decision::Refuse(Refusal::ConsentRequired)
        }
        None => Decision::Consent(signed_in.clone()),
    }
}

/// Whether the person has yet to choose an account. Who is to sign in anyway chooses by doing so.
fn is_choice_due(request: &AuthorizationRequest, circumstances: Circumstances<'_>) -> bool {
    let sid = circumstances.signed_in.map(|who| &who.sid);
    let settled = [circumstances.begun_for_this, circumstances.chosen_for_this];
    request.wants(Prompt::SelectAccount)
        && !request.wants(Prompt::Login)
        && sid.is_some()
        && !settled.contains(&sid)
}

/// §3.1.2.1 (`id_token_hint`) and §3.1.2.2: no answer is given about anybody but the person who was asked for. Who
/// signed in as somebody else may do so again, once.
fn another_person(
    request: &AuthorizationRequest,
    circumstances: Circumstances<'_>,
    observation: &Observation,
) -> Option<Decision> {
    let (persons, named) = (&request.wishes.persons, request.wishes.named_persons());
    if persons.is_empty() && named.is_none() {
        return None;
    }
    let same = |person: &str| circumstances.seen_as == Some(person);
    let held = persons.iter().all(|one| same(one)) && named.is_none_or(|mut named| named.any(same));
    let sid = circumstances.signed_in.map(|who| &who.sid);
    let asked = sid.is_some() && circumstances.begun_for_this == sid;
    if !held && !asked && !request.wants(Prompt::None) {
        return Some(Decision::Login);
    }
    let got = if held { "that person" } else { "somebody else" };
    let expected = "the person whom the client asked for";
    let verdict = observation.require(&check::LOGIN_EXPECTED_PERSON, held, expected, got);
    (!verdict.passed()).then_some(Decision::Refuse(Refusal::AnotherPerson))
}

/// Whether this sign-in satisfies `prompt` and `max_age`. One that was made for this very request always does.
fn is_login_enough(
    request: &AuthorizationRequest,
    who: &SignedIn,
    circumstances: Circumstances<'_>,
) -> bool {
    if circumstances.begun_for_this == Some(&who.sid) {
        return true;
    }
    let anew = request.wants(Prompt::Login);
    let age = circumstances.now.seconds_since(who.auth_time);
    // max_age=0 is the same as prompt=login.
    let too_old =
        |max: shared::time::Lifetime| max.as_seconds() == 0 || age > i64::from(max.as_seconds());
    !anew && !request.max_age.is_some_and(too_old)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authorization::parse::tests::sample_request;

    const NOW: Timestamp = Timestamp::from_unix(1_000_000);
    /// The API beside the realm's own that was agreed to.
    const ARCHIVE: &str = "https://archive.example/api";

    fn alice() -> SignedIn {
        SignedIn {
            subject: "alice-0001".parse().unwrap(),
            sid: "sid-1".parse().unwrap(),
            auth_time: Timestamp::from_unix(1_000_000 - 100),
            means: Means::Password,
        }
    }

    /// What one row is about: `prompt`, `max_age`, what is remembered, and these facts by letter:
    /// `s` somebody is signed in, `t` for this very request, `c` chosen for it, `f` the client is first party,
    /// `n` anybody can pass for it; the tokens are meant for an API that was agreed to (`a`), for one that was not (`x`), or for one that
    /// was agreed to for less (`l`).
    type Row<'a> = (&'a [Prompt], Option<u32>, Option<&'a str>, &'a str);

    fn decision(row: Row<'_>) -> Decision {
        decision_about(&[], row)
    }

    fn decision_about(persons: &[&str], (prompt, max_age, remembered, facts): Row<'_>) -> Decision {
        let mut request = sample_request();
        request.wishes.persons = persons.iter().map(ToString::to_string).collect();
        request.prompt = prompt.to_vec();
        request.max_age = max_age.map(shared::time::Lifetime::from_seconds);
        let alice = alice();
        let remembered = remembered.map(|scope| {
            let scope: Scope = scope.parse().unwrap();
            let less = (
                "https://less.example/".to_owned(),
                "openid".parse().unwrap(),
            );
            let at = |api: &str| (api.to_owned(), scope.clone());
            Allowed {
                scopes: [at(OWN_API), at(ARCHIVE), less].into(),
            }
        });
        let ownership = if facts.contains('n') {
            Ownership::Anybody
        } else {
            Ownership::of(facts.contains('f'))
        };
        let apis = [
            ('a', ARCHIVE),
            ('x', "https://other.example/"),
            ('l', "https://less.example/"),
        ];
        let asked = apis.iter().filter(|(letter, _)| facts.contains(*letter));
        let mut apis: Vec<String> = asked.map(|(_, api)| (*api).to_owned()).collect();
        if apis.is_empty() {
            apis.push(OWN_API.to_owned());
        }
        let circumstances = Circumstances {
            signed_in: facts.contains('s').then_some(&alice),
            seen_as: facts
                .contains('s')
                .then_some("alice as the client knows her"),
            permissions: &request.scope,
            apis: &apis,
            begun_for_this: facts.contains('t').then_some(&alice.sid),
            chosen_for_this: facts.contains('c').then_some(&alice.sid),
            remembered: remembered.as_ref(),
            ownership,
            now: NOW,
        };
        decide(&request, circumstances, &Observation::nowhere())
    }

    #[test]
    fn the_decision_table_holds() {
        use Decision::{Consent, Issue, Login, Refuse, SelectAccount};
        use Refusal::{ConsentRequired, LoginRequired};
        let all = Some("openid photos:read profile");
        let some = Some("openid");
        let rows: [(Row<'_>, Decision); 32] = [
            ((&[], None, all, ""), Login),
            ((&[], None, None, "s"), Consent(alice())),
            ((&[], None, some, "s"), Consent(alice())),
            ((&[], None, all, "s"), Issue(alice())),
            ((&[], None, None, "sf"), Issue(alice())),
            ((&[], None, None, "f"), Login),
            ((&[Prompt::Login], None, all, "s"), Login),
            ((&[Prompt::Login], None, all, "st"), Issue(alice())),
            ((&[Prompt::SelectAccount], None, all, "s"), SelectAccount),
            ((&[Prompt::SelectAccount], None, all, ""), Login),
            ((&[Prompt::SelectAccount], None, all, "sc"), Issue(alice())),
            ((&[Prompt::SelectAccount], None, all, "st"), Issue(alice())),
            ((&[Prompt::SelectAccount], Some(99), all, "sc"), Login),
            ((&[Prompt::Consent], None, all, "s"), Consent(alice())),
            ((&[Prompt::Consent], None, all, "sf"), Consent(alice())),
            (
                (&[Prompt::Login, Prompt::Consent], None, all, "st"),
                Consent(alice()),
            ),
            ((&[], Some(99), all, "s"), Login),
            ((&[], Some(100), all, "s"), Issue(alice())),
            ((&[], Some(0), all, "s"), Login),
            ((&[], Some(0), all, "st"), Issue(alice())),
            ((&[Prompt::None], None, all, ""), Refuse(LoginRequired)),
            ((&[Prompt::None], Some(99), all, "s"), Refuse(LoginRequired)),
            ((&[Prompt::None], None, some, "s"), Refuse(ConsentRequired)),
            ((&[Prompt::None], None, all, "s"), Issue(alice())),
            ((&[], None, all, "sa"), Issue(alice())),
            ((&[], None, all, "sn"), Consent(alice())),
            ((&[Prompt::None], None, all, "sn"), Refuse(ConsentRequired)),
            ((&[], None, all, "sax"), Consent(alice())),
            ((&[], None, all, "sl"), Consent(alice())),
            ((&[], None, all, "sxf"), Issue(alice())),
            ((&[], None, some, "sa"), Consent(alice())),
            ((&[Prompt::None], None, all, "sx"), Refuse(ConsentRequired)),
        ];
        for (row, expected) in rows {
            assert_eq!(decision(row), expected, "{row:?}");
        }
    }

    #[test]
    fn nobody_but_the_person_who_was_asked_for_will_do() {
        let all = Some("openid photos:read profile");
        let alice_s = "alice as the client knows her";
        let silent: &[Prompt] = &[Prompt::None];
        let refused = Decision::Refuse(Refusal::AnotherPerson);
        for (persons, row, expected) in [
            (
                &[alice_s][..],
                (&[][..], None, all, "s"),
                Decision::Issue(alice()),
            ),
            (
                &[alice_s],
                (silent, None, all, "s"),
                Decision::Issue(alice()),
            ),
            (&["bob"], (&[], None, all, "s"), Decision::Login),
            (&["bob"], (&[], None, all, "st"), refused.clone()),
            (&["bob"], (silent, None, all, "s"), refused.clone()),
            (&[alice_s, "bob"], (silent, None, all, "s"), refused),
            (&["bob"], (&[], None, all, ""), Decision::Login),
        ] {
            assert_eq!(
                decision_about(persons, row),
                expected,
                "{persons:?} {row:?}"
            );
        }
    }

    #[test]
    fn of_the_persons_whom_the_claims_name_one_is_enough() {
        let alice_s = "alice as the client knows her";
        let refused = Decision::Refuse(Refusal::AnotherPerson);
        let issued = Decision::Issue(alice());
        for (named, hinted, expected) in [
            (&["bob", alice_s][..], None, &issued),
            (&[alice_s, "bob"], None, &issued),
            (&["bob"], None, &refused),
            (&["bob", alice_s], Some(alice_s), &issued),
            (&["bob", alice_s], Some("bob"), &refused),
            (&["bob"], Some(alice_s), &refused),
            (&[], None, &issued),
        ] {
            let mut request = sample_request();
            let values: Vec<_> = named
                .iter()
                .map(|sub| serde_json::Value::from(*sub))
                .collect();
            let wish = shared::oauth::ClaimWish {
                values,
                ..Default::default()
            };
            request
                .wishes
                .claims
                .id_token
                .insert("sub".to_owned(), wish);
            request.wishes.persons = hinted.into_iter().map(str::to_owned).collect();
            request.prompt = vec![Prompt::None];
            let alice = alice();
            let own = OWN_API.to_owned();
            let allowed = Allowed {
                scopes: [(own.clone(), request.scope.clone())].into(),
            };
            let circumstances = Circumstances {
                signed_in: Some(&alice),
                seen_as: Some(alice_s),
                permissions: &request.scope,
                begun_for_this: None,
                chosen_for_this: None,
                remembered: Some(&allowed),
                apis: &[own],
                ownership: Ownership::of(false),
                now: NOW,
            };
            let decided = decide(&request, circumstances, &Observation::nowhere());
            assert_eq!(&decided, expected, "{named:?} {hinted:?}");
        }
    }
}
