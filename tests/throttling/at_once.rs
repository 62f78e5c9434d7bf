//! Many requests at once.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use http::request::Parts;
use tokio::task::{JoinHandle, JoinSet, yield_now};
use tokio::time::{Instant, sleep};
use tower_token_endpoint::store::ClientStore;
use tower_token_endpoint::throttle::{
    MemoryThrottle, Slots, Throttle, ThrottleAttempt, ThrottleCounter, Throttling,
};
use tower_token_endpoint::{Client, MemoryClientStore, TokenEndpointLayer};

use crate::common::{Built, Call, Hanging, ISSUER, Slow, basic, builder};
use crate::setup::*;

const MILLISECOND: Duration = Duration::from_millis(1);

fn over<C: ClientStore>(clients: C, throttling: Throttling) -> TokenEndpointLayer<C> {
    let layer = TokenEndpointLayer::builder(clients, ISSUER).path("/token");
    layer.throttle(throttling).built()
}

/// Clients whose store answers after this time.
fn slow(after: Duration) -> Slow<MemoryClientStore> {
    Slow(after, MemoryClientStore::new(cast()).expect("clients"))
}

/// Sends this many copies at once, and returns how many got each status, and the last of them.
async fn flood<C: ClientStore>(layer: &TokenEndpointLayer<C>, call: &Call, count: usize) -> Flood {
    let mut tasks = JoinSet::new();
    for _ in 0..count {
        let (layer, call) = (layer.clone(), call.clone());
        tasks.spawn(async move { status(&send_from(&layer, HERE, &call).await) });
    }
    let statuses = tasks.join_all().await;
    let with = |status| statuses.iter().filter(|&&it| it == status).count();
    Flood {
        accepted: with(200),
        failed: with(401),
        throttled: with(429),
    }
}

