//! The thread that the three services run on, and how it ends.
//!
//! A thread with a runtime of its own, so that an ecosystem depends on nobody else's: it can be started from
//! any async runtime or from none, and several run beside each other.

use std::io;
use std::sync::{Mutex, PoisonError, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use shared::observe::HttpError;
use shared::page::Service;
use shared::seed::SeedError;
use shared::serve::ListenError;
use tokio::sync::{oneshot, watch};

use crate::record::Record;
use crate::services::{self, Plan, Realms, Stops};

/// How long stopping may take before it is no longer waited for: what is in flight has one second.
const STOP_TIME: Duration = Duration::from_secs(4);

/// Why an ecosystem does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A port cannot be listened on; the message names it and how to move it.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// The seed does not fit together.
    #[error("the seed: {0}")]
    Seed(#[from] SeedError),
    /// Several servers of one service need a store that they can share.
    #[error("several servers of one service share a store: give them a PostgreSQL database")]
    Replicas,
    /// The servers behind one address cannot listen.
    #[error("the replicas cannot listen: {0}")]
    Places(#[source] io::Error),
    /// The data directory cannot be made.
    #[error("the data directory: {0}")]
    Directory(#[source] io::Error),
    /// Certificates cannot be read or made.
    #[error(transparent)]
    Https(#[from] crate::https::HttpsError),
    /// The store's address makes no sense.
    #[error("the store: {0}")]
    Store(#[from] shared::store::InvalidStoreUrl),
    /// The system gives no randomness.
    #[error("the system gives no randomness for the record's key")]
    Randomness,
    /// The HTTP client cannot be made.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// The auth server does not start.
    #[error("the auth server does not start: {0}")]
    AuthServer(#[from] auth_server::StartError),
    /// The resource server does not start.
    #[error("the resource server does not start: {0}")]
    ResourceServer(#[from] resource_server::StartError),
    /// The client app does not start.
    #[error("the client app does not start: {0}")]
    ClientApp(#[from] client_app::StartError),
    /// The system gives no thread, or the thread ended before the services answered.
    #[error("no thread to run on: {0}")]
    Thread(#[source] io::Error),
}

/// What the thread says once the services are bound.
type Started = Result<Handles, StartError>;

/// What can be done with services that run on another thread.
#[derive(Debug)]
pub(crate) struct Handles {
    pub(crate) stops: Stops,
    pub(crate) realms: Realms,
    pub(crate) record: Record,
}

/// Three services on a thread of their own. Dropping it stops them.
#[derive(Debug)]
pub(crate) struct Running {
    stops: Stops,
    ended: watch::Receiver<bool>,
    /// Closed when the thread ends; in a lock, so that an ecosystem can be shared by threads.
    ended_blocking: Mutex<mpsc::Receiver<()>>,
    thread: Option<JoinHandle<()>>,
}

/// A thread that was started, before it has said how it goes.
struct Starting {
    ended: watch::Receiver<bool>,
    ended_blocking: mpsc::Receiver<()>,
    thread: JoinHandle<()>,
}

impl Running {
    /// Starts the services and waits until they answer.
    pub(crate) async fn start(plan: Plan) -> Result<(Self, Realms, Record), StartError> {
        let (say, hear) = oneshot::channel();
        let starting = Starting::spawn(plan, say)?;
        let started = hear.await;
        starting.settle(started.unwrap_or_else(|_| Err(no_word())))
    }

    /// As [`Running::start`], blocking.
    pub(crate) fn start_blocking(plan: Plan) -> Result<(Self, Realms, Record), StartError> {
        let (say, hear) = oneshot::channel();
        let starting = Starting::spawn(plan, say)?;
        let started = hear.blocking_recv();
        starting.settle(started.unwrap_or_else(|_| Err(no_word())))
    }

    /// Stops one service; the others go on.
    pub(crate) fn stop_one(&self, service: Service) {
        self.stops.trigger_one(service);
    }

    /// Stops one server of a service; the others go on.
    pub(crate) fn stop_replica(&self, service: Service, number: usize) {
        self.stops.trigger_replica(service, number);
    }

    /// Stops gracefully and waits for the end.
    pub(crate) async fn stop(mut self) {
        self.stops.trigger();
        // An error means that the thread is gone, which is what we wait for.
        let _ = tokio::time::timeout(STOP_TIME, self.ended.wait_for(|ended| *ended)).await;
        // The thread has said its last word: there is nothing left to wait for in `drop`.
        self.thread = None;
    }

    /// Waits until the services have ended by themselves.
    pub(crate) async fn ended(&mut self) {
        let _ = self.ended.wait_for(|ended| *ended).await;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let Some(thread) = self.thread.take() else {
            return;
        };
        self.stops.trigger();
        // Waiting frees the ports and files before the next line of the caller; but never for ever.
        let ended = self.ended_blocking.get_mut();
        let ended = ended
            .unwrap_or_else(PoisonError::into_inner)
            .recv_timeout(STOP_TIME);
        if !matches!(ended, Err(mpsc::RecvTimeoutError::Timeout)) {
            let _ = thread.join();
        }
    }
}

impl Starting {
    fn spawn(plan: Plan, say: oneshot::Sender<Started>) -> Result<Self, StartError> {
        let (ended_sender, ended) = watch::channel(false);
        let (end, ended_blocking) = mpsc::channel();
        let thread = std::thread::Builder::new()
            .name("ecosystem".to_owned())
            .spawn(move || {
                actix_web::rt::System::new().block_on(run(plan, say));
                ended_sender.send_replace(true);
                drop(end);
            })
            .map_err(StartError::Thread)?;
        Ok(Self {
            ended,
            ended_blocking,
            thread,
        })
    }

    fn settle(self, started: Started) -> Result<(Running, Realms, Record), StartError> {
        let handles = started?;
        let running = Running {
            stops: handles.stops,
            ended: self.ended,
            ended_blocking: Mutex::new(self.ended_blocking),
            thread: Some(self.thread),
        };
        Ok((running, handles.realms, handles.record))
    }
}

fn no_word() -> StartError {
    StartError::Thread(io::Error::other("it ended before the services answered"))
}

/// Binds the services, says so, and runs them to their end.
async fn run(plan: Plan, say: oneshot::Sender<Started>) {
    // Held until the services have closed their files.
    let temporary = plan.temporary.clone();
    match Box::pin(services::bind(plan)).await {
        Err(error) => drop(say.send(Err(error))),
        Ok((bound, handles)) => {
            if say.send(Ok(handles)).is_ok() {
                bound.run().await;
            }
        }
    }
    drop(temporary);
}
