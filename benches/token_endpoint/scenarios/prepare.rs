//! The services of the scenarios, each with its requests.

use std::convert::Infallible;
use std::hint::black_box;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::handler::Handler;
use axum::response::Response;
use axum::routing::{MethodRouter, post};
use http::{Request, StatusCode};
use tower::{Layer as _, Service, service_fn};
use tower_http::auth::AsyncRequireAuthorizationLayer;
use tower_token_endpoint::dpop::Dpop;
use tower_token_endpoint::layer::TokenEndpointLayerBuilder;
use tower_token_endpoint::replay::MemoryReplayStore;
use tower_token_endpoint::{MemoryClientStore, TokenEndpointLayer, TokenRequest};

use super::inputs::{self, Input, axum, plain, unknown, valid, wrong};
use super::{Case, Contender, FEW, MANY, Scenario};
use super::{certified, hashed, reports};
use crate::assertions::{
    Algorithm, Signed, Signer, asserted, post_client, posted, proven, with_secret,
};
use crate::contenders::{
    Fused, Method, Minimal, PassAll, Registrations, hand_written, hand_written_post, registrations,
};
use crate::prepared::{AxumInner, Inner, Prepared, serve};
use crate::requests::{ISSUER, OTHER_PATH, TOKEN_PATH, clients_json, issued};

impl Scenario {
    /// Builds what the scenario needs; nothing is built for a scenario that is not run.
    pub(crate) fn prepare(self) -> Prepared {
        let accepted = || inputs::of(Case::Accepted);
        match self {
            Self::Bare => Prepared::new(accepted(), serve(Inner, StatusCode::OK)),
            Self::BareAxum => Prepared::new(axum(accepted()), serve(AxumInner, StatusCode::OK)),
            Self::Of(contender, case) => contender.prepare(case),
            Self::TowerHttp => Prepared::new(
                accepted(),
                serve(
                    AsyncRequireAuthorizationLayer::new(PassAll).layer(Inner),
                    StatusCode::OK,
                ),
            ),
            Self::Fused => fused(FEW),
            Self::FusedCold => fused(MANY),
            Self::AcceptedMany => ours(MANY, plain(TOKEN_PATH, valid(FEW, MANY)), StatusCode::OK),
            Self::AcceptedCold => ours(MANY, plain(TOKEN_PATH, valid(MANY, MANY)), StatusCode::OK),
            Self::Remembered => Prepared::new(
                accepted(),
                serve(hashed::remembering(FEW).layer(Inner), StatusCode::OK),
            ),
            Self::AcceptedAxum => Prepared::new(
                axum(accepted()),
                serve(layer(FEW).axum_body().layer(AxumInner), StatusCode::OK),
            ),
            Self::WrongSecretMany => ours(
                MANY,
                plain(TOKEN_PATH, wrong(FEW, MANY)),
                StatusCode::UNAUTHORIZED,
            ),
            Self::UnknownClient => {
                ours(FEW, plain(TOKEN_PATH, unknown()), StatusCode::UNAUTHORIZED)
            }
            Self::Reporting(report, case) => {
                let layer = reports::switch_on(report, builder(registered(FEW)));
                let layer = layer.build().expect("settings that agree");
                Prepared::new(inputs::of(case), serve(layer.layer(Inner), case.status()))
            }
            Self::AcceptedAssertion(algorithm) => {
                asserting(algorithm, true, |_| {}, StatusCode::OK)
            }
            Self::Verify(algorithm) => verifying(algorithm),
            Self::WrongSignature(algorithm) => {
                asserting(algorithm, true, Signed::spoil, StatusCode::UNAUTHORIZED)
            }
            Self::UnknownSubject(algorithm) => {
                asserting(algorithm, false, |_| {}, StatusCode::UNAUTHORIZED)
            }
            Self::AcceptedProof => proving(),
            Self::AcceptedCertificate(by) => certified::prepare(by),
        }
    }
}

impl Contender {
    fn prepare(self, case: Case) -> Prepared {
        let input = inputs::of(case);
        let status = case.status();
        match (self, case) {
            (Self::Layer, Case::Post) => {
                let clients =
                    MemoryClientStore::new((0..FEW).map(post_client)).expect("no id twice");
                Prepared::new(input, serve(over(clients).layer(Inner), status))
            }
            (Self::Layer, _) => ours(FEW, input, status),
            (Self::Minimal, Case::Post) => {
                Prepared::new(input, serve(Minimal::new(Inner, FEW, Method::Post), status))
            }
            (Self::Minimal, _) => Prepared::new(
                input,
                serve(Minimal::new(Inner, FEW, Method::Basic), status),
            ),
            (Self::HandWritten, Case::Post) => handling(hand_written_post, input, status),
            (Self::HandWritten, _) => handling(hand_written, input, status),
            (Self::HandWrittenRouted, Case::Post) => {
                let router = routes(post(hand_written_post));
                routing(router.with_state(registrations(FEW)), input, status)
            }
            (Self::HandWrittenRouted, _) => {
                let router = routes(post(hand_written));
                routing(router.with_state(registrations(FEW)), input, status)
            }
            (Self::InRouter, _) => {
                let router = routes(post(issue_for)).layer(layer(FEW));
                routing(router.with_state(()), input, status)
            }
            (Self::AroundRouter, _) => {
                let router = routes(post(issue_for)).with_state(());
                routing(layer(FEW).axum_body().layer(router), input, status)
            }
            (Self::RouterOnly, _) => routing(routes(post(issue)).with_state(()), input, status),
        }
    }
}

