//! Black-box tests of the whole ecosystem, over HTTP, one binary: a file for each endpoint, a test for each
//! row of the standards' error tables.
//!
//! | file | endpoint | standard |
//! |---|---|---|
//! | `resource_indicators` | `resource`: what a token is meant for | RFC 8707 |
//! | `fapi` | a client that keeps to FAPI 2.0 | FAPI 2.0 Security Profile |
//! | `fapi_later` | clients that were registered before their realm kept to FAPI 2.0 | FAPI 2.0 Security Profile §5.3.2 |
//! | `fapi_metadata` | what a realm of such clients says of itself | RFC 8414, RFC 9126 §5 |
//! | `request_object` | requests that clients signed | RFC 9101, OpenID Connect Core §6 |
//! | `delivery` | the print shop's request, pushed and signed | RFC 9126, RFC 9101 |
//! | `par` | `/par`, and what refers to it | RFC 9126 |
//! | `authorize` | `/authorize` | RFC 6749 §4.1.2.1, RFC 7636 §4.4.1, RFC 9207 |
//! | `sign_in` | `/login`, `/consent`, `/logout` | RFC 6749 §10.12, OpenID Connect Core §3.1.2.3 |
//! | `logout` | `/logout`, `/apps`, and signing out at the print shop | OpenID Connect RP-Initiated, Back-Channel and Front-Channel Logout |
//! | `token` | `/token`, a file for each grant | RFC 6749 §5.2, RFC 7636 §4.6 |
//! | `device` | `/device_authorization`, `/device`, its polls at `/token` | RFC 8628 |
//! | `no_scope` | tokens without a scope | RFC 6749 §3.3 |
//! | `heads` | `HEAD` where `GET` is safe | RFC 9110 §9.3.2 |
//! | `introspect` | `/introspect` | RFC 7662 |
//! | `revoke` | `/revoke` | RFC 7009 |
//! | `userinfo` | `/userinfo` | OpenID Connect Core §5.3 |
//! | `metadata` | `/.well-known/…`, `/jwks` | RFC 8414, RFC 9728 |
//! | `registration` | `/register` | RFC 7591, RFC 7592, OpenID Connect Dynamic Client Registration |
//! | `provider` | the client app's page of metadata and registration | OpenID Connect Discovery |
//! | `resource` | `/me`, `/photos`, `/stats` | RFC 6750 §3.1, RFC 9068 §4 |
//! | `dpop` | bound tokens, everywhere | RFC 9449 |
//! | `token_exchange` | a token for another | RFC 8693 |
//! | `jwt_bearer` | assertions of clients | RFC 7523 §2.1 |
//! | `step_up` | a sign-in that is too old | RFC 9470 |
//! | `export` | what a flow is taken away as | `docs/api.md` |
//! | `diagram` | a stranger's flow, drawn | |
//! | `flows` | the record of each grant, hop by hop | `golden/` |
//! | `knowledge` | who knows what in each grant | `golden/` |
//! | `compare` | two flows side by side | |
//! | `refusals` | the same, gone wrong on purpose | |
//! | `store_busy` | a store that cannot be written | RFC 6749 §4.1.2.1, RFC 7009 §2.2.1 |
//! | `faults` | a database that is locked, gone, read-only or full | RFC 6749 §4.1.2.1, RFC 9110 §15.6.4 |
//! | `relying_party` | `/sign-in` of the client app | OpenID Connect Core §3.1.3.7 |
//! | `https` | all three by TLS | RFC 9325 |
//! | `cookies` | what cookies are called by TLS, and what is not read | RFC 6265bis §4.1.3.2 |
//! | `cross_origin` | scripts of other origins | Fetch §3.2 |
//! | `shop_clients` | the print shop by FAPI 2.0, and its nightly job | FAPI 2.0 Security Profile, RFC 7523 |
//! | `score` | `/clients` of the client app | RFC 9700, FAPI 2.0 |
//! | `model` | any history of requests, against a small model | RFC 6749, RFC 7009, RFC 9700 §4.14.2 |
//! | `replicas` | several servers on one PostgreSQL database, asked by turns | |
//! | `races` | 64 at once | RFC 6749 §4.1.2, RFC 9700 §4.14.2 |
//! | `doctor` | what is away and what does not fit, and what to do | |
//! | `language` | links that name a language | |
//! | `lessons` | the lessons, and where their links lead | |
//! | `realms` | isolation | |
//! | `abuse` | what nobody honest sends: to every route, in every field | RFC 9112 §11.2, RFC 9700 §4.7 |
//! | `attacks` | what an attacker tried | RFC 9700, OWASP |
//! | `architecture` | the house rules | |
//! | `pause` | breakpoints: step, pause, change, drop | |
//! | `operator` | request ids, log lines, metrics | `docs/operations.md` |
//! | `outbound` | URLs that clients give | OWASP SSRF, OpenID Connect Core §10.1 |
//! | `library` | `Ecosystem` itself | |
//! | `program` | `cargo run` | |
//! | `foreign_client` | the `openidconnect` crate | OpenID Connect Core |
//! | `opened` | the page of one exchange: its tabs, its tokens, its command | RFC 7515, RFC 9068 §4 |
//! | `openid` | what the client asks for and what it is told | OpenID Connect Core |
//! | `time` | the realm's clock, lifetimes, predict | RFC 6749 §4.1.2, RFC 9700 §4.14.2 |
//! | `documents` | what the documents say | |
//! | `break_it`, `broken_flows` | every mutation of every parameter, executed | `docs/break-it.md` |

