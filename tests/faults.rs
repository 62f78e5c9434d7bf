//! What breaks in the middle of a request: something that the layer asks panics, the client goes
//! away, or the body ends early. Nothing is accepted by it, and the next request is served.
//!
//! What fails or hangs is in `decisions/`, `assertions/` and `key_rotation/`, and what is left of a
//! request that is dropped is in `cancellation/`.

mod common;

use std::convert::Infallible;
use std::future::pending;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::request::Parts;
use http::{Request, Response, StatusCode};
use http_body_util::{Empty, Full};
use hyper::body::Incoming;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};
use tower::util::BoxCloneService;
use tower::{BoxError, Layer, ServiceBuilder, ServiceExt, service_fn};
use tower_http::catch_panic::CatchPanicLayer;
use tower_token_endpoint::body::RequestBody;
use tower_token_endpoint::client::hashing::HashPool;
use tower_token_endpoint::client::{AuthMethod, ClientSecret, Secret, SecretCheck, SecretHash};
use tower_token_endpoint::jwks::{FetchedKeys, JwksSource};
use tower_token_endpoint::layer::TokenEndpointLayerBuilder;
use tower_token_endpoint::rejection::RejectionReason;
use tower_token_endpoint::replay::{Remembered, ReplayKey, ReplayStore};
use tower_token_endpoint::store::ClientStore;
use tower_token_endpoint::throttle::{
    MemoryThrottle, Slots, Throttle, ThrottleAttempt, ThrottleLimit, ThrottleSource, Throttling,
};
use tower_token_endpoint::{Client, GrantType, MemoryClientStore, TokenEndpointLayer};

use common::{
    Built, CC, CC_READ, Call, FORM, ISSUER, KEYED, Key, basic, basic_value, body, builder,
    by_assertion, clients, http2, serve,
};

// ---- panics ---------------------------------------------------------------------------------

/// Panics once, when it is asked for the first time.
#[derive(Debug, Default)]
struct Once(AtomicBool);

impl Once {
    fn panic_at_first(&self) {
        assert!(self.0.swap(true, Ordering::SeqCst), "on purpose");
    }
}

#[derive(Clone, Copy)]
enum When {
    AtOnce,
    AfterWaiting,
}

struct PanickingClients(When, Once);

impl ClientStore for PanickingClients {
    type Error = Infallible;

    async fn find(&self, id: &str, _: &Parts) -> Result<Option<Arc<Client>>, Infallible> {
        tokio::task::yield_now().await;
        self.1.panic_at_first();
        Ok(clients().get(id))
    }

    fn find_now(&self, id: &str, _: &Parts) -> Option<Result<Option<Arc<Client>>, Infallible>> {
        match self.0 {
            When::AtOnce => {
                self.1.panic_at_first();
                Some(Ok(clients().get(id)))
            }
            When::AfterWaiting => None,
        }
    }
}

struct PanickingReplays(Once);

impl ReplayStore for PanickingReplays {
    type Error = Infallible;

    async fn remember(&self, _: &ReplayKey<'_>, _: SystemTime) -> Result<Remembered, Infallible> {
        tokio::task::yield_now().await;
        self.0.panic_at_first();
        Ok(Remembered::New)
    }
}

/// Takes every secret, so that only the panic can be why nothing is accepted.
#[derive(Debug)]
struct PanickingHash(Computed, Once);

#[derive(Clone, Copy, Debug)]
enum Computed {
    Elsewhere,
    Here,
    /// Before there is any work.
    Described,
}

impl SecretHash for PanickingHash {
    fn kind(&self) -> &str {
        "panicking"
    }

    fn check(self: Arc<Self>, _: Secret) -> SecretCheck {
        let work = move |hash: &Self| {
            hash.1.panic_at_first();
            true
        };
        match self.0 {
            Computed::Elsewhere => SecretCheck::future(async move {
                tokio::task::yield_now().await;
                Ok(work(&self))
            }),
            Computed::Here => SecretCheck::blocking(move || work(&self)),
            Computed::Described => {
                let matches = work(&self);
                SecretCheck::blocking(move || matches)
            }
        }
    }
}

/// Panics once in one of its functions.
struct PanickingThrottle(In, When, MemoryThrottle, Once);

#[derive(Clone, Copy, PartialEq)]
enum In {
    Take,
    GiveBack,
    Neither,
}

