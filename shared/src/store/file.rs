//! Which file a SQLite connection is open on.
//!
//! A file that is moved or deleted stays open: SQLite would go on writing into it, and every fact that was
//! acknowledged would be gone with the process. So the name is looked up again: before each use by whoever writes,
//! from time to time by whoever reads a few rows, who can lose nothing.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long a look at the file may lie back for those who only read.
const OF_LATE: Duration = Duration::from_millis(25);

/// A file by name, and what the system knows it by.
#[derive(Clone, Debug)]
pub(super) struct FileId {
    path: PathBuf,
    identity: Identity,
}

/// Device and inode; nothing where the system has none.
type Identity = Option<(u64, u64)>;

/// There is no file of this name, or it cannot be looked at.
#[derive(Debug, thiserror::Error)]
#[error("the file {} is gone: {source}", .path.display())]
pub(super) struct Moved {
    path: PathBuf,
    source: std::io::Error,
}

/// When a file was there and which one it was, for all connections of a pool.
#[derive(Clone, Debug, Default)]
pub(super) struct LastLook(Arc<Mutex<Option<(Instant, Identity)>>>);

impl LastLook {
    /// The file that has this name now.
    pub(super) fn now(&self, path: &Path) -> Result<FileId, Moved> {
        let found = FileId::of(path);
        *self.lock() = found
            .as_ref()
            .ok()
            .map(|file| (Instant::now(), file.identity));
        found
    }

    /// Whether there is a file of this name, now or a moment ago.
    pub(super) fn is_there(&self, path: &Path) -> bool {
        self.of_late().is_some() || self.now(path).is_ok()
    }

    /// Whether `file` has its name no more; it is not looked at again a moment after it was.
    pub(super) fn has_moved(&self, file: &FileId) -> bool {
        let identity = self.of_late();
        let identity = identity.or_else(|| self.now(&file.path).ok().map(|found| found.identity));
        identity.is_none_or(|now| now != file.identity)
    }

    fn of_late(&self) -> Option<Identity> {
        let looked = *self.lock();
        let (at, identity) = looked?;
        (at.elapsed() < OF_LATE).then_some(identity)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<(Instant, Identity)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl FileId {
    /// The file that has this name now.
    pub(super) fn of(path: &Path) -> Result<Self, Moved> {
        let identity = identity(path).map_err(|source| Moved {
            path: path.to_path_buf(),
            source,
        })?;
        Ok(Self {
            path: path.to_path_buf(),
            identity,
        })
    }

    /// The write-ahead log beside it, where there is one.
    pub(super) fn log(&self) -> Option<Self> {
        let mut name = self.path.clone().into_os_string();
        name.push("-wal");
        Self::of(Path::new(&name)).ok()
    }

    /// Whether this is the same file of the same name.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.identity == other.identity && self.path == other.path
    }

    /// Whether the name is another file's now, or nobody's.
    pub(super) fn has_moved(&self) -> bool {
        identity(&self.path).map_or(true, |now| now != self.identity)
    }
}

#[cfg(unix)]
fn identity(path: &Path) -> std::io::Result<Identity> {
    use std::os::unix::fs::MetadataExt;
    let found = std::fs::metadata(path)?;
    Ok(Some((found.dev(), found.ino())))
}

#[cfg(not(unix))]
fn identity(path: &Path) -> std::io::Result<Identity> {
    std::fs::metadata(path).map(|_| None)
}
