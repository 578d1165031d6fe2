//! The rules that a registration answers: RFC 9700 and draft OAuth 2.1; FAPI 2.0 Security Profile §5.3.

use shared::fapi2::{self, section};
use shared::registration::RegistrationFacts;
use url::{Host, Url};

use super::rule::{Ended, Judged, Rule, Standard};

/// A rule, what is looked at, and how it ends.
struct Registered {
    rule: Rule,
    judge: fn(&RegistrationFacts) -> (Ended, String),
}

const fn rfc9700(id: &'static str, reference: &'static str) -> Rule {
    Rule {
        id,
        standard: Standard::Rfc9700,
        reference,
    }
}

const fn fapi2(id: &'static str, reference: &'static str) -> Rule {
    Rule {
        id,
        standard: Standard::Fapi2,
        reference,
    }
}

/// All of them, in the order in which pages show them.
const RULES: [Registered; 18] = [
    Registered {
        rule: rfc9700("no-password-grant", "RFC 9700 §2.4"),
        judge: |facts| without(&facts.grant_types, |grant| grant == "password"),
    },
    Registered {
        rule: rfc9700("no-token-in-front", "RFC 9700 §2.1.2"),
        judge: |facts| {
            let in_front = |one: &str| one.split(' ').any(|part| part == "token");
            without(&facts.response_types, in_front)
        },
    },
    Registered {
        rule: rfc9700("pkce-required", "RFC 9700 §2.1.1"),
        judge: |facts| {
            if uses_codes(facts) {
                (
                    Ended::of(facts.pkce_required),
                    word(facts.pkce_required, "required", "allowed"),
                )
            } else {
                not_asked(facts)
            }
        },
    },
    Registered {
        rule: rfc9700("redirect-uris-safe", "RFC 9700 §2.6, §4.1"),
        judge: |facts| {
            if facts.redirect_uris.is_empty() {
                not_asked(facts)
            } else {
                without(&facts.redirect_uris, |uri| !is_safe(uri))
            }
        },
    },
    Registered {
        rule: rfc9700("codes-short", "RFC 6749 §4.1.2"),
        judge: |facts| {
            if uses_codes(facts) {
                (
                    Ended::of(facts.code_lifetime <= 600),
                    format!("{} s", facts.code_lifetime),
                )
            } else {
                not_asked(facts)
            }
        },
    },
    Registered {
        rule: rfc9700("access-tokens-short", "RFC 9700 §4.9.3"),
        judge: |facts| {
            let seconds = facts.access_token_lifetime;
            (Ended::of(seconds <= 3600), format!("{seconds} s"))
        },
    },
    Registered {
        rule: rfc9700("client-proves-by-key", "RFC 9700 §2.5"),
        judge: |facts| {
            if facts.public {
                not_asked(facts)
            } else {
                (
                    Ended::of(all_are(&facts.auth_methods, &["private_key_jwt"])),
                    facts.auth_methods.join(" "),
                )
            }
        },
    },
    Registered {
        rule: rfc9700("tokens-bound", "RFC 9700 §2.2.1"),
        judge: |facts| {
            (
                Ended::of(facts.dpop_bound),
                word(facts.dpop_bound, "dpop_bound_access_tokens", "Bearer"),
            )
        },
    },
    Registered {
        rule: fapi2("fapi-confidential", section::GENERAL),
        judge: |facts| {
            (
                Ended::of(!facts.public),
                word(facts.public, "public", "confidential"),
            )
        },
    },
    Registered {
        rule: fapi2("fapi-no-password", section::GENERAL),
        judge: |facts| without(&facts.grant_types, fapi2::takes_password),
    },
    Registered {
        rule: fapi2("fapi-code-alone", section::AUTHORIZATION),
        judge: |facts| {
            let mut types = facts.response_types.iter();
            let mut grants = facts.grant_types.iter();
            let met = types.all(|one| fapi2::allows_response_type(one))
                && !grants.any(|one| fapi2::answers_in_front(one));
            let got = [facts.response_types.join(", "), facts.grant_types.join(" ")];
            (Ended::of(met), got.join("; "))
        },
    },
    Registered {
        rule: fapi2("fapi-pushed", section::AUTHORIZATION),
        judge: |facts| {
            if uses_codes(facts) {
                (
                    Ended::of(facts.par_required),
                    word(
                        facts.par_required,
                        "pushed requests alone",
                        "requests in the URL",
                    ),
                )
            } else {
                not_asked(facts)
            }
        },
    },
    Registered {
        rule: fapi2("fapi-pkce", section::AUTHORIZATION),
        judge: |facts| {
            if uses_codes(facts) {
                (
                    Ended::of(facts.pkce_required),
                    word(facts.pkce_required, "required", "allowed"),
                )
            } else {
                not_asked(facts)
            }
        },
    },
    Registered {
        rule: fapi2("fapi-key", section::GENERAL),
        judge: |facts| {
            (
                Ended::of(fapi2::allows_authentication(&facts.auth_methods)),
                facts.auth_methods.join(" "),
            )
        },
    },
    Registered {
        rule: fapi2("fapi-bound", section::GENERAL),
        judge: |facts| {
            (
                Ended::of(facts.dpop_bound),
                word(facts.dpop_bound, "dpop_bound_access_tokens", "Bearer"),
            )
        },
    },
    Registered {
        rule: fapi2("fapi-codes-60", section::GENERAL),
        judge: |facts| {
            if uses_codes(facts) {
                (
                    Ended::of(facts.code_lifetime <= fapi2::LONGEST_CODE),
                    format!("{} s", facts.code_lifetime),
                )
            } else {
                not_asked(facts)
            }
        },
    },
    Registered {
        rule: fapi2("fapi-algorithms", section::CRYPTOGRAPHY),
        judge: |facts| {
            let used = algorithms(facts);
            let bad = |(_, name): &&(&str, &str)| !fapi2::allows_algorithm(name);
            let mut shown: Vec<_> = used.iter().filter(bad).collect();
            let good = shown.is_empty();
            if good {
                shown = used.iter().collect();
            }
            let shown: Vec<_> = shown
                .iter()
                .map(|(what, name)| format!("{what}: {name}"))
                .collect();
            (Ended::of(good), shown.join(", "))
        },
    },
    Registered {
        rule: fapi2("fapi-https", section::NETWORK),
        judge: |facts| {
            if facts.redirect_uris.is_empty() {
                not_asked(facts)
            } else {
                without(&facts.redirect_uris, |uri| !uri.starts_with("https://"))
            }
        },
    },
];