impl PanickingThrottle {
    fn new(function: In, when: When) -> Self {
        Self(function, when, MemoryThrottle::new(), Once::default())
    }

    fn panic_in(&self, function: In) {
        if self.0 == function {
            self.3.panic_at_first();
        }
    }

    fn is_at_once(&self) -> bool {
        match self.1 {
            When::AtOnce => true,
            When::AfterWaiting => false,
        }
    }
}

impl Throttle for PanickingThrottle {
    type Error = Infallible;

    async fn take(&self, attempt: &ThrottleAttempt) -> Result<Slots, Infallible> {
        tokio::task::yield_now().await;
        self.panic_in(In::Take);
        self.2.take(attempt).await
    }

    async fn give_back(&self, attempt: &ThrottleAttempt) -> Result<(), Infallible> {
        tokio::task::yield_now().await;
        self.panic_in(In::GiveBack);
        self.2.give_back(attempt).await
    }

    fn take_now(&self, attempt: &ThrottleAttempt) -> Option<Result<Slots, Infallible>> {
        self.is_at_once().then(|| {
            self.panic_in(In::Take);
            self.2.take_now(attempt)
        })?
    }

    fn give_back_now(&self, attempt: &ThrottleAttempt) -> Option<Result<(), Infallible>> {
        self.is_at_once().then(|| {
            self.panic_in(In::GiveBack);
            self.2.give_back_now(attempt)
        })?
    }
}

/// With so many slots, which are not free again during a test.
fn throttling(store: impl Throttle, slots: u32) -> Throttling {
    let limit = ThrottleLimit::new(slots, Duration::from_secs(3600));
    let here = ThrottleSource::from_fn(|_| Some(IpAddr::from([192, 0, 2, 1])));
    let throttling = Throttling::new(store).source(here);
    throttling.per_source(limit).per_client(limit)
}

type Service = BoxCloneService<Request<Full<Bytes>>, StatusCode, BoxError>;

type Caught = (Service, Arc<AtomicUsize>);

/// The layer below `CatchPanic`, and how often its inner service was called.
fn caught<C: ClientStore>(layer: TokenEndpointLayer<C>) -> Caught {
    let calls = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&calls);
    let service = ServiceBuilder::new()
        .layer(CatchPanicLayer::new())
        .layer(layer)
        .service_fn(move |_: Request<RequestBody<Full<Bytes>>>| {
            count.fetch_add(1, Ordering::SeqCst);
            async { Ok::<_, BoxError>(Response::new(Full::<Bytes>::default())) }
        });
    let service = service.map_response(|response| response.status());
    (BoxCloneService::new(service), calls)
}

fn keyed(key: &Key) -> Client {
    let keys = serde_json::json!({ "keys": [key.jwk()] });
    let client = Client::builder(KEYED)
        .auth_method(AuthMethod::PrivateKeyJwt)
        .metadata("jwks", keys)
        .grant_types([GrantType::ClientCredentials]);
    client.build().expect("a client")
}

fn hashed(computed: Computed) -> TokenEndpointLayerBuilder<MemoryClientStore> {
    let hash = PanickingHash(computed, Once::default());
    let client = Client::builder("app")
        .secret(ClientSecret::hashed(Arc::new(hash)))
        .grant_types([GrantType::ClientCredentials]);
    builder([client.build().expect("a client")])
}

#[tokio::test]
async fn a_panic_of_what_the_layer_asks_reaches_catch_panic_and_nothing_is_accepted() {
    let over = |when| {
        let store = PanickingClients(when, Once::default());
        TokenEndpointLayer::builder(store, ISSUER)
            .path("/token")
            .built()
    };
    let key = Key::new("key");
    let replays = builder([keyed(&key)]).client_assertions(PanickingReplays(Once::default()));
    let secret = || basic("app:s3cret");
    let cases: [(&str, Caught, Call); 6] = [
        ("clients, at once", caught(over(When::AtOnce)), secret()),
        ("clients, later", caught(over(When::AfterWaiting)), secret()),
        (
            "replays",
            caught(replays.built()),
            body(&by_assertion(&key.assertion())),
        ),
        (
            "a hash elsewhere",
            caught(hashed(Computed::Elsewhere).built()),
            secret(),
        ),
        (
            "a hash here",
            caught(hashed(Computed::Here).built()),
            secret(),
        ),
        (
            "what describes a hash",
            caught(hashed(Computed::Described).built()),
            secret(),
        ),
    ];
    for (name, (service, calls), call) in cases {
        let send = || service.clone().oneshot(call.request());
        let status = send().await.expect("a response");
        assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR, "{name}");
        assert_eq!(calls.load(Ordering::SeqCst), 0, "{name}");
        let status = send().await.expect("a response");
        assert_eq!(status, StatusCode::OK, "{name}: the next request");
        assert_eq!(calls.load(Ordering::SeqCst), 1, "{name}");
    }
}

