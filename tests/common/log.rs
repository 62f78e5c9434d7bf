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
use tracing_subscriber::fmt::writer::OptionalWriter;
use tracing_subscriber::fmt::{self, MakeWriter};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<u8>>>);

/// Events of this level and more important ones.
#[derive(Clone)]
struct Filtered {
    log: Log,
    level: LevelFilter,
    is_json: bool,
}

thread_local! {
    static OF_THREAD: RefCell<Option<Filtered>> = const { RefCell::new(None) };
}

static OF_PROCESS: OnceLock<Filtered> = OnceLock::new();

impl Log {
    /// Logs what this thread does, until the guard is dropped.
    pub(crate) fn of_thread(&self, level: LevelFilter) -> impl Sized + use<> {
        self.of_thread_as(level, false)
    }

    /// The same, with each event as a JSON object, as a server that ships its log writes it.
    pub(crate) fn of_thread_in_json(&self, level: LevelFilter) -> impl Sized + use<> {
        self.of_thread_as(level, true)
    }

    fn of_thread_as(&self, level: LevelFilter, is_json: bool) -> impl Sized + use<> {
        struct Guard(Option<Filtered>);

        impl Drop for Guard {
            fn drop(&mut self) {
                OF_THREAD.set(self.0.take());
            }
        }

        subscribe();
        let log = self.clone();
        let filtered = Filtered {
            log,
            level,
            is_json,
        };
        Guard(OF_THREAD.replace(Some(filtered)))
    }

    /// Logs what this process does. This works once.
    pub(crate) fn of_process(&self, level: LevelFilter) {
        subscribe();
        let log = self.clone();
        let filtered = Filtered {
            log,
            level,
            is_json: false,
        };
        assert!(
            OF_PROCESS.set(filtered).is_ok(),
            "the process has a log already"
        );
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
        let text = fmt::layer().without_time().with_ansi(false);
        let json = fmt::layer().json();
        tracing_subscriber::registry()
            .with(text.with_writer(Writers { are_json: false }))
            .with(json.with_writer(Writers { are_json: true }))
            .init();
    });
}

/// The log of the thread, or that of the process, if it is written so.
struct Writers {
    are_json: bool,
}

impl Writers {
    fn writer(&self, is_enabled: impl Fn(LevelFilter) -> bool) -> OptionalWriter<Log> {
        let of_thread = OF_THREAD.with_borrow(Clone::clone);
        let filtered = of_thread.or_else(|| OF_PROCESS.get().cloned());
        match filtered.filter(|it| it.is_json == self.are_json && is_enabled(it.level)) {
            Some(Filtered { log, .. }) => OptionalWriter::some(log),
            None => OptionalWriter::none(),
        }
    }
}

impl<'a> MakeWriter<'a> for Writers {
    type Writer = OptionalWriter<Log>;

    fn make_writer(&'a self) -> Self::Writer {
        self.writer(|_| true)
    }

    fn make_writer_for(&'a self, event: &Metadata<'_>) -> Self::Writer {
        self.writer(|level| *event.level() <= level)
    }
}
