//! Key sets by URI: kept while they are fresh, and while their source is down.
//!
//! | of this URI | a request |
//! |---|---|
//! | nothing is kept | fetches, or waits for the fetch that is under way; where it fails: the error |
//! | nothing is kept, and the source failed within the last [`BACKOFF`] | gets the error at once |
//! | a fresh set with the key | gets it |
//! | a fresh set without the key | fetches, at most once in [`BETWEEN_UNKNOWN`] for all clients of the URI; else gets the set that is kept |
//! | a set that is fresh no longer | fetches; where it fails: gets that set, if it has the key |
//! | a set without the key, and the last fetch failed | gets the error: whether the client has the key is not known |
//! | such a set with the key, and the source failed within the last [`OUTAGE`] | gets it at once; what fetches meanwhile is no request |
//!
//! A set stays for as long as its source is down. Who takes a key out of use
//! must serve the set without it; to switch the source off takes no key out.

use std::{
    collections::HashMap,
    error::Error,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    runtime::Handle,
    sync::{Semaphore, watch},
    time::{Instant, timeout},
};

use super::{AnyKeySource, BoxError, FetchedKeys};
use crate::protocol::jwt::key_set::{KeySet, KeySetError};

/// For how long a set is fresh: where the source does not say, and at least and
/// at most where it does.
const FRESH: Duration = Duration::from_secs(10 * 60);
const FRESH_AT_LEAST: Duration = Duration::from_secs(60);
const FRESH_AT_MOST: Duration = Duration::from_secs(24 * 60 * 60);

/// Between two fetches of a fresh set for a key that it does not have. Clients
/// that share a URI share this too, or each of them could make more of them.
const BETWEEN_UNKNOWN: Duration = Duration::from_secs(60);

/// For how long a source that failed is left alone.
const BACKOFF: Duration = Duration::from_secs(5);

/// For how long a source that failed counts as down, so that no request waits for
/// it that can do without. It is short: a set that nobody asked for in between may
/// be old, and is not used unseen.
const OUTAGE: Duration = Duration::from_secs(60);

/// A source that takes longer has failed. It is less than the layer's deadline
/// by default, so that the request learns of it.
const LONGEST_FETCH: Duration = Duration::from_secs(8);

/// More URIs than this are not kept; the least recently used goes first. All of
/// them are registered: nobody fills this from outside.
const MOST_URIS: usize = 10_000;

/// More sets than this are not fetched at once: each may hold a connection, and a
/// thread that resolves a name.
const MOST_FETCHES: usize = 64;

/// The key sets of a layer.
pub(crate) struct KeyCache {
    source: Arc<dyn AnyKeySource>,
    fetches: Arc<Semaphore>,
    most_uris: usize,
    /// The lock is held for a look-up and no longer.
    entries: Mutex<Entries>,
}

#[derive(Default)]
struct Entries {
    by_uri: HashMap<Box<str>, Used>,
    uses: u64,
}

struct Used {
    entry: Arc<Entry>,
    last: u64,
}

impl KeyCache {
    pub(crate) fn new(source: Arc<dyn AnyKeySource>) -> Self {
        Self {
            source,
            fetches: Arc::new(Semaphore::new(MOST_FETCHES)),
            most_uris: MOST_URIS,
            entries: Mutex::default(),
        }
    }

    /// The keys at this URI: with the key that is `wanted`, if it can be had.
    ///
    /// # Errors
    ///
    /// Where there are none, and the source fails.
    pub(crate) async fn keys(
        &self,
        jwks_uri: &str,
        wanted: impl Fn(&KeySet) -> bool,
    ) -> Result<Arc<KeySet>, BoxError> {
        let entry = self.entry(jwks_uri);
        let step = entry.step(Instant::now(), &wanted);
        let flight = match step {
            Step::Done(outcome) => return Ok(outcome?),
            Step::Wait(flight) => flight,
            Step::Fetch { landing, meanwhile } => {
                let flight = landing.subscribe();
                self.fetch(jwks_uri, Attempt::new(Arc::clone(&entry), landing));
                match meanwhile {
                    Some(keys) => return Ok(keys),
                    None => flight,
                }
            }
        };
        match outcome_of(flight).await {
            Ok(keys) => Ok(keys),
            Err(failure) => Ok(entry.kept().filter(|keys| wanted(keys)).ok_or(failure)?),
        }
    }

