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
    Down,
    Panics,
    /// Never answers.
    Hangs,
    /// Answers after this number of seconds.
    Slow(u64, Box<Reply>),
}
use Reply::{Down, Fresh, Hangs, Json, Keys, Panics, Slow};

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
        Arc::new(KeyCache::new(Arc::new(Arc::clone(&source)), |_, _| ())),
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
                // At most once a minute, so this is also not known.
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
        (Hangs, "the key source did not answer within 8 s"),
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

#[tokio::test(start_paused = true)]
async fn the_least_recently_used_uri_makes_room() {
    let source = Arc::new(Source::default());
    let replies = || (0..10).map(|_| Keys(&["a"]));
    source.script.lock().expect("no panic").extend(replies());
    let cache = KeyCache {
        max_uris: 2,
        ..KeyCache::new(Arc::new(Arc::clone(&source)), |_, _| ())
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
