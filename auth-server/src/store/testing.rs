//! A store for a test: a SQLite file of its own, and a schema of its own on PostgreSQL where
//! `TEST_DATABASE_URL` names one.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use shared::realm::RealmName;
use shared::store::{Store, StoreOptions, StoreUrl};
use shared::time::Timestamp;

use super::clients::ClientRow;
use super::sessions::SessionRow;
use super::{DbConnection, KEYED, MIGRATIONS, StoreError};

/// A store and what keeps it alive.
pub(crate) struct TestStore {
    /// The store.
    pub(crate) store: Store,
    _directory: tempfile::TempDir,
    /// After the store: then nobody is in it any more.
    _schema: Option<Schema>,
}

/// A schema on a PostgreSQL server, dropped with this value, whatever became of its test.
struct Schema {
    server: String,
    name: String,
}

impl Drop for Schema {
    fn drop(&mut self) {
        let name = &self.name;
        let gone = format!("SET lock_timeout = '10s'; DROP SCHEMA IF EXISTS \"{name}\" CASCADE");
        let dropped = PgConnection::establish(&self.server)
            .map_err(|error| error.to_string())
            .and_then(|mut server| {
                let dropped = server.batch_execute(&gone);
                dropped.map_err(|error| error.to_string())
            });
        if let Err(error) = dropped {
            eprintln!("the schema {name} is left behind: {error}");
        }
    }
}

/// The stores that every test of the store runs on.
pub(crate) fn stores() -> Vec<TestStore> {
    let directory = tempfile::tempdir().unwrap();
    let file = StoreUrl::sqlite_file(directory.path().join("test.db"));
    let options = StoreOptions {
        sqlite_keyed: KEYED,
        ..StoreOptions::default()
    };
    let mut all = vec![TestStore {
        store: Store::open_with(&file, MIGRATIONS, &options).unwrap(),
        _directory: directory,
        _schema: None,
    }];
    if let Ok(server) = std::env::var("TEST_DATABASE_URL") {
        let schema: String = shared::oauth::random_id()
            .unwrap()
            .chars()
            .map(|c| {
                if c.is_ascii_alphanumeric() {
                    c.to_ascii_lowercase()
                } else {
                    '_'
                }
            })
            .collect();
        let name = format!("auth_{schema}");
        let url: StoreUrl = server.parse().unwrap();
        let url = url.in_schema(&name).unwrap();
        all.push(TestStore {
            store: Store::open(&url, MIGRATIONS).unwrap(),
            _directory: tempfile::tempdir().unwrap(),
            _schema: Some(Schema { server, name }),
        });
    }
    all
}

/// A client that may do nothing, registered at `now`, by itself or not.
pub(crate) fn client(realm: &RealmName, (id, itself): (&str, bool), now: Timestamp) -> ClientRow {
    ClientRow {
        realm: realm.to_string(),
        client_id: id.to_owned(),
        name: String::new(),
        description: String::new(),
        kind: "public".to_owned(),
        secret_digest: None,
        auth_methods: "none".to_owned(),
        redirect_uris: "[]".to_owned(),
        post_logout_redirect_uris: "[]".to_owned(),
        grant_types: String::new(),
        response_types: "[]".to_owned(),
        scope: String::new(),
        allowed_origins: "[]".to_owned(),
        first_party: false,
        may_introspect: false,
        policy: "{}".to_owned(),
        created_at: now.as_unix(),
        updated_at: now.as_unix(),
        metadata: "{}".to_owned(),
        mac_secret: None,
        registration_digest: itself.then(|| "digest".to_owned()),
    }
}

/// A session of alice that lives for eight hours.
pub(crate) fn session(
    realm: &RealmName,
    (digest, sid): (&str, &str),
    now: Timestamp,
) -> SessionRow {
    SessionRow {
        realm: realm.to_string(),
        digest: digest.to_owned(),
        sub: "alice".to_owned(),
        sid: sid.to_owned(),
        auth_time: now.as_unix(),
        created_at: now.as_unix(),
        last_seen_at: now.as_unix(),
        expires_at: now.as_unix() + 8 * 3600,
        ended_at: None,
        details: r#"{"user_agent":"A"}"#.to_owned(),
    }
}

