use std::{
    collections::VecDeque,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use tokio::{
    task::{JoinSet, yield_now},
    time::{advance, sleep},
};

use super::entry::{BACKOFF, FRESH};
use super::*;
use crate::{
    crypto::SigningAlgorithm,
    protocol::{
        jwt::key_set::{SkippedKey, StillUsedFor},
        settings::assertions::STALE_KEYS_FOR,
    },
    store::jwks::{FetchedKeys, JwksSource},
};

const URI: &str = "https://client.example/jwks";

/// What a source does when it is asked.
enum Reply {
    /// Keys with these ids.
    Keys(&'static [&'static str]),
    /// The same, fresh for this number of seconds.
    Fresh(&'static [&'static str], u64),
    Json(&'static str),
    /// There is no set.
    Gone,
    Down,
    Panics,
    /// Never answers.
    Hangs,
    /// Answers after this number of seconds.
    Slow(u64, Box<Reply>),
}
use Reply::{Down, Fresh, Gone, Hangs, Json, Keys, Panics, Slow};

#[derive(Default)]
struct Source {
    script: Mutex<VecDeque<Reply>>,
    calls: AtomicUsize,
}

impl JwksSource for Source {
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
                Gone => Ok(FetchedKeys::gone()),
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
        Arc::new(KeyCache::new(
            Arc::new(Arc::clone(&source)),
            SILENT,
            MAX_URIS,
        )),
        source,
    )
}

const SILENT: Reports = Reports {
    failed: |_, _, _| (),
    skipped: |_, _| (),
    gone: |_| (),
    kept: |more| KEPT.set(KEPT.get() + more),
};

thread_local! {
    /// What a gauge has. All tasks of a test are on its thread.
    static KEPT: std::cell::Cell<f64> = const { std::cell::Cell::new(0.0) };
}

const STALE_FOR: Option<Duration> = Some(STALE_KEYS_FOR);

impl Source {
    fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }
}

fn has(kid: &str) -> impl Fn(&KeySet) -> HasKey {
    move |keys| keys.has(SigningAlgorithm::ES256, Some(kid))
}

/// `true`: keys with this one. `false`: keys without it.
async fn ask(cache: &KeyCache, kid: &str) -> Result<bool, String> {
    ask_with(cache, kid, STALE_FOR).await
}

