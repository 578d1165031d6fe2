//! Log lines on their way to standard error, many in one write, by a thread of their own.
//!
//! A line of its own for each request is a system call for each request, in the thread that answers. So lines are
//! written by another: each at once where nothing else is logged, and together with its neighbours, [`PAUSE`] later at
//! most, where much is. Who logs a warning or an error goes on once it is written, with all that was logged before it.
//!
//! Whoever reads the log may stop reading: no request waits for that. Beyond [`MOST`] lines are lost, and counted, as
//! are those of a write that failed; the log says how many as soon as it can, and the metrics at any time.

use std::io::{self, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};
use std::time::Duration;

use prometheus_client::metrics::counter::Counter;
use tracing::{Level, Metadata};
use tracing_subscriber::fmt::MakeWriter;

use super::Meters;

/// How long lines are gathered after others were written.
const PAUSE: Duration = Duration::from_millis(2);

/// The most that is gathered, in bytes.
const MOST: usize = 256 * 1024;

/// The longest that a warning waits until it is written, and that the end of the program waits for the last lines.
const PATIENCE: Duration = Duration::from_millis(200);

/// The way to standard error; clones are the same one.
#[derive(Clone, Debug)]
pub(super) struct Lines(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    waiting: Mutex<Waiting>,
    /// For the thread that writes: there is something to do.
    more: Condvar,
    /// For those who wait for it: something was written.
    written: Condvar,
}

#[derive(Debug, Default)]
struct Waiting {
    text: Vec<u8>,
    /// Lines that found no room since the log last said so.
    lost: u64,
    /// What counts all lines that were lost.
    counters: Vec<Counter>,
    /// The thread, while it lives.
    writer: Option<ThreadId>,
    /// The thread is at it.
    writing: bool,
    /// Nobody waited long enough for the line before: the next ones do not try.
    stalled: bool,
    /// No more lines come.
    ended: bool,
}

impl Waiting {
    /// So many lines were lost that were not counted yet.
    fn lose(&mut self, lines: u64) {
        self.lost += lines;
        for counter in &self.counters {
            counter.inc_by(lines);
        }
    }
}

/// Lets the last lines be written when it is dropped: keep it until the program ends.
#[must_use = "the last lines are written when this is dropped"]
#[derive(Debug)]
pub struct LastLines(Lines);

impl LastLines {
    /// Counts the lines that are lost from now on among these metrics: in each service's, as all share this log.
    pub fn count_in(&self, meters: &Meters) {
        self.0.0.lock().counters.extend(meters.lost_lines());
    }
}

impl Drop for LastLines {
    fn drop(&mut self) {
        let inner = &self.0.0;
        inner.lock().ended = true;
        inner.more.notify_one();
        let (mut waiting, _) = inner
            .written
            .wait_timeout_while(inner.lock(), PATIENCE * 5, |waiting| {
                waiting.writer.is_some()
            })
            .unwrap_or_else(PoisonError::into_inner);
        waiting.stalled = waiting.writer.is_some();
    }
}

impl Lines {
    /// Starts the thread that writes to standard error.
    pub(super) fn start() -> (Self, LastLines) {
        Self::onto(io::stderr())
    }

    fn onto(sink: impl Write + Send + 'static) -> (Self, LastLines) {
        let inner = Arc::new(Inner::default());
        let writes = Arc::clone(&inner);
        let thread = thread::Builder::new().name("log".to_owned());
        // Held until the thread is known, so that it finds itself named.
        let mut waiting = inner.lock();
        let started = thread.spawn(move || writes.write_until_the_end(sink));
        waiting.writer = started.ok().map(|thread| thread.thread().id());
        drop(waiting);
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
        let Some(writer) = waiting.writer else {
            // The thread has ended, or there is none. Where nobody can be told, there is nobody to tell it to.
            let _ = io::stderr().write_all(line);
            return;
        };
        if waiting.text.len() + line.len() > MOST {
            waiting.lose(1);
            return;
        }
        let first = waiting.text.is_empty();
        waiting.text.extend_from_slice(line);
        if first {
            self.more.notify_one();
        }
        if !at_once || waiting.stalled || writer == thread::current().id() {
            return;
        }
        let not_yet = |waiting: &mut Waiting| !waiting.text.is_empty() || waiting.writing;
        let (mut waiting, waited) = self
            .written
            .wait_timeout_while(waiting, PATIENCE, not_yet)
            .unwrap_or_else(PoisonError::into_inner);
        waiting.stalled |= waited.timed_out();
    }

    fn write_until_the_end(&self, mut sink: impl Write) {
        while let Some((text, lost)) = self.next() {
            // A disk that is full, a pipe that nobody holds: told once lines arrive again.
            let written = sink.write_all(&text).is_ok();
            {
                let mut waiting = self.lock();
                (waiting.writing, waiting.stalled) = (false, false);
                if !written {
                    waiting.lost += lost;
                    waiting.lose(lines_of(&text));
                }
            }
            self.written.notify_all();
            if written && lost > 0 {
                tracing::warn!(
                    lost,
                    "lines of the log were lost: they could not be written"
                );
            }
            thread::sleep(PAUSE);
        }
        self.lock().writer = None;
        self.written.notify_all();
    }

