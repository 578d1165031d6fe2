//! The harness: a world for each test, a scripted browser, a raw HTTP client, and assertions that read as speech.
//!
//! May use `ecosystem` as any test suite would. Nothing here knows how the services work inside.

mod answer;
mod browser;
mod cast;
mod dpop;
mod html;
mod http;
mod outside;
mod postgres;
mod signer;
pub(crate) mod tls;
mod world;

pub(crate) use answer::{Answer, parameter};
pub(crate) use browser::{Browser, Page};
pub(crate) use cast::{
    ALICE, API, BOB, CHALLENGE, Client, Person, SERVICE, SPA, TRUSTED, TV, VERIFIER, WEB,
};
pub(crate) use dpop::{Proof, ProofKey, base64url, hash};
pub(crate) use html::{forms, tags, text as plain, unescape};
pub(crate) use http::{Request, Response, connect, encode};
pub(crate) use outside::{Answered, Outside};
pub(crate) use postgres::Schema;
pub(crate) use signer::{Signer, input, mac};
pub(crate) use world::{Authorization, Code, Tokens, World, code_in};
