//! What is demanded of the device authorization grant (RFC 8628): of the device's request for codes, and of the pages
//! on which its person types one of them and decides.

use super::super::mutation::Mutation;
use super::{Demand, own_form};

/// The device's request (§3.1), but for who the client is.
pub(super) fn authorization(name: &str, mutation: Mutation) -> Demand {
    match (name, mutation) {
        ("scope", Mutation::LeaveOut) => {
            Demand::yes("scope-default", "RFC 6749 §3.3").or_later(&["scope.sufficient"])
        }
        ("scope", _) => Demand::no(&["scope.allowed"], "RFC 6749 §3.3"),
        ("resource", _) => super::resource(mutation),
        _ => Demand::yes("ignored", "RFC 6749 §3.2"),
    }
}

/// The page on which the code is typed (§3.3).
pub(super) fn entry(name: &str, mutation: Mutation) -> Demand {
    match (name, mutation) {
        (_, Mutation::SendTwice) => Demand::yes("own-form", "RFC 8628 §3.3"),
        ("user_code", _) => user_code(mutation),
        _ => own_form(name),
    }
}

/// A user code where somebody is about to be asked about it.
pub(super) const fn user_code(mutation: Mutation) -> Demand {
    match mutation {
        // No server can tell whose device the person holds in view.
        Mutation::UseAnothers => Demand::yes("device-phished", "RFC 8628 §5.4"),
        _ => Demand::no(&["user_code.known"], "RFC 8628 §3.3"),
    }
}

/// The page on which the person decides (§3.3): its token is for this code and this person.
pub(super) fn confirm(name: &str, mutation: Mutation) -> Demand {
    match (name, mutation) {
        (_, Mutation::SendTwice) => Demand::yes("own-form", "RFC 8628 §3.3"),
        ("decision", _) => Demand::no(&["user_code.confirmed"], "RFC 8628 §3.3"),
        ("user_code", _) => Demand::no(&["csrf.token", "user_code.known"], "RFC 9700 §4.7"),
        ("scope", _) => {
            // Where nothing is left of it, there is nothing to say yes to.
            Demand::yes("scope-narrowed", "RFC 6749 §3.3")
                .or_later(&["scope.sufficient", "consent.given"])
        }
        _ => own_form(name),
    }
}