    /// What is to be written, and how many lines found no room before it; `None` after the last.
    fn next(&self) -> Option<(Vec<u8>, u64)> {
        let idle = |waiting: &mut Waiting| waiting.text.is_empty() && !waiting.ended;
        let mut waiting = self
            .more
            .wait_while(self.lock(), idle)
            .unwrap_or_else(PoisonError::into_inner);
        waiting.writing = !waiting.text.is_empty();
        let lost = std::mem::take(&mut waiting.lost);
        waiting
            .writing
            .then(|| (std::mem::take(&mut waiting.text), lost))
    }
}

/// How many lines there are.
fn lines_of(text: &[u8]) -> u64 {
    let lines = text.split_inclusive(|byte| *byte == b'\n').count();
    u64::try_from(lines).unwrap_or(u64::MAX)
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

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
    use std::time::Instant;

    use super::*;

    /// A reader that takes each write when it likes.
    struct Pipe(SyncSender<Vec<u8>>);

    impl Write for Pipe {
        fn write(&mut self, text: &[u8]) -> io::Result<usize> {
            let sent = self.0.send(text.to_vec());
            sent.map(|()| text.len()).map_err(io::Error::other)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn pipe() -> (Lines, LastLines, Receiver<Vec<u8>>) {
        let (sender, reader) = sync_channel(0);
        let (lines, last) = Lines::onto(Pipe(sender));
        (lines, last, reader)
    }

    fn read(reader: &Receiver<Vec<u8>>) -> String {
        let text = reader.recv_timeout(Duration::from_secs(10)).unwrap();
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn lines_come_in_order_and_the_last_ones_too() {
        let (lines, last, reader) = pipe();
        let all = thread::spawn(move || reader.iter().flatten().collect::<Vec<u8>>());
        for number in 0..500 {
            lines
                .0
                .add(format!("{number}\n").as_bytes(), number % 50 == 0);
        }
        drop((lines, last));
        let all = String::from_utf8(all.join().unwrap()).unwrap();
        let numbers: Vec<u32> = all.lines().map(|line| line.parse().unwrap()).collect();
        assert_eq!(numbers, (0..500).collect::<Vec<u32>>());
    }

    #[test]
    fn a_warning_is_written_when_its_caller_goes_on() {
        let (lines, _last, reader) = pipe();
        let warned = thread::spawn(move || lines.0.add(b"beware\n", true));
        assert_eq!(read(&reader), "beware\n");
        warned.join().unwrap();
    }

    #[test]
    fn lines_that_a_full_disk_does_not_take_are_counted() {
        struct Full(Arc<std::sync::atomic::AtomicBool>, Pipe);

        impl Write for Full {
            fn write(&mut self, text: &[u8]) -> io::Result<usize> {
                if self.0.load(std::sync::atomic::Ordering::Relaxed) {
                    return Err(io::ErrorKind::StorageFull.into());
                }
                self.1.write(text)
            }

            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }

        let full = Arc::new(std::sync::atomic::AtomicBool::new(true));
        let (sender, reader) = sync_channel(0);
        let (lines, ending) = Lines::onto(Full(Arc::clone(&full), Pipe(sender)));
        let meters = Meters::default();
        ending.count_in(&meters);
        for _ in 0..3 {
            lines.0.add(b"gone\n", true);
        }
        assert_eq!(lines.0.lock().lost, 3);
        full.store(false, std::sync::atomic::Ordering::Relaxed);
        lines.0.add(b"and on\n", false);
        assert_eq!(read(&reader), "and on\n");
        lines.0.add(b"more\n", false);
        assert_eq!(read(&reader), "more\n");
        assert_eq!(lines.0.lock().lost, 0, "it was told");
        for counted in meters.lost_lines() {
            assert_eq!(counted.get(), 3);
        }
        drop(ending);
    }

    #[test]
    fn nobody_waits_for_a_reader_that_stalls() {
        let (lines, ending, reader) = pipe();
        let line = [b'x'; 1024];
        let begun = Instant::now();
        for number in 0..1000 {
            lines.0.add(&line, number % 10 == 0);
        }
        assert!(begun.elapsed() < PATIENCE * 10, "{:?}", begun.elapsed());
        let lost = lines.0.lock().lost;
        assert!((700..1000).contains(&lost), "{lost} lost");
        // It reads again: what had room is there, and nobody is told that the rest was.
        let mut got = 0;
        while got < usize::try_from(1000 - lost).unwrap() * line.len() {
            got += read(&reader).len();
        }
        lines.0.add(b"and on\n", false);
        assert_eq!(read(&reader), "and on\n");
        drop(ending);
    }
}
