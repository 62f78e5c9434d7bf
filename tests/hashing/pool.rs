//! How many slow hashes run, how many requests wait for one, and for how long.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use http::header::RETRY_AFTER;
use tokio::task::JoinHandle;
use tokio::time::{Instant, advance};
use tower_token_endpoint::client::hashing::HashPool;
use tower_token_endpoint::client::{ClientSecret, Secret, SecretCheck, SecretHash};
use tower_token_endpoint::rejection::RejectionReason::*;
use tower_token_endpoint::{Endpoint, MemoryClientStore, TokenEndpointLayer};

use crate::common::{Built, Exchange, basic, builder};
use crate::setup::{Watch, built, client, eventually, settled, slow};

type Layer = TokenEndpointLayer<MemoryClientStore>;

/// `hashed` and `two` with slow hashes, and `digest`.
fn layer(watch: &Arc<Watch>, pool: &HashPool) -> Layer {
    let clients = built([
        client("hashed", slow(watch, "right")),
        client("two", slow(watch, "right")).secret(slow(watch, "old")),
        client("digest", "right"),
    ]);
    builder(clients)
        .decoy_secret(slow(watch, "decoy"))
        .hash_pool(pool.clone())
        .built()
}

fn start(layer: &Layer, credentials: &str) -> JoinHandle<Exchange> {
    let (call, layer) = (basic(credentials), layer.clone());
    tokio::spawn(async move { call.send(&layer).await })
}

async fn ended(request: JoinHandle<Exchange>) -> Exchange {
    request.await.expect("no panic")
}

/// One hash runs, and does not end. All permits are taken.
async fn busy(watch: &Arc<Watch>, layer: &Layer) -> JoinHandle<Exchange> {
    let running = start(layer, "hashed:right");
    eventually("a hash runs", || watch.running() == 1).await;
    running
}

