//! Which file a SQLite connection is open on.
//!
//! A file that is moved or deleted stays open: SQLite would go on writing into it, and every fact that was
//! acknowledged would be gone with the process. So before each use the name is looked up again.

use std::path::{Path, PathBuf};

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