async fn ask_with(
    cache: &KeyCache,
    kid: &str,
    stale_for: Option<Duration>,
) -> Result<bool, String> {
    match cache.keys(URI, stale_for, has(kid)).await {
        Ok(keys) => Ok(has(kid)(&keys).is_usable()),
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

/// After this number of seconds, a request for this key gets this result, and the source was
/// asked this number of times.
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
            "an unknown id fetches twice at once and then after a pause, in which it is not known to be wrong",
            vec![
                Keys(&["a"]),
                Keys(&["a"]),
                Keys(&["a"]),
                Keys(&["a"]),
                Keys(&["a", "b"]),
            ],
            vec![
                (0, "a", Key, 1),
                (0, "b", OtherKeys, 2),
                (0, "c", OtherKeys, 3),
                (0, "b", Fails, 3),
                (14, "c", Fails, 3),
                (0, "a", Key, 3),
                (1, "c", OtherKeys, 4),
                (14, "b", Fails, 4),
                (1, "b", Key, 5),
                (0, "c", Fails, 5),
            ],
        ),
        (
            "one invented id a minute does not delay a rotation",
            vec![
                Keys(&["a"]),
                Keys(&["a"]),
                Keys(&["b"]),
                Keys(&["b"]),
                Keys(&["c"]),
            ],
            vec![
                (0, "a", Key, 1),
                (1, "invented", OtherKeys, 2),
                (1, "b", Key, 3),
                (59, "invented", OtherKeys, 4),
                (1, "c", Key, 5),
            ],
        ),
        (
            "the first fetch, which nobody asked twice for, does not count for that",
            vec![Keys(&["a"]), Keys(&["a"]), Keys(&["a", "b"])],
            vec![
                (0, "b", OtherKeys, 1),
                (0, "b", OtherKeys, 2),
                (0, "b", Key, 3),
            ],
        ),
        (
            "a key without an id is used, and looked for as often as an unknown one",
            vec![Keys(&[""]), Keys(&[""]), Keys(&[""]), Keys(&["b"])],
            vec![
                (0, "b", Key, 1),
                (1, "b", Key, 2),
                (0, "b", Key, 3),
                (0, "b", Key, 3),
                (15, "b", Key, 4),
                (60, "b", Key, 4),
            ],
        ),
        (
            "the same, while the source is down",
            vec![Keys(&[""]), Down, Down],
            vec![
                (0, "b", Key, 1),
                (1, "b", Key, 2),
                (0, "b", Key, 2),
                (5, "b", Key, 3),
            ],
        ),
        (
            "an unknown id is not known to be wrong while the source is down",
            vec![Keys(&["a"]), Down, Keys(&["b"])],
            vec![
                (0, "a", Key, 1),
                (1, "b", Fails, 2),
                (0, "a", Key, 2),
                // Left alone, so this is also not known.
                (4, "b", Fails, 2),
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
            "stale keys go on for a day",
            vec![Keys(&["a"]), Down, Down, Down, Keys(&["a"])],
            vec![
                (0, "a", Key, 1),
                (600, "a", Key, 2),
                (DAY - 1, "a", Key, 3),
                (1, "a", Fails, 3),
                (5, "a", Fails, 4),
                (5, "a", Key, 5),
            ],
        ),
        (
            "keys that a fetch finds too old are not used",
            vec![Keys(&["a"]), Slow(2, Box::new(Down))],
            vec![(0, "a", Key, 1), (600 + DAY - 1, "a", Fails, 2)],
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
            "a set without keys is the client's word, also in the pause between two fetches",
            vec![Keys(&[]), Keys(&[]), Keys(&[]), Keys(&["a"])],
            vec![
                (0, "a", OtherKeys, 1),
                (0, "a", OtherKeys, 2),
                (0, "a", OtherKeys, 3),
                (14, "a", OtherKeys, 3),
                (1, "a", Key, 4),
            ],
        ),
        (
            "a set that is gone is the same",
            vec![Keys(&["a"]), Gone, Gone, Gone, Down, Keys(&["a"])],
            vec![
                (0, "a", Key, 1),
                (600, "a", OtherKeys, 2),
                (0, "a", OtherKeys, 3),
                (0, "a", OtherKeys, 4),
                (14, "a", OtherKeys, 4),
                // The client may have keys again.
                (1, "a", Fails, 5),
                (15, "a", Key, 6),
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
                // In the background now, and no other request waits for it.
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
async fn stale_keys_are_used_for_as_long_as_the_setting_says() {
    const STALE: u64 = 7 * 24 * 60 * 60;
    let table = [
        (None, STALE, true),
        (STALE_FOR, STALE, false),
        (Some(Duration::from_secs(STALE)), STALE, false),
        (Some(Duration::from_secs(STALE + 1)), STALE, true),
        (Some(Duration::from_secs(1)), 0, true),
        (Some(Duration::from_secs(1)), 1, false),
        (Some(Duration::ZERO), 0, false),
        (Some(Duration::MAX), STALE, true),
    ];
    for (stale_for, stale, is_used) in table {
        let (cache, source) = cache([Keys(&["a"]), Down, Down]);
        assert_eq!(ask_with(&cache, "a", stale_for).await, Ok(true));
        advance(FRESH + Duration::from_secs(stale)).await;
        // By the one who fetches, and by the one who comes after.
        for _ in 0..2 {
            let got = ask_with(&cache, "a", stale_for).await;
            assert_eq!(got.is_ok(), is_used, "{stale_for:?} {stale}: {got:?}");
        }
        assert_eq!(source.calls(), 2);
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
async fn a_fetch_that_began_before_a_key_was_added_does_not_make_it_wrong() {
    let slow = |kids| Slow(2, Box::new(Keys(kids)));
    let (cache, source) = cache([Keys(&["a"]), slow(&["a"]), slow(&["a", "b"]), slow(&["a"])]);
    assert_eq!(ask(&cache, "a").await, Ok(true));
    // Somebody looks for a key that does not exist, and then the client adds its own.
    let other = Arc::clone(&cache);
    let stranger = tokio::spawn(async move { ask(&other, "invented").await });
    sleep(Duration::from_secs(1)).await;
    let mut waiting = JoinSet::new();
    for _ in 0..100 {
        let cache = Arc::clone(&cache);
        waiting.spawn(async move { ask(&cache, "b").await });
    }
    let got = waiting.join_all().await;
    assert!(got.iter().all(|got| *got == Ok(true)), "{got:?}");
    assert_eq!(stranger.await.expect("no panic"), Ok(false));
    assert_eq!(source.calls(), 3, "all of them share one more");

    // If there may be no more fetches so soon, it is not known.
    advance(Duration::from_secs(15)).await;
    let other = Arc::clone(&cache);
    let stranger = tokio::spawn(async move { ask(&other, "invented").await });
    sleep(Duration::from_secs(1)).await;
    let error = ask(&cache, "c").await.expect_err("not known");
    assert!(error.contains("pause"), "{error}");
    assert_eq!(stranger.await.expect("no panic"), Ok(false));
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

    // While the source is known to be down: only the first request waits for it.
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
        "the fetch of a key set was interrupted: the key source panicked, or the runtime shut down";
    let unusable = "the key set at the client's `jwks_uri` cannot be used";
    let table = [
        (Down, "the key source failed: connection refused"),
        (Hangs, "the key source did not respond within 8 s"),
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
        assert!(error.contains("interrupted"), "{error}");
        advance(BACKOFF).await;
        cache.entry(URI).lock().failure = None;
        assert_eq!(ask(&cache, "a").await, Ok(true));
    });
    assert_eq!(source.calls(), 2);
}

fn cache_of(max_uris: usize, source: impl JwksSource) -> KeyCache {
    KeyCache {
        entries: Mutex::new(Entries::new(max_uris)),
        ..KeyCache::new(Arc::new(source), SILENT, MAX_URIS)
    }
}

/// Has the same keys at all URIs, and counts.
#[derive(Default)]
struct Everywhere(AtomicUsize);

impl JwksSource for Everywhere {
    type Error = BoxError;

    async fn fetch(&self, _jwks_uri: &str) -> Result<FetchedKeys, BoxError> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Ok(FetchedKeys::new(jwks(&["a"])))
    }
}

#[tokio::test(start_paused = true)]
async fn the_least_recently_used_uri_makes_room_if_its_set_is_not_fresh() {
    let source = Arc::new(Everywhere::default());
    let cache = cache_of(2, Arc::clone(&source));
    let table = [
        (0, "a", 1),
        (1, "b", 2),
        (600, "a", 3),
        (0, "c", 4), // b goes
        (0, "a", 4),
        (0, "c", 4),
        (600, "c", 5),
        (0, "b", 6), // a goes
        (0, "c", 6),
        (0, "b", 6),
    ];
    for (request, (seconds, uri, calls)) in table.into_iter().enumerate() {
        advance(Duration::from_secs(seconds)).await;
        cache.keys(uri, STALE_FOR, has("a")).await.expect("keys");
        let fetches = source.0.load(Ordering::SeqCst);
        assert_eq!(fetches, calls, "{request}: {uri}");
        assert!(cache.entries.lock().expect("no panic").len() <= 2);
    }
}

#[tokio::test(start_paused = true)]
async fn more_uris_in_use_than_can_be_kept_cost_a_few_fetches() {
    let uris = |count| (0..count).map(|uri| format!("https://{uri}.example/"));
    // What is kept, URIs in use, and the largest share of requests that may fetch after the
    // first round.
    let table = [
        (MAX_URIS, MAX_URIS + 1, 0.001),
        (1000, 1010, 0.05),
        (1000, 1100, 0.3),
    ];
    for (max_uris, count, share) in table {
        let rounds = 5;
        let source = Arc::new(Everywhere::default());
        let cache = cache_of(max_uris, Arc::clone(&source));
        for _ in 0..=rounds {
            for uri in uris(count) {
                cache.keys(&uri, STALE_FOR, has("a")).await.expect("keys");
            }
        }
        assert_eq!(cache.entries.lock().expect("no panic").len(), max_uris);
        let again = source.0.load(Ordering::SeqCst) - count;
        let found = again as f64 / (rounds * count) as f64;
        assert!(found < share, "{count}: {found}");
    }
}

#[tokio::test(start_paused = true)]
async fn uris_that_were_used_once_do_not_push_out_what_is_in_use() {
    let source = Arc::new(Everywhere::default());
    let cache = cache_of(100, Arc::clone(&source));
    let used = |uri: usize| format!("https://used.example/{uri}");
    for minute in 0..600 {
        advance(Duration::from_secs(60)).await;
        cache
            .keys(
                &format!("https://once.example/{minute}"),
                STALE_FOR,
                has("a"),
            )
            .await
            .expect("keys");
        for uri in 0..80 {
            cache
                .keys(&used(uri), STALE_FOR, has("a"))
                .await
                .expect("keys");
        }
    }
    // Each 10 minutes, and never because a set is not kept.
    assert_eq!(source.0.load(Ordering::SeqCst), 600 + 80 * 60);
}

#[tokio::test(start_paused = true)]
async fn each_uri_has_its_own_keys_and_its_own_pause() {
    let keys = |count| (0..count).map(|_| Keys(&["a"]));
    let (cache, source) = cache(keys(6));
    for (uri, calls) in [("a", 1), ("b", 2)] {
        cache.keys(uri, STALE_FOR, has("a")).await.expect("keys");
        assert_eq!(source.calls(), calls);
    }
    for (uri, calls, is_pause) in [
        ("a", 3, false),
        ("a", 4, false),
        ("a", 4, true),
        ("b", 5, false),
        ("b", 6, false),
        ("b", 6, true),
    ] {
        let got = cache.keys(uri, STALE_FOR, has("unknown")).await;
        assert_eq!((got.is_err(), source.calls()), (is_pause, calls), "{uri}");
    }
}

/// Never answers for hosts that start with `dead`.
struct DeadHosts;

impl JwksSource for DeadHosts {
    type Error = BoxError;

    async fn fetch(&self, jwks_uri: &str) -> Result<FetchedKeys, BoxError> {
        if jwks_uri.starts_with("https://dead") {
            std::future::pending::<()>().await;
        }
        sleep(Duration::from_secs(1)).await;
        Ok(FetchedKeys::new(jwks(&["a"])))
    }
}

/// A cache that is asked for this many sets of hosts that never answer.
async fn besieged(sets: usize, uri: impl Fn(usize) -> String) -> Arc<KeyCache> {
    let cache = Arc::new(KeyCache::new(Arc::new(DeadHosts), SILENT, MAX_URIS));
    for set in 0..sets {
        let (cache, uri) = (Arc::clone(&cache), uri(set));
        tokio::spawn(async move { cache.keys(&uri, STALE_FOR, has("a")).await.map(drop) });
    }
    for _ in 0..5 {
        yield_now().await;
    }
    cache
}

#[tokio::test(start_paused = true)]
async fn a_client_waits_for_its_own_fetch_while_another_host_hangs() {
    // The path, the case and the port do not make another host of it.
    let spellings: [fn(usize) -> String; 3] = [
        |set| format!("https://dead.example/{set}"),
        |set| {
            format!(
                "https://dead.{}/{set}",
                if set % 2 == 0 { "example" } else { "EXAMPLE" }
            )
        },
        |set| format!("https://dead.example:{}/", 8000 + set),
    ];
    for spelling in spellings {
        let cache = besieged(700, spelling).await;
        let start = Instant::now();
        cache.keys(URI, STALE_FOR, has("a")).await.expect("keys");
        assert_eq!(start.elapsed(), Duration::from_secs(1));
    }
}

#[tokio::test(start_paused = true)]
async fn a_fetch_that_waited_three_seconds_for_its_permit_is_given_up() {
    let cache = besieged(700, |host| format!("https://dead{host}.example/")).await;
    let start = Instant::now();
    let error = ask(&cache, "a").await.expect_err("no permit");
    assert!(
        error.starts_with("too many key sets are fetched at the same time"),
        "{error}"
    );
    assert!(error.contains("at most 64"), "{error}");
    assert_eq!(start.elapsed(), Duration::from_secs(3));
    // The others end after 8 seconds.
    advance(Duration::from_secs(5)).await;
    assert_eq!(ask(&cache, "a").await, Ok(true));
}

#[tokio::test(start_paused = true)]
async fn a_source_that_nobody_could_ask_is_not_left_alone() {
    let cache = besieged(700, |host| format!("https://dead{host}.example/")).await;
    let start = Instant::now();
    for tries in 1..=2 {
        ask(&cache, "a").await.expect_err("no permit");
        assert_eq!(start.elapsed(), Duration::from_secs(3) * tries);
    }
    // The others end after 8 seconds, for which this request waits, and its fetch takes another.
    assert_eq!(ask(&cache, "a").await, Ok(true));
    assert_eq!(start.elapsed(), Duration::from_secs(9));
}

#[tokio::test(start_paused = true)]
async fn skipped_keys_and_sets_that_are_gone_are_told_once_for_each_set() {
    static TOLD: Mutex<Vec<String>> = Mutex::new(Vec::new());
    fn tell(text: String) {
        TOLD.lock().expect("no panic").push(text);
    }
    fn skipped(uri: &str, key: &SkippedKey) {
        let SkippedKey {
            number,
            kid,
            member,
            cause,
            is_used_for,
        } = key;
        assert_eq!(*is_used_for, StillUsedFor::Nothing);
        assert_eq!(uri, URI);
        tell(format!("{number} {kid:?} {member:?} {cause}"));
    }
    let reports = Reports {
        failed: |_, failure, _| tell(failure.to_string()),
        skipped,
        gone: |uri| tell(format!("{uri} is gone")),
        kept: |_| (),
    };
    const ONE: &str = r#"{"keys":[{"use":"enc","kty":1},{"kty":"RSA","alg":"RSA-OAEP"},{"kid":"x","kty":"EC","crv":"P-256","x":"!"}]}"#;
    const TWO: &str = r#"{"keys":[null,{"kid":"x","kty":"EC","crv":"P-256","x":"!"}]}"#;
    const X: &str = r#"Some("x") Some("x") `x` must be base64url without padding (RFC 7515 §2): encode the bytes again"#;
    let script = [
        Json(ONE),
        Json(ONE),
        Json(TWO),
        Json(TWO),
        Gone,
        Gone,
        Down,
        Gone,
        Json(TWO),
    ];
    let wanted: [&[String]; 9] = [
        &[format!("2 {X}")],
        &[],
        &[
            "0 None None it must be an object".to_owned(),
            format!("1 {X}"),
        ],
        &[],
        &[format!("{URI} is gone")],
        &[],
        &["the key source failed".to_owned()],
        &[],
        &[
            "0 None None it must be an object".to_owned(),
            format!("1 {X}"),
        ],
    ];
    let source = Source {
        script: Mutex::new(script.into_iter().collect()),
        ..Source::default()
    };
    let cache = KeyCache::new(Arc::new(source), reports, MAX_URIS);
    for (fetch, wanted) in wanted.into_iter().enumerate() {
        let _answer = ask(&cache, "a").await;
        assert_eq!(*TOLD.lock().expect("no panic"), wanted, "{fetch}");
        TOLD.lock().expect("no panic").clear();
        advance(FRESH).await;
    }
}

#[test]
fn futures_may_move_between_threads() {
    fn is_send(_: impl Send) {}
    is_send(cache([]).0.keys(URI, STALE_FOR, has("a")));
}

#[tokio::test(start_paused = true)]
async fn only_sets_are_counted_and_only_while_they_are_kept() {
    let script = [
        Down,
        Keys(&["a"]),
        Keys(&["b"]),
        Down,
        Gone,
        Gone,
        Keys(&["c"]),
        Json("no set"),
    ];
    let (one, source) = cache(script);
    for (fetch, kept) in [0.0, 1.0, 1.0, 1.0, 0.0, 0.0, 1.0, 1.0]
        .into_iter()
        .enumerate()
    {
        let _answer = ask(&one, "any").await;
        assert_eq!((source.calls(), KEPT.get()), (fetch + 1, kept));
        advance(FRESH).await;
    }
    // Another cache adds its own.
    let other = cache_of(2, Everywhere::default());
    for (uri, kept) in [("a", 2.0), ("b", 3.0), ("a", 3.0), ("c", 3.0), ("d", 3.0)] {
        other.keys(uri, STALE_FOR, has("a")).await.expect("keys");
        assert_eq!(KEPT.get(), kept, "{uri}");
    }
    drop(one);
    assert_eq!(KEPT.get(), 2.0);
    drop(other);
    assert_eq!(KEPT.get(), 0.0);
}
