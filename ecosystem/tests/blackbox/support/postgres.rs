//! Schemas on a PostgreSQL server that is there already: each of a test's own, and gone with it, whatever became of it.

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use ecosystem::Store;

/// What a test leaves on the server that `TEST_DATABASE_URL` names; dropped with this value. Make it before the world that
/// uses it, so that it goes after that.
#[derive(Debug)]
pub(crate) struct Schema {
    server: String,
    name: String,
}

impl Schema {
    /// One of this purpose and process, or none where there is no server.
    pub(crate) fn new(purpose: &str) -> Option<Self> {
        let Ok(server) = std::env::var("TEST_DATABASE_URL") else {
            eprintln!("TEST_DATABASE_URL is not set: not run on PostgreSQL");
            return None;
        };
        let name = format!("{purpose}_{}", std::process::id());
        Some(Self { server, name })
    }

    /// An ecosystem's store in it.
    pub(crate) fn store(&self) -> Store {
        Store::Postgres {
            url: self.server.parse().expect("TEST_DATABASE_URL"),
            schema: self.name.clone(),
        }
    }

    fn remove(&self) -> Result<(), Box<dyn std::error::Error>> {
        let mut connection = PgConnection::establish(&self.server)?;
        connection.batch_execute("SET lock_timeout = '10s'")?;
        // Each service has one of its own.
        for service in ["auth", "resource"] {
            let name = &self.name;
            connection.batch_execute(&format!(
                "DROP SCHEMA IF EXISTS \"{name}_{service}\" CASCADE"
            ))?;
        }
        Ok(())
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        if let Err(error) = self.remove() {
            eprintln!("the schemas {} are left behind: {error}", self.name);
        }
    }
}

#[cfg(test)]
mod tests {
    use diesel::sql_types::BigInt;
    use diesel::{QueryableByName, RunQueryDsl};

    use super::*;

    #[derive(QueryableByName)]
    struct Count {
        #[diesel(sql_type = BigInt)]
        count: i64,
    }

    #[tokio::test]
    async fn what_a_test_made_goes_with_it() {
        let Some(schema) = Schema::new("goes") else {
            return;
        };
        let (server, name) = (schema.server.clone(), schema.name.clone());
        let there = || {
            let asked = "SELECT count(*) AS count FROM pg_namespace WHERE nspname LIKE ";
            let mut connection = PgConnection::establish(&server).unwrap();
            let count: Count = diesel::sql_query(format!("{asked}'{name}\\_%'"))
                .get_result(&mut connection)
                .unwrap();
            count.count
        };
        let builder = ecosystem::Ecosystem::builder().store(schema.store());
        let world = builder.start().await.unwrap();
        assert_eq!(there(), 2);
        // As after a failed test: the servers are still at it.
        drop(schema);
        assert_eq!(there(), 0);
        drop(world);
    }
}
