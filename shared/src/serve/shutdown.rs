//! Stopping: what is in flight is finished, streams are ended, and a second signal leaves at once.

use std::io;
use std::time::Duration;

use actix_web::dev::Server;
use futures_util::{Stream, StreamExt};
use tokio::sync::watch;

/// The longest that a program takes to end once it was asked to: two seconds, with what ending itself takes.
const LONGEST: Duration = Duration::from_millis(1_850);

/// The exit status of a program that a second signal ended (128 + SIGINT).
const INTERRUPTED: i32 = 130;

/// Tells everything in one service, or one ecosystem, that it is time to stop. Clones share it.
#[derive(Debug, Clone)]
pub struct Shutdown {
    requested: watch::Sender<bool>,
}

impl Default for Shutdown {
    fn default() -> Self {
        Self::new()
    }
}

impl Shutdown {
    /// A handle that nobody has triggered.
    #[must_use]
    pub fn new() -> Self {
        Self {
            requested: watch::Sender::new(false),
        }
    }

    /// Asks everything to stop. Asking twice does nothing more.
    pub fn trigger(&self) {
        self.requested.send_replace(true);
    }

    /// Whether it was triggered.
    #[must_use]
    pub fn is_requested(&self) -> bool {
        *self.requested.borrow()
    }

    /// Waits until it is triggered; at once if it was.
    pub fn requested(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut receiver = self.requested.subscribe();
        // Held, so that the channel outlives the wait.
        let sender = self.requested.clone();
        async move {
            // Fails only when every sender is gone, and we hold one.
            let _ = receiver.wait_for(|requested| *requested).await;
            drop(sender);
        }
    }

    /// `stream`, which ends when the service stops. An open stream would otherwise hold the stop
    /// until its time-out: use it for every server-sent events response.
    pub fn end_stream<S: Stream>(&self, stream: S) -> impl Stream<Item = S::Item> + use<S> {
        stream.take_until(Box::pin(self.requested()))
    }

    /// Runs `server` until this is triggered, then finishes what is in flight (up to the server's
    /// own `shutdown_timeout`).
    ///
    /// # Errors
    /// What the server returns.
    pub async fn serve(&self, server: Server) -> io::Result<()> {
        let handle = server.handle();
        let mut running = std::pin::pin!(server);
        tokio::select! {
            ended = &mut running => return ended,
            () = self.requested() => {}
        }
        tokio::select! {
            ended = &mut running => ended,
            () = async { handle.stop(true).await; std::future::pending().await } => Ok(()),
        }
    }

    /// Triggers this at the first Ctrl-C or SIGTERM; at the second, ends the process at once. Ends it, too, when
    /// it has not ended by itself in just under two seconds: a thread that waits for a database which is silent would hold it
    /// for as long. For binaries only. Returns the name of the signal.
    ///
    /// # Errors
    /// When the system refuses the signal handlers.
    pub async fn trigger_on_signal(&self) -> io::Result<&'static str> {
        let name = wait_for_ctrl_c_or_sigterm().await?;
        // Threads of their own: the runtime, as it ends, waits for those of its threads that are busy.
        std::thread::Builder::new()
            .name("stop".to_owned())
            .spawn(|| {
                std::thread::sleep(LONGEST);
                tracing::warn!("something did not end in time; the process leaves all the same");
                std::process::exit(0);
            })?;
        std::thread::Builder::new()
            .name("signals".to_owned())
            .spawn(leave_at_a_signal)?;
        self.trigger();
        Ok(name)
    }
}

/// Ends the process at the next signal.
fn leave_at_a_signal() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build();
    if runtime.is_ok_and(|runtime| runtime.block_on(wait_for_ctrl_c_or_sigterm()).is_ok()) {
        std::process::exit(INTERRUPTED);
    }
}

/// What the owner of a service holds to stop it gracefully; cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct StopHandle(Shutdown);

