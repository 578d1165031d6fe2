//! Registration facts: what an auth server demands of each of its clients, for the client app's score page.
//!
//! May use serde. Facts alone, in the protocol's words and without secrets; what they are worth is judged by who reads
//! them. Told only to a caller who has proven the record's key (`serve::vitals`).

use serde::{Deserialize, Serialize};

/// One registered client, as the auth server treats it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "facts are yes or no")]
pub struct RegistrationFacts {
    /// RFC 6749 §2.2.
    pub client_id: String,
    /// For people to read.
    pub name: String,
    /// Whether it cannot keep a secret (RFC 6749 §2.1).
    pub public: bool,
    /// Whether it belongs to the provider.
    pub first_party: bool,
    /// The grants that it may use (RFC 7591 §2).
    pub grant_types: Vec<String>,
    /// The response types that it may ask for.
    pub response_types: Vec<String>,
    /// How it may authenticate.
    pub auth_methods: Vec<String>,
    /// Where authorization responses may go: compared character by character.
    pub redirect_uris: Vec<String>,
    /// Whether a code challenge is demanded of it (RFC 7636).
    pub pkce_required: bool,
    /// How long its codes live, in seconds.
    pub code_lifetime: u32,
    /// How long its access tokens live, in seconds.
    pub access_token_lifetime: u32,
    /// Whether its access tokens are always bound to a key (RFC 9449 §5.2).
    pub dpop_bound: bool,
    /// Whether it may ask only by pushed requests (RFC 9126 §6).
    pub par_required: bool,
    /// How its ID tokens are signed.
    pub id_token_algorithm: String,
    /// How UserInfo is signed for it; absent: plain JSON.
    pub userinfo_algorithm: Option<String>,
    /// How the assertions that it is believed may be signed, by what is registered, demanded, and by its keys.
    pub assertion_algorithms: Vec<String>,
    /// How the request objects that it is believed may be signed, likewise.
    pub request_object_algorithms: Vec<String>,
    /// The security profile that its policy names: `fapi2`.
    pub profile: Option<String>,
    /// The rules of that profile that its registration misses: it is refused until there are none.
    pub profile_missed: Vec<String>,
    /// Whether it registered itself (RFC 7591).
    pub registered_itself: bool,
}
