//! The demo's data directory: whose it is while it is used, and how to start over.

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use ecosystem::Store;

/// What SQLite puts beside a database file.
const SUFFIXES: [&str; 4] = ["", "-wal", "-shm", "-journal"];
/// The file whose lock says that the directory is in use.
const LOCK_FILE: &str = "lock";

/// Why a data directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DataError {
    /// The system refuses.
    #[error("the data directory {}: {source}; choose another with --data-dir DIR, or --memory", .directory.display())]
    System {
        directory: PathBuf,
        source: io::Error,
    },
    /// Another process uses it.
    #[error("the data directory {} is in use by another run; choose another with --data-dir DIR, or --memory", .0.display())]
    InUse(PathBuf),
}

/// A directory that no other run uses as long as this value lives.
#[derive(Debug)]
pub(crate) struct DataDirectory {
    path: PathBuf,
    _lock: File,
}

impl DataDirectory {
    /// Makes the directory when it is missing, and takes it.
    pub(crate) fn open(directory: &Path) -> Result<Self, DataError> {
        let system = |source| DataError::System {
            directory: directory.to_path_buf(),
            source,
        };
        std::fs::create_dir_all(directory).map_err(system)?;
        let path = directory.canonicalize().map_err(system)?;
        let lock = File::create(path.join(LOCK_FILE)).map_err(system)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path, _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(DataError::InUse(path)),
            Err(TryLockError::Error(source)) => Err(system(source)),
        }
    }

    /// Where it is, as an absolute path.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Removes the files that an earlier run made, and nothing else.
    pub(crate) fn start_over(&self) -> Result<(), DataError> {
        for file in Store::FILES {
            for suffix in SUFFIXES {
                let removed = std::fs::remove_file(self.path.join(format!("{file}{suffix}")));
                if let Err(source) = removed
                    && source.kind() != io::ErrorKind::NotFound
                {
                    return Err(DataError::System {
                        directory: self.path.clone(),
                        source,
                    });
                }
            }
        }
        Ok(())
    }
}
