//! A slow hash that a test can watch and stop, and clients with it.

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, ThreadId};
use std::time::Duration;

use tokio::task::yield_now;
use tower_token_endpoint::client::{ClientBuilder, ClientSecret, Secret, SecretCheck, SecretHash};
use tower_token_endpoint::{Client, GrantType};

use crate::common::Registered;

/// What became of all hashes of a test.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    computed: AtomicUsize,
    running: AtomicUsize,
    most: AtomicUsize,
    threads: Mutex<HashSet<ThreadId>>,
    gate: Mutex<Gate>,
    opened: Condvar,
}

/// How many hashes may end.
#[derive(Debug, Default)]
struct Gate(Option<usize>);

impl Watch {
    pub(crate) fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Hashes that were started so far.
    pub(crate) fn computed(&self) -> usize {
        self.computed.load(Ordering::SeqCst)
    }

    pub(crate) fn running(&self) -> usize {
        self.running.load(Ordering::SeqCst)
    }

    /// The most that ran at the same time.
    pub(crate) fn most(&self) -> usize {
        self.most.load(Ordering::SeqCst)
    }

    pub(crate) fn threads(&self) -> HashSet<ThreadId> {
        self.threads.lock().expect("no panic before").clone()
    }

    /// From now on, no hash ends before it is let go.
    pub(crate) fn close(&self) {
        *self.gate.lock().expect("no panic before") = Gate(Some(0));
    }

    pub(crate) fn let_one_go(&self) {
        if let Some(may_end) = &mut self.gate.lock().expect("no panic before").0 {
            *may_end += 1;
        }
        self.opened.notify_all();
    }

    pub(crate) fn open(&self) {
        *self.gate.lock().expect("no panic before") = Gate(None);
        self.opened.notify_all();
    }

    /// Lets all hashes go at the end, also if the test fails: the runtime waits for them.
    pub(crate) fn closed(self: &Arc<Self>) -> Closed {
        self.close();
        Closed(Arc::clone(self))
    }

    fn compute(&self) {
        self.computed.fetch_add(1, Ordering::SeqCst);
        let running = self.running.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(running, Ordering::SeqCst);
        let thread = thread::current().id();
        self.threads.lock().expect("no panic before").insert(thread);
        let gate = self.gate.lock().expect("no panic before");
        let mut gate = self
            .opened
            .wait_while(gate, |gate| gate.0 == Some(0))
            .expect("no panic before");
        if let Some(may_end) = &mut gate.0 {
            *may_end -= 1;
        }
        drop(gate);
        self.running.fetch_sub(1, Ordering::SeqCst);
    }
}

pub(crate) struct Closed(Arc<Watch>);

impl Drop for Closed {
    fn drop(&mut self) {
        self.0.open();
    }
}

/// A hash that is slow as long as its watch is closed.
#[derive(Debug)]
pub(crate) struct Slow {
    matches: fn(&str, &str) -> bool,
    right: &'static str,
    stored: Option<String>,
    watch: Arc<Watch>,
}

impl SecretHash for Slow {
    fn kind(&self) -> &str {
        "slow"
    }

    fn check(self: Arc<Self>, presented: Secret) -> SecretCheck {
        SecretCheck::blocking(move || {
            self.watch.compute();
            (self.matches)(self.right, presented.expose_secret())
        })
    }

    fn stored(&self) -> Option<&[u8]> {
        self.stored.as_deref().map(str::as_bytes)
    }
}

/// A secret by a hash whose stored text is its own.
pub(crate) fn slow(watch: &Arc<Watch>, right: &'static str) -> ClientSecret {
    stored_as(watch, right, Some(&format!("$slow${right}")))
}

pub(crate) fn stored_as(
    watch: &Arc<Watch>,
    right: &'static str,
    stored: Option<&str>,
) -> ClientSecret {
    matching(watch, right, stored, |right, presented| right == presented)
}

/// As bcrypt does, which looks at 72 bytes.
pub(crate) fn matching(
    watch: &Arc<Watch>,
    right: &'static str,
    stored: Option<&str>,
    matches: fn(&str, &str) -> bool,
) -> ClientSecret {
    ClientSecret::hashed(Arc::new(Slow {
        matches,
        right,
        stored: stored.map(str::to_owned),
        watch: Arc::clone(watch),
    }))
}

pub(crate) fn client(id: &str, secret: impl Registered) -> ClientBuilder {
    let client = Client::builder(id).secret(secret.registered());
    client.grant_types([GrantType::ClientCredentials])
}

pub(crate) fn built<const N: usize>(clients: [ClientBuilder; N]) -> [Client; N] {
    clients.map(|client| client.build().expect("a client"))
}

/// Waits until something has happened, without a timer: the clock of the test may stand still.
pub(crate) async fn eventually(what: &str, mut has_happened: impl FnMut() -> bool) {
    for _ in 0..10_000 {
        if has_happened() {
            return;
        }
        yield_now().await;
        thread::sleep(Duration::from_millis(1));
    }
    panic!("not in ten seconds: {what}");
}

/// Gives every task a turn.
pub(crate) async fn settled() {
    for _ in 0..100 {
        yield_now().await;
    }
}
