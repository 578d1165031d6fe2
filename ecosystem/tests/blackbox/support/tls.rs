//! TLS for the raw client: the roots that a test trusts, and nothing of the system's.
//!
//! May use rustls over tokio's sockets.

use std::sync::{Arc, Mutex, PoisonError};

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore, SupportedCipherSuite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use url::Url;

/// What every test of this process trusts: authorities for `localhost`, each of an ecosystem of its own.
static ROOTS: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Trusts the authority with this certificate (PEM).
pub(crate) fn trust(pem: &str) {
    let mut roots = ROOTS.lock().unwrap_or_else(PoisonError::into_inner);
    roots.push(pem.to_owned());
}

/// A TLS connection to the host and port of `url`, its certificate verified.
pub(crate) async fn connect(url: &Url) -> TlsStream<TcpStream> {
    try_connect(url)
        .await
        .unwrap_or_else(|error| panic!("{url}: {error}"))
}

/// The same, where the handshake may fail.
pub(crate) async fn try_connect(url: &Url) -> std::io::Result<TlsStream<TcpStream>> {
    offering(url, |_| true).await
}

/// The same by these cipher suites alone, of those that there are.
pub(crate) async fn offering(
    url: &Url,
    suites: impl Fn(&SupportedCipherSuite) -> bool,
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut store = RootCertStore::empty();
    for pem in ROOTS.lock().unwrap_or_else(PoisonError::into_inner).iter() {
        let roots = shared::serve::tls::roots(pem.as_bytes()).expect("certificates");
        store.add_parsable_certificates(roots);
    }
    let mut provider = rustls::crypto::aws_lc_rs::default_provider();
    provider.cipher_suites.retain(suites);
    let config = ClientConfig::builder_with_provider(Arc::new(provider))
        .with_safe_default_protocol_versions()
        .map_err(std::io::Error::other)?
        .with_root_certificates(store)
        .with_no_client_auth();
    let host = url.host_str().expect("a host").to_owned();
    let name = ServerName::try_from(host).expect("a name");
    let stream = super::connect(url).await;
    TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await
}
