//! Signing out: at the request of a client, told to the clients of the session in the back channel, shown to
//! them in the front channel (OpenID Connect RP-Initiated, Back-Channel and Front-Channel Logout 1.0).
//!
//! | file | what is in it |
//! |---|---|
//! | [`hint`] | `id_token_hint`: an ID token of ours, however old, and what it proves |
//! | [`request`] | the checks of a logout request, in order: from text to a [`LogoutRequest`] |
//! | [`destination`] | [`Destination`]: where the browser may go afterwards, once that can be trusted |
//! | [`ending`] | ending a session, and what ends with it |
//! | [`notify`] | logout tokens, on their way to the clients of the session |
//! | [`frames`] | the addresses that the browser loads for the clients of the session |
//!
//! May use the store, clients, keys and the record; knows no HTTP: text comes in, decisions go out.

pub(crate) mod destination;
pub(crate) mod ending;
pub(crate) mod frames;
pub(crate) mod hint;
pub(crate) mod notify;
pub(crate) mod request;

pub(crate) use destination::Destination;
pub(crate) use ending::Ended;
pub(crate) use hint::Hint;
pub(crate) use request::LogoutRequest;