#[derive(Debug, PartialEq, Eq)]
struct Flood {
    accepted: usize,
    failed: usize,
    throttled: usize,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn parallel_guesses_never_exceed_the_burst() {
    for per_client in [1, 5, 20] {
        let at_once = throttling(MemoryThrottle::new(), 99, per_client);
        let later = throttling(Remote::new(Fault::None), 99, per_client);
        for settings in [at_once, later] {
            let layer = over(slow(MILLISECOND), settings);
            let failed = per_client as usize;
            let expected = Flood {
                accepted: 0,
                failed,
                throttled: 200 - failed,
            };
            assert_eq!(flood(&layer, &basic("svc:x"), 200).await, expected);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn requests_with_the_right_secret_wait_for_their_own() {
    let at_once = throttling(MemoryThrottle::new(), 20, 5);
    let later = throttling(Remote::new(Fault::None), 20, 5);
    let narrow = throttling(MemoryThrottle::new(), 5, 99);
    let by_client = throttling(MemoryThrottle::new(), 20, 5).dangerously_throttle_by_client();
    for settings in [at_once, later, narrow, by_client] {
        let layer = over(slow(MILLISECOND), settings.max_wait(Duration::from_secs(1)));
        let expected = Flood {
            accepted: 200,
            failed: 0,
            throttled: 0,
        };
        let right = basic(format!("svc:{SECRET}"));
        assert_eq!(flood(&layer, &right, 200).await, expected);
    }
}

#[tokio::test(start_paused = true)]
async fn they_wait_for_fifty_milliseconds_or_as_long_as_is_set() {
    let right = basic(format!("svc:{SECRET}"));
    let settings = || throttling(MemoryThrottle::new(), 9, 1);
    for (settings, expected) in [
        (settings(), 50),
        (settings().max_wait(Duration::from_millis(200)), 200),
        (settings().max_wait(Duration::ZERO), 0),
    ] {
        let layer = over(Hanging, settings);
        let first = {
            let (layer, right) = (layer.clone(), right.clone());
            tokio::spawn(async move { send_from(&layer, HERE, &right).await })
        };
        yield_now().await;
        let start = Instant::now();
        assert!(is_throttled(&send_from(&layer, HERE, &right).await));
        let waited = start.elapsed().as_millis();
        assert!((expected..=expected + 1).contains(&waited), "{waited} ms");
        // Those of others are not waited for.
        let start = Instant::now();
        assert!(!is_throttled(&send_from(&layer, THERE, &right).await));
        assert_eq!(start.elapsed().as_secs(), 10);
        first.abort();
    }
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_if_none_of_its_own_is_under_way() {
    let layer = over(slow(MILLISECOND), throttling(MemoryThrottle::new(), 9, 2));
    for _ in 0..2 {
        assert_eq!(status(&send_from(&layer, HERE, &basic("svc:x")).await), 401);
    }
    let start = Instant::now();
    assert!(is_throttled(
        &send_from(&layer, HERE, &basic("svc:x")).await
    ));
    assert_eq!(start.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_longer_than_the_last_of_its_own() {
    let layer = over(
        slow(10 * MILLISECOND),
        throttling(MemoryThrottle::new(), 9, 3),
    );
    let start = Instant::now();
    let expected = Flood {
        accepted: 0,
        failed: 3,
        throttled: 47,
    };
    assert_eq!(flood(&layer, &basic("svc:x"), 50).await, expected);
    assert!(start.elapsed() < 20 * MILLISECOND, "{:?}", start.elapsed());
}

/// Sends it, and lets it start.
async fn start<C: ClientStore>(layer: &TokenEndpointLayer<C>, call: &Call) -> JoinHandle<u16> {
    let (layer, call) = (layer.clone(), call.clone());
    let task = tokio::spawn(async move { status(&send_from(&layer, HERE, &call).await) });
    for _ in 0..5 {
        yield_now().await;
    }
    task
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_for_others_of_its_source_if_its_client_is_full() {
    let at_once = throttling(MemoryThrottle::new(), 9, 1);
    let later = throttling(Remote::new(Fault::None), 9, 1);
    let by_client = throttling(MemoryThrottle::new(), 9, 1).dangerously_throttle_by_client();
    for settings in [at_once, later, by_client] {
        let layer = over(slow(MILLISECOND), settings);
        let guess = basic("svc:x");
        assert_eq!(status(&send_from(&layer, HERE, &guess).await), 401);
        let other = start(&layer, &basic(format!("other:{SECRET}"))).await;
        let begin = Instant::now();
        assert!(is_throttled(&send_from(&layer, HERE, &guess).await));
        assert_eq!(begin.elapsed(), Duration::ZERO);
        assert_eq!(other.await.expect("no panic"), 200);
    }
}

#[tokio::test(start_paused = true)]
async fn requests_wait_for_those_of_another_layer_with_a_clone_of_the_settings() {
    let at_once = throttling(MemoryThrottle::new(), 9, 1);
    let later = throttling(Remote::new(Fault::None), 9, 1);
    for settings in [at_once, later] {
        let layers = [settings.clone(), settings].map(|it| over(slow(10 * MILLISECOND), it));
        let right = basic(format!("svc:{SECRET}"));
        let [one, other] = &layers;
        let tasks = [start(one, &right).await, start(other, &right).await];
        for task in tasks {
            assert_eq!(task.await.expect("no panic"), 200);
        }
    }
}

/// Answers later for one of the clients.
struct Uneven(MemoryClientStore);

impl ClientStore for Uneven {
    type Error = Infallible;

    async fn find(&self, id: &str, head: &Parts) -> Result<Option<Arc<Client>>, Infallible> {
        sleep(if id == "svc" { 1000 } else { 10 } * MILLISECOND).await;
        self.0.find(id, head).await
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_waits_for_any_other_of_its_source_if_the_source_is_full() {
    let clients = || Uneven(MemoryClientStore::new(cast()).expect("clients"));
    let at_once = throttling(MemoryThrottle::new(), 2, 9);
    let later = throttling(Remote::new(Fault::None), 2, 9);
    let by_client = throttling(MemoryThrottle::new(), 2, 9).dangerously_throttle_by_client();
    for settings in [at_once, later, by_client] {
        let layer = over(clients(), settings);
        let right = basic(format!("svc:{SECRET}"));
        let first = start(&layer, &right).await;
        let other = start(&layer, &basic(format!("other:{SECRET}"))).await;
        // The first one, which is of the same client, takes too long.
        let last = start(&layer, &right).await;
        for task in [first, other, last] {
            assert_eq!(task.await.expect("no panic"), 200);
        }
    }
}

/// Refuses, and names a counter that is of nobody.
struct Misnaming;

impl Throttle for Misnaming {
    type Error = Infallible;

    async fn take(&self, _: &ThrottleAttempt) -> Result<Slots, Infallible> {
        Ok(Slots::Exhausted {
            retry_after: Duration::from_secs(7),
            counter: ThrottleCounter::new([7; 16], only(7)),
        })
    }

    async fn give_back(&self, _: &ThrottleAttempt) -> Result<(), Infallible> {
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn a_counter_that_the_request_does_not_have_is_not_waited_for_and_not_told() {
    let layer = over(slow(MILLISECOND), throttling(Misnaming, 9, 9));
    let begin = Instant::now();
    let guess = basic("svc:x");
    let others = [start(&layer, &guess).await, start(&layer, &guess).await];
    let exchange = send_from(&layer, HERE, &guess).await;
    assert!(is_throttled(&exchange));
    assert_eq!(begin.elapsed(), Duration::ZERO);
    exchange.comes_back_after(7);
    let rejection = exchange.rejection().expect("a rejection");
    assert_eq!(rejection.exceeded_limit(), None);
    for other in others {
        assert_eq!(other.await.expect("no panic"), 429);
    }
}

/// Counts how often it is asked to take.
#[derive(Clone)]
struct Counting(MemoryThrottle, Arc<AtomicUsize>);

impl Throttle for Counting {
    type Error = Infallible;

    async fn take(&self, attempt: &ThrottleAttempt) -> Result<Slots, Infallible> {
        self.1.fetch_add(1, Ordering::SeqCst);
        self.0.take(attempt).await
    }

    async fn give_back(&self, attempt: &ThrottleAttempt) -> Result<(), Infallible> {
        self.0.give_back(attempt).await
    }

    fn take_now(&self, attempt: &ThrottleAttempt) -> Option<Result<Slots, Infallible>> {
        self.1.fetch_add(1, Ordering::SeqCst);
        self.0.take_now(attempt)
    }

    fn give_back_now(&self, attempt: &ThrottleAttempt) -> Option<Result<(), Infallible>> {
        self.0.give_back_now(attempt)
    }
}

#[tokio::test(start_paused = true)]
async fn ten_thousand_at_once_ask_the_store_a_few_times_each() {
    let takes = Arc::new(AtomicUsize::new(0));
    let store = Counting(MemoryThrottle::new(), Arc::clone(&takes));
    let layer = over(slow(MILLISECOND), throttling(store, 20, 5));
    let right = basic(format!("svc:{SECRET}"));
    let flood = flood(&layer, &right, 10_000).await;
    assert_eq!(flood.accepted + flood.throttled, 10_000, "{flood:?}");
    assert!(flood.accepted > 50, "{flood:?}");
    let takes = takes.load(Ordering::SeqCst);
    assert!(takes <= 50_000, "{takes} calls");
}

/// Answers some time after it has taken slots, or has refused to.
struct Racing(MemoryThrottle);

impl Throttle for Racing {
    type Error = Infallible;

    async fn take(&self, attempt: &ThrottleAttempt) -> Result<Slots, Infallible> {
        let slots = self.0.take(attempt).await;
        // Another one may give back before this answer is there.
        tokio::task::spawn_blocking(|| ()).await.expect("no panic");
        slots
    }

    async fn give_back(&self, attempt: &ThrottleAttempt) -> Result<(), Infallible> {
        self.0.give_back(attempt).await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_slot_is_missed_that_is_given_back_meanwhile() {
    for per_client in [1, 2] {
        let settings = throttling(Racing(MemoryThrottle::new()), 99, per_client);
        // A slot that is missed is missed for good, or until the next one ends.
        let settings = settings.max_wait(Duration::from_secs(1));
        let layer = builder(cast()).throttle(settings).built();
        let right = basic(format!("svc:{SECRET}"));
        let count = per_client as usize + 1;
        for round in 0..200 {
            let flood = flood(&layer, &right, count).await;
            assert_eq!(flood.accepted, count, "{round}: {flood:?}");
        }
    }
}

/// By client, a request takes a slot of its source, and gives it back if its client has none.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_slot_is_missed_that_a_request_gives_back_because_another_one_is_missing() {
    let settings = throttling(Racing(MemoryThrottle::new()), 1, 1).dangerously_throttle_by_client();
    let settings = settings.max_wait(Duration::from_secs(1));
    let layer = builder(cast()).throttle(settings).built();
    let guess = basic("svc:x");
    assert_eq!(status(&send_from(&layer, THERE, &guess).await), 401);
    let right = basic(format!("other:{SECRET}"));
    for round in 0..200 {
        let [guess, right] = [&guess, &right].map(|call| {
            let (layer, call) = (layer.clone(), call.clone());
            tokio::spawn(async move { status(&send_from(&layer, HERE, &call).await) })
        });
        assert_eq!(guess.await.expect("no panic"), 429, "{round}");
        assert_eq!(right.await.expect("no panic"), 200, "{round}");
    }
}
