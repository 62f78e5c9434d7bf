//! Everything that is measured, each as a closure that answers one request.

use std::convert::Infallible;
use std::hint::black_box;
use std::sync::Arc;

use axum::body::Body;
use axum::handler::Handler as _;
use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use tower::{Layer as _, service_fn};
use tower_http::auth::AsyncRequireAuthorizationLayer;
use tower_token_endpoint::{MemoryClients, MemoryReplays, TokenEndpointLayer};

use crate::assertions::{Algorithm, Signed, Signer, asserted, post_client, posted, with_secret};
use crate::contenders::{Fused, PassAll, hand_written, registrations};
use crate::prepared::{AxumInner, Inner, Prepared, serve};
use crate::requests::{
    ISSUER, OTHER_PATH, TOKEN_PATH, basic, client_id, clients_json, request, secret,
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
    /// Our layer, an accepted request with `client_secret_post`.
    AcceptedPost,
    /// Our layer, an accepted assertion, each of them another.
    AcceptedAssertion(Algorithm),
    /// The library, verifying the signature of such an assertion and nothing else.
    Verify(Algorithm),
    /// Our layer, an assertion with the signature of another.
    WrongSignature(Algorithm),
    /// Our layer, an assertion of a client that is not registered: costs what a wrong signature
    /// costs.
    UnknownSubject(Algorithm),
}

impl Scenario {
    pub(crate) const ALL: [Self; 32] = [
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
        Self::AcceptedPost,
        Self::AcceptedAssertion(Algorithm::Es256),
        Self::Verify(Algorithm::Es256),
        Self::WrongSignature(Algorithm::Es256),
        Self::UnknownSubject(Algorithm::Es256),
        Self::AcceptedAssertion(Algorithm::Rs256),
        Self::Verify(Algorithm::Rs256),
        Self::WrongSignature(Algorithm::Rs256),
        Self::UnknownSubject(Algorithm::Rs256),
        Self::AcceptedAssertion(Algorithm::Ed25519),
        Self::Verify(Algorithm::Ed25519),
        Self::WrongSignature(Algorithm::Ed25519),
        Self::UnknownSubject(Algorithm::Ed25519),
        Self::AcceptedAssertion(Algorithm::Hs256),
        Self::Verify(Algorithm::Hs256),
        Self::WrongSignature(Algorithm::Hs256),
        Self::UnknownSubject(Algorithm::Hs256),
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
            Self::AcceptedPost => "accepted-post",
            Self::AcceptedAssertion(Algorithm::Es256) => "accepted-es256",
            Self::AcceptedAssertion(Algorithm::Rs256) => "accepted-rs256",
            Self::AcceptedAssertion(Algorithm::Ed25519) => "accepted-ed25519",
            Self::AcceptedAssertion(Algorithm::Hs256) => "accepted-hs256",
            Self::Verify(Algorithm::Es256) => "verify-es256",
            Self::Verify(Algorithm::Rs256) => "verify-rs256",
            Self::Verify(Algorithm::Ed25519) => "verify-ed25519",
            Self::Verify(Algorithm::Hs256) => "verify-hs256",
            Self::WrongSignature(Algorithm::Es256) => "wrong-signature-es256",
            Self::WrongSignature(Algorithm::Rs256) => "wrong-signature-rs256",
            Self::WrongSignature(Algorithm::Ed25519) => "wrong-signature-ed25519",
            Self::WrongSignature(Algorithm::Hs256) => "wrong-signature-hs256",
            Self::UnknownSubject(Algorithm::Es256) => "unknown-subject-es256",
            Self::UnknownSubject(Algorithm::Rs256) => "unknown-subject-rs256",
            Self::UnknownSubject(Algorithm::Ed25519) => "unknown-subject-ed25519",
            Self::UnknownSubject(Algorithm::Hs256) => "unknown-subject-hs256",
        }
    }

    /// What its cost is counted over: the inner service that does the same without us.
    pub(crate) fn over(self) -> Option<Self> {
        match self {
            Self::Bare | Self::BareAxum | Self::Fused | Self::FusedCold | Self::Verify(_) => None,
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
            | Self::UnknownClient
            | Self::AcceptedPost
            | Self::AcceptedAssertion(_)
            | Self::WrongSignature(_)
            | Self::UnknownSubject(_) => Some(Self::Bare),
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
            Self::AcceptedPost => posting(),
            Self::AcceptedAssertion(algorithm) => asserting(algorithm, true, |_| {}),
            Self::Verify(algorithm) => verifying(algorithm),
            Self::WrongSignature(algorithm) => asserting(algorithm, true, Signed::spoil),
            Self::UnknownSubject(algorithm) => asserting(algorithm, false, |_| {}),
        }
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

/// How many clients sign assertions.
const SIGNERS: usize = 8;

/// Requests with assertions, each for one use: of the registered clients, or of as many others.
fn asserting(algorithm: Algorithm, registered: bool, change: fn(&mut Signed)) -> Prepared {
    let mut signers: Vec<_> = (0..SIGNERS).map(|n| Signer::new(algorithm, n)).collect();
    let clients = (signers.iter().enumerate()).map(|(n, signer)| signer.client(n));
    let clients = MemoryClients::new(clients).expect("no id twice");
    if !registered {
        signers = (SIGNERS..2 * SIGNERS)
            .map(|n| Signer::new(algorithm, n))
            .collect();
    }
    let layer = TokenEndpointLayer::new(clients, ISSUER)
        .path(TOKEN_PATH)
        .assertions(MemoryReplays::with_capacity(1 << 22));
    let mut turn = (0..SIGNERS).cycle();
    let make = move || {
        let signer = turn.next().expect("a cycle has no end");
        let mut signed = signers[signer].sign();
        change(&mut signed);
        asserted(&signed.token)
    };
    let mut answer = serve(layer.layer(Inner));
    Prepared::once(make, move |form| answer(posted(form)))
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

/// Requests with the secret of the client in the form.
fn posting() -> Prepared {
    let clients = MemoryClients::new((0..FEW).map(post_client)).expect("no id twice");
    let layer = TokenEndpointLayer::new(clients, ISSUER).path(TOKEN_PATH);
    let mut turn = (0..FEW).cycle();
    let make = move || with_secret(turn.next().expect("a cycle has no end"));
    let mut answer = serve(layer.layer(Inner));
    Prepared::once(make, move |form| answer(posted(form)))
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
