//! What the layer logs.
//!
//! There is one subscriber for the process, which is never dropped: `tracing` can lose events of a
//! thread with a subscriber of its own while other threads make and drop theirs.

use std::cell::RefCell;
use std::io;
use std::io::Write;
use std::mem;
use std::sync::{Arc, Mutex, Once, OnceLock};

use tracing::Metadata;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::writer::OptionalWriter;

#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<u8>>>);

/// Events of this level and more important ones.
#[derive(Clone)]
struct Filtered {
    log: Log,
    level: LevelFilter,
}

thread_local! {
    static OF_THREAD: RefCell<Option<Filtered>> = const { RefCell::new(None) };
}

static OF_PROCESS: OnceLock<Filtered> = OnceLock::new();

impl Log {
    /// Logs what this thread does, until the guard is dropped.
    pub(crate) fn of_thread(&self, level: LevelFilter) -> impl Sized + use<> {
        struct Guard(Option<Filtered>);

        impl Drop for Guard {
            fn drop(&mut self) {
                OF_THREAD.set(self.0.take());
            }
        }

        subscribe();
        let log = self.clone();
        Guard(OF_THREAD.replace(Some(Filtered { log, level })))
    }

    /// Logs what this process does. This works once.
    pub(crate) fn of_process(&self, level: LevelFilter) {
        subscribe();
        let log = self.clone();
        let is_first = OF_PROCESS.set(Filtered { log, level }).is_ok();
        assert!(is_first, "the process has a log already");
    }

    pub(crate) fn text(&self) -> String {
        let bytes = self.0.lock().expect("no panic before").clone();
        String::from_utf8(bytes).expect("a log in UTF-8")
    }

    /// The lines since the last call.
    pub(crate) fn take(&self) -> Vec<String> {
        let text = mem::take(&mut *self.0.lock().expect("no panic before"));
        let text = String::from_utf8(text).expect("a log in UTF-8");
        text.lines().map(|line| line.trim().to_owned()).collect()
    }
}

impl Write for Log {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no panic before").write(line)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn subscribe() {
    static SUBSCRIBED: Once = Once::new();
    SUBSCRIBED.call_once(|| {
        tracing_subscriber::fmt()
            .with_max_level(LevelFilter::TRACE)
            .without_time()
            .with_ansi(false)
            .with_writer(Writers)
            .init();
    });
}

/// The log of the thread, or that of the process.
struct Writers;

impl Writers {
    fn writer(is_enabled: impl Fn(LevelFilter) -> bool) -> OptionalWriter<Log> {
        let of_thread = OF_THREAD.with_borrow(Clone::clone);
        let filtered = of_thread.or_else(|| OF_PROCESS.get().cloned());
        match filtered.filter(|it| is_enabled(it.level)) {
            Some(Filtered { log, .. }) => OptionalWriter::some(log),
            None => OptionalWriter::none(),
        }
    }
}

impl<'a> MakeWriter<'a> for Writers {
    type Writer = OptionalWriter<Log>;

    fn make_writer(&'a self) -> Self::Writer {
        Self::writer(|_| true)
    }

    fn make_writer_for(&'a self, event: &Metadata<'_>) -> Self::Writer {
        Self::writer(|level| *event.level() <= level)
    }
}
