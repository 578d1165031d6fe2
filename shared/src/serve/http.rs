//! The one way to serve: HTTP/1.1 by a socket or by TLS, from one port, with what a peer may hold bounded.
//!
//! May use the crates under actix-web. It does what `actix_web::HttpServer` does, which has no place for a layer of
//! ours between the socket and HTTP; so here the parts are put together once more, with [`super::connection`] between.

use std::convert::Infallible;
use std::fmt;
use std::future::ready;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use actix_http::error::DispatchError;
use actix_http::{HttpService, KeepAlive, Protocol, Request, Response};
use actix_rt::net::TcpStream;
use actix_server::{GracefulShutdownSignal, Server};
use actix_service::{
    IntoServiceFactory, ServiceFactory, ServiceFactoryExt, fn_service, map_config,
};
use actix_tls::accept::TlsError;
use actix_tls::accept::rustls_0_23::{Acceptor, TlsStream};
use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::AppConfig;
use tokio::io::{AsyncRead, AsyncWrite};

use super::connection::{Answer, ConnectionsConfig, HEAD_TIME, Paced, Watched, answering};
use super::tls::ServerTls;

/// How long a connection may be silent between two requests.
const SILENCE: Duration = Duration::from_secs(5);

/// How long a connection may take to end, once nothing more is answered on it.
const LEAVING: Duration = Duration::from_secs(1);

/// How long what is in flight may take when the service stops, in seconds; a program is gone a little earlier
/// ([`super::Shutdown::trigger_on_signal`]).
const STOP_SECONDS: u64 = 2;

/// Where and how one service serves.
#[derive(Debug)]
pub struct Serving {
    /// The port.
    pub listener: TcpListener,
    /// The same by IPv6, where both are one name ([`super::listen::by_ipv6`]).
    pub also: Option<TcpListener>,
    /// The certificate that it shows; without it, it speaks plain HTTP.
    pub tls: Option<ServerTls>,
    /// Threads that answer, at least 1.
    pub workers: usize,
    /// What peers may hold.
    pub connections: ConnectionsConfig,
}

impl Serving {
    /// A server of the applications that `app` makes, one for each worker. It answers as soon as it is polled
    /// ([`super::Shutdown::serve`]) and leaves signals alone.
    ///
    /// # Errors
    /// When the listener cannot be used.
    pub fn server<A, S, B>(self, app: impl Fn() -> A + Clone + Send + 'static) -> io::Result<Server>
    where
        A: IntoServiceFactory<S, Request>,
        S: ServiceFactory<Request, Config = AppConfig> + 'static,
        S::Error: Into<Error>,
        S::InitError: fmt::Debug,
        S::Response: Into<Response<B>>,
        B: MessageBody + 'static,
    {
        let workers = self.workers.max(1);
        let untaken = Duration::from_secs(u64::from(self.connections.untaken.as_seconds()));
        let mut builder = Server::build()
            .workers(workers)
            .max_concurrent_connections(self.connections.most(workers))
            .disable_signals()
            .shutdown_timeout(STOP_SECONDS);
        for listener in [Some(self.listener), self.also].into_iter().flatten() {
            let address = listener.local_addr()?;
            let stop = builder.graceful_shutdown_signal();
            let name = format!("http://{address}");
            let http = move || Http {
                address,
                stop: stop.clone(),
            };
            let app = app.clone();
            builder = match self.tls.clone() {
                None => builder.listen(name, listener, move || {
                    fn_service(move |socket: TcpStream| {
                        let socket = Watched::new(socket, untaken);
                        let peer = socket.peer_addr();
                        ready(Ok((Paced::new(socket), Protocol::Http1, peer)))
                    })
                    .and_then(http().service(app()))
                })?,
                Some(tls) => builder.listen(name, listener, move || {
                    fn_service(move |socket: TcpStream| ready(Ok(Watched::new(socket, untaken))))
                        .and_then(accept(&tls))
                        .map(|stream: TlsStream<Watched>| {
                            let peer = stream.get_ref().0.peer_addr();
                            (Paced::new(stream), Protocol::Http1, peer)
                        })
                        .and_then(http().service(app()).map_err(TlsError::Service))
                })?,
            };
        }
        Ok(builder.run())
    }
}

/// Shakes hands, within three seconds; HTTP/1.1 is all that is spoken (RFC 7301).
fn accept(
    tls: &ServerTls,
) -> impl ServiceFactory<
    Watched,
    Config = (),
    Response = TlsStream<Watched>,
    Error = TlsError<io::Error, DispatchError>,
    InitError = (),
> + use<> {
    let mut config = tls.config();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Acceptor::new(config).map_err(TlsError::<io::Error, Infallible>::into_service_error)
}

/// What HTTP keeps to on every connection.
struct Http {
    address: SocketAddr,
    stop: GracefulShutdownSignal,
}

impl Http {
    /// An application on streams of whatever kind.
    fn service<IO, S, B>(
        self,
        app: impl IntoServiceFactory<S, Request>,
    ) -> impl ServiceFactory<
        (Paced<IO>, Protocol, Option<SocketAddr>),
        Config = (),
        Response = (),
        Error = DispatchError,
        InitError = (),
    >
    where
        IO: AsyncRead + AsyncWrite + Unpin + 'static,
        S: ServiceFactory<Request, Config = AppConfig> + 'static,
        S::Error: Into<Error>,
        S::InitError: fmt::Debug,
        S::Response: Into<Response<B>>,
        B: MessageBody + 'static,
    {
        let stop = self.stop;
        let app = app
            .into_factory()
            .map_err(|error| error.into().error_response());
        // Nothing of ours reads the configuration: names and schemes come from the wiring.
        let app = map_config(app, |()| AppConfig::default());
        HttpService::<_, _, Answer<B>>::build()
            .graceful_shutdown_signal(move || {
                let stop = stop.clone();
                async move { stop.notified().await }
            })
            .keep_alive(KeepAlive::Timeout(SILENCE))
            .client_request_timeout(HEAD_TIME)
            .client_disconnect_timeout(LEAVING)
            .h1_allow_half_closed(false)
            .local_addr(self.address)
            .on_connect_ext(|stream: &Paced<IO>, data| {
                data.insert(stream.pace());
            })
            .finish(answering::<_, B>(app))
    }
}