impl StopHandle {
    /// Ends the live streams and stops the service once what is in flight is answered.
    pub fn stop(&self) {
        self.0.trigger();
    }

    /// Stops the service at the first Ctrl-C or SIGTERM, whose name it returns; the second ends the
    /// process at once. For binaries only.
    ///
    /// # Errors
    /// When the system refuses the signal handlers.
    pub async fn stop_on_signal(&self) -> io::Result<&'static str> {
        self.0.trigger_on_signal().await
    }
}

impl From<Shutdown> for StopHandle {
    fn from(shutdown: Shutdown) -> Self {
        Self(shutdown)
    }
}

/// Waits for Ctrl-C (SIGINT) or, where there is one, SIGTERM. Returns its name.
///
/// # Errors
/// When the system refuses the signal handlers.
#[cfg(unix)]
pub async fn wait_for_ctrl_c_or_sigterm() -> io::Result<&'static str> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(tokio::select! {
        _ = interrupt.recv() => "SIGINT",
        _ = terminate.recv() => "SIGTERM",
    })
}

/// Waits for Ctrl-C. Returns its name.
///
/// # Errors
/// When the system refuses the handler.
#[cfg(not(unix))]
pub async fn wait_for_ctrl_c_or_sigterm() -> io::Result<&'static str> {
    tokio::signal::ctrl_c().await?;
    Ok("Ctrl-C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_stream_ends_when_the_service_stops() {
        let shutdown = Shutdown::new();
        let endless = futures_util::stream::iter(0..).then(|n| async move {
            tokio::task::yield_now().await;
            n
        });
        let mut stream = Box::pin(shutdown.end_stream(endless));
        assert_eq!(stream.next().await, Some(0));
        assert!(!shutdown.is_requested());
        shutdown.trigger();
        assert_eq!(stream.next().await, None);
        shutdown.requested().await;
    }

    #[tokio::test]
    async fn the_wait_outlives_the_handle_it_came_from() {
        let shutdown = Shutdown::new();
        let (waiting, other) = (shutdown.requested(), shutdown.clone());
        drop(shutdown);
        other.trigger();
        waiting.await;
    }

    /// The whole answer of the server at `address`, read on a thread of its own.
    fn answer_of(address: std::net::SocketAddr) -> tokio::task::JoinHandle<String> {
        use std::io::{Read, Write};
        tokio::task::spawn_blocking(move || {
            let mut stream = std::net::TcpStream::connect(address).unwrap();
            let request = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
            stream.write_all(request).unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            answer
        })
    }

    #[actix_web::test]
    async fn what_is_in_flight_is_finished_and_a_stream_does_not_hold_the_stop() {
        use actix_web::{App, HttpResponse, HttpServer, web};
        use futures_util::stream;

        let shutdown = Shutdown::new();
        let stop = shutdown.clone();
        let server = HttpServer::new(move || {
            let stop = stop.clone();
            App::new().route(
                "/",
                web::get().to(move || {
                    // A first event, and then nothing until the service stops.
                    let first = stream::iter([Ok::<_, actix_web::Error>("data: 1\n\n".into())]);
                    let events = stop.end_stream(first.chain(stream::pending()));
                    async move { HttpResponse::Ok().streaming::<_, actix_web::Error>(events) }
                }),
            )
        })
        .workers(1)
        .disable_signals()
        .shutdown_timeout(30)
        .bind("127.0.0.1:0")
        .unwrap();
        let address = server.addrs().remove(0);
        let running = tokio::task::spawn_local({
            let (shutdown, server) = (shutdown.clone(), server.run());
            async move { shutdown.serve(server).await }
        });
        let answer = answer_of(address);
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        shutdown.trigger();
        let soon = std::time::Duration::from_secs(10);
        tokio::time::timeout(soon, running)
            .await
            .unwrap()
            .unwrap()
            .unwrap();
        assert!(answer.await.unwrap().contains("data: 1"));
    }
}
