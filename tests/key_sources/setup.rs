//! The fetch of a test, its resolver, and what is told of a failure.

use std::error::Error;
use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tower_token_endpoint::jwks::fetch::{FetchError, GuardedFetch, HostResolver};
use tower_token_endpoint::jwks::{FetchedKeys, HttpJwksSource};

use crate::certificates::CA;

pub(crate) const HOST: &str = "keys.client.example";
pub(crate) const JSON: &str = r#"{"keys":[]}"#;
/// So long that it never ends a test that passes.
pub(crate) const LONG: Duration = Duration::from_secs(120);
/// For sources that never come to an end by themselves.
pub(crate) const SHORT: Duration = Duration::from_millis(300);

/// The source of a test: from loopback, by http or https.
pub(crate) fn source() -> HttpJwksSource {
    HttpJwksSource::with_fetch(loopback())
}

/// The fetch of a test: from loopback, by http or https.
pub(crate) fn loopback() -> GuardedFetch {
    strict().dangerously_allow_loopback_and_http()
}

/// The same as in production, apart from its certificates and its patience.
pub(crate) fn strict() -> GuardedFetch {
    let fetch = GuardedFetch::with_root_certificates([&CA.der]).expect("a root certificate");
    fetch
        .connect_timeout(LONG)
        .total_timeout(LONG)
        .resolver(Names::all_are("127.0.0.1"))
}

/// The error and all its causes.
pub(crate) fn text(error: &FetchError) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

pub(crate) fn failed(fetched: Result<FetchedKeys, FetchError>, name: &str) -> String {
    let error = fetched.expect_err(name);
    let text = text(&error);
    for shown in [&text, &format!("{error:?}")] {
        assert!(!shown.contains("canary"), "{name}: {shown}");
    }
    text
}

/// Only the layer and the log can see what is in `FetchedKeys`.
pub(crate) fn assert_same(fetched: &FetchedKeys, wanted: &FetchedKeys, name: &str) {
    assert_eq!(format!("{fetched:?}"), format!("{wanted:?}"), "{name}");
}

/// A resolver of the test's own, which counts.
#[derive(Clone, Default)]
pub(crate) struct Names {
    /// One list for each call; the last one stays.
    pub(crate) answers: Vec<Vec<IpAddr>>,
    pub(crate) calls: Arc<AtomicUsize>,
}

impl Names {
    pub(crate) fn all_are(addresses: &str) -> Self {
        Self::first_then(&[addresses])
    }

    pub(crate) fn first_then(answers: &[&str]) -> Self {
        let addresses = |text: &&str| {
            let addresses = text.split_whitespace();
            addresses
                .map(|it| it.parse().expect("an address"))
                .collect()
        };
        Self {
            answers: answers.iter().map(addresses).collect(),
            ..Self::default()
        }
    }

    pub(crate) fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }
}

impl HostResolver for Names {
    async fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        assert_eq!(host, HOST);
        let call = self.calls.fetch_add(1, Ordering::SeqCst);
        let answer = self.answers.get(call).or(self.answers.last());
        answer
            .cloned()
            .ok_or_else(|| io::Error::other("no such name"))
    }
}

/// A listener that nobody may connect to.
pub(crate) struct Trap(pub(crate) std::net::TcpListener);

impl Trap {
    pub(crate) fn set() -> Self {
        let trap = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        trap.set_nonblocking(true).expect("a non-blocking listener");
        Self(trap)
    }

    pub(crate) fn port(&self) -> u16 {
        self.0.local_addr().expect("an address").port()
    }

    pub(crate) fn assert_untouched(&self, name: &str) {
        let error = self.0.accept().expect_err(name);
        assert_eq!(error.kind(), io::ErrorKind::WouldBlock, "{name}");
    }
}