/// Many grants of alice.
#[derive(Clone, Copy)]
pub(crate) struct Many {
    /// How many.
    pub(crate) count: i64,
    /// To which client; their names are its identifier and a number of twelve digits, from 1 on.
    pub(crate) client: &'static str,
    /// In which session.
    pub(crate) sid: &'static str,
    /// Of which scope.
    pub(crate) scope: &'static str,
    /// Until when they last; the first was granted at second 1, each a second after the one before.
    pub(crate) expires_at: Timestamp,
}

/// Takes all grants of [`grant_many`] to a client back but for the first ones.
pub(crate) fn take_back_after(
    tx: &mut DbConnection,
    (client, kept): (&str, i64),
    now: Timestamp,
) -> Result<(), StoreError> {
    let taken = format!(
        "UPDATE grants SET revoked_at = {} WHERE client_id = '{client}' AND created_at > {kept}",
        now.as_unix()
    );
    diesel::sql_query(taken).execute(tx)?;
    Ok(())
}

/// Stores many grants by one statement.
pub(crate) fn grant_many(
    tx: &mut DbConnection,
    realm: &RealmName,
    many: Many,
) -> Result<(), StoreError> {
    let text = |value: &str| format!("'{value}'");
    let made = format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})
         INSERT INTO grants (realm, grant_id, sub, client_id, grant_type, scope, sid, created_at, expires_at)
         SELECT {realm}, {client} || substr(CAST(1000000000000 + i AS TEXT), 2), 'alice', {client},
             'authorization_code', {scope}, {sid}, i, {expires_at}
         FROM n",
        count = many.count,
        realm = text(realm.as_str()),
        client = text(many.client),
        scope = text(many.scope),
        sid = text(many.sid),
        expires_at = many.expires_at.as_unix(),
    );
    diesel::sql_query(made).execute(tx)?;
    Ok(())
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// How many rows of `grants` a condition in SQL holds for.
pub(crate) fn grants_where(tx: &mut DbConnection, condition: &str) -> Result<i64, StoreError> {
    let count = format!("SELECT COUNT(*) AS count FROM grants WHERE {condition}");
    let counted: Counted = diesel::sql_query(count).get_result(tx)?;
    Ok(counted.count)
}

#[derive(QueryableByName)]
struct PlanLine {
    #[diesel(sql_type = Text)]
    detail: String,
}

/// How SQLite finds the rows of each statement that `work` runs, step by step; nothing on another database.
pub(crate) fn plans(
    tx: &mut DbConnection,
    work: impl FnOnce(&mut DbConnection) -> Result<(), StoreError>,
) -> Result<Vec<String>, StoreError> {
    use diesel::connection::InstrumentationEvent;
    use std::sync::{Arc, Mutex};
    let statements: Arc<Mutex<Vec<String>>> = Arc::default();
    let seen = Arc::clone(&statements);
    let listen = move |event: InstrumentationEvent<'_>| {
        if let InstrumentationEvent::StartQuery { query, .. } = event {
            seen.lock().unwrap().push(query.to_string());
        }
    };
    if let DbConnection::Sqlite(connection) = tx {
        connection.set_instrumentation(listen);
    }
    let worked = work(tx);
    let mut plans = Vec::new();
    if let DbConnection::Sqlite(connection) = tx {
        connection.set_instrumentation(None::<fn(InstrumentationEvent<'_>)>);
        for statement in statements.lock().unwrap().iter() {
            let text = statement.split(" -- binds").next().unwrap().trim();
            let explain = diesel::sql_query(format!("EXPLAIN QUERY PLAN {text}"));
            let lines: Vec<PlanLine> = explain.load(connection)?;
            let verb = text.split(' ').next().unwrap();
            let lines = lines.into_iter();
            plans.extend(lines.map(|line| format!("{verb}: {}", line.detail)));
        }
    }
    worked?;
    Ok(plans)
}
