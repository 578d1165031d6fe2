//! `WWW-Authenticate` (RFC 6750 §3, RFC 9110 §11.6.1): any header is read without a panic, and in time.

#![no_main]

use libfuzzer_sys::fuzz_target;
use shared::oauth::Challenge;

fuzz_target!(|header: &str| {
    for (name, _) in Challenge::read(header) {
        assert!(!name.is_empty());
    }
});
