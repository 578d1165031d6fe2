//! Log lines on their way to standard error, many in one write.
//!
//! A line of its own for each request is a system call for each request, in the thread that answers. So lines that
//! tell of nothing wrong are written by a thread of their own, each at once where nothing else is logged and together
//! with its neighbours, [`PAUSE`] later at most, where much is. Warnings and errors are written before their caller
//! goes on, after all that was logged before them.

use std::io::{self, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tracing::{Level, Metadata};
use tracing_subscriber::fmt::MakeWriter;

/// How long lines are gathered after others were written.
const PAUSE: Duration = Duration::from_millis(2);

/// The most that is gathered, in bytes: whoever logs more writes it, and waits where nobody reads.
const MOST: usize = 256 * 1024;

/// The way to standard error; clones are the same one.
#[derive(Clone, Debug)]
pub(super) struct Lines(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    waiting: Mutex<Waiting>,
    more: Condvar,
    /// Held by whoever writes, so that lines stay in order.
    writing: Mutex<()>,
}

#[derive(Debug, Default)]
struct Waiting {
    text: Vec<u8>,
    /// Nobody writes but those who log: the thread has ended, or there is none.
    alone: bool,
}

/// Lets the last lines be written when it is dropped: keep it until the program ends.
#[must_use = "the last lines are written when this is dropped"]
#[derive(Debug)]
pub struct LastLines(Lines);

impl Drop for LastLines {
    fn drop(&mut self) {
        self.0.0.lock().alone = true;
        self.0.0.more.notify_one();
        self.0.0.write();
    }
}

impl Lines {
    /// Starts the thread that writes.
    pub(super) fn start() -> (Self, LastLines) {
        let inner = Arc::new(Inner {
            waiting: Mutex::default(),
            more: Condvar::new(),
            writing: Mutex::default(),
        });
        let writes = Arc::clone(&inner);
        let thread = std::thread::Builder::new().name("log".to_owned());
        if thread.spawn(move || writes.write_forever()).is_err() {
            inner.lock().alone = true;
        }
        let lines = Self(inner);
        (lines.clone(), LastLines(lines))
    }
}

impl Inner {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, line: &[u8], at_once: bool) {
        let mut waiting = self.lock();
        let first = waiting.text.is_empty();
        waiting.text.extend_from_slice(line);
        let at_once = at_once || waiting.alone || waiting.text.len() > MOST;
        drop(waiting);
        if at_once {
            self.write();
        } else if first {
            self.more.notify_one();
        }
    }

    /// Writes what waits.
    fn write(&self) {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let text = std::mem::take(&mut self.lock().text);
        // Where nobody can be told, there is nobody to tell it to.
        let _ = io::stderr().lock().write_all(&text);
    }

    fn write_forever(&self) {
        loop {
            let mut waiting = self.lock();
            while waiting.text.is_empty() && !waiting.alone {
                waiting = self
                    .more
                    .wait(waiting)
                    .unwrap_or_else(PoisonError::into_inner);
            }
            let alone = waiting.alone;
            drop(waiting);
            if alone {
                return;
            }
            self.write();
            std::thread::sleep(PAUSE);
        }
    }
}

/// Takes one line.
pub(super) struct Line<'l> {
    lines: &'l Inner,
    at_once: bool,
}

impl Write for Line<'_> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.lines.add(line, self.at_once);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'l> MakeWriter<'l> for Lines {
    type Writer = Line<'l>;

    fn make_writer(&'l self) -> Line<'l> {
        Line {
            lines: &self.0,
            at_once: true,
        }
    }

    fn make_writer_for(&'l self, metadata: &Metadata<'_>) -> Line<'l> {
        Line {
            lines: &self.0,
            at_once: *metadata.level() <= Level::WARN,
        }
    }
}