/// What it was asked for may be done or not, so the slots of the request stay taken.
#[tokio::test]
async fn a_panic_of_a_throttle_reaches_catch_panic_and_nothing_is_accepted() {
    for (name, function, when) in [
        ("take, at once", In::Take, When::AtOnce),
        ("take, later", In::Take, When::AfterWaiting),
        ("give back, at once", In::GiveBack, When::AtOnce),
        ("give back, later", In::GiveBack, When::AfterWaiting),
    ] {
        let store = PanickingThrottle::new(function, when);
        let layer = TokenEndpointLayer::builder(clients(), ISSUER).path("/token");
        let (service, calls) = caught(layer.throttle(throttling(store, 2)).built());
        let call = basic("app:s3cret");
        for (expected, called) in [(500, 0), (200, 1), (200, 2)] {
            let status = service.clone().oneshot(call.request()).await;
            assert_eq!(status.expect("a response"), expected, "{name}");
            assert_eq!(calls.load(Ordering::SeqCst), called, "{name}");
        }
    }
}

/// With one slot and one permit.
#[tokio::test]
async fn a_panic_of_a_hash_gives_its_slot_and_its_permit_back() {
    for computed in [Computed::Elsewhere, Computed::Here, Computed::Described] {
        for when in [When::AtOnce, When::AfterWaiting] {
            let store = PanickingThrottle::new(In::Neither, when);
            let pool = HashPool::new().permits(1);
            let layer = hashed(computed)
                .throttle(throttling(store, 1))
                .hash_pool(pool.clone());
            let (service, calls) = caught(layer.built());
            for (expected, called) in [(500, 0), (200, 1), (200, 2)] {
                let status = service.clone().oneshot(basic("app:s3cret").request()).await;
                assert_eq!(status.expect("a response"), expected, "{computed:?}");
                assert_eq!(calls.load(Ordering::SeqCst), called, "{computed:?}");
            }
            assert_eq!(pool.running(), 0, "{computed:?}");
        }
    }
}

/// A panic during another one would end the process.
#[tokio::test]
async fn a_throttle_that_panics_after_another_panic_is_caught() {
    for when in [When::AtOnce, When::AfterWaiting] {
        let store = PanickingThrottle::new(In::GiveBack, when);
        let layer = hashed(Computed::Here).throttle(throttling(store, 2));
        let (service, calls) = caught(layer.built());
        for (expected, called) in [(500, 0), (200, 1)] {
            let status = service.clone().oneshot(basic("app:s3cret").request()).await;
            assert_eq!(status.expect("a response"), expected);
            assert_eq!(calls.load(Ordering::SeqCst), called);
            // What gives back later is a task.
            tokio::task::yield_now().await;
            tokio::task::yield_now().await;
        }
    }
}

/// Keys are fetched by a task of its own, for all requests that wait. So its panic ends none of
/// them: it is a source that failed.
#[tokio::test(start_paused = true)]
async fn a_panic_of_a_key_source_is_503_for_all_that_wait() {
    struct Panicking(Bytes, Once);

    impl JwksSource for Panicking {
        type Error = Infallible;

        async fn fetch(&self, _: &str) -> Result<FetchedKeys, Infallible> {
            tokio::task::yield_now().await;
            self.1.panic_at_first();
            Ok(FetchedKeys::new(self.0.clone()))
        }
    }

    let key = Key::new("key");
    let keys = serde_json::json!({ "keys": [key.jwk()] }).to_string();
    let client = Client::builder(KEYED)
        .auth_method(AuthMethod::PrivateKeyJwt)
        .metadata("jwks_uri", "https://client.example.com/jwks".into())
        .grant_types([GrantType::ClientCredentials]);
    let layer = builder([client.build().expect("a client")])
        .client_assertions(PanickingReplays(Once(true.into())))
        .jwks_source(Panicking(keys.into(), Once::default()))
        .built();
    let call = || body(&by_assertion(&key.assertion()));
    let (one, other) = (call(), call());
    let (one, other) = tokio::join!(one.send(&layer), other.send(&layer));
    for exchange in [one, other] {
        let reason = RejectionReason::KeySourceUnavailable;
        exchange.rejected(503, "temporarily_unavailable", reason);
    }
    sleep(Duration::from_secs(6)).await;
    call().send(&layer).await.inner_request();
}

