//! Everything that is measured, each as a closure that answers one request.

use std::convert::Infallible;
use std::future::{Future as _, Ready, ready};
use std::hint::black_box;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::handler::Handler as _;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use tower::{Layer as _, Service, service_fn};
use tower_http::auth::AsyncRequireAuthorizationLayer;
use tower_token_endpoint::{MemoryClients, TokenEndpointLayer};

use crate::contenders::{Fused, PassAll, hand_written, registrations};
use crate::requests::{
    ISSUER, OTHER_PATH, TOKEN_PATH, basic, client_id, clients_json, issued, request, secret,
};

/// How many clients are registered where their number is not what is measured, and how many of
/// them are busy, one after the other, where it is.
const FEW: usize = 100;
/// How many clients are registered where their number is what is measured.
pub(crate) const MANY: usize = 100_000;

/// One thing that is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scenario {
    /// The inner service by itself: what every other number is counted over.
    Bare,
    /// The same with axum's body on both sides: what the hand-written handler is counted over.
    BareAxum,
    /// Our layer, a request on another path.
    OtherPath,
    /// tower-http's `AsyncRequireAuthorizationLayer`, passing a request.
    TowerHttp,
    /// Decode, look up, SHA-256, compare, without HTTP types: the limit.
    Fused,
    /// The same with [`MANY`] clients, every one of them in turn.
    FusedCold,
    /// Our layer, an accepted request with Basic credentials.
    Accepted,
    /// The same with [`MANY`] clients registered, of which [`FEW`] are busy: what the size of the
    /// map costs.
    AcceptedMany,
    /// The same with every one of [`MANY`] clients in turn, so that each is fetched from memory:
    /// what the size of the data costs, which no layout of it can save altogether.
    AcceptedCold,
    /// Our layer with `.axum_body()` around a service of axum's body.
    AcceptedAxum,
    /// The usual handler, an accepted request.
    HandWritten,
    /// Our layer, a known client with a wrong secret.
    WrongSecret,
    /// The same with [`MANY`] clients registered, of which [`FEW`] are busy.
    WrongSecretMany,
    /// Our layer, a client that is not registered: costs what a wrong secret costs.
    UnknownClient,
    /// The usual handler, a known client with a wrong secret.
    HandWrittenWrongSecret,
}

impl Scenario {
    pub(crate) const ALL: [Self; 15] = [
        Self::Bare,
        Self::BareAxum,
        Self::OtherPath,
        Self::TowerHttp,
        Self::Fused,
        Self::FusedCold,
        Self::Accepted,
        Self::AcceptedMany,
        Self::AcceptedCold,
        Self::AcceptedAxum,
        Self::HandWritten,
        Self::WrongSecret,
        Self::WrongSecretMany,
        Self::UnknownClient,
        Self::HandWrittenWrongSecret,
    ];

    /// The name on the command line and in reports.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Bare => "bare",
            Self::BareAxum => "bare-axum",
            Self::OtherPath => "other-path",
            Self::TowerHttp => "tower-http",
            Self::Fused => "fused",
            Self::FusedCold => "fused-100k-cold",
            Self::Accepted => "accepted",
            Self::AcceptedMany => "accepted-100k",
            Self::AcceptedCold => "accepted-100k-cold",
            Self::AcceptedAxum => "accepted-axum",
            Self::HandWritten => "hand-written",
            Self::WrongSecret => "wrong-secret",
            Self::WrongSecretMany => "wrong-secret-100k",
            Self::UnknownClient => "unknown-client",
            Self::HandWrittenWrongSecret => "hand-written-wrong-secret",
        }
    }

    /// What its cost is counted over: the inner service that does the same without us.
    pub(crate) fn over(self) -> Option<Self> {
        match self {
            Self::Bare | Self::BareAxum | Self::Fused | Self::FusedCold => None,
            Self::AcceptedAxum | Self::HandWritten | Self::HandWrittenWrongSecret => {
                Some(Self::BareAxum)
            }
            Self::OtherPath
            | Self::TowerHttp
            | Self::Accepted
            | Self::AcceptedMany
            | Self::AcceptedCold
            | Self::WrongSecret
            | Self::WrongSecretMany
            | Self::UnknownClient => Some(Self::Bare),
        }
    }

    /// Builds what the scenario needs; nothing is built for a scenario that is not run.
    pub(crate) fn prepare(self) -> Prepared {
        match self {
            Self::Bare => Prepared::new(plain(TOKEN_PATH, valid(FEW, FEW)), serve(Inner)),
            Self::BareAxum => Prepared::new(axum(valid(FEW, FEW)), serve(AxumInner)),
            Self::OtherPath => ours(FEW, plain(OTHER_PATH, valid(FEW, FEW))),
            Self::TowerHttp => Prepared::new(
                plain(TOKEN_PATH, valid(FEW, FEW)),
                serve(AsyncRequireAuthorizationLayer::new(PassAll).layer(Inner)),
            ),
            Self::Fused => fused(FEW),
            Self::FusedCold => fused(MANY),
            Self::Accepted => ours(FEW, plain(TOKEN_PATH, valid(FEW, FEW))),
            Self::AcceptedMany => ours(MANY, plain(TOKEN_PATH, valid(FEW, MANY))),
            Self::AcceptedCold => ours(MANY, plain(TOKEN_PATH, valid(MANY, MANY))),
            Self::AcceptedAxum => Prepared::new(
                axum(valid(FEW, FEW)),
                serve(layer(FEW).axum_body().layer(AxumInner)),
            ),
            Self::HandWritten => hand(valid(FEW, FEW)),
            Self::WrongSecret => ours(FEW, plain(TOKEN_PATH, wrong(FEW, FEW))),
            Self::WrongSecretMany => ours(MANY, plain(TOKEN_PATH, wrong(FEW, MANY))),
            Self::UnknownClient => ours(FEW, plain(TOKEN_PATH, unknown())),
            Self::HandWrittenWrongSecret => hand(wrong(FEW, FEW)),
        }
    }
}

