//! `auth-server/src/fuzzing/registration.rs`, fed by libFuzzer.

#![no_main]

use std::sync::LazyLock;

use auth_server::fuzzing::{Target, World};
use libfuzzer_sys::fuzz_target;

static WORLD: LazyLock<World> = LazyLock::new(World::new);

fuzz_target!(|data: &[u8]| WORLD.feed(Target::Registration, data));
