//! A `DPoP` proof that stands in the record (RFC 9449 §4.2): read, and verified by the key in it.
//!
//! That it was made for this request, lately, and used once, the server judged: its checks stand with the exchange.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use shared::dpop::{ProofAlgorithm, PublicKey};
use shared::flow::{Check, CheckDef, catalog as check};

use super::verify::Verdict;
use crate::jwt::{Checklist, Jwt};

/// The steps, in order.
const STEPS: [&CheckDef; 5] = [
    &check::DPOP_WELL_FORMED,
    &check::DPOP_TYPE,
    &check::DPOP_ALGORITHM,
    &check::DPOP_PUBLIC_KEY,
    &check::DPOP_SIGNATURE,
];

/// Verifies a proof by itself: the verdict, and each step as it ended.
pub(super) fn verify(text: &str) -> (Verdict, Vec<Check>) {
    let mut list = Checklist::new(None, &STEPS);
    let verdict = match steps(&mut list, text) {
        Ok(()) => Verdict::Verified,
        Err(_) => Verdict::Refused,
    };
    (verdict, list.into_checks())
}

fn steps(list: &mut Checklist<'static>, text: &str) -> Result<(), &'static CheckDef> {
    let jwt = Jwt::decode(text);
    let got = if jwt.is_some() { "a JWT" } else { "no JWT" };
    list.require(&check::DPOP_WELL_FORMED, jwt.is_some(), "a JWT", got)?;
    let Some(jwt) = jwt else {
        return Err(&check::DPOP_WELL_FORMED);
    };
    let typ = jwt.header_text("typ");
    list.require(&check::DPOP_TYPE, typ == "dpop+jwt", "dpop+jwt", typ)?;
    let alg = jwt.header_text("alg");
    let mut known = ProofAlgorithm::ALL.into_iter();
    let algorithm = known.find(|one| one.is_named(alg));
    let expected = "ES256, RS256, PS256 or EdDSA";
    list.require(&check::DPOP_ALGORITHM, algorithm.is_some(), expected, alg)?;
    let key = jwt.header.get("jwk").and_then(Value::as_object);
    let key = key.and_then(PublicKey::read);
    let got = key.as_ref().map_or_else(
        || "no public key".to_owned(),
        |key| key.thumbprint().to_string(),
    );
    let suits = key.as_ref().zip(algorithm);
    let suits = suits.is_some_and(|(key, algorithm)| key.suits(algorithm));
    list.require(&check::DPOP_PUBLIC_KEY, suits, "a public key for it", &got)?;
    let (message, signature) = text.rsplit_once('.').unwrap_or((text, ""));
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap_or_default();
    let signed = key
        .zip(algorithm)
        .is_some_and(|(key, algorithm)| key.verifies(algorithm, message.as_bytes(), &signature));
    let got = if signed { "by that key" } else { "another" };
    list.require(&check::DPOP_SIGNATURE, signed, "by that key", got)
}

#[cfg(test)]
mod tests {
    use shared::time::Timestamp;

    use super::*;
    use crate::proof::ProofKey;

    #[test]
    fn a_proof_is_verified_by_the_key_in_it() {
        let key = ProofKey::generate().unwrap();
        let url = "http://localhost:9000/token";
        let proof = key.prove(("POST", url), None, Timestamp::from_unix(0));
        let proof = proof.unwrap();
        assert_eq!(verify(&proof).0, Verdict::Verified);
        let (message, _) = proof.rsplit_once('.').unwrap();
        let (verdict, checks) = verify(&format!("{message}.AAAA"));
        assert_eq!(verdict, Verdict::Refused);
        assert_eq!(checks.last().unwrap().id, "dpop.signature");
    }
}
