//! Servers that start at once on an empty database, one that goes while the others answer, and a database that was
//! written by a newer program.

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, SqliteConnection};
use ecosystem::{Ecosystem, Replicas, Store};
use shared::page::Service;

use super::{Database, Farm};
use crate::support::{Request, SERVICE};

/// The version of no migration that there is.
const NEWER: &str = "INSERT INTO __diesel_schema_migrations (version) VALUES ('29990101')";

/// The farm's servers migrate, seed and make their first keys at the same time, each as if it were alone.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn servers_that_start_at_once_make_one_world() {
    let Some(farm) = Farm::new("start").await else {
        return;
    };
    let jwks = format!("{}/jwks", farm.world.ecosystem.auth_server());
    let mut sets = Vec::new();
    for place in farm.auth_servers() {
        let answer = farm.send(place, Request::get(&jwks)).await;
        sets.push(answer.is(200).json()["keys"].clone());
    }
    assert!(sets.iter().all(|set| *set == sets[0]), "{sets:#?}");
    let algorithms: Vec<_> = sets[0].as_array().unwrap().iter().collect();
    let mut names: Vec<_> = algorithms.iter().map(|key| key["alg"].clone()).collect();
    names.dedup();
    assert_eq!(names.len(), algorithms.len(), "one key an algorithm");
}

/// What a client that tries once more sees while a server goes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_goes_costs_a_client_one_retry_at_most() {
    let Some(farm) = Farm::new("goes").await else {
        return;
    };
    let (world, mut tokens) = (&farm.world, 0);
    for number in 0..60 {
        if number == 20 {
            let ecosystem = &world.ecosystem;
            ecosystem.stop_replica(Service::AuthServer, 1);
        }
        let request = || world.client_credentials(SERVICE).send();
        let answer = match tokio::spawn(request()).await {
            Ok(answer) if answer.status == 200 => answer,
            _ => request().await,
        };
        assert_eq!(answer.status, 200, "{}", answer.text());
        tokens += 1;
    }
    assert_eq!(tokens, 60);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_of_a_newer_program_is_refused() {
    let refused = async |store: Store| {
        let started = Ecosystem::builder().store(store).start().await;
        let told = started.expect_err("it must not start").to_string();
        assert!(told.contains("newer version of this program"), "{told}");
        assert!(told.contains("29990101"), "{told}");
    };
    let directory = tempfile::tempdir().unwrap();
    let store = Store::Directory(directory.path().to_path_buf());
    let ecosystem = Ecosystem::builder().store(store.clone()).start().await;
    ecosystem.unwrap().stop().await;
    let file = directory.path().join("auth-server.db");
    let file = SqliteConnection::establish(file.to_str().unwrap());
    file.unwrap().batch_execute(NEWER).unwrap();
    refused(store).await;

    let Some(database) = Database::new("newer") else {
        return;
    };
    let store = Store::Postgres {
        url: database.url(),
        schema: "one".to_owned(),
    };
    let ecosystem = Ecosystem::builder().store(store.clone()).start().await;
    ecosystem.unwrap().stop().await;
    let mut url = database.server.clone();
    url.set_path(&database.name);
    let mut connection = PgConnection::establish(url.as_str()).unwrap();
    let newer = format!("SET search_path TO one_auth; {NEWER}");
    connection.batch_execute(&newer).unwrap();
    refused(store).await;
}

#[tokio::test]
async fn servers_without_a_store_to_share_do_not_start() {
    let replicas = Replicas {
        auth_server: 2,
        resource_server: 1,
    };
    let started = Ecosystem::builder().replicas(replicas).start().await;
    let told = started.expect_err("each would be a world of its own");
    assert!(told.to_string().contains("PostgreSQL"), "{told}");
}
