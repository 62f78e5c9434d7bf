//! When slots are given back, and when they are kept.

use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use http::Response;
use http::request::Parts;
use http_body_util::Full;
use tokio::task::JoinSet;
use tower::{BoxError, Layer as _, ServiceExt as _, service_fn};
use tower_token_endpoint::client::{ClientSecret, Secret, SecretCheck, SecretHash};
use tower_token_endpoint::rejection::RejectionReason::{self, *};
use tower_token_endpoint::replay::{Remembered, ReplayKey, ReplayStore};
use tower_token_endpoint::store::ClientStore;
use tower_token_endpoint::throttle::{MemoryThrottle, Slots, Throttle, ThrottleAttempt};
use tower_token_endpoint::{Client, MemoryClientStore, TokenEndpointLayer};

use crate::common::{
    Built, CC, Call, DroppedAt, Failing, Hanging, ISSUER, Slow, basic, body, builder, by_assertion,
    dropped_at, hs256, poll_once,
};
use crate::setup::*;

/// Sends the request more often than there are slots. It must never be over the limit.
async fn never_counts<C: ClientStore>(
    layer: &TokenEndpointLayer<C>,
    call: &Call,
    expected: Option<RejectionReason>,
) {
    for _ in 0..5 {
        let exchange = send_from(layer, HERE, call).await;
        assert_eq!(reason(&exchange), expected, "{exchange:?}");
    }
}

fn layer_over<C: ClientStore>(clients: C, throttle: impl Throttle) -> TokenEndpointLayer<C> {
    TokenEndpointLayer::builder(clients, ISSUER)
        .path("/token")
        .throttle(throttling(throttle, 1, 1))
        .built()
}

