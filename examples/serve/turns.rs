//! Which connections are served first when more requests arrive than the processors can serve.
//!
//! The runtime serves tasks in the order in which they become ready. With a task for each connection, a
//! client that has used its connection for hours waits behind ten thousand strangers who arrive at once. So
//! all strangers share one task, which lets others run after some of them: whoever is no stranger waits
//! behind a few requests only. With HTTP/2 this is so for reading and writing only, since hyper makes a task
//! of each request.

use std::{
    future::poll_fn,
    panic::AssertUnwindSafe,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::Poll,
};

use futures_util::{FutureExt as _, StreamExt as _, stream::FuturesUnordered};
use http::StatusCode;
use tokio::{select, sync::mpsc};

/// Whether the last request of a connection was successful. Before that, it is a stranger.
#[derive(Clone, Default)]
pub(super) struct Standing(Arc<AtomicBool>);

impl Standing {
    pub(super) fn note(&self, status: StatusCode) {
        self.0.store(status.is_success(), Ordering::Relaxed);
    }

    fn is_stranger(&self) -> bool {
        !self.0.load(Ordering::Relaxed)
    }
}

/// Starts connections. Dropping it ends those of strangers.
pub(super) struct Turns {
    // There are never more in it than connections.
    strangers: mpsc::UnboundedSender<Connection>,
}

struct Connection {
    running: Pin<Box<dyn Future<Output = ()> + Send>>,
    standing: Standing,
    strangers: mpsc::WeakUnboundedSender<Connection>,
}

impl Turns {
    pub(super) fn new() -> Self {
        let (strangers, arriving) = mpsc::unbounded_channel();
        tokio::spawn(serve_strangers(arriving));
        Self { strangers }
    }

    pub(super) fn start(
        &self,
        connection: impl Future<Output = ()> + Send + 'static,
        standing: Standing,
    ) {
        // A panic ends this connection and no other. The panic hook has reported it.
        let running = AssertUnwindSafe(connection).catch_unwind().map(drop);
        let connection = Connection {
            running: Box::pin(running),
            standing,
            strangers: self.strangers.downgrade(),
        };
        // The receiver is there for as long as this sender is.
        let _ = self.strangers.send(connection);
    }
}

async fn serve_strangers(mut arriving: mpsc::UnboundedReceiver<Connection>) {
    // The runtime lets a task read and write a number of times, and then runs others. This holds for all of
    // these together.
    let mut strangers = FuturesUnordered::new();
    loop {
        select! {
            stranger = arriving.recv() => match stranger {
                Some(stranger) => strangers.push(stranger.run_while(Standing::is_stranger)),
                None => return,
            },
            known = strangers.next(), if !strangers.is_empty() => {
                if let Some(Some(known)) = known {
                    tokio::spawn(serve_known(known));
                }
            }
        }
    }
}

async fn serve_known(known: Connection) {
    let stranger = known.run_while(|standing| !standing.is_stranger()).await;
    if let Some(stranger) = stranger
        && let Some(strangers) = stranger.strangers.upgrade()
    {
        let _ = strangers.send(stranger);
    }
}

impl Connection {
    /// `None` if the connection has ended.
    async fn run_while(mut self, stays: fn(&Standing) -> bool) -> Option<Self> {
        let has_ended = poll_fn(|context| match self.running.poll_unpin(context) {
            Poll::Ready(()) => Poll::Ready(true),
            Poll::Pending if stays(&self.standing) => Poll::Pending,
            Poll::Pending => Poll::Ready(false),
        });
        (!has_ended.await).then_some(self)
    }
}