    fn entry(&self, jwks_uri: &str) -> Arc<Entry> {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let entries = &mut *entries;
        entries.uses += 1;
        let last = entries.uses;
        if let Some(used) = entries.by_uri.get_mut(jwks_uri) {
            used.last = last;
            return Arc::clone(&used.entry);
        }
        if entries.by_uri.len() >= self.most_uris {
            // A walk over all of them, but only before a fetch, which takes longer. One
            // that somebody waits for stays, or there would be a second fetch of it.
            let idle = entries.by_uri.iter();
            let idle = idle.filter(|(_, used)| Arc::strong_count(&used.entry) == 1);
            let oldest = idle.min_by_key(|(_, used)| used.last);
            if let Some(uri) = oldest.map(|(uri, _)| uri.clone()) {
                entries.by_uri.remove(&uri);
            }
        }
        let entry = Arc::new(Entry::default());
        let used = Used {
            entry: Arc::clone(&entry),
            last,
        };
        entries.by_uri.insert(jwks_uri.into(), used);
        entry
    }

    /// In a task of its own: the request that it was started for may be dropped.
    fn fetch(&self, jwks_uri: &str, attempt: Attempt) {
        let Ok(runtime) = Handle::try_current() else {
            return attempt.land(Err(Cause::NoRuntime));
        };
        let source = Arc::clone(&self.source);
        let fetches = Arc::clone(&self.fetches);
        let jwks_uri: Box<str> = jwks_uri.into();
        runtime.spawn(async move {
            let fetching = async {
                // It is never closed, so there is a permit in the end.
                let _permit = fetches.acquire().await;
                source.fetch(&jwks_uri).await
            };
            attempt.land(match timeout(LONGEST_FETCH, fetching).await {
                Ok(Ok(fetched)) => read(&fetched),
                Ok(Err(error)) => Err(Cause::Source(error)),
                Err(_elapsed) => Err(Cause::Hangs),
            });
        });
    }
}

fn read(fetched: &FetchedKeys) -> Result<Kept, Cause> {
    let keys = KeySet::fetched(fetched.json()).map_err(Cause::Unusable)?;
    let fresh = fetched.freshness().unwrap_or(FRESH);
    Ok(Kept {
        keys: Arc::new(keys),
        fresh_until: Instant::now() + fresh.clamp(FRESH_AT_LEAST, FRESH_AT_MOST),
    })
}

/// What a fetch ends with.
type Outcome = Result<Arc<KeySet>, FetchFailed>;

/// A fetch that is under way, for all who wait for it.
type Flight = watch::Receiver<Option<Outcome>>;

async fn outcome_of(mut flight: Flight) -> Outcome {
    match flight.wait_for(Option::is_some).await.as_deref() {
        Ok(Some(outcome)) => outcome.clone(),
        Ok(None) | Err(_) => Err(FetchFailed::of(Cause::Abandoned)),
    }
}

/// What is known of one URI. The lock is never held while anybody waits.
#[derive(Default)]
struct Entry(Mutex<State>);

#[derive(Default)]
struct State {
    kept: Option<Kept>,
    /// The last fetch, where it failed.
    failure: Option<(FetchFailed, Instant)>,
    fetched_for_unknown: Option<Instant>,
    flight: Option<Flight>,
}

struct Kept {
    keys: Arc<KeySet>,
    fresh_until: Instant,
}

/// What a request has to do.
enum Step {
    Done(Outcome),
    Wait(Flight),
    Fetch {
        landing: watch::Sender<Option<Outcome>>,
        /// The keys of a request that does not wait for it.
        meanwhile: Option<Arc<KeySet>>,
    },
}

