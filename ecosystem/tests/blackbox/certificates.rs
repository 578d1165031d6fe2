//! What our clients believe of a peer's certificate (RFC 9525, RFC 5280 §6.1): one that has ended, has not begun, is for
//! another name, or is nobody's whom we trust, gets no request, and so no secret and no token.
//!
//! The clients are those of the services: the one by which they call each other, and the guarded one for URLs that
//! clients give (but for its exception, a peer on this very machine: see `outbound.rs`).

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use shared::flow::Party;
use shared::observe::{Guard, HttpClient, HttpRequest};
use shared::realm::RealmName;
use shared::serve::tls::{ServerTls, TlsConfig};
use shared::wiring::WiringConfig;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// An authority.
struct Authority {
    params: CertificateParams,
    key: KeyPair,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        Self { params, key }
    }

    /// Its certificate in a file.
    fn publish(&self, file: &Path) {
        let certificate = self.params.self_signed(&self.key).unwrap();
        std::fs::write(file, certificate.pem()).unwrap();
    }

    /// A certificate for `name`, changed before it is signed, and its key.
    fn issue(&self, name: &str, change: impl FnOnce(&mut CertificateParams)) -> ServerTls {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        change(&mut params);
        let issuer = Issuer::from_params(&self.params, &self.key);
        let leaf = params.signed_by(&key, &issuer).unwrap();
        ServerTls::from_pem(leaf.pem().as_bytes(), key.serialize_pem().as_bytes()).unwrap()
    }
}

/// A peer that shows a certificate and counts the requests that it was sent.
struct Peer {
    url: String,
    asked: Arc<AtomicUsize>,
}

impl Peer {
    async fn showing(tls: ServerTls) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::<AtomicUsize>::default();
        let acceptor = TlsAcceptor::from(Arc::new(tls.config()));
        let counted = Arc::clone(&asked);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, counted) = (acceptor.clone(), Arc::clone(&counted));
                tokio::spawn(async move {
                    let Ok(mut stream) = acceptor.accept(stream).await else {
                        return;
                    };
                    let mut request = [0; 4096];
                    if matches!(stream.read(&mut request).await, Ok(1..)) {
                        counted.fetch_add(1, Ordering::Relaxed);
                        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
                        let _ = stream.write_all(answer).await;
                        let _ = stream.shutdown().await;
                    }
                });
            }
        });
        Self {
            url: format!("https://localhost:{port}/"),
            asked,
        }
    }
}

/// The clients of a service that trusts the authority in this file.
fn clients(roots: &Path) -> [(&'static str, HttpClient); 2] {
    let config = WiringConfig {
        tls: TlsConfig {
            roots: Some(roots.to_path_buf()),
            ..TlsConfig::default()
        },
        ..WiringConfig::default()
    };
    let (wiring, _feed) = config.wire().unwrap();
    let observer = || wiring.observer(Party::AuthServer);
    let guard = Guard {
        admits: Arc::new(|_, _| true),
        time_out: Duration::from_secs(5),
        answer_bytes: 1024,
        any_certificate: false,
    };
    let guarded = HttpClient::guarded(observer(), wiring.reach(), guard).unwrap();
    let plain = HttpClient::new(observer(), wiring.reach()).unwrap();
    [("of the services", plain), ("guarded", guarded)]
}

#[tokio::test]
async fn a_peer_whose_certificate_is_over_or_another_s_is_sent_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let roots = directory.path().join("authority.pem");
    let (authority, stranger) = (Authority::new(), Authority::new());
    authority.publish(&roots);
    let as_it_is = |_: &mut CertificateParams| {};
    let ended = |params: &mut CertificateParams| {
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(2021, 1, 1);
    };
    let not_begun = |params: &mut CertificateParams| params.not_before = date_time_ymd(4000, 1, 1);
    let own = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let own = ServerTls::from_pem(
        own.cert.pem().as_bytes(),
        own.signing_key.serialize_pem().as_bytes(),
    );
    for (what, shown, why) in [
        ("a good one", authority.issue("localhost", as_it_is), None),
        (
            "one that has ended",
            authority.issue("localhost", ended),
            Some("Expired"),
        ),
        (
            "one that has not begun",
            authority.issue("localhost", not_begun),
            Some("NotValidYet"),
        ),
        (
            "another name's",
            authority.issue("elsewhere.example", as_it_is),
            Some("NotValidForName"),
        ),
        (
            "an unknown authority's",
            stranger.issue("localhost", as_it_is),
            Some("InvalidCertificate"),
        ),
        ("its own", own.unwrap(), Some("InvalidCertificate")),
    ] {
        let peer = Peer::showing(shown).await;
        for (number, (client, http)) in (1..).zip(clients(&roots)) {
            let request = HttpRequest::get(peer.url.as_str());
            let answered = http.send(request, &RealmName::default_realm(), None).await;
            let asked = peer.asked.load(Ordering::Relaxed);
            match (why, answered) {
                (None, answered) => {
                    assert_eq!(answered.unwrap().status, 200, "{client}: {what}");
                    assert_eq!(asked, number, "{client}: {what}");
                }
                (Some(why), answered) => {
                    let error = format!("{:?}", answered.unwrap_err());
                    assert!(error.contains(why), "{client}: {what}: {error}");
                    assert_eq!(asked, 0, "{client}: {what}: it was asked all the same");
                }
            }
        }
    }
}
