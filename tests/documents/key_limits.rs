//! How often the key sets that documents name are fetched, and for how long they are kept: as documents are.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::time::{Instant, advance, sleep};
use tower_token_endpoint::TokenEndpointLayer;
use tower_token_endpoint::client::AuthMethod;
use tower_token_endpoint::rejection::RejectionReason;
use tracing_subscriber::filter::LevelFilter;

use crate::common::{Built as _, Exchange, Key, Log};
use crate::keys::{Keys, with_uri};
use crate::limits::assert_at_most;
use crate::served::{assert_accepted, serving, signed, unavailable};
use crate::source::{
    Documents, Does, Found, HOUR, ID, MINUTE, SECOND, STRANGER, Source, assert_at_once, builder,
    find, finding, invented, settle,
};

type Layer = TokenEndpointLayer<Arc<Documents>>;

/// A store whose documents are fresh for an hour, and whose key sets come from this source.
fn served(source: &Arc<Source>, keys: &Arc<Keys>, max: usize) -> (Arc<Documents>, Arc<Layer>) {
    source.max_age(HOUR);
    let store = builder(source).jwks_source(Arc::clone(keys));
    let store = store.max_documents(max).build();
    let store = Arc::new(store.expect("settings that agree"));
    let layer = serving(Arc::clone(&store)).built();
    (store, Arc::new(layer))
}

async fn assert_signed(key: &Key, id: &str, layer: &Layer) {
    let exchange = signed(key, id).send(layer).await;
    assert_accepted(&exchange, id, AuthMethod::PrivateKeyJwt);
}

fn signing(key: &Key, id: &str, layer: &Arc<Layer>) -> tokio::task::JoinHandle<Exchange> {
    let (layer, call) = (Arc::clone(layer), signed(key, id));
    tokio::spawn(async move { call.send(&layer).await })
}

fn of_host(number: usize) -> String {
    format!("https://app.example.com/{number}")
}

#[tokio::test(start_paused = true)]
async fn key_sets_count_as_fetches_of_their_host() {
    let key = Key::new("key");
    let keys = Keys::of(&key);
    let source = Source::that(Does::With(with_uri("https://APP.example.com/jwks")));
    let (store, layer) = served(&source, &keys, 100);
    assert_eq!(find(&*store, ID).await, Found::Client);
    for number in 0..40 {
        let wanted = match number < 19 {
            true => Found::Client,
            false => Found::Unavailable,
        };
        assert_eq!(find(&*store, &of_host(number)).await, wanted, "{number}");
    }
    // Refused by a limit, it is not down: nobody has to wait once the minute is over.
    let log = Log::default();
    let guard = log.of_thread(LevelFilter::WARN);
    let start = Instant::now();
    for _ in 0..60 {
        let why = unavailable(&signed(&key, ID).send(&layer).await);
        assert!(why.contains("30 times a minute, 20 of them"), "{why}");
        assert!(!why.contains("not fetched again"), "{why}");
        advance(SECOND).await;
    }
    assert_eq!(start.elapsed(), MINUTE);
    assert_eq!(keys.fetched(), [""; 0]);
    assert_signed(&key, ID, &layer).await;
    assert_eq!(keys.fetched(), ["https://APP.example.com/jwks"]);
    // And the other way round: the set is one of the 20.
    for number in 100..140 {
        let wanted = match number < 119 {
            true => Found::Client,
            false => Found::Unavailable,
        };
        assert_eq!(find(&*store, &of_host(number)).await, wanted, "{number}");
    }
    assert_eq!(log.take(), [""; 0]);
    drop(guard);
}

