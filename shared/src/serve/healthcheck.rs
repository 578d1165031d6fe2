//! `healthcheck`: a service's own program asks the running service whether it is ready, by what it speaks.
//!
//! May use rustls, blocking: nothing else of the service is started for it. By HTTPS two things can be believed, and
//! which of them is asked follows from what is known:
//!
//! - The service's own configuration names its certificate (`[wiring.tls] certificate`): whoever answers must show
//!   exactly that one and prove that it holds the key (TLS 1.3, RFC 8446 §4.4.3). Then it is the service that this
//!   configuration describes. Who signed the certificate, for which names and until when is for its clients to judge;
//!   a container that asks itself at 127.0.0.1 knows neither the name that they use nor whom they trust. A
//!   certificate that was renewed on disk and not yet taken up by a restart makes the service unhealthy.
//! - An `https://` address and no certificate of its own (the services of `--tls`, whose certificate is on no disk):
//!   the certificate must be one of `[wiring.tls] roots` for that host, in time, as for any client.

use std::fmt;
use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, ClientConnection, DigitallySignedStruct, RootCertStore,
    SignatureScheme, StreamOwned,
};
use url::Url;

use super::tls::{self, TlsConfig, TlsError};

/// The arguments of `healthcheck`.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Healthcheck {
    /// Where it listens, as HOST:PORT or as an `http://` or `https://` URL. Default: this machine, on the port of the
    /// configuration.
    #[arg(value_name = "ADDRESS")]
    pub address: Option<String>,
}

/// What a health check reads of a service's configuration.
#[derive(Debug, Clone)]
pub struct Listening {
    /// What it calls itself (`auth-server`).
    pub service: &'static str,
    /// Where it listens.
    pub bind: SocketAddr,
    /// What it shows there, and whom it trusts.
    pub tls: TlsConfig,
}

/// Why a service is not healthy.
#[derive(Debug, thiserror::Error)]
pub enum Unhealthy {
    /// The address is none.
    #[error("{0:?} is no address: write HOST:PORT, or a URL with http or https")]
    Address(String),
    /// The certificate or the roots of the configuration cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// `https://` without anything to believe.
    #[error(
        "an https address needs [wiring.tls] certificate (which it must show) or roots (who must have signed it)"
    )]
    NothingToBelieve,
    /// Nobody answers, or not in time, or not what was expected.
    #[error("{authority} does not answer: {source}")]
    Silent {
        /// Who was asked.
        authority: String,
        /// What the system or TLS says.
        source: io::Error,
    },
    /// It answers, and is not ready.
    #[error("it is not ready: {0}")]
    NotReady(String),
    /// Somebody answers there, but not as a service of ours: another program has its port.
    #[error("{authority} is another program: it answers 200, but not as {service} does")]
    AnotherProgram {
        /// Who was asked.
        authority: String,
        /// Who should have answered.
        service: &'static str,
    },
}

/// The most that is read of an answer, in bytes: ours are a tenth of it.
const ANSWER_BYTES: usize = 4096;

/// How long a health check may take, from the first connection to the answer.
const HEALTHCHECK_TIME: Duration = Duration::from_secs(2);

impl Healthcheck {
    /// Asks `GET /readyz` of the service that `listening` describes, or of the address that was given: that it is that
    /// service which is ready, and not whoever else has the port.
    ///
    /// # Errors
    /// [`Unhealthy`].
    pub fn ask(&self, listening: &Listening) -> Result<(), Unhealthy> {
        let peer = match &self.address {
            Some(text) => Peer::parse(text, listening.tls.certificate.is_some())?,
            None => Peer::itself(listening),
        };
        let trust = if peer.https {
            Some(client_config(&listening.tls)?)
        } else {
            None
        };
        let (status, body) = peer.readiness(trust).map_err(|source| Unhealthy::Silent {
            authority: peer.authority.clone(),
            source: in_words(source),
        })?;
        if status != "200" {
            return Err(Unhealthy::NotReady(status));
        }
        let service = listening.service;
        if is_ready(&body, service) {
            Ok(())
        } else {
            Err(Unhealthy::AnotherProgram {
                authority: peer.authority,
                service,
            })
        }
    }
}