/// All rules, judged for one registration.
pub(super) fn judge(facts: &RegistrationFacts) -> Vec<Judged> {
    RULES
        .iter()
        .map(|registered| {
            let (ended, got) = (registered.judge)(facts);
            Judged {
                rule: registered.rule,
                ended,
                got,
                shown_by: None,
            }
        })
        .collect()
}

/// The rules, for the language files' test.
#[cfg(test)]
pub(super) fn rules() -> impl Iterator<Item = Rule> {
    RULES.iter().map(|registered| registered.rule)
}

/// What is signed to a client and by it, and how the server would sign it or believe it signed; in the words of the
/// registry (RFC 7591 §2), `assertion` for those of either use (RFC 7523).
fn algorithms(facts: &RegistrationFacts) -> Vec<(&'static str, &str)> {
    fn all<'f>(
        what: &'static str,
        names: &'f [String],
    ) -> impl Iterator<Item = (&'static str, &'f str)> {
        names.iter().map(move |name| (what, name.as_str()))
    }
    let id_token = ("id_token", facts.id_token_algorithm.as_str());
    std::iter::once(id_token)
        .chain(all("userinfo", facts.userinfo_algorithm.as_slice()))
        .chain(all("assertion", &facts.assertion_algorithms))
        .chain(all("request_object", &facts.request_object_algorithms))
        .collect()
}

fn uses_codes(facts: &RegistrationFacts) -> bool {
    facts
        .grant_types
        .iter()
        .any(|one| one == "authorization_code")
}

/// Says nothing of this client, and why: which grants it has.
fn not_asked(facts: &RegistrationFacts) -> (Ended, String) {
    (Ended::NotAsked, facts.grant_types.join(" "))
}

/// Met where none of `all` is as `bad` says; shows those that are, else all.
fn without(all: &[String], bad: impl Fn(&str) -> bool) -> (Ended, String) {
    let found: Vec<&str> = all
        .iter()
        .map(String::as_str)
        .filter(|one| bad(one))
        .collect();
    if found.is_empty() {
        (Ended::Met, all.join(" "))
    } else {
        (Ended::NotMet, found.join(", "))
    }
}

fn all_are(methods: &[String], good: &[&str]) -> bool {
    !methods.is_empty() && methods.iter().all(|one| good.contains(&one.as_str()))
}

fn word(which: bool, yes: &str, no: &str) -> String {
    if which { yes } else { no }.to_owned()
}

