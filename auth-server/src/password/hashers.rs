//! The threads that hash passwords, and the memory that Argon2id fills.
//!
//! Each thread keeps its memory from one hash to the next, so that many sign-ins take no more than a few, and gives it
//! back to the system when nobody signs in for a moment.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, Once, PoisonError};
use std::time::Duration;

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use subtle::ConstantTimeEq;

/// How long a thread that hashes nothing keeps its memory.
const IDLE: Duration = Duration::from_secs(1);

/// Blocks (of 1 KiB) that are reserved at least; only those that are filled are taken from the system. So much is
/// mapped by itself by the C library's allocator and unmapped when it is freed: what is freed of less than 32 MiB stays
/// with the process, once for each thread.
const RESERVED: usize = 33 * 1024;

/// Something to do with a thread's memory.
pub(super) type Work = Box<dyn FnOnce(&mut Memory) + Send>;

/// The blocks of one thread.
#[derive(Default)]
pub(super) struct Memory(Vec<Block>);

impl Memory {
    /// The PHC string of a new password with this salt, at the usual cost.
    pub(super) fn hash(&mut self, password: &[u8], salt: &[u8]) -> Option<String> {
        let (algorithm, version) = (Algorithm::default(), Version::default());
        let argon2 = Argon2::new(algorithm, version, Params::default());
        let mut output = [0; Params::DEFAULT_OUTPUT_LEN];
        self.fill(&argon2, (password, salt), &mut output)?;
        let hash = PasswordHash {
            algorithm: algorithm.ident(),
            version: Some(version.into()),
            params: ParamsString::try_from(argon2.params()).ok()?,
            salt: Some(Salt::new(salt).ok()?),
            hash: Some(Output::new(&output).ok()?),
        };
        Some(hash.to_string())
    }

    /// Whether `password` is the one behind `hash`, a PHC string, at whatever cost that says; compared in constant
    /// time. `None` for what is no such string.
    pub(super) fn verify(&mut self, hash: &str, password: &[u8]) -> Option<bool> {
        let hash = PasswordHash::new(hash).ok()?;
        let (salt, expected) = (hash.salt.as_ref()?, hash.hash.as_ref()?);
        let algorithm = Algorithm::try_from(hash.algorithm.as_str()).ok()?;
        let version = hash
            .version
            .map_or(Ok(Version::default()), Version::try_from);
        let argon2 = Argon2::new(algorithm, version.ok()?, Params::try_from(&hash).ok()?);
        let mut output = [0; Output::MAX_LENGTH];
        let output = output.get_mut(..expected.len())?;
        self.fill(&argon2, (password, salt), output)?;
        Some(output.ct_eq(expected.as_bytes()).into())
    }

    fn fill(
        &mut self,
        argon2: &Argon2<'_>,
        (password, salt): (&[u8], &[u8]),
        output: &mut [u8],
    ) -> Option<()> {
        let blocks = argon2.params().block_count();
        if self.0.capacity() < blocks {
            self.release();
            self.0.try_reserve_exact(blocks.max(RESERVED)).ok()?;
        }
        if self.0.len() < blocks {
            self.0.resize(blocks, Block::default());
        }
        let filled = self.0.get_mut(..blocks)?;
        let hashed = argon2.hash_password_into_with_memory(password, salt, output, filled);
        hashed.ok()
    }

    fn release(&mut self) {
        self.0 = Vec::new();
    }
}

/// The threads, started when there is something to hash. They end with the last handle.
pub(super) struct Hashers {
    at_once: usize,
    started: Once,
    queue: Arc<Queue>,
}

impl std::fmt::Debug for Hashers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hashers")
            .field("at_once", &self.at_once)
            .finish_non_exhaustive()
    }
}

impl Hashers {
    /// At most `at_once` of them.
    pub(super) fn new(at_once: usize) -> Self {
        Self {
            at_once: at_once.max(1),
            started: Once::new(),
            queue: Arc::default(),
        }
    }