#[tokio::test(start_paused = true)]
async fn key_sets_count_among_the_fetches_at_once() {
    let key = Key::new("key");
    let keys = Keys::of(&key);
    keys.hangs.store(true, Ordering::SeqCst);
    let source = Source::that(Does::Document);
    let (store, layer) = served(&source, &keys, 1000);
    let start = Instant::now();
    let same_host = "https://keys0.example/client.json";
    let mut waiting = None;
    // 12 hosts with four key sets each are all that strangers get.
    for (number, id) in invented(48).enumerate() {
        let host = number / 4;
        let jwks_uri = format!("https://keys{host}.example/{number}");
        source.now(Does::With(with_uri(&jwks_uri)));
        assert_eq!(find(&*store, &id).await, Found::Client);
        signing(&key, &id, &layer);
        settle().await;
        if number == 3 {
            waiting = Some(finding(&store, same_host));
            settle().await;
            assert_eq!(find(&*store, "https://a.example/b").await, Found::Client);
            assert_at_once(start);
        }
    }
    assert_eq!(keys.fetched().len(), 48);
    let fetches = source.fetches();
    assert_eq!(find(&*store, STRANGER).await, Found::Unavailable);
    let waiting = waiting.expect("it was started").await;
    assert_eq!(waiting.expect("no panic"), Found::Unavailable);
    assert_eq!(start.elapsed(), SECOND * 3);
    assert_eq!(source.fetches(), fetches);
    sleep(SECOND * 6).await;
    for id in [STRANGER, same_host] {
        assert_eq!(find(&*store, id).await, Found::Client, "{id}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_key_set_is_fetched_at_most_5_times_a_minute() {
    let key = Key::new("key");
    let keys = Keys::of(&key);
    keys.fails.store(true, Ordering::SeqCst);
    let source = Source::that(Does::With(with_uri("https://keys.example.net/jwks")));
    let (store, layer) = served(&source, &keys, 100);
    let (start, mut times) = (Instant::now(), Vec::new());
    while start.elapsed() < MINUTE * 10 {
        let why = unavailable(&signed(&key, ID).send(&layer).await);
        match keys.fetched().len() - times.len() {
            0 => assert!(why.contains("not fetched again so soon") || why.contains("5 times")),
            _ => times.push(Instant::now()),
        }
        advance(SECOND).await;
    }
    assert_at_most(&times, 5);
    assert_eq!(times.len(), 50, "in ten minutes");
    // A fetch that did not begin does not count: here, six within 18 s.
    keys.fails.store(false, Ordering::SeqCst);
    advance(MINUTE).await;
    source.now(Does::Document);
    for round in 0..3 {
        source.takes(SECOND * 7);
        let others = [0, 1, 2, 3].map(|it| format!("https://keys.example.net/{round}{it}"));
        let others = others.map(|id| finding(&store, &id));
        settle().await;
        for _ in 0..2 {
            let why = unavailable(&signed(&key, ID).send(&layer).await);
            assert!(why.contains("longer than 3 s"), "{why}");
        }
        for other in others {
            assert_eq!(other.await.expect("no panic"), Found::Client);
        }
    }
    assert_eq!(keys.fetched().len(), 50);
    advance(SECOND * 10).await;
    assert_signed(&key, ID, &layer).await;
}

/// A known key set is fetched again, as a known document is.
#[tokio::test(start_paused = true)]
async fn a_known_key_set_is_fetched_again_while_strangers_hold_all_that_they_get() {
    let key = Key::new("key");
    let keys = Keys::of(&key);
    let own = "https://keys.example.net/jwks";
    let source = Source::that(Does::With(with_uri(own)));
    let (store, layer) = served(&source, &keys, 1000);
    assert_signed(&key, ID, &layer).await;
    advance(MINUTE * 20).await;
    let ids: Vec<_> = invented(400).collect();
    for (number, id) in ids.iter().enumerate() {
        let jwks_uri = format!("https://keys{number}.example/jwks");
        source.now(Does::With(with_uri(&jwks_uri)));
        assert_eq!(find(&*store, id).await, Found::Client);
    }
    keys.hangs.store(true, Ordering::SeqCst);
    let start = Instant::now();
    let mut strangers = Vec::new();
    for some in ids.chunks(40) {
        strangers.extend(some.iter().map(|id| signing(&key, id, &layer)));
        settle().await;
    }
    assert_eq!(keys.fetched().len(), 1 + 48);
    let at_once = strangers.iter().filter(|it| it.is_finished()).count();
    assert_eq!(at_once, 400 - 48 - 192, "the others wait");
    keys.hangs.store(false, Ordering::SeqCst);
    assert_signed(&key, ID, &layer).await;
    assert_at_once(start);
    assert_eq!(keys.fetched().last().map(|it| &**it), Some(own));
    assert_eq!(keys.fetched().len(), 1 + 48 + 1);
    for (number, stranger) in strangers.into_iter().enumerate().skip(48).take(192) {
        let why = unavailable(&stranger.await.expect("no panic"));
        assert!(why.contains("longer than 3 s"), "{number}: {why}");
        assert_eq!(start.elapsed(), SECOND * 3, "{number}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_known_key_set_is_fetched_again_while_strangers_use_up_the_fetches_of_its_host() {
    let key = Key::new("key");
    let keys = Keys::of(&key);
    let [known, new] = [ID, "https://other.example/client.json"];
    let source = Source::that(Does::With(with_uri("https://app.example.com/jwks")));
    let (store, layer) = served(&source, &keys, 100);
    assert_signed(&key, known, &layer).await;
    source.now(Does::With(with_uri("https://app.example.com/new")));
    assert_eq!(find(&*store, new).await, Found::Client);
    advance(MINUTE * 20).await;
    for number in 0..20 {
        assert_eq!(find(&*store, &of_host(number)).await, Found::Client);
    }
    assert_eq!(find(&*store, &of_host(20)).await, Found::Unavailable);
    assert_signed(&key, known, &layer).await;
    assert_eq!(keys.fetched().len(), 2);
    let why = unavailable(&signed(&key, new).send(&layer).await);
    assert!(why.contains("30 times a minute, 20 of them"), "{why}");
    assert_eq!(keys.fetched().len(), 2);
}

/// The last set serves, and each time it is tried to fetch it.
#[tokio::test(start_paused = true)]
async fn a_key_set_that_gets_no_permit_is_not_down() {
    let key = Key::new("key");
    let keys = Keys::of(&key);
    let source = Source::that(Does::With(with_uri("https://app.example.com/jwks")));
    let (store, layer) = served(&source, &keys, 100);
    assert_signed(&key, ID, &layer).await;
    advance(MINUTE * 20).await;
    let log = Log::default();
    let guard = log.of_thread(LevelFilter::WARN);
    source.takes(SECOND * 7);
    let strangers = [0, 1, 2, 3].map(|number| finding(&store, &of_host(number)));
    settle().await;
    for _ in 0..2 {
        let start = Instant::now();
        assert_signed(&key, ID, &layer).await;
        assert_eq!(start.elapsed(), SECOND * 3);
    }
    assert_eq!(keys.fetched().len(), 1);
    for stranger in strangers {
        assert_eq!(stranger.await.expect("no panic"), Found::Client);
    }
    assert_signed(&key, ID, &layer).await;
    assert_eq!(keys.fetched().len(), 2);
    drop(guard);
}

#[tokio::test(start_paused = true)]
async fn as_many_key_sets_are_kept_as_documents() {
    let key = Key::new("key");
    for (max, fetches) in [(1, 3), (2, 2)] {
        let keys = Keys::of(&key);
        let source = Source::that(Does::Document);
        let (_store, layer) = served(&source, &keys, max);
        for (number, id) in [(0, ID), (1, STRANGER), (0, ID)] {
            let jwks_uri = format!("https://keys{number}.example/jwks");
            source.now(Does::With(with_uri(&jwks_uri)));
            assert_signed(&key, id, &layer).await;
        }
        assert_eq!(keys.fetched().len(), fetches, "{max}");
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_forgets_a_document_forgets_its_keys() {
    type Forget = fn(&Documents);
    let ways: [(Forget, bool); 3] = [
        (|store| store.invalidate(ID), true),
        (Documents::clear, true),
        (|store| store.invalidate(STRANGER), false),
    ];
    for (way, (forget, is_forgotten)) in ways.into_iter().enumerate() {
        let [old, new] = ["old", "new"].map(Key::new);
        let keys = Keys::of(&old);
        let source = Source::that(Does::With(with_uri("https://keys.example.net/jwks")));
        let (store, layer) = served(&source, &keys, 100);
        assert_signed(&old, ID, &layer).await;
        source.now(Does::Document);
        assert_eq!(find(&*store, STRANGER).await, Found::Client);
        source.now(Does::With(with_uri("https://keys.example.net/jwks")));
        keys.now(&new);
        forget(&store);
        if is_forgotten {
            let exchange = signed(&old, ID).send(&layer).await;
            exchange.rejected(401, "invalid_client", RejectionReason::UnknownKey);
            assert_signed(&new, ID, &layer).await;
        } else {
            assert_signed(&old, ID, &layer).await;
            assert_eq!(keys.fetched().len(), 1, "{way}");
        }
    }
}
