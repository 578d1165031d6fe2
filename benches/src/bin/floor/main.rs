//! The floor: what an operation cannot avoid, on bare actix-web, and nothing else.
//!
//! Not a server anybody should run: it validates the least that the protocol's own secrets demand (the client's
//! secret, the code's challenge, one use of codes and refresh tokens), signs, and writes what must outlive the
//! answer. What a real server adds to that (policy, pages, checks, records, errors that help) is its distance from
//! this floor. Nothing here is shared with the services, so that a slow line of theirs cannot slow their measure.
//!
//! `bench` starts it; by hand: `floor --port 4110 [--database FILE] [--algorithm RS256] [--opaque]`.

mod answer;
mod signer;
mod store;

use std::path::PathBuf;

use actix_web::{App, HttpServer, web};
use answer::Floor;
use clap::Parser;

/// A bare server for the same operations, to hold real ones against.
#[derive(Debug, Parser)]
struct Arguments {
    /// The port on 127.0.0.1.
    #[arg(long)]
    port: u16,
    /// Keep codes, sessions and tokens in this SQLite file; without it in memory.
    #[arg(long)]
    database: Option<PathBuf>,
    /// How tokens are signed.
    #[arg(long, value_enum, default_value = "es256")]
    algorithm: signer::Algorithm,
    /// Give opaque access tokens, which are stored, instead of signed ones.
    #[arg(long)]
    opaque: bool,
    /// Threads that answer.
    #[arg(long, default_value_t = 2)]
    workers: usize,
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let arguments = Arguments::parse();
    let floor = web::Data::new(Floor::new(&arguments).map_err(std::io::Error::other)?);
    HttpServer::new(move || {
        App::new()
            .app_data(floor.clone())
            .route("/hello", web::get().to(answer::hello))
            .route("/api", web::get().to(answer::api))
            .route(
                "/.well-known/openid-configuration",
                web::get().to(answer::discovery),
            )
            .route("/jwks", web::get().to(answer::jwks))
            .route("/token", web::post().to(answer::token))
            .route("/authorize", web::get().to(answer::authorize))
            .route("/introspect", web::post().to(answer::introspect))
    })
    .workers(arguments.workers)
    .bind(("127.0.0.1", arguments.port))?
    .run()
    .await
}
