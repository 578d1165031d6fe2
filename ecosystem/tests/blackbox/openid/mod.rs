//! OpenID Connect Core 1.0, as a client sees it: what is asked for, how the answer travels, and what is in it.
//!
//! | file | what |
//! |---|---|
//! | `response_types` | code, implicit and hybrid: what the answer carries, `at_hash`, `c_hash`, `nonce` |
//! | `response_modes` | query, fragment and form_post, for answers and for errors |
//! | `accounts` | `prompt=select_account` |
//! | `sign_in` | `prompt`, `max_age`, hints, `acr`, languages |
//! | `claims` | scope and `claims`, in the ID token and at UserInfo |
//! | `subjects` | public and pairwise |
//! | `way_back` | what browsers are told on the way to a client and back |

mod accounts;
mod claims;
mod response_modes;
mod response_types;
mod sign_in;
mod subjects;
mod way_back;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::{Jwk, JwkSet};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::Value;

use crate::support::{Page, Request, Response, World, forms};

/// The parameters of an authorization response, and how they came.
#[derive(Debug)]
struct Answered {
    /// `query`, `fragment` or `form_post`.
    mode: &'static str,
    /// Where they went: the redirection URI alone.
    target: String,
    parameters: Vec<(String, String)>,
}

impl Answered {
    /// The authorization response that `page` is, or leads to.
    #[track_caller]
    fn of(page: &Page) -> Self {
        Self::in_response(&page.response)
    }

    #[track_caller]
    fn in_response(response: &Response) -> Self {
        let pairs = |text: &str| {
            url::form_urlencoded::parse(text.as_bytes())
                .into_owned()
                .collect()
        };
        if response.status == 200 {
            let forms = forms(&response.text());
            let [form] = forms.as_slice() else {
                panic!("one form: {}", response.text());
            };
            assert_eq!(form.method, "post");
            let fields = form.fields.iter().filter(|field| !field.button);
            return Self {
                mode: "form_post",
                target: form.action.clone(),
                parameters: fields
                    .map(|field| (field.name.clone(), field.value.clone()))
                    .collect(),
            };
        }
        let location = response
            .header("location")
            .unwrap_or_else(|| panic!("{} {}: {}", response.url, response.status, response.text()));
        if let Some((target, fragment)) = location.split_once('#') {
            Self {
                mode: "fragment",
                target: target.to_owned(),
                parameters: pairs(fragment),
            }
        } else {
            let (target, query) = location.split_once('?').expect("parameters");
            Self {
                mode: "query",
                target: target.to_owned(),
                parameters: pairs(query),
            }
        }
    }

    /// The one parameter of this name.
    #[track_caller]
    fn get(&self, name: &str) -> Option<&str> {
        let mut found = self.parameters.iter().filter(|(known, _)| known == name);
        let value = found.next().map(|(_, value)| value.as_str());
        assert!(found.next().is_none(), "{name} twice: {self:?}");
        value
    }

    /// The parameters' names, sorted.
    fn names(&self) -> Vec<&str> {
        let mut names: Vec<_> = self
            .parameters
            .iter()
            .map(|(name, _)| name.as_str())
            .collect();
        names.sort_unstable();
        names
    }
}

/// A JWT that this realm signed, its signature verified with the published key that it names.
#[derive(Debug)]
struct Signed {
    algorithm: String,
    claims: Value,
}

impl Signed {
    /// The name of the key that signed `token`.
    fn kid(token: &str) -> String {
        let head = URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap());
        let head: Value = serde_json::from_slice(&head.expect("base64url")).expect("a header");
        head["kid"].as_str().expect("a kid").to_owned()
    }

    async fn verify(world: &World, token: &str) -> Self {
        let answer = world.send(Request::get(&world.auth("/jwks"))).await;
        let keys: JwkSet = serde_json::from_value(answer.is(200).json()).expect("a key set");
        let head = URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap());
        let head: Value = serde_json::from_slice(&head.expect("base64url")).expect("a header");
        let kid = head["kid"].as_str().expect("a kid");
        let key: &Jwk = keys
            .find(kid)
            .unwrap_or_else(|| panic!("{kid} is not published"));
        let named: Algorithm = head["alg"].as_str().unwrap().parse().expect("an algorithm");
        let meant = key.common.key_algorithm.map(|meant| meant.to_string());
        assert_eq!(
            meant.as_deref(),
            head["alg"].as_str(),
            "one algorithm a key"
        );
        let mut rules = Validation::new(named);
        // The realm's clock is not the wall clock.
        rules.validate_exp = false;
        rules.validate_aud = false;
        rules.required_spec_claims.clear();
        let key = DecodingKey::from_jwk(key).expect("a key");
        let read = jsonwebtoken::decode::<Value>(token, &key, &rules);
        Self {
            algorithm: head["alg"].as_str().unwrap().to_owned(),
            claims: read
                .unwrap_or_else(|error| panic!("{error}: {token}"))
                .claims,
        }
    }

    /// The left half of the hash that goes with its algorithm (Core §3.1.3.6).
    fn hash(&self, text: &str) -> String {
        use aws_lc_rs::digest::{SHA256, SHA512, digest};
        let all = match self.algorithm.as_str() {
            "EdDSA" => digest(&SHA512, text.as_bytes()),
            _ => digest(&SHA256, text.as_bytes()),
        };
        URL_SAFE_NO_PAD.encode(&all.as_ref()[..all.as_ref().len() / 2])
    }
}
