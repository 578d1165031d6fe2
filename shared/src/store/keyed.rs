//! Tables of SQLite whose rows stand in the tree of their primary key (`WITHOUT ROWID`).
//!
//! SQLite keeps a row under a number of its own, and the primary key in a second tree that leads there: each row is
//! two looks and two writes. Where rows are short, and what is written together has keys that stand together or is not
//! changed again, one tree is enough. PostgreSQL has no word for it and one set of migrations serves both, so it is
//! done after them, once, in the transaction of the migrator. What a row says and how it is found stays as it was.

use diesel::connection::SimpleConnection;
use diesel::sql_types::Text;
use diesel::{QueryableByName, RunQueryDsl, SqliteConnection, sql_query};

use super::error::StoreError;

/// How a table, or an index of it, was made.
#[derive(QueryableByName)]
struct Made {
    #[diesel(sql_type = Text)]
    sql: String,
}

/// How SQLite says it.
const KEYED: &str = "WITHOUT ROWID";

/// Lets the rows of `tables` stand in the trees of their primary keys; those that do already, and those that are not
/// there, are left alone. The names are those of migrations, never a caller's text.
///
/// # Errors
/// [`StoreError`].
pub(super) fn keep_by_key(
    connection: &mut SqliteConnection,
    tables: &[&'static str],
) -> Result<(), StoreError> {
    for table in tables {
        let made = made(connection, "type = 'table' AND name", table)?;
        let Some(Made { sql }) = made.into_iter().next() else {
            continue;
        };
        let Some((_, columns)) = sql.split_once('(').filter(|_| !sql.ends_with(KEYED)) else {
            continue;
        };
        let indexes = made_indexes(connection, table)?;
        connection.batch_execute(&format!(
            "CREATE TABLE {table}_keyed ({columns} {KEYED};
             INSERT INTO {table}_keyed SELECT * FROM {table};
             DROP TABLE {table};
             ALTER TABLE {table}_keyed RENAME TO {table};
             {indexes}"
        ))?;
    }
    Ok(())
}

/// The statements that make the indexes of `table` but for that of its primary key, which has none.
fn made_indexes(connection: &mut SqliteConnection, table: &str) -> Result<String, StoreError> {
    let indexes = made(
        connection,
        "type = 'index' AND sql IS NOT NULL AND tbl_name",
        table,
    )?;
    Ok(indexes.into_iter().map(|index| index.sql + ";\n").collect())
}

fn made(
    connection: &mut SqliteConnection,
    what: &'static str,
    table: &str,
) -> Result<Vec<Made>, StoreError> {
    let query = format!("SELECT sql FROM sqlite_master WHERE {what} = ?");
    Ok(sql_query(query).bind::<Text, _>(table).load(connection)?)
}

#[cfg(test)]
mod tests {
    use diesel::connection::SimpleConnection;
    use diesel::{RunQueryDsl, sql_query};
    use diesel_migrations::EmbeddedMigrations;

    use super::Made;
    use crate::store::{Store, StoreError, StoreOptions, StoreUrl};

    /// How everything in the database was made, by name.
    async fn schema(store: &Store) -> Vec<String> {
        let read = store.read(|connection| {
            let all = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name";
            let made: Vec<Made> = match connection {
                crate::store::DbConnection::Sqlite(sqlite) => sql_query(all).load(sqlite)?,
                crate::store::DbConnection::Postgres(_) => Vec::new(),
            };
            Ok::<_, StoreError>(made)
        });
        let made = read.await.unwrap().into_iter();
        made.map(|made| made.sql)
            .filter(|sql| !sql.contains("__diesel"))
            .collect()
    }

    #[tokio::test]
    async fn rows_columns_and_indexes_stay_when_a_table_is_kept_by_its_key() {
        let directory = tempfile::tempdir().unwrap();
        let url = StoreUrl::sqlite_file(directory.path().join("store.db"));
        let open = |sqlite_keyed| {
            let options = StoreOptions {
                sqlite_keyed,
                ..StoreOptions::default()
            };
            Store::open_with(&url, EmbeddedMigrations::new(&[]), &options).unwrap()
        };
        let store = open(&[]);
        let make = |tx: &mut crate::store::DbConnection| {
            tx.batch_execute(
                "CREATE TABLE codes (realm TEXT NOT NULL, digest TEXT NOT NULL, expires_at BIGINT NOT NULL,
                     PRIMARY KEY (realm, digest));
                 CREATE UNIQUE INDEX codes_expiry ON codes (realm, expires_at);
                 ALTER TABLE codes ADD COLUMN note TEXT NOT NULL DEFAULT 'none';
                 INSERT INTO codes VALUES ('a', 'x', 1, 'one'), ('a', 'y', 2, 'two');",
            )?;
            Ok::<_, StoreError>(())
        };
        store.write(make).await.unwrap();
        drop(store);
        let store = open(&["codes", "not_there"]);
        let shape = schema(&store).await;
        assert_eq!(shape.len(), 2, "{shape:?}");
        assert!(shape[0].ends_with("WITHOUT ROWID"), "{shape:?}");
        assert!(shape[1].starts_with("CREATE UNIQUE INDEX"), "{shape:?}");
        let check = |tx: &mut crate::store::DbConnection| {
            let changed = sql_query(
                "UPDATE codes SET note = 'seen' WHERE (digest, expires_at, note) IN (('x', 1, 'one'), ('y', 2, 'two'))",
            );
            assert_eq!(changed.execute(tx)?, 2);
            let again = sql_query("INSERT INTO codes VALUES ('a', 'x', 3, '')").execute(tx);
            assert!(again.is_err(), "the key is one still");
            let expiry = sql_query("INSERT INTO codes VALUES ('a', 'z', 2, '')").execute(tx);
            assert!(expiry.is_err(), "and the index is unique");
            Ok::<_, StoreError>(())
        };
        store.write(check).await.unwrap();
        drop(store);
        assert_eq!(schema(&open(&["codes"])).await, shape, "once is enough");
    }
}
