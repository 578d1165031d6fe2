//! How many connections and files this process may have open. For binaries only.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Raises the limit to the most that the system allows this process. A shell gives 1 024, for programs that cannot
/// count further; a few thousand idle connections would use it up, and with it the files of the store.
pub fn raise() {
    let limit = getrlimit(Resource::Nofile);
    if limit.current == limit.maximum {
        return;
    }
    let raised = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    if let Err(error) = setrlimit(Resource::Nofile, raised) {
        tracing::warn!(%error, "the limit of open connections and files stays as it is");
    }
}