// ---- connections ----------------------------------------------------------------------------

/// Asked, and dropped before it has answered.
#[derive(Clone, Default)]
struct Watched {
    asked: Arc<AtomicUsize>,
    dropped: Arc<AtomicUsize>,
}

impl ClientStore for Watched {
    type Error = Infallible;

    async fn find(&self, _: &str, _: &Parts) -> Result<Option<Arc<Client>>, Infallible> {
        struct Dropped(Arc<AtomicUsize>);
        impl Drop for Dropped {
            fn drop(&mut self) {
                self.0.fetch_add(1, Ordering::SeqCst);
            }
        }
        let _dropped = Dropped(Arc::clone(&self.dropped));
        self.asked.fetch_add(1, Ordering::SeqCst);
        pending().await
    }
}

async fn becomes_one(count: &AtomicUsize) {
    let until = async {
        while count.load(Ordering::SeqCst) == 0 {
            sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(Duration::from_secs(20), until)
        .await
        .expect("in 20 s");
    assert_eq!(count.load(Ordering::SeqCst), 1);
}

/// A server whose inner service counts its calls.
async fn served<C: ClientStore>(layer: TokenEndpointLayer<C>) -> (SocketAddr, Arc<AtomicUsize>) {
    let calls = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&calls);
    let inner = service_fn(move |_: Request<RequestBody<Incoming>>| {
        count.fetch_add(1, Ordering::SeqCst);
        async { Ok::<_, BoxError>(Response::new(Empty::<Bytes>::new())) }
    });
    (serve(layer.layer(inner)).await, calls)
}

/// A head for this many bytes of body, and so much of the body.
fn unfinished(length: usize, body: &str) -> String {
    let authorization = basic_value("app:s3cret");
    format!(
        "POST /token HTTP/1.1\r\nHost: x\r\nContent-Type: {FORM}\r\nContent-Length: {length}\r\n\
         Authorization: {authorization}\r\n\r\n{body}"
    )
}

#[tokio::test]
async fn a_client_that_goes_away_over_http_1_ends_what_was_asked_for_it() {
    let store = Watched::default();
    let (address, calls) = served(TokenEndpointLayer::builder(store.clone(), ISSUER).built()).await;
    let mut stream = TcpStream::connect(address).await.expect("it listens");
    let request = unfinished(CC.len(), CC);
    stream
        .write_all(request.as_bytes())
        .await
        .expect("it reads");
    becomes_one(&store.asked).await;
    assert_eq!(store.dropped.load(Ordering::SeqCst), 0);
    drop(stream);
    becomes_one(&store.dropped).await;
    assert_eq!(calls.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_client_that_resets_a_stream_of_http_2_ends_what_was_asked_for_it() {
    let store = Watched::default();
    let (address, calls) = served(TokenEndpointLayer::builder(store.clone(), ISSUER).built()).await;
    let mut sender = http2(address).await;
    let call = basic("app:s3cret").to(&format!("http://{address}/token"));
    let response = tokio::spawn(sender.send_request(call.request()));
    becomes_one(&store.asked).await;
    response.abort();
    becomes_one(&store.dropped).await;
    assert_eq!(calls.load(Ordering::SeqCst), 0);
    // The connection itself goes on.
    assert!(!sender.is_closed());
}

#[tokio::test]
async fn a_body_that_ends_early_is_400_and_nothing_is_accepted() {
    let layer = TokenEndpointLayer::builder(clients(), ISSUER).path("/token");
    let (address, calls) = served(layer.built()).await;
    let mut stream = TcpStream::connect(address).await.expect("it listens");
    // What is there would be accepted by itself.
    let request = unfinished(CC_READ.len(), CC);
    stream
        .write_all(request.as_bytes())
        .await
        .expect("it reads");
    stream.shutdown().await.expect("it is told");
    let mut response = String::new();
    stream
        .read_to_string(&mut response)
        .await
        .expect("it responds");
    assert!(response.starts_with("HTTP/1.1 400"), "{response}");
    assert_eq!(calls.load(Ordering::SeqCst), 0);
}
