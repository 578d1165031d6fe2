//! The demo's cast, and what an editor of the file is told.

use super::*;
use crate::time::Lifetime;

fn error(text: &str) -> String {
    Seed::parse(text, "workshop.toml").unwrap_err().to_string()
}

#[test]
fn the_demo_has_its_cast() {
    let demo = Seed::demo().unwrap();
    let realm = demo.realm(&RealmName::default_realm()).unwrap();
    for name in ["alice", "bob"] {
        let person = realm.person(name).unwrap();
        assert_eq!(person.password, format!("{name}-password"));
        let claims = serde_json::to_value(&person.claims).unwrap();
        let claims = claims.as_object().unwrap();
        // Every standard claim, and some of them in another language.
        assert_eq!(claims.len(), 20, "{claims:?}");
        let languages: Vec<_> = person.claims.languages().collect();
        assert!(!languages.is_empty() && languages.iter().all(|tag| *tag == "zh-CN"));
        let address = claims.get("address").unwrap().as_object().unwrap();
        assert_eq!(address.len(), 6);
        assert!(realm.photos.iter().any(|photo| photo.owner == name));
    }
    for name in ["web", "trusted", "service", "album-job", "resource-server"] {
        let secret = realm.client(name).unwrap().client_secret.clone();
        assert_eq!(secret, Some(format!("{name}-secret")));
    }
    let spa = realm.client("spa").unwrap();
    assert!(spa.is_public());
    assert_eq!(spa.legacy().collect::<Vec<_>>(), ["implicit"]);
    assert_eq!(spa.response_types().len(), 7, "all of them");
    assert!(realm.client("trusted").unwrap().first_party);
    assert!(realm.client("resource-server").unwrap().may_introspect);
}

#[test]
fn an_unknown_key_is_named_with_its_place() {
    let text = DEMO.replacen("first_party = ", "frist_party = ", 1);
    let error = error(&text);
    assert!(error.starts_with("workshop.toml, line "), "{error}");
    assert!(error.contains("realm[0].clients["), "{error}");
    assert!(error.contains("frist_party"), "{error}");
}

#[test]
fn a_claim_in_another_language_is_one_that_people_read_with_a_tag() {
    for wrong in [
        "name",
        "name#",
        "email#zh-CN",
        "name#zh CN",
        "unheard-of#zh",
    ] {
        let text = DEMO.replacen("\"nickname#zh-CN\"", &format!("{wrong:?}"), 1);
        let error = error(&text);
        assert!(error.contains("person alice"), "{wrong}: {error}");
        assert!(error.contains(wrong), "{wrong}: {error}");
    }
}

#[test]
fn a_mistake_is_named_with_its_client() {
    let text = DEMO.replacen("\"client_credentials\"", "\"client_credential\"", 1);
    let error = error(&text);
    assert!(error.contains("realm default, client service"), "{error}");
    assert!(error.contains("client_credential"), "{error}");
}

#[test]
fn placeholders_follow_ports_and_realms() {
    let name: RealmName = "team-blue".parse().unwrap();
    let realm = RealmSeed::demo_named(name).unwrap();
    let realm = realm.resolve(&Addresses::localhost(18080, 19000, 19001));
    let web = realm.client("web").unwrap();
    assert_eq!(
        web.redirect_uris,
        ["http://localhost:18080/r/team-blue/callback"]
    );
    // Without the path: an origin has none.
    let spa = realm.client("spa").unwrap();
    assert_eq!(spa.allowed_origins, ["http://localhost:18080"]);
    let text = toml::to_string(&Seed {
        realms: vec![realm],
    })
    .unwrap();
    assert!(!text.contains('{'), "{text}");
}

#[test]
fn a_seed_made_in_code_fits_together() {
    let realm = RealmSeed::new("test".parse().unwrap())
        .with_person(PersonSeed::new("carol"))
        .with_client(ClientSeed::public("app", "http://localhost:1/cb"))
        .with_client(
            ClientSeed::confidential("api", "s", "http://localhost:1/cb").with_scopes(&["openid"]),
        );
    let seed = Seed {
        realms: vec![realm],
    };
    seed.check().unwrap();
    let text = toml::to_string(&seed).unwrap();
    assert_eq!(Seed::parse(&text, "written").unwrap(), seed);
}

#[test]
fn known_passwords_are_found_under_other_names() {
    let mut seed = Seed::demo().unwrap();
    assert_eq!(seed.demo_credentials().len(), 9);
    let realm = seed.realms.first_mut().unwrap();
    realm.clients.clear();
    for person in &mut realm.people {
        person.username.push_str("-2");
    }
    realm.people.last_mut().unwrap().password = "my own".to_owned();
    assert_eq!(
        seed.demo_credentials(),
        ["person alice-2 has a password of the published demo"]
    );
}

/// What is wrong with a seed of one realm, told by its key.
fn fault_of(realm: RealmSeed) -> String {
    let seed = Seed {
        realms: vec![realm],
    };
    seed.check().unwrap_err().to_string()
}