impl Entry {
    /// The table above.
    fn step(&self, now: Instant, wanted: impl Fn(&KeySet) -> bool) -> Step {
        let within = |since: &Instant, time| now.saturating_duration_since(*since) < time;
        let mut state = self.lock();
        let state = &mut *state;

        let keys = state.kept.as_ref().map(|kept| Arc::clone(&kept.keys));
        let is_fresh = state.kept.as_ref().is_some_and(|it| now < it.fresh_until);
        let failed = |time| state.failure.as_ref().filter(|(_, at)| within(at, time));
        let meanwhile = match &keys {
            Some(keys) if !wanted(keys) => None,
            Some(keys) if is_fresh => return Step::Done(Ok(Arc::clone(keys))),
            Some(keys) => failed(OUTAGE).map(|_| Arc::clone(keys)),
            None => None,
        };
        match (&state.flight, &meanwhile) {
            (Some(_), Some(keys)) => return Step::Done(Ok(Arc::clone(keys))),
            (Some(flight), None) => return Step::Wait(flight.clone()),
            (None, _) => {}
        }
        if let Some((failure, _)) = failed(BACKOFF) {
            return Step::Done(meanwhile.ok_or_else(|| failure.not_again()));
        }
        if let (true, Some(keys)) = (is_fresh, keys) {
            let last = state.fetched_for_unknown.as_ref();
            if last.is_some_and(|last| within(last, BETWEEN_UNKNOWN)) {
                return Step::Done(match &state.failure {
                    Some((failure, _)) => Err(failure.not_again()),
                    None => Ok(keys),
                });
            }
            state.fetched_for_unknown = Some(now);
        }
        let (landing, flight) = watch::channel(None);
        state.flight = Some(flight);
        Step::Fetch { landing, meanwhile }
    }

    fn kept(&self) -> Option<Arc<KeySet>> {
        let state = self.lock();
        state.kept.as_ref().map(|kept| Arc::clone(&kept.keys))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A fetch on its way. However it ends, those who wait are told: also where the
/// source panics, or the runtime shuts down.
struct Attempt {
    entry: Arc<Entry>,
    landing: Option<watch::Sender<Option<Outcome>>>,
}

impl Attempt {
    const fn new(entry: Arc<Entry>, landing: watch::Sender<Option<Outcome>>) -> Self {
        Self {
            entry,
            landing: Some(landing),
        }
    }

    fn land(mut self, fetched: Result<Kept, Cause>) {
        self.end(fetched);
    }

    fn end(&mut self, fetched: Result<Kept, Cause>) {
        let Some(landing) = self.landing.take() else {
            return;
        };
        let mut state = self.entry.lock();
        state.flight = None;
        let outcome = match fetched {
            Ok(kept) => {
                let keys = Arc::clone(&kept.keys);
                state.kept = Some(kept);
                state.failure = None;
                Ok(keys)
            }
            Err(cause) => {
                let failure = FetchFailed::of(cause);
                #[cfg(feature = "tracing")]
                failure.trace(state.kept.is_some());
                state.failure = Some((failure.clone(), Instant::now()));
                Err(failure)
            }
        };
        drop(state);
        landing.send_replace(Some(outcome));
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        self.end(Err(Cause::Abandoned));
    }
}

/// Why there are no keys, for all who waited for them.
#[derive(Clone, Debug)]
struct FetchFailed {
    cause: Arc<Cause>,
    is_left_alone: bool,
}

#[derive(Debug)]
enum Cause {
    Source(BoxError),
    Unusable(KeySetError),
    Hangs,
    Abandoned,
    NoRuntime,
}

impl FetchFailed {
    fn of(cause: Cause) -> Self {
        Self {
            cause: Arc::new(cause),
            is_left_alone: false,
        }
    }

    /// Where a set is kept, requests go on and say nothing of it.
    #[cfg(feature = "tracing")]
    fn trace(&self, is_set_kept: bool) {
        tracing::warn!(
            target: "tower_token_endpoint",
            error = ?self.to_string(),
            cause = self.source().map(|cause| tracing::field::debug(cause.to_string())),
            is_set_kept,
            "a client's key set could not be fetched"
        );
    }

    fn not_again(&self) -> Self {
        Self {
            cause: Arc::clone(&self.cause),
            is_left_alone: true,
        }
    }
}

impl fmt::Display for FetchFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_left_alone {
            f.write_str("not fetched again so soon after a failure: ")?;
        }
        match &*self.cause {
            Cause::Source(_) => f.write_str("the key source failed"),
            Cause::Unusable(_) => f.write_str("the key set at the client's `jwks_uri` is no use"),
            Cause::Hangs => {
                let seconds = LONGEST_FETCH.as_secs();
                write!(f, "the key source gave no answer within {seconds} s")
            }
            Cause::Abandoned => f.write_str(
                "the fetch of a key set was cut off: the key source panicked, or the runtime shut down",
            ),
            Cause::NoRuntime => {
                f.write_str("key sets are fetched by tasks of tokio: call the service in its runtime")
            }
        }
    }
}

