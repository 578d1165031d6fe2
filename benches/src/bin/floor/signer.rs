//! One key pair, made at the start, and the JWTs of it.

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair,
    ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// How tokens are signed (RFC 7518 §3.1).
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub(crate) enum Algorithm {
    /// ECDSA on P-256.
    Es256,
    /// RSA of 2048 bits, PKCS #1 v1.5.
    Rs256,
}

enum Pair {
    Es256(EcdsaKeyPair),
    Rs256(RsaKeyPair),
}

/// A key pair with its JWT headers encoded ahead.
pub(crate) struct Signer {
    pair: Pair,
    public: ParsedPublicKey,
    access_header: String,
    id_header: String,
    random: SystemRandom,
    /// The key set as it is published.
    pub(crate) jwks: String,
}

impl Signer {
    /// A new key pair.
    ///
    /// # Errors
    /// Where the system gives no randomness.
    pub(crate) fn new(algorithm: Algorithm) -> Result<Self, Unspecified> {
        let random = SystemRandom::new();
        let (pair, public, name, members) = match algorithm {
            Algorithm::Es256 => {
                let how = &ECDSA_P256_SHA256_FIXED_SIGNING;
                let document = EcdsaKeyPair::generate_pkcs8(how, &random)?;
                let pair = EcdsaKeyPair::from_pkcs8(how, document.as_ref())?;
                let point = pair.public_key().as_ref();
                let public = ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)?;
                let (x, y) = point.get(1..).unwrap_or_default().split_at(32);
                let members = format!(
                    r#""kty":"EC","crv":"P-256","x":"{}","y":"{}""#,
                    URL_SAFE_NO_PAD.encode(x),
                    URL_SAFE_NO_PAD.encode(y)
                );
                (Pair::Es256(pair), public, "ES256", members)
            }
            Algorithm::Rs256 => {
                let pair = RsaKeyPair::generate(KeySize::Rsa2048)?;
                let document = pair.public_key().as_der()?;
                let public = ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, document.as_ref())?;
                (
                    Pair::Rs256(pair),
                    public,
                    "RS256",
                    r#""kty":"RSA""#.to_owned(),
                )
            }
        };
        let header = |typ: &str| {
            let header = format!(r#"{{"alg":"{name}","typ":"{typ}","kid":"k1"}}"#);
            URL_SAFE_NO_PAD.encode(header) + "."
        };
        Ok(Self {
            pair,
            public,
            access_header: header("at+jwt"),
            id_header: header("JWT"),
            random,
            jwks: format!(r#"{{"keys":[{{{members},"kid":"k1","alg":"{name}","use":"sig"}}]}}"#),
        })
    }

    /// Appends an access token that claims this.
    pub(crate) fn access_token(&self, claims: &str, to: &mut String) -> Result<(), Unspecified> {
        self.sign(&self.access_header, claims, to)
    }

    /// Appends an ID token that claims this.
    pub(crate) fn id_token(&self, claims: &str, to: &mut String) -> Result<(), Unspecified> {
        self.sign(&self.id_header, claims, to)
    }

    fn sign(&self, header: &str, claims: &str, to: &mut String) -> Result<(), Unspecified> {
        let begin = to.len();
        to.push_str(header);
        URL_SAFE_NO_PAD.encode_string(claims, to);
        let message = to.as_bytes().get(begin..).unwrap_or_default();
        match &self.pair {
            Pair::Es256(pair) => {
                let signature = pair.sign(&self.random, message)?;
                to.push('.');
                URL_SAFE_NO_PAD.encode_string(signature.as_ref(), to);
            }
            Pair::Rs256(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &self.random, message, &mut signature)?;
                to.push('.');
                URL_SAFE_NO_PAD.encode_string(signature, to);
            }
        }
        Ok(())
    }

    /// The claims of a JWT whose signature is ours.
    pub(crate) fn verified(&self, jwt: &str) -> Option<Vec<u8>> {
        let (message, signature) = jwt.rsplit_once('.')?;
        let (_, claims) = message.split_once('.')?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        let _: () = self
            .public
            .verify_sig(message.as_bytes(), &signature)
            .ok()?;
        URL_SAFE_NO_PAD.decode(claims).ok()
    }
}

/// The SHA-256 of some text.
pub(crate) fn sha256(text: &str) -> [u8; 32] {
    let mut digest = [0; 32];
    let found = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text.as_bytes());
    digest.copy_from_slice(found.as_ref());
    digest
}

/// 256 random bits as text.
pub(crate) fn random() -> String {
    let mut bytes = [0; 32];
    // Without randomness nothing can be signed either, and that fails.
    let _ = aws_lc_rs::rand::fill(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}