#[test]
fn a_policy_that_nobody_can_mean_is_told_by_its_key() {
    let realm = || {
        let name: RealmName = "test".parse().unwrap();
        RealmSeed::new(name).with_client(ClientSeed::public("app", "http://localhost:1/cb"))
    };
    let mut lax = realm();
    lax.policy.pkce = Some(PkceRule::Allowed);
    let fault = fault_of(lax.clone());
    assert!(fault.starts_with("realm test, policy.pkce: "), "{fault}");
    assert!(fault.contains("client app"), "{fault}");
    lax.clients[0].policy.pkce = Some(PkceRule::Required);
    let seed = Seed { realms: vec![lax] };
    seed.check().unwrap();
    let none = Some(Lifetime::from_seconds(0));
    let mut short = realm();
    short.policy.access_token_lifetime = none;
    let fault = fault_of(short);
    assert_eq!(
        fault,
        "realm test, policy: access_token_lifetime must be 1 second at least"
    );
    let mut short = realm();
    short.clients[0].policy.refresh_token_lifetime = none;
    let fault = fault_of(short);
    assert!(
        fault.starts_with("realm test, client app, policy: refresh_token_lifetime"),
        "{fault}"
    );
    let mut short = realm();
    short.clients[0].policy.refresh_token_grace = none;
    let seed = Seed {
        realms: vec![short],
    };
    seed.check().unwrap();
    let mut odd = realm();
    odd.clients[0].scopes = vec!["photos read".to_owned()];
    let fault = fault_of(odd);
    assert!(
        fault.starts_with("realm test, client app: scopes: "),
        "{fault}"
    );
}

#[test]
fn a_public_client_has_no_client_credentials() {
    let client =
        ClientSeed::public("app", "http://localhost:1/cb").with_grants(&["client_credentials"]);
    let realm = RealmSeed::new(RealmName::default_realm()).with_client(client);
    let seed = Seed {
        realms: vec![realm],
    };
    assert!(seed.check().is_err());
}

#[test]
fn pairwise_subjects_need_one_sector_and_tokens_that_do_not_tell() {
    let seed = |change: &dyn Fn(&mut ClientSeed)| {
        let mut client = ClientSeed::confidential("app", "s", "http://localhost:1/cb");
        client.metadata.subject_type = Some(SubjectType::Pairwise);
        change(&mut client);
        let realm = RealmSeed::new(RealmName::default_realm()).with_client(client);
        Seed {
            realms: vec![realm],
        }
    };
    assert!(seed(&|_| ()).check().is_ok());
    let jwt = |client: &mut ClientSeed| {
        client.policy.access_token_format = Some(AccessTokenFormat::Jwt);
    };
    assert!(seed(&jwt).check().is_err());
    let elsewhere = |client: &mut ClientSeed| {
        client
            .redirect_uris
            .push("https://other.example/cb".to_owned());
    };
    assert!(seed(&elsewhere).check().is_err());
    let named = |client: &mut ClientSeed| {
        elsewhere(client);
        let sector = "https://app.example/redirect_uris.json";
        client.metadata.sector_identifier_uri = Some(sector.to_owned());
    };
    assert!(seed(&named).check().is_ok());
}

#[expect(
    clippy::too_many_lines,
    reason = "one line for each member and each way to be wrong"
)]
#[test]
fn an_address_that_a_parser_would_repair_is_refused_wherever_it_stands() {
    type Put = fn(&mut ClientSeed, String);
    let members: [(&str, Put); 13] = [
        ("redirect_uris", |client, uri| {
            client.redirect_uris.push(uri);
        }),
        ("post_logout_redirect_uris", |client, uri| {
            client.post_logout_redirect_uris.push(uri);
        }),
        ("allowed_origins", |client, uri| {
            client.allowed_origins.push(uri);
        }),
        ("jwks_uri", |client, uri| {
            client.metadata.jwks_uri = Some(uri);
        }),
        ("client_uri", |client, uri| {
            client.metadata.client_uri = Some(uri);
        }),
        ("logo_uri", |client, uri| {
            client.metadata.logo_uri = Some(uri);
        }),
        ("policy_uri", |client, uri| {
            client.metadata.policy_uri = Some(uri);
        }),
        ("tos_uri", |client, uri| {
            client.metadata.tos_uri = Some(uri);
        }),
        ("sector_identifier_uri", |client, uri| {
            client.metadata.sector_identifier_uri = Some(uri);
        }),
        ("initiate_login_uri", |client, uri| {
            client.metadata.initiate_login_uri = Some(uri);
        }),
        ("request_uris", |client, uri| {
            client.metadata.request_uris.push(uri);
        }),
        ("backchannel_logout_uri", |client, uri| {
            client.metadata.backchannel_logout_uri = Some(uri);
        }),
        ("frontchannel_logout_uri", |client, uri| {
            client.metadata.frontchannel_logout_uri = Some(uri);
        }),
    ];
    let check = |put: Put, uri: &str| {
        let mut client = ClientSeed::public("app", "https://app.example/cb");
        put(&mut client, uri.to_owned());
        let realm = RealmSeed::new(RealmName::default_realm()).with_client(client);
        let seed = Seed {
            realms: vec![realm],
        };
        seed.check().map_err(|error| error.to_string())
    };
    for (name, put) in members {
        check(put, "https://app.example/x").unwrap();
        for uri in [
            "https:/app.example/x",
            "https:app.example/x",
            "https:///app.example/x",
            "https:\\\\app.example/x",
            "https://app.example\\x",
            "https://app.example/a\\x",
            " https://app.example/x",
            "https://app.example/x\n",
            "https://app.exa\tmple/x",
            "https://me@app.example/x",
            "https://\u{e4}pp.example/x",
            "https://app.example/a/../x",
        ] {
            let told = check(put, uri).expect_err(uri);
            assert!(
                told.contains("client app: ") && told.contains(name),
                "{told}"
            );
        }
    }
}