impl Case {
    fn status(self) -> StatusCode {
        match self {
            Self::Accepted | Self::Post | Self::OtherPath => StatusCode::OK,
            Self::WrongSecret => StatusCode::UNAUTHORIZED,
        }
    }
}

/// The layer with so many clients registered.
fn layer(clients: usize) -> TokenEndpointLayer<MemoryClientStore> {
    over(registered(clients))
}

fn registered(clients: usize) -> MemoryClientStore {
    MemoryClientStore::from_json(&clients_json(clients)).expect("valid metadata")
}

fn over(clients: MemoryClientStore) -> TokenEndpointLayer<MemoryClientStore> {
    builder(clients).build().expect("settings that agree")
}

pub(super) fn builder(clients: MemoryClientStore) -> TokenEndpointLayerBuilder<MemoryClientStore> {
    TokenEndpointLayer::builder(clients, ISSUER).path(TOKEN_PATH)
}

fn ours(clients: usize, input: Input, status: StatusCode) -> Prepared {
    Prepared::new(input, serve(layer(clients).layer(Inner), status))
}

/// A handler by `Handler::call`, so that no router is counted.
fn handling<T: 'static>(
    handler: impl Handler<T, Registrations> + Copy,
    input: Input,
    status: StatusCode,
) -> Prepared {
    let clients = registrations(FEW);
    let handler = service_fn(move |request| {
        let response = handler.call(request, Arc::clone(&clients));
        async { Ok::<_, Infallible>(response.await) }
    });
    Prepared::new(axum(input), serve(handler, status))
}

/// A router, or a layer around one. It has been given its state, as `axum::serve` does it before the
/// first request: until then a router makes its routes anew for every request.
fn routing<S>(service: S, input: Input, status: StatusCode) -> Prepared
where
    S: Service<Request<Body>, Response = Response, Error = Infallible> + 'static,
{
    Prepared::new(axum(input), serve(service, status))
}

/// The token endpoint beside something else.
fn routes<S: Clone + Send + Sync + 'static>(token: MethodRouter<S>) -> Router<S> {
    Router::new()
        .route(TOKEN_PATH, token)
        .route(OTHER_PATH, post(issue))
}

/// The inner service as a handler.
async fn issue() -> Response {
    issued().map(Body::new)
}

/// The same, behind our layer.
async fn issue_for(request: TokenRequest) -> Response {
    drop(black_box(request));
    issue().await
}

/// How many clients sign assertions.
const SIGNERS: usize = 8;

/// Requests with assertions, each for one use: of the registered clients, or of as many others.
fn asserting(
    algorithm: Algorithm,
    registered: bool,
    change: fn(&mut Signed),
    status: StatusCode,
) -> Prepared {
    let mut signers: Vec<_> = (0..SIGNERS).map(|n| Signer::new(algorithm, n)).collect();
    let clients = (signers.iter().enumerate()).map(|(n, signer)| signer.client(n));
    let clients = MemoryClientStore::new(clients).expect("no id twice");
    if !registered {
        signers = (SIGNERS..2 * SIGNERS)
            .map(|n| Signer::new(algorithm, n))
            .collect();
    }
    let layer = TokenEndpointLayer::builder(clients, ISSUER)
        .path(TOKEN_PATH)
        .client_assertions(MemoryReplayStore::with_capacity(1 << 22).client_share(1 << 20))
        .build()
        .expect("settings that agree");
    let mut turn = (0..SIGNERS).cycle();
    let make = move || {
        let signer = turn.next().expect("a cycle has no end");
        let mut signed = signers[signer].sign();
        change(&mut signed);
        asserted(&signed.token)
    };
    let mut respond = serve(layer.layer(Inner), status);
    Prepared::once(make, move |form| respond(posted(form)))
}

/// A client with a secret and a proof of a key.
fn proving() -> Prepared {
    let mut signers: Vec<_> = (0..SIGNERS)
        .map(|n| Signer::new(Algorithm::Es256, n))
        .collect();
    let clients = MemoryClientStore::new((0..SIGNERS).map(post_client)).expect("no id twice");
    let layer = TokenEndpointLayer::builder(clients, ISSUER)
        .path(TOKEN_PATH)
        .replay_store(MemoryReplayStore::with_capacity(1 << 22).client_share(1 << 20))
        .dpop(Dpop::new())
        .build()
        .expect("settings that agree");
    let mut turn = (0..SIGNERS).cycle();
    let make = move || {
        let signer = turn.next().expect("a cycle has no end");
        proven(with_secret(signer), &signers[signer].prove())
    };
    Prepared::once(make, serve(layer.layer(Inner), StatusCode::OK))
}

/// The signatures of such requests, verified and nothing else.
fn verifying(algorithm: Algorithm) -> Prepared {
    let mut signers: Vec<_> = (0..SIGNERS).map(|n| Signer::new(algorithm, n)).collect();
    let verifiers: Vec<_> = signers.iter().map(Signer::verifier).collect();
    let mut turn = (0..SIGNERS).cycle();
    let make = move || {
        let signer = turn.next().expect("a cycle has no end");
        (signer, signers[signer].sign())
    };
    Prepared::once(make, move |(signer, signed)| {
        assert!(verifiers[signer].verify(black_box(&signed)));
    })
}

fn fused(clients: usize) -> Prepared {
    let fused = Fused::new(clients);
    Prepared::new(valid(clients, clients), move |authorization| {
        assert!(fused.authenticates(black_box(authorization)));
    })
}
