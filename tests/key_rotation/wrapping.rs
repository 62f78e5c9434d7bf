//! A source of one's own around another one.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tower_token_endpoint::jwks::{FetchedKeys, JwksSource};
use tower_token_endpoint::rejection::RejectionReason;

use crate::common::{Built, Key};
use crate::source::{Behaviour, Source, assert_accepted, keys, pass, send, trusting};

/// Fetches each set anew after a minute, and notes what it was.
struct Hurried<S> {
    inner: S,
    seen: Arc<Seen>,
}

#[derive(Default)]
struct Seen {
    bytes: AtomicUsize,
    gone: AtomicUsize,
}

impl<S: JwksSource> JwksSource for Hurried<S> {
    type Error = S::Error;

    async fn fetch(&self, jwks_uri: &str) -> Result<FetchedKeys, S::Error> {
        let fetched = self.inner.fetch(jwks_uri).await?;
        let len = fetched.json().len();
        self.seen.bytes.fetch_add(len, Ordering::SeqCst);
        let gone = usize::from(fetched.is_gone());
        self.seen.gone.fetch_add(gone, Ordering::SeqCst);
        let fresh_for = fetched.fresh_for().unwrap_or(Duration::MAX);
        Ok(fetched.max_age(fresh_for.min(Duration::from_secs(60))))
    }
}

#[tokio::test]
async fn a_source_can_wrap_another_and_read_and_change_what_it_fetched() {
    let key = Key::new("key");
    let source = Source::start(keys(&[&key])).await;
    let seen = Arc::new(Seen::default());
    let hurried = Hurried {
        inner: trusting(),
        seen: Arc::clone(&seen),
    };
    let layer = source.builder().jwks_source(hurried).built();
    for fetches in 1..=3 {
        assert_accepted(&send(&layer, &key).await);
        assert_accepted(&send(&layer, &key).await);
        assert_eq!(source.fetches(), fetches, "each minute");
        pass(60).await;
    }
    let Behaviour::Keys(json) = keys(&[&key]) else {
        unreachable!()
    };
    assert_eq!(seen.bytes.load(Ordering::SeqCst), 3 * json.len());
    assert_eq!(seen.gone.load(Ordering::SeqCst), 0);

    source.now(Behaviour::Status(404));
    let answer = send(&layer, &key).await;
    answer.rejected(401, "invalid_client", RejectionReason::UnknownKey);
    assert_eq!(seen.gone.load(Ordering::SeqCst), 1);
}
