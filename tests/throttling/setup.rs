//! Clients, layers with small limits, and requests that come from somewhere.

use std::future::pending;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use tower::BoxError;
use tower_token_endpoint::client::{AuthMethod, ClientSecret};
use tower_token_endpoint::layer::TokenEndpointLayerBuilder;
use tower_token_endpoint::rejection::RejectionReason::{self, Throttled};
use tower_token_endpoint::replay::MemoryReplayStore;
use tower_token_endpoint::store::ClientStore;
use tower_token_endpoint::throttle::{
    MemoryThrottle, Slots, Throttle, ThrottleAttempt, ThrottleLimit, ThrottleSource, Throttling,
};
use tower_token_endpoint::{Client, GrantType, MemoryClientStore, TokenEndpointLayer};
use tracing_subscriber::filter::LevelFilter;

use crate::common::{Call, Exchange, Log, builder, send};

pub(crate) type Builder = TokenEndpointLayerBuilder<MemoryClientStore>;
pub(crate) type Layer = TokenEndpointLayer<MemoryClientStore>;

/// Two sources.
pub(crate) const HERE: &str = "192.0.2.1";
pub(crate) const THERE: &str = "198.51.100.7";
/// A secret that can also make HMACs.
pub(crate) const SECRET: &str = "thirty-two bytes are enough to sign";

/// Where a request comes from, as the server tells the layer.
#[derive(Clone, Copy)]
pub(crate) struct Peer(pub(crate) IpAddr);

pub(crate) fn cast() -> Vec<Client> {
    let client = |id| Client::builder(id).grant_types([GrantType::ClientCredentials]);
    let secret = || ClientSecret::plain(SECRET);
    let both = |id| {
        let methods = [AuthMethod::ClientSecretBasic, AuthMethod::ClientSecretPost];
        client(id).secret(secret()).auth_methods(methods)
    };
    [
        both("svc").scope("read"),
        both("other"),
        both("a b"),
        client("poster")
            .secret(secret())
            .auth_method(AuthMethod::ClientSecretPost),
        client("signer")
            .secret(secret())
            .auth_method(AuthMethod::ClientSecretJwt),
        client("public").auth_method(AuthMethod::None),
    ]
    .map(|client| client.build().expect("a client"))
    .into()
}

/// A limit whose slots do not become free again during a test.
pub(crate) const fn only(burst: u32) -> ThrottleLimit {
    ThrottleLimit::new(burst, Duration::from_secs(3600))
}

pub(crate) fn peers() -> ThrottleSource {
    ThrottleSource::extension(|peer: &Peer| peer.0)
}

/// The settings with a store, and with limits for a source and for a client from there.
pub(crate) fn throttling(store: impl Throttle, per_source: u32, per_client: u32) -> Throttling {
    Throttling::new(store)
        .source(peers())
        .per_source(only(per_source))
        .per_client(only(per_client))
}

/// A layer that also accepts assertions, with these limits.
pub(crate) fn limited(per_source: u32, per_client: u32) -> Builder {
    builder(cast())
        .client_assertions(MemoryReplayStore::new())
        .throttle(throttling(MemoryThrottle::new(), per_source, per_client))
}

pub(crate) fn request_from(address: &str, call: &Call) -> Request<Full<Bytes>> {
    let mut request = call.request();
    let address = address.parse().expect("an address");
    request.extensions_mut().insert(Peer(address));
    request
}

pub(crate) async fn send_from<C: ClientStore>(
    layer: &TokenEndpointLayer<C>,
    address: &str,
    call: &Call,
) -> Exchange {
    send(layer, request_from(address, call)).await
}

pub(crate) fn status(exchange: &Exchange) -> u16 {
    exchange.response.status().as_u16()
}

/// The reason, if it was refused.
pub(crate) fn reason(exchange: &Exchange) -> Option<RejectionReason> {
    exchange.rejection().map(|rejection| rejection.reason())
}

pub(crate) fn is_throttled(exchange: &Exchange) -> bool {
    reason(exchange) == Some(Throttled)
}

/// What a store does instead of counting.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    Fails,
    Hangs,
}

/// A store that answers later, as Redis does, counts its calls, and can be broken.
pub(crate) struct Remote {
    memory: MemoryThrottle,
    fault: std::sync::Mutex<Fault>,
    takes: AtomicUsize,
    gives: AtomicUsize,
    /// Calls that are under way.
    running: AtomicUsize,
}

/// Ends a call, also if it is given up.
struct Running<'a>(&'a AtomicUsize);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Remote {
    pub(crate) fn new(fault: Fault) -> Arc<Self> {
        Arc::new(Self {
            memory: MemoryThrottle::new(),
            fault: fault.into(),
            takes: AtomicUsize::new(0),
            gives: AtomicUsize::new(0),
            running: AtomicUsize::new(0),
        })
    }

    pub(crate) fn set(&self, fault: Fault) {
        *self.fault.lock().expect("no panic before") = fault;
    }

    /// How often it was asked to take, and to give back.
    pub(crate) fn calls(&self) -> (usize, usize) {
        let [takes, gives] = [&self.takes, &self.gives].map(|it| it.load(Ordering::SeqCst));
        (takes, gives)
    }

    pub(crate) fn running(&self) -> usize {
        self.running.load(Ordering::SeqCst)
    }

    async fn answer(&self) -> Result<(), BoxError> {
        self.running.fetch_add(1, Ordering::SeqCst);
        let _running = Running(&self.running);
        tokio::task::yield_now().await;
        let fault = *self.fault.lock().expect("no panic before");
        match fault {
            Fault::None => Ok(()),
            Fault::Fails => Err("connection refused".into()),
            Fault::Hangs => pending().await,
        }
    }
}

impl Throttle for Remote {
    type Error = BoxError;

    async fn take(&self, attempt: &ThrottleAttempt) -> Result<Slots, BoxError> {
        self.takes.fetch_add(1, Ordering::SeqCst);
        self.answer().await?;
        Ok(self.memory.take(attempt).await?)
    }

    async fn give_back(&self, attempt: &ThrottleAttempt) -> Result<(), BoxError> {
        self.gives.fetch_add(1, Ordering::SeqCst);
        self.answer().await?;
        Ok(self.memory.give_back(attempt).await?)
    }
}

/// What this thread logs, until the second value is dropped.
pub(crate) fn logged(level: LevelFilter) -> (Log, impl Sized) {
    let log = Log::default();
    let guard = log.of_thread(level);
    (log, guard)
}