/// A scenario that is ready to run.
pub(crate) struct Prepared(Box<dyn FnMut(u64) -> Duration>);

impl Prepared {
    /// Making the input is counted, as it is for the inner service by itself, which is subtracted:
    /// many inputs made in advance would have the allocator work as it never does in a server.
    fn new<I: 'static>(
        mut input: impl FnMut() -> I + 'static,
        mut run: impl FnMut(I) + 'static,
    ) -> Self {
        Self(Box::new(move |iterations| {
            let start = Instant::now();
            for _ in 0..iterations {
                run(input());
            }
            start.elapsed()
        }))
    }

    /// Makes and answers so many requests, and tells how long that took.
    pub(crate) fn run(&mut self, iterations: u64) -> Duration {
        (self.0)(iterations)
    }
}

/// Drives a service from readiness to the finished, dropped response. Nothing here waits, so there
/// is no runtime: it would cost all sides the same and hide the difference.
fn serve<S, B, R>(mut service: S) -> impl FnMut(Request<B>)
where
    S: Service<Request<B>, Response = Response<R>, Error = Infallible>,
{
    move |request| {
        let mut context = Context::from_waker(Waker::noop());
        assert!(service.poll_ready(&mut context).is_ready());
        let future = pin!(service.call(request));
        let Poll::Ready(Ok(response)) = future.poll(&mut context) else {
            panic!("nothing here has to wait");
        };
        drop(black_box(response));
    }
}

/// The inner service: it issues a token, in the cheapest way there is.
#[derive(Clone, Copy)]
struct Inner;

impl<B> Service<Request<B>> for Inner {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        drop(black_box(request));
        ready(Ok(issued()))
    }
}

/// The same for axum, whose body is boxed.
#[derive(Clone, Copy)]
struct AxumInner;

impl Service<Request<Body>> for AxumInner {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        drop(black_box(request));
        ready(Ok(issued().map(Body::new)))
    }
}

/// The layer with so many clients registered.
fn layer(clients: usize) -> TokenEndpointLayer<MemoryClients> {
    let clients = MemoryClients::from_json(&clients_json(clients)).expect("valid metadata");
    TokenEndpointLayer::new(clients, ISSUER).path(TOKEN_PATH)
}

fn ours(clients: usize, input: impl FnMut() -> Request<Full<Bytes>> + 'static) -> Prepared {
    Prepared::new(input, serve(layer(clients).layer(Inner)))
}

fn hand(authorization: impl FnMut() -> &'static str + 'static) -> Prepared {
    let clients = Arc::new(registrations(FEW));
    // `Handler::call`, so that no router is counted.
    let handler = service_fn(move |request| {
        let answer = hand_written.call(request, Arc::clone(&clients));
        async { Ok::<_, Infallible>(answer.await) }
    });
    Prepared::new(axum(authorization), serve(handler))
}

fn fused(clients: usize) -> Prepared {
    let fused = Fused::new(clients);
    Prepared::new(valid(clients, clients), move |authorization| {
        assert!(fused.authenticates(black_box(authorization)));
    })
}

/// Requests with a body as hyper's is: not boxed.
fn plain(
    path: &'static str,
    mut authorization: impl FnMut() -> &'static str,
) -> impl FnMut() -> Request<Full<Bytes>> {
    move || request(path, authorization())
}

/// Requests with axum's body.
fn axum(mut authorization: impl FnMut() -> &'static str) -> impl FnMut() -> Request<Body> {
    move || request(TOKEN_PATH, authorization()).map(Body::new)
}

/// The credentials of `busy` out of `registered` clients, one after the other.
fn valid(busy: usize, registered: usize) -> impl FnMut() -> &'static str {
    in_turn(busy, registered, |n| basic(&client_id(n), &secret(n)))
}

/// The ids of `busy` out of `registered` clients, each with the secret of another.
fn wrong(busy: usize, registered: usize) -> impl FnMut() -> &'static str {
    in_turn(busy, registered, |n| basic(&client_id(n), &secret(n + 1)))
}

/// The credentials of clients that are not registered.
fn unknown() -> impl FnMut() -> &'static str {
    in_turn(FEW, FEW, |n| basic(&client_id(FEW + n), &secret(n)))
}

/// The values of `Authorization` headers for `busy` out of `registered` clients, in an order in
/// which no cache foresees the next client. The values themselves come one after the other: what
/// a request says is in the cache of a server that has just read it. They live as long as the
/// program, so that to hand one out costs nothing.
fn in_turn(
    busy: usize,
    registered: usize,
    authorization: fn(usize) -> String,
) -> impl FnMut() -> &'static str {
    // A prime that divides no power of ten: each client comes once before any comes again.
    const STRIDE: usize = 61_813;
    let order = (0..busy).map(|turn| turn * STRIDE % busy * (registered / busy));
    let values: Vec<_> = order.map(authorization).collect();
    let mut values = values.leak().iter().cycle();
    move || values.next().expect("a cycle has no end")
}