impl Error for FetchFailed {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &*self.cause {
            Cause::Source(error) => Some(&**error),
            Cause::Unusable(error) => Some(error),
            Cause::Hangs | Cause::Abandoned | Cause::NoRuntime => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        collections::VecDeque,
        sync::atomic::{AtomicUsize, Ordering},
    };

    use tokio::{
        task::{JoinSet, yield_now},
        time::{advance, sleep},
    };

    use super::*;
    use crate::{crypto::SigningAlgorithm, store::KeySource};

    const URI: &str = "https://client.example/jwks";

    /// What a source does when it is asked.
    enum Reply {
        /// Keys of these ids.
        Keys(&'static [&'static str]),
        /// The same, fresh for as many seconds.
        Fresh(&'static [&'static str], u64),
        Json(&'static str),
        Down,
        Panics,
        /// Answers never.
        Hangs,
        /// Answers after as many seconds.
        Slow(u64, Box<Reply>),
    }
    use Reply::{Down, Fresh, Hangs, Json, Keys, Panics, Slow};

    #[derive(Default)]
    struct Source {
        script: Mutex<VecDeque<Reply>>,
        calls: AtomicUsize,
    }

    impl KeySource for Source {
        type Error = BoxError;

        async fn fetch(&self, _jwks_uri: &str) -> Result<FetchedKeys, BoxError> {
            self.calls.fetch_add(1, Ordering::SeqCst);
            let next = self
                .script
                .lock()
                .expect("no panic while it is locked")
                .pop_front();
            let mut reply = next.ok_or("asked too often")?;
            loop {
                break match reply {
                    Keys(kids) => Ok(FetchedKeys::new(jwks(kids))),
                    Fresh(kids, seconds) => {
                        Ok(FetchedKeys::new(jwks(kids)).max_age(Duration::from_secs(seconds)))
                    }
                    Json(json) => Ok(FetchedKeys::new(json)),
                    Down => Err("connection refused".into()),
                    Panics => panic!("a source of the test's own"),
                    Hangs => std::future::pending().await,
                    Slow(seconds, then) => {
                        sleep(Duration::from_secs(seconds)).await;
                        reply = *then;
                        continue;
                    }
                };
            }
        }
    }

    /// The key of RFC 7517 Appendix A.1, under any ids.
    fn jwks(kids: &[&str]) -> Vec<u8> {
        let key = |kid| {
            serde_json::json!({
                "kty": "EC", "crv": "P-256", "kid": kid,
                "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
                "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
            })
        };
        let keys: Vec<_> = kids.iter().map(key).collect();
        serde_json::to_vec(&serde_json::json!({ "keys": keys })).expect("JSON")
    }

    fn cache(script: impl IntoIterator<Item = Reply>) -> (Arc<KeyCache>, Arc<Source>) {
        let source = Arc::new(Source {
            script: Mutex::new(script.into_iter().collect()),
            ..Source::default()
        });
        (
            Arc::new(KeyCache::new(Arc::new(Arc::clone(&source)))),
            source,
        )
    }

    impl Source {
        fn calls(&self) -> usize {
            self.calls.load(Ordering::SeqCst)
        }
    }

    fn has(kid: &str) -> impl Fn(&KeySet) -> bool {
        move |keys| keys.find(SigningAlgorithm::ES256, Some(kid)).is_ok()
    }

    /// `true`: keys with this one. `false`: keys without it.
    async fn ask(cache: &KeyCache, kid: &str) -> Result<bool, String> {
        match cache.keys(URI, has(kid)).await {
            Ok(keys) => Ok(has(kid)(&keys)),
            Err(error) => {
                let cause = error.source().map(|cause| format!(": {cause}"));
                Err(format!("{error}{}", cause.unwrap_or_default()))
            }
        }
    }

    /// What a request gets.
    #[derive(Debug, PartialEq)]
    enum Gets {
        Key,
        OtherKeys,
        Error,
    }
    use Gets::{Error as Fails, Key, OtherKeys};

    /// After as many seconds a request for this key gets that; so often the source was asked.
    type Request = (u64, &'static str, Gets, usize);

    #[tokio::test(start_paused = true)]
    async fn requests_get_what_the_table_says() {
        const DAY: u64 = 24 * 60 * 60;
        let table: Vec<(&str, Vec<Reply>, Vec<Request>)> = vec![
            (
                "ten minutes fresh where the source says nothing",
                vec![Keys(&["a"]), Keys(&["a"])],
                vec![(0, "a", Key, 1), (599, "a", Key, 1), (1, "a", Key, 2)],
            ),
            (
                "as long as it says",
                vec![Fresh(&["a"], 90), Keys(&["a"])],
                vec![(0, "a", Key, 1), (89, "a", Key, 1), (1, "a", Key, 2)],
            ),
            (
                "a minute at least",
                vec![Fresh(&["a"], 0), Keys(&["a"])],
                vec![(0, "a", Key, 1), (59, "a", Key, 1), (1, "a", Key, 2)],
            ),
            (
                "a day at most",
                vec![Fresh(&["a"], 365 * DAY), Keys(&["a"])],
                vec![(0, "a", Key, 1), (DAY - 1, "a", Key, 1), (1, "a", Key, 2)],
            ),
            (
                "a day at most, however large the number",
                vec![Fresh(&["a"], u64::MAX), Keys(&["a"])],
                vec![(0, "a", Key, 1), (DAY - 1, "a", Key, 1), (1, "a", Key, 2)],
            ),
            (
                "rotated keys are found by an unknown id",
                vec![Keys(&["a"]), Keys(&["a", "b"])],
                vec![(0, "a", Key, 1), (1, "b", Key, 2), (1, "a", Key, 2)],
            ),
            (
                "a key that was taken out is gone when the set is fresh no longer",
                vec![Keys(&["a", "b"]), Keys(&["b"])],
                vec![(0, "a", Key, 1), (600, "a", OtherKeys, 2)],
            ),
            (
                "an unknown id fetches once a minute",
                vec![Keys(&["a"]), Keys(&["a"]), Keys(&["a", "b"])],
                vec![
                    (0, "a", Key, 1),
                    (1, "b", OtherKeys, 2),
                    (1, "b", OtherKeys, 2),
                    (58, "c", OtherKeys, 2),
                    (1, "b", Key, 3),
                    (0, "a", Key, 3),
                ],
            ),
            (
                "the first fetch, which nobody asked twice for, does not count for that minute",
                vec![Keys(&["a"]), Keys(&["a", "b"])],
                vec![(0, "b", OtherKeys, 1), (0, "b", Key, 2)],
            ),
            (
                "an unknown id is not known to be wrong while the source is down",
                vec![Keys(&["a"]), Down, Keys(&["b"])],
                vec![
                    (0, "a", Key, 1),
                    (1, "b", Fails, 2),
                    (0, "a", Key, 2),
                    // No more often than once a minute, and so not known either.
                    (59, "b", Fails, 2),
                    (0, "a", Key, 2),
                    (1, "b", Key, 3),
                ],
            ),
            (
                "nor where the set that is kept is stale",
                vec![Keys(&["a"]), Down, Down, Keys(&["b"])],
                vec![
                    (0, "a", Key, 1),
                    (600, "b", Fails, 2),
                    (4, "b", Fails, 2),
                    (1, "b", Fails, 3),
                    (5, "b", Key, 4),
                ],
            ),
            (
                "stale keys go on, and the source is asked every five seconds meanwhile",
                vec![Keys(&["a"]), Down, Down, Keys(&["a"])],
                vec![
                    (0, "a", Key, 1),
                    (600, "a", Key, 2),
                    (4, "a", Key, 2),
                    (1, "a", Key, 3),
                    (4, "a", Key, 3),
                    (1, "a", Key, 4),
                    (599, "a", Key, 4),
                ],
            ),
            (
                "stale keys go on for days",
                vec![Keys(&["a"]), Down, Down],
                vec![
                    (0, "a", Key, 1),
                    (DAY, "a", Key, 2),
                    (30 * DAY, "a", Key, 3),
                ],
            ),
            (
                "a set that nobody asked for since the source was down is not used unseen",
                vec![Keys(&["a"]), Down, Keys(&["b"])],
                vec![
                    (0, "a", Key, 1),
                    (600, "a", Key, 2),
                    (60, "a", OtherKeys, 3),
                ],
            ),
            (
                "without keys a source down is left alone for five seconds",
                vec![Down, Down, Keys(&["a"])],
                vec![
                    (0, "a", Fails, 1),
                    (4, "a", Fails, 1),
                    (1, "a", Fails, 2),
                    (5, "a", Key, 3),
                    (5, "a", Key, 3),
                ],
            ),
            (
                "bad JSON is a failure",
                vec![Json("{"), Keys(&["a"]), Json("<html>"), Json("[]")],
                vec![
                    (0, "a", Fails, 1),
                    (5, "a", Key, 2),
                    (1, "b", Fails, 3),
                    (600, "a", Key, 4),
                ],
            ),
            (
                "keys are taken back by a set without them",
                vec![
                    Keys(&["a"]),
                    Keys(&[]),
                    Keys(&["a"]),
                    Json(r#"{"keys":[{"kty":"oct","k":"AA"}]}"#),
                ],
                vec![
                    (0, "a", Key, 1),
                    (600, "a", OtherKeys, 2),
                    (60, "a", Key, 3),
                    (600, "a", OtherKeys, 4),
                ],
            ),
            (
                "a source that panics is a failure",
                vec![Panics, Keys(&["a"]), Panics, Keys(&["b"])],
                vec![
                    (0, "a", Fails, 1),
                    (5, "a", Key, 2),
                    (600, "a", Key, 3),
                    (60, "b", Key, 4),
                ],
            ),
            (
                "a source that hangs is a failure",
                vec![Hangs, Keys(&["a"]), Hangs, Hangs],
                vec![
                    (0, "a", Fails, 1),
                    (5, "a", Key, 2),
                    (600, "a", Key, 3),
                    // In the background now, and for nobody else to wait for.
                    (5, "a", Key, 4),
                    (5, "a", Key, 4),
                ],
            ),
        ];
        for (name, script, requests) in table {
            let (cache, source) = cache(script);
            for (request, (seconds, kid, wanted, calls)) in requests.into_iter().enumerate() {
                advance(Duration::from_secs(seconds)).await;
                let got = match ask(&cache, kid).await {
                    Ok(true) => Key,
                    Ok(false) => OtherKeys,
                    Err(_) => Fails,
                };
                // For what goes on in the background.
                for _ in 0..5 {
                    yield_now().await;
                }
                assert_eq!((got, source.calls()), (wanted, calls), "{name}: {request}");
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_hundred_requests_share_one_fetch() {
        let (cache, source) = cache([Slow(1, Box::new(Keys(&["a"]))), Slow(1, Box::new(Down))]);
        for wave in 1..=2 {
            let mut waiting = JoinSet::new();
            for _ in 0..100 {
                let cache = Arc::clone(&cache);
                waiting.spawn(async move { ask(&cache, "a").await });
            }
            let got = waiting.join_all().await;
            assert!(got.iter().all(|got| *got == Ok(true)), "{got:?}");
            assert_eq!(source.calls(), wave);
            advance(FRESH).await;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_hundred_requests_share_one_error() {
        let (cache, source) = cache([Slow(1, Box::new(Down))]);
        let mut waiting = JoinSet::new();
        for _ in 0..100 {
            let cache = Arc::clone(&cache);
            waiting.spawn(async move { ask(&cache, "a").await });
        }
        let error = Err("the key source failed: connection refused".to_owned());
        let got = waiting.join_all().await;
        assert!(got.iter().all(|got| *got == error), "{got:?}");
        let error =
            "not fetched again so soon after a failure: the key source failed: connection refused";
        assert_eq!(ask(&cache, "a").await, Err(error.to_owned()));
        assert_eq!(source.calls(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_dropped_request_neither_stops_nor_repeats_its_fetch() {
        let (cache, source) = cache([Slow(2, Box::new(Keys(&["a"])))]);
        let waits = Duration::from_secs(1);
        timeout(waits, ask(&cache, "a"))
            .await
            .expect_err("no answer yet");
        assert_eq!(ask(&cache, "a").await, Ok(true));
        assert_eq!(source.calls(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_fetch_lands_when_all_who_waited_are_gone() {
        let (cache, source) = cache([Slow(2, Box::new(Keys(&["a"])))]);
        let waits = Duration::from_secs(1);
        timeout(waits, ask(&cache, "a"))
            .await
            .expect_err("no answer yet");
        sleep(Duration::from_secs(2)).await;
        let now = Instant::now();
        assert_eq!(ask(&cache, "a").await, Ok(true));
        assert_eq!((source.calls(), now.elapsed()), (1, Duration::ZERO));
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_waits_for_a_key_that_is_there() {
        let slow = || Slow(3, Box::new(Down));
        let (cache, source) = cache([Keys(&["a"]), slow(), slow(), slow()]);
        assert_eq!(ask(&cache, "a").await, Ok(true));

        // While another request looks for an unknown one.
        let start = Instant::now();
        let other = Arc::clone(&cache);
        let other = tokio::spawn(async move { ask(&other, "b").await });
        yield_now().await;
        assert_eq!(ask(&cache, "a").await, Ok(true));
        assert_eq!((source.calls(), start.elapsed()), (2, Duration::ZERO));
        let error = Err("the key source failed: connection refused".to_owned());
        assert_eq!(other.await.expect("no panic"), error);

        // While the source is known to be down: the first request waits for it, no other does.
        advance(FRESH).await;
        let start = Instant::now();
        assert_eq!(ask(&cache, "a").await, Ok(true));
        assert_eq!((source.calls(), start.elapsed().as_secs()), (3, 3));
        advance(BACKOFF).await;
        let start = Instant::now();
        for _ in 0..3 {
            assert_eq!(ask(&cache, "a").await, Ok(true));
            yield_now().await;
        }
        assert_eq!((source.calls(), start.elapsed()), (4, Duration::ZERO));
    }

    #[tokio::test(start_paused = true)]
    async fn errors_say_what_was_wrong_and_quote_nothing() {
        let runtime =
            "the fetch of a key set was cut off: the key source panicked, or the runtime shut down";
        let unusable = "the key set at the client's `jwks_uri` is no use";
        let table = [
            (Down, "the key source failed: connection refused"),
            (Hangs, "the key source gave no answer within 8 s"),
            (Panics, runtime),
            (Json("canary"), unusable),
            (Json(r#"{"keys":"canary"}"#), unusable),
        ];
        for (reply, wanted) in table {
            let error = ask(&cache([reply]).0, "a").await.expect_err(wanted);
            assert!(error.starts_with(wanted), "{error}");
            assert!(!error.contains("canary"), "{error}");
        }
    }

    #[test]
    fn without_a_runtime_it_fails_and_recovers() {
        let runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = { runtime }.enable_all().build().expect("a runtime");
        let (cache, source) = cache([Keys(&["a"])]);
        let mut task = std::task::Context::from_waker(std::task::Waker::noop());
        let mut waiting = Box::pin(ask(&cache, "a"));
        let polled = waiting.as_mut().poll(&mut task);
        let std::task::Poll::Ready(Err(error)) = polled else {
            panic!("{polled:?}");
        };
        assert!(error.contains("tokio"), "{error}");
        assert_eq!(source.calls(), 0);
        let failure = cache.entry(URI).lock().failure.take();
        assert!(failure.is_some(), "it is left alone");
        assert_eq!(runtime.block_on(ask(&cache, "a")), Ok(true));
    }

    #[test]
    fn a_fetch_whose_runtime_ends_fails() {
        let runtime = || {
            let mut builder = tokio::runtime::Builder::new_current_thread();
            builder
                .enable_all()
                .start_paused(true)
                .build()
                .expect("a runtime")
        };
        let (cache, source) = cache([Hangs, Keys(&["a"])]);
        let first = runtime();
        let waits = Duration::from_secs(1);
        first
            .block_on(async { timeout(waits, ask(&cache, "a")).await })
            .expect_err("no answer yet");
        drop(first);
        runtime().block_on(async {
            let error = ask(&cache, "a").await.expect_err("it is left alone");
            assert!(error.contains("cut off"), "{error}");
            advance(BACKOFF).await;
            cache.entry(URI).lock().failure = None;
            assert_eq!(ask(&cache, "a").await, Ok(true));
        });
        assert_eq!(source.calls(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn the_least_recently_used_uri_makes_room() {
        let source = Arc::new(Source::default());
        let replies = || (0..10).map(|_| Keys(&["a"]));
        source.script.lock().expect("no panic").extend(replies());
        let cache = KeyCache {
            most_uris: 2,
            ..KeyCache::new(Arc::new(Arc::clone(&source)))
        };
        let table = [
            ("a", 1),
            ("b", 2),
            ("a", 2),
            ("c", 3), // b goes
            ("a", 3),
            ("c", 3),
            ("b", 4), // a goes
            ("c", 4),
            ("a", 5),
        ];
        for (request, (uri, calls)) in table.into_iter().enumerate() {
            cache.keys(uri, has("a")).await.expect("keys");
            assert_eq!(source.calls(), calls, "{request}: {uri}");
            let kept = cache.entries.lock().expect("no panic").by_uri.len();
            assert!(kept <= 2, "{kept}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn each_uri_has_its_own_keys_and_its_own_minute() {
        let (cache, source) = cache([Keys(&["a"]), Keys(&["b"]), Keys(&["a"]), Keys(&["b"])]);
        for (kid, calls) in [("a", 1), ("b", 2)] {
            let keys = cache.keys(kid, has(kid)).await.expect("keys");
            assert!(has(kid)(&keys));
            assert_eq!(source.calls(), calls);
        }
        for (uri, calls) in [("a", 3), ("b", 4), ("a", 4), ("b", 4)] {
            cache.keys(uri, has("unknown")).await.expect("keys");
            assert_eq!(source.calls(), calls);
        }
    }

    #[test]
    fn futures_may_move_between_threads() {
        fn is_send(_: impl Send) {}
        is_send(cache([]).0.keys(URI, has("a")));
    }
}
