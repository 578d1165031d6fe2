//! `at_hash` and `c_hash`: what binds an access token or a code to the ID token beside it (OpenID Connect Core
//! §3.1.3.6, §3.3.2.11).
//!
//! May use aws-lc-rs and base64. The hash is that of the ID token's own signature algorithm.

use aws_lc_rs::digest::{SHA256, SHA512, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::seed::SigningAlgorithm;

/// The left half of the hash of `text`, in base64url, for an ID token that is signed by `algorithm`: SHA-256, and
/// SHA-512 for Ed25519, which hashes so itself (RFC 8032 §5.1).
#[must_use]
pub fn token_hash(algorithm: SigningAlgorithm, text: &str) -> String {
    let hash = match algorithm {
        SigningAlgorithm::Es256 | SigningAlgorithm::Rs256 | SigningAlgorithm::Ps256 => &SHA256,
        SigningAlgorithm::EdDsa => &SHA512,
    };
    let digest = digest(hash, text.as_bytes());
    let half = digest.as_ref().len() / 2;
    URL_SAFE_NO_PAD.encode(digest.as_ref().get(..half).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hashes_are_those_of_openid_connect_core_appendix_a() {
        let hash = |text| token_hash(SigningAlgorithm::Rs256, text);
        // A.3 and A.4
        let access_token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
        assert_eq!(hash(access_token), "77QmUPtjPfzWtF2AnpK9RQ");
        let code = "Qcb0Orv1zh30vL1MPRsbm-diHiMwcLyZvn1arpZv-Jxf_11jnpEX3Tgfvk";
        assert_eq!(hash(code), "LDktKdoQak3Pk0cnXxCltA");
        assert_eq!(token_hash(SigningAlgorithm::EdDsa, code).len(), 43);
    }
}
