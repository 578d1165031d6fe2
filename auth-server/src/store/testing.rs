//! A store for a test: a SQLite file of its own, and a schema of its own on PostgreSQL where
//! `TEST_DATABASE_URL` names one.

use shared::store::{Store, StoreOptions, StoreUrl};

use super::{KEYED, MIGRATIONS};

/// A store and what keeps it alive.
pub(crate) struct TestStore {
    /// The store.
    pub(crate) store: Store,
    _directory: tempfile::TempDir,
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
    }];
    if let Ok(url) = std::env::var("TEST_DATABASE_URL") {
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
        let url: StoreUrl = url.parse().unwrap();
        let url = url.in_schema(&format!("auth_{schema}")).unwrap();
        all.push(TestStore {
            store: Store::open(&url, MIGRATIONS).unwrap(),
            _directory: tempfile::tempdir().unwrap(),
        });
    }
    all
}