    /// Lets one of them do `work`, in its turn. How many sign-ins wait here is bounded by the desks of
    /// [`Lines`](crate::person::Lines); seeds are hashed one after another.
    pub(super) fn add(&self, work: Work) {
        self.started.call_once(|| self.start());
        self.queue.lock().work.push_back(work);
        self.queue.more.notify_one();
    }

    fn start(&self) {
        for _ in 0..self.at_once {
            let queue = Arc::clone(&self.queue);
            let thread = std::thread::Builder::new().name("password-hash".to_owned());
            if let Err(error) = thread.spawn(move || hash_forever(&queue)) {
                tracing::error!(%error, "no thread to hash passwords in");
            }
        }
    }
}

impl Drop for Hashers {
    fn drop(&mut self) {
        self.queue.lock().closed = true;
        self.queue.more.notify_all();
    }
}

#[derive(Default)]
struct Queue {
    waiting: Mutex<Waiting>,
    more: Condvar,
}

#[derive(Default)]
struct Waiting {
    work: VecDeque<Work>,
    closed: bool,
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next piece of work; `None` when there is none any more. Whoever has to wait for long gives its memory back.
    fn next(&self, memory: &mut Memory) -> Option<Work> {
        let mut waiting = self.lock();
        loop {
            if let Some(work) = waiting.work.pop_front() {
                return Some(work);
            }
            if waiting.closed {
                return None;
            }
            let (woken, waited) = self
                .more
                .wait_timeout(waiting, IDLE)
                .unwrap_or_else(PoisonError::into_inner);
            waiting = woken;
            if waited.timed_out() && waiting.work.is_empty() && !waiting.closed {
                memory.release();
                waiting = self
                    .more
                    .wait(waiting)
                    .unwrap_or_else(PoisonError::into_inner);
            }
        }
    }
}

fn hash_forever(queue: &Queue) {
    give_way();
    let mut memory = Memory::default();
    while let Some(work) = queue.next(&mut memory) {
        // Whoever waits for what panicked learns that there is no answer.
        let _ = catch_unwind(AssertUnwindSafe(|| work(&mut memory)));
    }
}

/// Lets every other thread go first: who signs in waits for a hash in any case.
#[cfg(target_os = "linux")]
fn give_way() {
    // For the calling thread alone: on Linux a thread has a nice value of its own (setpriority(2)).
    if let Err(error) = rustix::process::nice(10) {
        tracing::debug!(%error, "hashing goes on at the usual priority");
    }
}

/// Elsewhere the nice value is the whole process's.
#[cfg(not(target_os = "linux"))]
const fn give_way() {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_that_was_used_before_changes_no_hash() {
        let mut memory = Memory::default();
        let first = memory.hash(b"alice-password", b"0123456789abcdef").unwrap();
        let reserved = memory.0.capacity();
        assert!(reserved >= RESERVED);
        assert_eq!(memory.verify(&first, b"bob-password"), Some(false));
        assert_eq!(
            memory.hash(b"alice-password", b"0123456789abcdef").unwrap(),
            first
        );
        assert_eq!(memory.verify(&first, b"alice-password"), Some(true));
        assert_eq!(memory.0.capacity(), reserved, "it was reserved anew");
        assert_eq!(memory.verify("no hash", b"alice-password"), None);
    }

    #[test]
    fn what_others_hashed_is_verified_at_its_own_cost() {
        use argon2::PasswordHasher;
        let params = Params::new(64, 3, 2, Some(24)).unwrap();
        let theirs = Argon2::new(Algorithm::Argon2i, Version::V0x13, params);
        let hash = theirs.hash_password_with_salt(b"alice-password", b"0123456789abcdef");
        let hash = hash.unwrap().to_string();
        let mut memory = Memory::default();
        assert_eq!(memory.verify(&hash, b"alice-password"), Some(true));
        assert_eq!(memory.verify(&hash, b"alice-passwor"), Some(false));
    }
}
