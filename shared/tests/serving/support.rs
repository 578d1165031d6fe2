//! A small service, served as the real ones are, and connections to it byte by byte.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use actix_web::middleware::from_fn;
use actix_web::{App, Error, HttpResponse, web};
use bytes::Bytes;
use futures_util::stream;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use shared::serve::tls::{ServerTls, install_crypto_provider};
use shared::serve::{ConnectionsConfig, Serving, Shutdown, close_unread, read_body};
use shared::time::Lifetime;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio_rustls::TlsConnector;

/// The longest that one step may take on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// More than any buffer between two programs of one machine.
pub(crate) const BIG: usize = 32 * 1024 * 1024;

/// The largest body that it takes.
pub(crate) const LIMIT: usize = 256 * 1024;

/// Plain or by TLS.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

/// What the service did.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    /// Requests that were begun.
    pub(crate) begun: AtomicUsize,
    /// Requests that wait for ever and were dropped.
    pub(crate) dropped: AtomicUsize,
}

/// A running service; it stops when the test ends.
pub(crate) struct Service {
    pub(crate) address: SocketAddr,
    pub(crate) counts: Arc<Counts>,
    certificate: Option<CertificateDer<'static>>,
    stop: Shutdown,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Service {
    fn drop(&mut self) {
        self.stop.trigger();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Counts what is dropped without an answer.
struct Dropped(Arc<Counts>);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.dropped.fetch_add(1, Ordering::SeqCst);
    }
}

async fn echo(payload: web::Payload) -> HttpResponse {
    match read_body(payload, LIMIT, Duration::from_secs(10)).await {
        Ok(body) => HttpResponse::Ok().body(body),
        Err(error) => HttpResponse::build(error.status()).body(error.to_string()),
    }
}

fn routes(config: &mut web::ServiceConfig, counts: &Arc<Counts>) {
    let (counted, waiting) = (Arc::clone(counts), Arc::clone(counts));
    let number = move |number: web::Path<u32>| {
        counted.begun.fetch_add(1, Ordering::SeqCst);
        async move { number.to_string() }
    };
    let hold = move || {
        let guard = Dropped(Arc::clone(&waiting));
        waiting.begun.fetch_add(1, Ordering::SeqCst);
        async move {
            std::future::pending::<()>().await;
            drop(guard);
            HttpResponse::Ok().finish()
        }
    };
    let late = |payload: web::Payload| async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        echo(payload).await
    };
    let slow = || async {
        tokio::time::sleep(Duration::from_secs(2)).await;
        "slow"
    };
    let events = || async {
        let event = stream::repeat_with(|| Ok::<_, Error>(Bytes::from(vec![b'e'; 16 * 1024])));
        HttpResponse::Ok().streaming(event)
    };
    config
        .route("/n/{number}", web::get().to(number))
        .route("/hold", web::get().to(hold))
        .route("/echo", web::post().to(echo))
        .route("/late", web::post().to(late))
        .route("/refuse", web::post().to(HttpResponse::Unauthorized))
        .route("/slow", web::get().to(slow))
        .route("/events", web::get().to(events))
        .route("/big", web::get().to(|| async { vec![b'b'; BIG] }));
}

impl Service {
    /// With one worker that serves at most `most` peers, each of which may leave an answer untaken for so many seconds.
    pub(crate) fn start(tls: bool, most: usize, untaken: u32) -> Self {
        install_crypto_provider();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, counts) = (Shutdown::new(), Arc::new(Counts::default()));
        let identity = tls.then(|| generate_simple_self_signed(["localhost".to_owned()]).unwrap());
        let certificate = identity
            .as_ref()
            .map(|identity| identity.cert.der().clone());
        let serving = Serving {
            also: None,
            listener,
            tls: identity.as_ref().map(server_tls),
            workers: 1,
            connections: ConnectionsConfig {
                most: Some(most),
                untaken: Lifetime::from_seconds(untaken),
            },
        };
        let thread = std::thread::spawn({
            let (stop, counts) = (stop.clone(), Arc::clone(&counts));
            move || {
                actix_web::rt::System::new().block_on(async {
                    let server = serving.server(move || {
                        let counts = Arc::clone(&counts);
                        App::new()
                            .configure(|config| routes(config, &counts))
                            .wrap(from_fn(close_unread))
                    });
                    stop.serve(server.unwrap()).await.unwrap();
                });
            }
        });
        Self {
            address,
            counts,
            certificate,
            stop,
            thread: Some(thread),
        }
    }

    /// Asks it to stop and waits until it has.
    pub(crate) fn stop(mut self) {
        self.stop.trigger();
        self.thread.take().unwrap().join().unwrap();
    }

    /// A connection with a small window, by TLS where the service has it.
    pub(crate) async fn connect(&self) -> Box<dyn Stream> {
        let stream = self.connect_plain().await;
        let Some(certificate) = &self.certificate else {
            return Box::new(stream);
        };
        let mut roots = RootCertStore::empty();
        roots.add(certificate.clone()).unwrap();
        let config = ClientConfig::builder()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let name = ServerName::try_from("localhost").unwrap();
        let connected = TlsConnector::from(Arc::new(config)).connect(name, stream);
        Box::new(connected.await.unwrap())
    }

    /// A socket with a small window.
    pub(crate) async fn connect_plain(&self) -> TcpStream {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(16 * 1024).unwrap();
        socket.connect(self.address).await.unwrap()
    }

    pub(crate) fn begun(&self) -> usize {
        self.counts.begun.load(Ordering::SeqCst)
    }
}

fn server_tls(identity: &CertifiedKey<rcgen::KeyPair>) -> ServerTls {
    let (chain, key) = (identity.cert.pem(), identity.signing_key.serialize_pem());
    ServerTls::from_pem(chain.as_bytes(), key.as_bytes()).unwrap()
}

/// A head without a body.
pub(crate) fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n")
}

/// A head with these header lines for a body.
pub(crate) fn post(path: &str, lines: &str) -> String {
    format!("POST {path} HTTP/1.1\r\nHost: localhost\r\n{lines}\r\n")
}

/// Sends as much as the other side takes until nothing goes for half a second; how much that was.
pub(crate) async fn stuff(stream: &mut (impl AsyncWrite + Unpin), bytes: &[u8]) -> usize {
    let mut sent = 0;
    while sent < bytes.len() {
        let write = stream.write(&bytes[sent..]);
        match tokio::time::timeout(Duration::from_millis(500), write).await {
            Ok(Ok(length)) => sent += length,
            Ok(Err(_)) | Err(_) => break,
        }
    }
    sent
}

/// One answer with a `Content-Length`: its status and its body.
pub(crate) async fn answer(stream: &mut (impl AsyncRead + Unpin)) -> (u16, Vec<u8>) {
    let reading = async {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.expect("a head"));
        }
        let head = String::from_utf8(head).unwrap().to_ascii_lowercase();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "));
        let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
        stream.read_exact(&mut body).await.unwrap();
        (status, body)
    };
    tokio::time::timeout(PATIENCE, reading)
        .await
        .expect("an answer in time")
}

/// Reads to the end: how many bytes came.
pub(crate) async fn rest(stream: &mut (impl AsyncRead + Unpin)) -> usize {
    let mut bytes = Vec::new();
    let read = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut bytes));
    // A connection that was reset ends, too.
    let _ = read.await.expect("the connection ends");
    bytes.len()
}
