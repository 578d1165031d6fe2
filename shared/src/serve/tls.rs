//! The one provider of TLS cryptography: aws-lc-rs.

/// Makes aws-lc-rs the provider of rustls in this process. Call it first in `main` and in a
/// test's set-up: without it, building a reqwest client panics. Calling it again does nothing.
pub fn install_crypto_provider() {
    // An error says that a provider is installed already; then there is nothing to do.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
}
