//! What each service mounts.