#[tokio::test]
async fn what_authenticates_gives_its_slots_back() {
    let right = || basic(format!("svc:{SECRET}"));
    for (call, expected) in [
        (right(), None),
        (basic(format!("a+b:{SECRET}")), None),
        (
            right().with_body(format!("{CC}&scope=a")),
            Some(ScopeNotRegistered),
        ),
        (
            right().with_body("grant_type=password"),
            Some(UnsupportedGrantType),
        ),
        (right().with_body(""), Some(MissingGrantType)),
    ] {
        never_counts(&limited(1, 1).built(), &call, expected).await;
        // And the same with a store that answers later.
        let remote = Remote::new(Fault::None);
        let layer = builder(cast())
            .throttle(throttling(Arc::clone(&remote), 1, 1))
            .built();
        never_counts(&layer, &call, expected).await;
        assert_eq!(remote.calls(), (5, 5));
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_503_gives_its_slots_back() {
    let wrong = basic("svc:x");
    never_counts(
        &layer_over(Failing, MemoryThrottle::new()),
        &wrong,
        Some(StoreUnavailable),
    )
    .await;
    never_counts(
        &layer_over(Hanging, MemoryThrottle::new()),
        &wrong,
        Some(DecisionTimeout),
    )
    .await;
    let remote = Remote::new(Fault::None);
    never_counts(
        &layer_over(Failing, Arc::clone(&remote)),
        &wrong,
        Some(StoreUnavailable),
    )
    .await;
    never_counts(&layer_over(Hanging, remote), &wrong, Some(DecisionTimeout)).await;
}

/// A service that is down.
#[derive(Debug)]
struct Down;

impl SecretHash for Down {
    fn check(self: Arc<Self>, _: Secret) -> SecretCheck {
        SecretCheck::future(async { Err("connection refused".into()) })
    }

    fn kind(&self) -> &str {
        "vault"
    }
}

#[tokio::test]
async fn a_hash_that_is_503_gives_its_slots_back() {
    let client = Client::builder("svc").secret(ClientSecret::hashed(Arc::new(Down)));
    let layer = builder([client.build().expect("a client")])
        .throttle(throttling(MemoryThrottle::new(), 1, 1))
        .built();
    never_counts(&layer, &basic("svc:x"), Some(SecretHashUnavailable)).await;
}

/// A store of one-time values that is down.
struct NoRoom;

impl ReplayStore for NoRoom {
    type Error = BoxError;

    async fn remember(&self, _: &ReplayKey<'_>, _: SystemTime) -> Result<Remembered, BoxError> {
        Err("full".into())
    }
}

#[tokio::test]
async fn an_assertion_that_is_503_gives_its_slots_back() {
    let layer = builder(cast())
        .client_assertions(NoRoom)
        .throttle(throttling(MemoryThrottle::new(), 1, 1))
        .built();
    let call = body(&by_assertion(&hs256("signer", SECRET, "")));
    never_counts(&layer, &call, Some(ReplayStoreUnavailable)).await;
}

#[tokio::test]
async fn slots_are_given_back_before_the_inner_service_is_called() {
    for later in [false, true] {
        let settings = match later {
            false => throttling(MemoryThrottle::new(), 1, 1),
            true => throttling(Remote::new(Fault::None), 1, 1),
        };
        let layer = builder(cast()).throttle(settings).built();
        let right = basic(format!("svc:{SECRET}"));
        let inner = {
            let (layer, right) = (layer.clone(), right.clone());
            service_fn(move |_| {
                let (layer, right) = (layer.clone(), right.clone());
                async move {
                    // Another request, while this one is not answered.
                    let exchange = send_from(&layer, HERE, &right).await;
                    assert_eq!(status(&exchange), 200, "{exchange:?}");
                    Ok::<_, Infallible>(Response::new(Full::<bytes::Bytes>::default()))
                }
            })
        };
        let response = layer.layer(inner).oneshot(request_from(HERE, &right)).await;
        assert_eq!(response.expect("an answer").status(), 200);
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_that_goes_away_keeps_its_slots_but_is_not_under_way() {
    let right = basic(format!("svc:{SECRET}"));
    for later in [false, true] {
        for polls in 1..12 {
            let clients = MemoryClientStore::new(cast()).expect("clients");
            let clients = Slow(Duration::from_millis(20), clients);
            let layer = match later {
                false => layer_over(clients, MemoryThrottle::new()),
                true => layer_over(clients, Remote::new(Fault::None)),
            };
            let inner = service_fn(|_| async {
                Ok::<_, Infallible>(Response::new(Full::<bytes::Bytes>::default()))
            });
            let mut service = layer.clone().layer(inner);
            {
                let service = service.ready().await.expect("always ready");
                let mut future = pin!(tower::Service::call(service, request_from(HERE, &right)));
                for _ in 0..polls {
                    assert!(poll_once(future.as_mut()).is_pending());
                }
            }
            // If it still counted as under way, the next one would wait for it.
            let start = tokio::time::Instant::now();
            let exchange = send_from(&layer, HERE, &right).await;
            let waited = start.elapsed();
            match is_throttled(&exchange) {
                true => assert!(waited < Duration::from_millis(20), "{waited:?}"),
                // It went away before it took a slot.
                false => assert!(later && polls < 3, "{polls}: {exchange:?}"),
            }
        }
    }
}

/// It waits, has its turn and does not know yet, or has taken a slot.
#[tokio::test(start_paused = true)]
async fn a_client_that_goes_away_while_it_waits_is_not_under_way() {
    let right = basic(format!("svc:{SECRET}"));
    let guess = basic("svc:x");
    for later in [false, true] {
        let mut ended = 0;
        for at in (1..).flat_map(|polls| [DroppedAt::Pending(polls), DroppedAt::Woken(polls)]) {
            let clients = MemoryClientStore::new(cast()).expect("clients");
            let clients = Slow(Duration::from_millis(20), clients);
            let layer = match later {
                false => layer_over(clients, MemoryThrottle::new()),
                true => layer_over(clients, Remote::new(Fault::None)),
            };
            let other = {
                let (layer, right) = (layer.clone(), right.clone());
                tokio::spawn(async move { status(&send_from(&layer, HERE, &right).await) })
            };
            tokio::task::yield_now().await;
            let response = dropped_at(at, send_from(&layer, HERE, &right)).await;
            assert_eq!(other.await.expect("an answer"), 200);
            // Now the slot is taken, and nobody is there to give it back.
            send_from(&layer, HERE, &guess).await;
            let start = tokio::time::Instant::now();
            assert!(is_throttled(&send_from(&layer, HERE, &right).await));
            assert_eq!(start.elapsed(), Duration::ZERO, "{at:?}");
            ended += usize::from(response.is_some());
            if ended == 2 {
                break;
            }
        }
    }
}

/// Panics the first time that it is asked.
struct Panicking(MemoryClientStore, AtomicBool);

impl ClientStore for Panicking {
    type Error = Infallible;

    async fn find(&self, id: &str, _: &Parts) -> Result<Option<Arc<Client>>, Infallible> {
        tokio::task::yield_now().await;
        let has_panicked = self.1.swap(true, Ordering::SeqCst);
        assert!(has_panicked, "a bug in a store");
        Ok(self.0.get(id))
    }
}

#[tokio::test]
async fn a_panic_gives_the_slots_back() {
    for later in [false, true] {
        let clients = MemoryClientStore::new(cast()).expect("clients");
        let clients = Panicking(clients, false.into());
        let layer = match later {
            false => layer_over(clients, MemoryThrottle::new()),
            true => layer_over(clients, Remote::new(Fault::None)),
        };
        let right = basic(format!("svc:{SECRET}"));
        let first = {
            let (layer, right) = (layer.clone(), right.clone());
            tokio::spawn(async move { status(&send_from(&layer, HERE, &right).await) })
        };
        assert!(first.await.expect_err("a panic").is_panic());
        // A store that answers later gets its slots back from a task of their own.
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
        let second = send_from(&layer, HERE, &right).await;
        assert_eq!(status(&second), 200, "{second:?}");
    }
}

/// Takes this long to give back.
struct Slowly(Duration, MemoryThrottle, AtomicUsize);

impl Throttle for Slowly {
    type Error = Infallible;

    async fn take(&self, attempt: &ThrottleAttempt) -> Result<Slots, Infallible> {
        self.1.take(attempt).await
    }

    async fn give_back(&self, attempt: &ThrottleAttempt) -> Result<(), Infallible> {
        self.2.fetch_add(1, Ordering::SeqCst);
        tokio::time::sleep(self.0).await;
        self.1.give_back(attempt).await
    }
}

#[tokio::test(start_paused = true)]
async fn others_wait_until_a_panic_has_given_back_its_slots() {
    let clients = MemoryClientStore::new(cast()).expect("clients");
    let store = Slowly(Duration::from_millis(20), MemoryThrottle::new(), 0.into());
    let layer = layer_over(Panicking(clients, false.into()), store);
    let [first, second] = [(); 2].map(|()| {
        let (layer, right) = (layer.clone(), basic(format!("svc:{SECRET}")));
        tokio::spawn(async move { status(&send_from(&layer, HERE, &right).await) })
    });
    assert!(first.await.expect_err("a panic").is_panic());
    assert_eq!(second.await.expect("an answer"), 200);
}

/// Always panics.
struct Broken;

impl ClientStore for Broken {
    type Error = Infallible;

    async fn find(&self, _: &str, _: &Parts) -> Result<Option<Arc<Client>>, Infallible> {
        tokio::task::yield_now().await;
        panic!("a bug in a store")
    }
}

#[tokio::test(start_paused = true)]
async fn no_more_than_64_give_back_after_a_panic_at_the_same_time() {
    let silence = Duration::from_millis(100);
    let store = Arc::new(Slowly(2 * silence, MemoryThrottle::new(), 0.into()));
    let layer = TokenEndpointLayer::builder(Broken, ISSUER)
        .path("/token")
        .throttle(throttling(Arc::clone(&store), 160, 160));
    let layer = layer.built();
    for expected in [64, 128] {
        let mut requests = JoinSet::new();
        for _ in 0..80 {
            let (layer, right) = (layer.clone(), basic(format!("svc:{SECRET}")));
            requests.spawn(async move { status(&send_from(&layer, HERE, &right).await) });
        }
        while let Some(ended) = requests.join_next().await {
            assert!(ended.expect_err("a panic").is_panic());
        }
        tokio::time::sleep(2 * silence).await;
        assert_eq!(store.2.load(Ordering::SeqCst), expected);
    }
}
