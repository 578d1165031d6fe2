//! What at least two of Grantscope's services must agree on.
//!
//! | room | what is in it |
//! |---|---|
//! | [`oauth`] | the vocabulary of RFC 6749 and its family: ids, secrets, scope, errors, claims, metadata |
//! | [`dpop`] | proofs of possession (RFC 9449), as both servers check them |
//! | [`fapi2`] | what the FAPI 2.0 Security Profile demands of a registration |
//! | [`flow`] | the record's types: exchange, check, value, party, channel |
//! | [`observe`] | how exchanges are observed: actix middleware, HTTP client, reporter |
//! | [`control`] | breakpoints in the servers, and the requests that wait at them |
//! | [`realm`] | isolated worlds and their addresses |
//! | [`time`] | the only reader of the wall clock, and the realms' clocks |
//! | [`serve`] | what each service mounts: configuration, host guard, headers, health, shutdown |
//! | [`page`] | the frame of every page, its languages and its style |
//! | [`store`] | connections to SQLite and PostgreSQL, and units of work |
//! | [`telemetry`] | what an operator sees: log lines, metrics, traces |
//! | [`seed`] | the readable file that fills a realm with people, clients and photos |

mod clock;
pub mod control;
pub mod dpop;
pub mod fapi2;
pub mod flow;
pub mod oauth;
pub mod observe;
pub mod page;
pub mod realm;
pub mod recent;
pub mod registration;
pub mod replica;
pub mod seed;
pub mod serve;
pub mod store;
pub mod telemetry;
pub mod time;
pub mod wiring;
