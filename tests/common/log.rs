//! What the layer logs.

use std::io;
use std::io::Write;
use std::mem;
use std::sync::{Arc, Mutex};

use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::util::SubscriberInitExt;

#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// Logs what this thread does, until the guard is dropped.
    pub(crate) fn of_thread(&self, level: LevelFilter) -> impl Sized + use<> {
        self.subscriber(level).set_default()
    }

    /// Logs what this process does. This works once.
    pub(crate) fn of_process(&self, level: LevelFilter) {
        self.subscriber(level).init();
    }

    fn subscriber(&self, level: LevelFilter) -> impl SubscriberInitExt {
        tracing_subscriber::fmt()
            .with_max_level(level)
            .without_time()
            .with_ansi(false)
            .with_writer(self.clone())
            .finish()
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

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}
