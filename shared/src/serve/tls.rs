//! TLS: the one provider of cryptography, the certificate that a service shows, and the roots that it trusts.
//!
//! May use rustls and rustls-pki-types. TLS 1.2 and 1.3 with forward secrecy and authenticated encryption alone,
//! of TLS 1.2 only the suites of RFC 9325 §4.2; no client certificates.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{CipherSuite, ServerConfig, SupportedCipherSuite};
use serde::{Deserialize, Serialize};

/// Makes aws-lc-rs the provider of rustls in this process. Call it first in `main` and in a
/// test's set-up: without it, building a reqwest client panics. Calling it again does nothing.
pub fn install_crypto_provider() {
    // An error says that a provider is installed already; then there is nothing to do.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
}

/// Why TLS cannot be served or trusted.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read.
    #[error("cannot read {}: {reason}", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system or the PEM reader says.
        reason: String,
    },
    /// A certificate without a key, or a key without a certificate.
    #[error("certificate and key belong together: give both or neither")]
    Half,
    /// The certificate chain is empty, or the key is not the certificate's.
    #[error("the certificate cannot be used: {0}")]
    Certificate(String),
}

/// `[wiring.tls]`: HTTPS for a service in a process of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TlsConfig {
    /// The certificate chain that this service shows, PEM, its own certificate first. Default none: plain HTTP.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate: Option<PathBuf>,
    /// The private key of that certificate, PEM (PKCS#8, PKCS#1 or SEC 1).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<PathBuf>,
    /// Root certificates, PEM, that this service trusts beside the system's when it calls others. Default none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub roots: Option<PathBuf>,
}

impl TlsConfig {
    /// What the files say.
    ///
    /// # Errors
    /// [`TlsError`].
    pub fn read(&self) -> Result<Tls, TlsError> {
        let server = match (&self.certificate, &self.key) {
            (None, None) => None,
            (Some(certificate), Some(key)) => {
                Some(ServerTls::from_pem(&file(certificate)?, &file(key)?)?)
            }
            _ => return Err(TlsError::Half),
        };
        let roots = match &self.roots {
            None => Vec::new(),
            Some(path) => roots_of(path)?,
        };
        Ok(Tls { server, roots })
    }
}

fn file(path: &Path) -> Result<Vec<u8>, TlsError> {
    std::fs::read(path).map_err(|source| TlsError::Read {
        path: path.to_path_buf(),
        reason: source.to_string(),
    })
}

/// The roots in a file, PEM.
pub(super) fn roots_of(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    roots(&file(path)?)
}

/// The first certificate in a file, PEM: of a chain the service's own.
pub(super) fn own_certificate(path: &Path) -> Result<CertificateDer<'static>, TlsError> {
    let chain = roots_of(path)?;
    let own = chain.into_iter().next();
    own.ok_or_else(|| TlsError::Certificate("there is none in it".to_owned()))
}

/// The certificates of a PEM text, as DER: at least one.
///
/// # Errors
/// [`TlsError::Certificate`].
pub fn roots(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    match read {
        Ok(all) if all.is_empty() => Err(TlsError::Certificate("there is none in it".to_owned())),
        Ok(all) => Ok(all),
        Err(error) => Err(TlsError::Certificate(error.to_string())),
    }
}

/// What a service shows, and whom it trusts. The default is plain HTTP and the system's roots.
#[derive(Clone, Debug, Default)]
pub struct Tls {
    /// What it shows; without it, it speaks plain HTTP.
    pub server: Option<ServerTls>,
    /// Root certificates (DER) that it trusts beside the system's.
    pub roots: Vec<CertificateDer<'static>>,
}

/// A certificate chain and its key, ready to serve. Cheap to clone; never printed.
#[derive(Clone)]
pub struct ServerTls(Arc<ServerConfig>);

/// Whether it is a suite of TLS 1.3, or one of the four that RFC 9325 §4.2 recommends for TLS 1.2.
fn is_recommended(suite: &SupportedCipherSuite) -> bool {
    let recommended = [
        CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
        CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
        CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
        CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
    ];
    suite.tls13().is_some() || recommended.contains(&suite.suite())
}

impl fmt::Debug for ServerTls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ServerTls")
    }
}

impl ServerTls {
    /// A chain and a key in PEM.
    ///
    /// # Errors
    /// [`TlsError::Certificate`] where either cannot be read, or they do not belong together.
    pub fn from_pem(chain: &[u8], key: &[u8]) -> Result<Self, TlsError> {
        let unusable = |error: &dyn fmt::Display| TlsError::Certificate(error.to_string());
        let chain = roots(chain)?;
        let key = PrivateKeyDer::from_pem_slice(key).map_err(|error| unusable(&error))?;
        let mut provider = rustls::crypto::aws_lc_rs::default_provider();
        provider.cipher_suites.retain(is_recommended);
        let config = ServerConfig::builder_with_provider(Arc::new(provider))
            .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
            .map_err(|error| unusable(&error))?
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .map_err(|error| unusable(&error))?;
        Ok(Self(Arc::new(config)))
    }

    /// For the HTTP server, which adds the protocols that it speaks (ALPN).
    #[must_use]
    pub fn config(&self) -> ServerConfig {
        self.0.as_ref().clone()
    }
}
