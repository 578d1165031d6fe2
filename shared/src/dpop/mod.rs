//! `DPoP` (RFC 9449): proof that whoever presents a token, a code or a request holds a private key.
//!
//! May use aws-lc-rs, serde and url, and records its checks in an [`crate::observe::Observation`]; knows no HTTP
//! server and no store. The auth server and the resource server run the same list ([`verify`]); what differs is
//! in [`Rules`]. That a `jti` comes once is the caller's to remember, for as long as [`Proof::expires_at`] says.
//!
//! | file | what is in it |
//! |---|---|
//! | `proof` | the checks of RFC 9449 §4.3, one after the other |
//! | `key` | the public key in a proof's header, and its RFC 7638 thumbprint |
//! | `target` | when two URLs are the same `htu` |
//! | `nonce` | nonces that need no memory (§8) |

mod key;
mod nonce;
mod proof;
mod target;

pub use key::{InvalidThumbprint, ProofAlgorithm, PublicKey, Thumbprint};
pub use nonce::{Freshness, Nonces};
pub use proof::{
    CHECKS, DpopFault, NonceRule, OLDEST, Proof, REPLAY_CHECKS, Rules, SOONEST, verify,
};
pub use target::same_target;

use serde::{Deserialize, Serialize};

/// The request header that carries a proof (§4.1), in lower case.
pub const HEADER: &str = "dpop";
/// The response header that carries a nonce (§8.1), in lower case.
pub const NONCE_HEADER: &str = "dpop-nonce";
/// The authentication scheme of a bound token (§7.1).
pub const SCHEME: &str = "DPoP";

/// `cnf`: what the presenter of a token must prove (RFC 7800 §3.1, RFC 9449 §6).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmation {
    /// The thumbprint of the key that the token is bound to.
    pub jkt: Thumbprint,
}

impl From<Thumbprint> for Confirmation {
    fn from(jkt: Thumbprint) -> Self {
        Self { jkt }
    }
}

/// A list of algorithms as the `algs` of a challenge (§7.1): separated by spaces.
#[must_use]
pub fn algs(algorithms: &[ProofAlgorithm]) -> String {
    let names = algorithms.iter().flat_map(|one| one.names()).copied();
    names.collect::<Vec<_>>().join(" ")
}