/// Whom to ask, and how.
struct Peer {
    https: bool,
    /// Where to connect, `HOST:PORT`.
    authority: String,
    /// The name that the certificate is asked for.
    name: String,
    /// The `Host` header: every service answers to `localhost` and its port.
    host: Option<String>,
}

impl Peer {
    /// The service on its own machine.
    fn itself(listening: &Listening) -> Self {
        Self {
            https: listening.tls.certificate.is_some(),
            authority: reached_at(listening.bind).to_string(),
            name: "localhost".to_owned(),
            host: None,
        }
    }

    /// `HOST:PORT` is asked by what the configuration says, a URL by its scheme.
    fn parse(text: &str, https: bool) -> Result<Self, Unhealthy> {
        let invalid = || Unhealthy::Address(text.to_owned());
        if !text.starts_with("http://") && !text.starts_with("https://") {
            let (name, _) = text.rsplit_once(':').ok_or_else(invalid)?;
            return Ok(Self {
                https,
                authority: text.to_owned(),
                name: name.to_owned(),
                host: None,
            });
        }
        let url = Url::parse(text).map_err(|_| invalid())?;
        let name = url.host_str().ok_or_else(invalid)?;
        let port = url.port_or_known_default().ok_or_else(invalid)?;
        Ok(Self {
            https: url.scheme() == "https",
            authority: format!("{name}:{port}"),
            name: name.trim_matches(['[', ']']).to_owned(),
            host: Some(url.authority().to_owned()),
        })
    }

    /// Status and body of `GET /readyz`, from the first of its addresses that takes the connection.
    fn readiness(&self, trust: Option<ClientConfig>) -> io::Result<(String, Vec<u8>)> {
        let until = Instant::now() + HEALTHCHECK_TIME;
        let mut stream = Err(io::Error::from(io::ErrorKind::NotFound));
        for address in self.authority.to_socket_addrs()? {
            stream = Bounded::connect(address, until);
            if stream.is_ok() {
                break;
            }
        }
        let stream = stream?;
        let host = match &self.host {
            Some(host) => host.clone(),
            None => format!("localhost:{}", stream.port()?),
        };
        match trust {
            None => ask(stream, &host),
            Some(trust) => {
                let name = ServerName::try_from(self.name.clone()).map_err(io::Error::other)?;
                let connection =
                    ClientConnection::new(Arc::new(trust), name).map_err(io::Error::other)?;
                ask(StreamOwned::new(connection, stream), &host)
            }
        }
    }
}

/// What the system says when time is up differs from one to the next, and says nothing of the time.
fn in_words(error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => io::Error::new(
            io::ErrorKind::TimedOut,
            format!("nothing came within {} s", HEALTHCHECK_TIME.as_secs()),
        ),
        _ => error,
    }
}

/// Where a service that listens on `bind` is reached from its own machine.
fn reached_at(bind: SocketAddr) -> SocketAddr {
    let ip = match bind.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, bind.port())
}

/// The status, and the body of an answer with 200.
fn ask(mut stream: impl Read + Write, host: &str) -> io::Result<(String, Vec<u8>)> {
    write!(
        stream,
        "GET /readyz HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
    )?;
    stream.flush()?;
    let mut line = [0_u8; 12];
    stream.read_exact(&mut line)?;
    let foreign = "that is not HTTP/1.1 as this service speaks it";
    let foreign = || io::Error::new(io::ErrorKind::InvalidData, foreign);
    let status = line.strip_prefix(b"HTTP/1.1 ").ok_or_else(foreign)?;
    let status = String::from_utf8_lossy(status).into_owned();
    if status != "200" {
        return Ok((status, Vec::new()));
    }
    let mut rest = Vec::new();
    let mut room = [0_u8; 1024];
    while rest.len() < ANSWER_BYTES {
        match stream.read(&mut room) {
            Ok(0) => break,
            Ok(read) => rest.extend_from_slice(room.get(..read).unwrap_or_default()),
            // How a peer ends a connection that it was asked to close is its own affair.
            Err(_) if is_whole(&rest) => break,
            Err(error) => return Err(error),
        }
    }
    Ok((status, body_of(&rest).to_vec()))
}

