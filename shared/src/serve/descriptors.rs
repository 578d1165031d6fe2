//! How many connections and files this process may have open. For binaries only.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// The most connections of one worker, however many descriptors there are: what a peer may make one of them cost is
/// bounded, and so the sum is.
const MOST: u64 = 4096;

/// Descriptors that are kept free of connections: the store's files, calls to others, what the runtime needs.
const RESERVED: u64 = 256;

/// How many services one process may hold.
const SERVICES: u64 = 3;

/// The connections that one of `workers` of a service may hold, so that all three services in one process have their
/// share: 4 096, or less where this process may open few.
#[must_use]
pub fn connections(workers: usize) -> usize {
    let most = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    share(most, workers)
}

fn share(descriptors: u64, workers: usize) -> usize {
    let workers = u64::try_from(workers).unwrap_or(u64::MAX).max(1);
    let share = descriptors.saturating_sub(RESERVED) / SERVICES / workers;
    usize::try_from(share.clamp(16, MOST)).unwrap_or(usize::MAX)
}

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

#[cfg(test)]
mod tests {
    use super::share;

    #[test]
    fn connections_leave_room_for_the_rest() {
        assert_eq!(share(u64::MAX, 2), 4096);
        assert_eq!(share(20_000, 2), 3290);
        assert_eq!(share(1024, 2), 128);
        assert_eq!(share(0, 0), 16);
    }
}