#[tokio::test]
async fn no_more_hashes_run_than_there_are_permits_also_if_requests_are_dropped() {
    let watch = Watch::new();
    let pool = HashPool::new().permits(3);
    let layer = layer(&watch, &pool);
    let closed = watch.closed();
    for _ in 0..3 {
        let requests: Vec<_> = (0..100).map(|_| start(&layer, "hashed:right")).collect();
        eventually("all wait", || pool.waiting() >= 97).await;
        eventually("three run", || watch.running() == 3).await;
        for request in &requests {
            request.abort();
        }
        for request in requests {
            assert!(request.await.expect_err("dropped").is_cancelled());
        }
        // Those that run go on, and keep their permits.
        assert_eq!((pool.running(), pool.waiting()), (3, 0));
        assert_eq!((watch.running(), watch.computed()), (3, 3));
    }
    let waiting = start(&layer, "hashed:right");
    eventually("it waits", || pool.waiting() == 1).await;
    drop(closed);
    ended(waiting).await.inner_request();
    eventually("all permits are back", || pool.running() == 0).await;
    assert_eq!((watch.most(), watch.computed()), (3, 4));
    assert_eq!(pool.waiting(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_request_behind_256_others_is_503_at_once() {
    let watch = Watch::new();
    let pool = HashPool::new().permits(1);
    let layer = layer(&watch, &pool);
    let closed = watch.closed();
    let running = busy(&watch, &layer).await;
    let mut waiting: Vec<_> = (0..256).map(|_| start(&layer, "hashed:right")).collect();
    eventually("256 wait", || pool.waiting() == 256).await;

    let now = Instant::now();
    let mut answers = Vec::new();
    for credentials in [
        "hashed:right",
        "hashed:wrong",
        "nobody:x",
        "two:x",
        "nobody:%61",
    ] {
        let exchange = basic(credentials).send(&layer).await;
        let error = exchange.rejected(503, "temporarily_unavailable", HashingOverloaded);
        let cause = error.rejection.source().map(ToString::to_string);
        assert_eq!(
            cause.as_deref(),
            Some(
                "too many requests wait for a permit to compute a hash: hashes running: 1 \
                 (at most 1), requests waiting: 256 (at most 256)"
            )
        );
        exchange.comes_back_after(5);
        let mut headers = exchange.response.headers().clone();
        headers.remove(RETRY_AFTER);
        answers.push((headers, exchange.response.into_body()));
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]));
    assert_eq!(now.elapsed(), Duration::ZERO);
    assert_eq!(watch.computed(), 1);
    // Without a slow hash, there is nothing to wait for.
    basic("digest:right").send(&layer).await.inner_request();

    // Whoever goes away leaves the queue to another.
    let gone = waiting.swap_remove(100);
    gone.abort();
    assert!(gone.await.is_err());
    assert_eq!(pool.waiting(), 255);
    waiting.push(start(&layer, "hashed:right"));
    eventually("256 wait", || pool.waiting() == 256).await;

    drop(closed);
    for request in waiting.into_iter().chain([running]) {
        ended(request).await.inner_request();
    }
    eventually("all permits are back", || pool.running() == 0).await;
    assert_eq!((pool.waiting(), watch.most()), (0, 1));
}

#[tokio::test(start_paused = true)]
async fn a_request_that_waited_two_seconds_is_503() {
    let watch = Watch::new();
    for (pool, wait) in [
        (HashPool::new().permits(1), Duration::from_secs(2)),
        (
            HashPool::new().permits(1).wait(Duration::from_secs(5)),
            Duration::from_secs(5),
        ),
    ] {
        let layer = layer(&watch, &pool);
        let closed = watch.closed();
        let running = busy(&watch, &layer).await;
        let credentials = ["hashed:right", "hashed:wrong", "nobody:x", "nobody:%61"];
        let requests = credentials.map(|it| start(&layer, it));
        eventually("four wait", || pool.waiting() == 4).await;
        advance(wait - Duration::from_millis(10)).await;
        settled().await;
        assert_eq!(pool.waiting(), 4);
        advance(Duration::from_millis(20)).await;
        for request in requests {
            let exchange = ended(request).await;
            let error = exchange.rejected(503, "temporarily_unavailable", HashingOverloaded);
            let cause = error.rejection.source().expect("a cause").to_string();
            let start = format!(
                "waited {wait:?} for a permit to compute a hash: hashes running: 1 (at most 1), "
            );
            assert!(cause.starts_with(&start), "{cause}");
        }
        assert_eq!((pool.running(), pool.waiting()), (1, 0));
        drop(closed);
        ended(running).await.inner_request();
    }
}

/// The second hash waits for what the first one left of the two seconds.
#[tokio::test(start_paused = true)]
async fn a_request_waits_two_seconds_for_all_of_its_hashes() {
    let watch = Watch::new();
    let pool = HashPool::new().permits(1);
    let layer = layer(&watch, &pool);
    let closed = watch.closed();
    let first = busy(&watch, &layer).await;
    let two = start(&layer, "two:wrong");
    eventually("it waits", || pool.waiting() == 1).await;
    let behind = start(&layer, "hashed:right");
    eventually("both wait", || pool.waiting() == 2).await;

    advance(Duration::from_millis(1500)).await;
    watch.let_one_go();
    ended(first).await.inner_request();
    eventually("its first hash runs", || watch.computed() == 2).await;
    watch.let_one_go();
    eventually("the next request's runs", || watch.computed() == 3).await;
    eventually("its second hash waits", || pool.waiting() == 1).await;
    advance(Duration::from_millis(490)).await;
    settled().await;
    assert!(!two.is_finished());
    advance(Duration::from_millis(20)).await;
    let exchange = ended(two).await;
    exchange.rejected(503, "temporarily_unavailable", HashingOverloaded);
    drop(closed);
    ended(behind).await.inner_request();
    assert_eq!(watch.computed(), 3);
}

#[tokio::test(start_paused = true)]
async fn the_deadline_holds_while_a_request_waits_and_while_its_hash_runs() {
    let watch = Watch::new();
    let pool = HashPool::new().permits(1);
    let clients = built([client("hashed", slow(&watch, "right"))]);
    let layer = builder(clients)
        .hash_pool(pool.clone())
        .deadline(Duration::from_secs(1))
        .built();
    let closed = watch.closed();
    let running = busy(&watch, &layer).await;
    let waiting = start(&layer, "hashed:right");
    eventually("it waits", || pool.waiting() == 1).await;
    advance(Duration::from_millis(1010)).await;
    for (request, late) in [
        (running, "secret_hash_unavailable"),
        (waiting, "hashing_overloaded"),
    ] {
        let exchange = ended(request).await;
        let error = exchange.rejected(503, "temporarily_unavailable", DecisionTimeout);
        let cause = error.rejection.source().expect("what was late").to_string();
        assert_eq!(cause, format!("no response before the deadline: {late}"));
    }
    // The hash goes on, and so does its permit.
    assert_eq!((pool.running(), pool.waiting()), (1, 0));
    drop(closed);
    eventually("the permit is back", || pool.running() == 0).await;
    assert_eq!(watch.computed(), 1);
}

/// `two` by two hashes, of which the first one is known to be late.
#[tokio::test(start_paused = true)]
async fn no_hash_is_started_after_the_deadline() {
    let watch = Watch::new();
    let pool = HashPool::new().permits(2);
    let layer = layer(&watch, &pool);
    let closed = watch.closed();
    let two = start(&layer, "two:wrong");
    eventually("a hash runs", || watch.running() == 1).await;
    advance(Duration::from_millis(10_010)).await;
    let exchange = ended(two).await;
    exchange.rejected(503, "temporarily_unavailable", DecisionTimeout);
    drop(closed);
    eventually("the permit is back", || pool.running() == 0).await;
    assert_eq!(watch.computed(), 1);
}

#[tokio::test]
async fn layers_of_one_server_and_layers_with_clones_share_a_pool() {
    let watch = Watch::new();
    let pool = HashPool::new().permits(1);
    let token = layer(&watch, &pool);
    let introspection = token.for_endpoint(Endpoint::Introspection, "/token");
    let introspection = introspection.expect("settings that agree");
    let clone = layer(&watch, &pool);
    let other = layer(&watch, &HashPool::new().permits(1));
    let closed = watch.closed();
    let mut requests = vec![busy(&watch, &token).await];
    for (waiting, layer) in [(1, &introspection), (2, &clone)] {
        requests.push(start(layer, "hashed:wrong"));
        eventually("it waits", || pool.waiting() == waiting).await;
    }
    assert_eq!(watch.running(), 1);
    // A layer that was built by itself has a pool of its own.
    requests.push(start(&other, "hashed:right"));
    eventually("it runs", || watch.running() == 2).await;
    drop(closed);
    for request in requests {
        ended(request).await;
    }
    eventually("the permit is back", || pool.running() == 0).await;
}

/// A pool that was not set.
#[tokio::test]
async fn by_default_the_layers_of_one_server_share_half_of_the_cores() {
    let watch = Watch::new();
    let clients = built([client("hashed", slow(&watch, "right"))]);
    let token = builder(clients).built();
    let revocation = token.for_endpoint(Endpoint::Revocation, "/token");
    let revocation = revocation.expect("settings that agree");
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let permits = (cores / 2).max(1);
    let closed = watch.closed();
    let layers = [&token, &revocation].into_iter().cycle();
    let requests: Vec<_> = layers
        .take(2 * permits + 2)
        .map(|layer| start(layer, "hashed:right"))
        .collect();
    eventually("as many as may run", || watch.running() == permits).await;
    drop(closed);
    for request in requests {
        ended(request).await;
    }
    assert_eq!(watch.most(), permits);
}

/// Its secrets are verified elsewhere.
#[derive(Debug)]
struct Vault;

impl SecretHash for Vault {
    fn kind(&self) -> &str {
        "vault"
    }

    fn check(self: Arc<Self>, presented: Secret) -> SecretCheck {
        SecretCheck::future(async move { Ok(presented.matches("right")) })
    }
}

#[tokio::test]
async fn a_question_to_a_vault_takes_no_permit() {
    let watch = Watch::new();
    let pool = HashPool::new().permits(1).queue(0);
    let vault = client("vault", ClientSecret::hashed(Arc::new(Vault)));
    let clients = built([client("hashed", slow(&watch, "right")), vault]);
    let layer = builder(clients)
        .decoy_secret(ClientSecret::hashed(Arc::new(Vault)))
        .hash_pool(pool)
        .built();
    let closed = watch.closed();
    let running = busy(&watch, &layer).await;
    basic("vault:right").send(&layer).await.inner_request();
    let exchange = basic("vault:wrong").send(&layer).await;
    exchange.rejected(401, "invalid_client", WrongSecret);
    drop(closed);
    ended(running).await.inner_request();
}