/// What stands after the head.
fn body_of(answer: &[u8]) -> &[u8] {
    let end = answer.windows(4).position(|end| end == b"\r\n\r\n");
    end.and_then(|end| answer.get(end + 4..))
        .unwrap_or_default()
}

/// Whether the body that came is JSON: then nothing is missing.
fn is_whole(answer: &[u8]) -> bool {
    serde_json::from_slice::<serde_json::Value>(body_of(answer)).is_ok()
}

/// Whether a body is what `service` says at `/readyz` when it is ready.
fn is_ready(body: &[u8], service: &str) -> bool {
    let said: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    let says = |member: &str, text: &str| said.get(member).is_some_and(|found| found == text);
    says("status", super::health::READY) && says("service", service)
}

/// A connection of which every read and write ends at one moment: many short waits are not a long one.
struct Bounded {
    stream: TcpStream,
    until: Instant,
}

impl Bounded {
    fn connect(address: SocketAddr, until: Instant) -> io::Result<Self> {
        let stream = TcpStream::connect_timeout(&address, left(until)?)?;
        Ok(Self { stream, until })
    }

    fn port(&self) -> io::Result<u16> {
        Ok(self.stream.peer_addr()?.port())
    }
}

/// What is left until then; an error when nothing is.
fn left(until: Instant) -> io::Result<Duration> {
    let left = until.saturating_duration_since(Instant::now());
    if left.is_zero() {
        return Err(io::Error::from(io::ErrorKind::TimedOut));
    }
    Ok(left)
}

impl Read for Bounded {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.stream.set_read_timeout(Some(left(self.until)?))?;
        self.stream.read(buffer)
    }
}

impl Write for Bounded {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.stream.set_write_timeout(Some(left(self.until)?))?;
        self.stream.write(buffer)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

/// What is believed of whoever answers by TLS.
fn client_config(config: &TlsConfig) -> Result<ClientConfig, Unhealthy> {
    let unusable = |error: &dyn fmt::Display| TlsError::Certificate(error.to_string());
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let believed: Arc<dyn ServerCertVerifier> = match (&config.certificate, &config.roots) {
        (Some(path), _) => Arc::new(ThatCertificate {
            expected: tls::own_certificate(path)?,
            algorithms: provider.signature_verification_algorithms,
        }),
        (None, Some(path)) => {
            let mut roots = RootCertStore::empty();
            for root in tls::roots_of(path)? {
                roots.add(root).map_err(|error| unusable(&error))?;
            }
            WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
                .build()
                .map_err(|error| unusable(&error))?
        }
        (None, None) => return Err(Unhealthy::NothingToBelieve),
    };
    Ok(ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
        .map_err(|error| unusable(&error))?
        .dangerous()
        .with_custom_certificate_verifier(believed)
        .with_no_client_auth())
}

/// Believes whoever shows one certificate and signs with its key.
#[derive(Debug)]
struct ThatCertificate {
    expected: CertificateDer<'static>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl ServerCertVerifier for ThatCertificate {
    fn verify_server_cert(
        &self,
        shown: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if shown.as_ref() == self.expected.as_ref() {
            return Ok(ServerCertVerified::assertion());
        }
        let reason = "it shows another certificate than that of [wiring.tls] certificate";
        let reason = rustls::OtherError(Arc::new(io::Error::other(reason)));
        Err(CertificateError::Other(reason).into())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        shown: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, shown, signed, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        shown: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, shown, signed, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

#[cfg(test)]
#[path = "healthcheck_tests.rs"]
mod tests;
