//! The vocabulary of RFC 6749 and its family.