/// https, a loopback address (RFC 8252 §7.3; `localhost` in the demo), or a scheme of its own (§7.1).
fn is_safe(uri: &str) -> bool {
    let Ok(uri) = Url::parse(uri) else {
        return false;
    };
    match (uri.scheme(), uri.host()) {
        ("http", Some(Host::Domain(name))) => name == "localhost",
        ("http", Some(Host::Ipv4(address))) => address.is_loopback(),
        ("http", Some(Host::Ipv6(address))) => address.is_loopback(),
        ("http", None) => false,
        ("https", host) => host.is_some(),
        (scheme, _) => scheme.contains('.'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bank() -> RegistrationFacts {
        let texts = |all: &[&str]| all.iter().map(ToString::to_string).collect();
        RegistrationFacts {
            client_id: "bank".to_owned(),
            grant_types: texts(&["authorization_code", "refresh_token"]),
            response_types: texts(&["code"]),
            auth_methods: texts(&["private_key_jwt"]),
            redirect_uris: texts(&["https://bank.example/cb"]),
            pkce_required: true,
            code_lifetime: 60,
            access_token_lifetime: 600,
            dpop_bound: true,
            par_required: true,
            id_token_algorithm: "ES256".to_owned(),
            userinfo_algorithm: Some("ES256".to_owned()),
            assertion_algorithms: texts(&["ES256", "PS256"]),
            request_object_algorithms: texts(&["EdDSA"]),
            ..RegistrationFacts::default()
        }
    }

    fn ended(facts: &RegistrationFacts, id: &str) -> Ended {
        judge(facts)
            .into_iter()
            .find(|judged| judged.rule.id == id)
            .unwrap()
            .ended
    }

    #[test]
    fn a_client_of_the_profile_meets_every_rule_and_each_change_breaks_one() {
        let good = bank();
        assert!(judge(&good).iter().all(|judged| judged.ended == Ended::Met));
        let breaks = |id: &str, change: &dyn Fn(&mut RegistrationFacts)| {
            let mut facts = good.clone();
            change(&mut facts);
            assert_eq!(ended(&facts, id), Ended::NotMet, "{id}");
        };
        breaks("no-password-grant", &|facts| {
            facts.grant_types.push("password".to_owned());
        });
        breaks("no-token-in-front", &|facts| {
            facts.response_types.push("code token".to_owned());
        });
        breaks("pkce-required", &|facts| facts.pkce_required = false);
        breaks("redirect-uris-safe", &|facts| {
            facts
                .redirect_uris
                .push("http://bank.example/cb".to_owned());
        });
        breaks("codes-short", &|facts| facts.code_lifetime = 601);
        breaks("access-tokens-short", &|facts| {
            facts.access_token_lifetime = 86_400;
        });
        breaks("client-proves-by-key", &|facts| {
            facts.auth_methods = vec!["client_secret_basic".to_owned()];
        });
        breaks("tokens-bound", &|facts| facts.dpop_bound = false);
        breaks("fapi-confidential", &|facts| facts.public = true);
        breaks("fapi-code-alone", &|facts| {
            facts.response_types.push("id_token".to_owned());
        });
        breaks("fapi-pushed", &|facts| facts.par_required = false);
        breaks("fapi-pkce", &|facts| facts.pkce_required = false);
        breaks("fapi-key", &|facts| {
            facts.auth_methods = vec!["client_secret_jwt".to_owned()];
        });
        breaks("fapi-bound", &|facts| facts.dpop_bound = false);
        breaks("fapi-codes-60", &|facts| facts.code_lifetime = 61);
        breaks("fapi-algorithms", &|facts| {
            facts.id_token_algorithm = "RS256".to_owned();
        });
        breaks("fapi-algorithms", &|facts| {
            facts.userinfo_algorithm = Some("RS256".to_owned());
        });
        breaks("fapi-algorithms", &|facts| {
            facts.assertion_algorithms.push("RS256".to_owned());
        });
        breaks("fapi-algorithms", &|facts| {
            facts.assertion_algorithms = vec!["HS256".to_owned()];
        });
        breaks("fapi-algorithms", &|facts| {
            facts.request_object_algorithms.push("RS256".to_owned());
        });
        breaks("fapi-https", &|facts| {
            facts.redirect_uris = vec!["http://localhost:8080/callback".to_owned()];
        });
    }

    #[test]
    fn each_grant_that_the_profile_rules_out_breaks_the_rule_that_is_about_it() {
        for (grant, broken, kept) in [
            ("password", "fapi-no-password", "fapi-code-alone"),
            ("implicit", "fapi-code-alone", "fapi-no-password"),
        ] {
            let mut facts = bank();
            facts.grant_types.push(grant.to_owned());
            assert_eq!(ended(&facts, broken), Ended::NotMet, "{grant}");
            assert_eq!(ended(&facts, kept), Ended::Met, "{grant}");
        }
    }

    #[test]
    fn nothing_is_asked_of_a_client_that_a_rule_does_not_concern() {
        let service = RegistrationFacts {
            grant_types: vec!["client_credentials".to_owned()],
            ..RegistrationFacts::default()
        };
        assert_eq!(ended(&service, "pkce-required"), Ended::NotAsked);
        assert_eq!(ended(&service, "redirect-uris-safe"), Ended::NotAsked);
    }
}
