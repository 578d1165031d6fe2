//! All checks.