#[cfg(test)]
mod abuse;
#[cfg(test)]
mod architecture;
#[cfg(test)]
mod attacks;
#[cfg(test)]
mod authorize;
#[cfg(test)]
mod break_it;
#[cfg(test)]
mod broken_flows;
#[cfg(test)]
mod certificates;
#[cfg(test)]
mod clock_back;
#[cfg(test)]
mod compare;
#[cfg(test)]
mod constants;
#[cfg(test)]
mod cookies;
#[cfg(test)]
mod cross_origin;
#[cfg(test)]
mod delivery;
#[cfg(test)]
mod device;
#[cfg(test)]
mod diagram;
#[cfg(test)]
mod doctor;
#[cfg(test)]
mod documents;
#[cfg(test)]
mod dpop;
#[cfg(test)]
mod exchange_target;
#[cfg(test)]
mod export;
#[cfg(test)]
mod fapi;
#[cfg(test)]
mod fapi_later;
#[cfg(test)]
mod fapi_metadata;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod flows;
#[cfg(test)]
mod foreign_client;
#[cfg(test)]
mod heads;
#[cfg(test)]
mod https;
#[cfg(test)]
mod introspect;
#[cfg(test)]
mod jwt_bearer;
#[cfg(test)]
#[cfg(test)]
mod knowledge;
#[cfg(test)]
mod language;
#[cfg(test)]
mod lessons;
#[cfg(test)]
mod library;
#[cfg(test)]
mod logout;
#[cfg(test)]
mod long_flow;
#[cfg(test)]
mod metadata;
#[cfg(test)]
mod model;
#[cfg(test)]
mod native_apps;
#[cfg(test)]
mod no_scope;
#[cfg(test)]
mod opened;
#[cfg(test)]
mod openid;
#[cfg(test)]
mod operator;
#[cfg(test)]
mod outbound;
#[cfg(test)]
mod par;
#[cfg(test)]
mod pause;
#[cfg(test)]
mod program;
#[cfg(test)]
mod program_files;
#[cfg(test)]
mod provider;
#[cfg(test)]
mod races;
#[cfg(test)]
mod realms;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod registration;
#[cfg(test)]
mod relying_party;
#[cfg(test)]
mod replicas;
#[cfg(test)]
mod request_object;
#[cfg(test)]
mod resource;
#[cfg(test)]
mod resource_indicators;
#[cfg(test)]
mod revoke;
#[cfg(test)]
mod score;
#[cfg(test)]
mod shop_clients;
#[cfg(test)]
mod sign_in;
#[cfg(test)]
mod step_up;
#[cfg(test)]
mod store_busy;
#[cfg(test)]
mod support;
#[cfg(test)]
mod time;
#[cfg(test)]
mod token;
#[cfg(test)]
mod token_exchange;
#[cfg(test)]
mod userinfo;
