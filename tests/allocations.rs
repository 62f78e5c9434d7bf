//! Holds what a request may allocate and what a registered client may weigh.
//!
//! Requests are counted from the call to the finished, dropped response, over the same request to
//! the bare inner service. A reallocation counts as an allocation. A file of its own, because the
//! counting allocator is the allocator of the whole test program.

#[path = "../benches/token_endpoint/assertions.rs"]
mod assertions;
#[path = "../benches/token_endpoint/certificate.rs"]
mod certificate;
#[path = "../benches/token_endpoint/scenarios/hashed.rs"]
mod hashed;
#[path = "../benches/token_endpoint/requests.rs"]
mod requests;

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, SystemTime};

use allocation_counter::measure;
use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode};
use http_body_util::Full;
use tower::{Layer as _, Service};
use tower_token_endpoint::client::certificates::{ClientCertificate, ClientCertificates};
use tower_token_endpoint::client::{AuthMethod, ClientSecret};
use tower_token_endpoint::dpop::Dpop;
use tower_token_endpoint::layer::TokenEndpoint;
use tower_token_endpoint::replay::MemoryReplayStore;
use tower_token_endpoint::throttle::{MemoryThrottle, ThrottleLimit, ThrottleSource, Throttling};
use tower_token_endpoint::{Client, GrantType, MemoryClientStore, TokenEndpointLayer};

use crate::assertions::{
    Algorithm, Signed, Signer, asserted, post_client, posted, proven, with_secret,
};
use crate::certificate::{jwks, of_1_kb};
use crate::requests::{
    ISSUER, OTHER_PATH, TOKEN_PATH, basic, client_id, clients_json, issued, request, secret,
};

#[test]
fn another_path_allocates_nothing() {
    let mut layered = layered(registered());
    for n in 0..CLIENTS {
        let cost = over_inner(&mut layered, || valid(OTHER_PATH, n), StatusCode::OK);
        assert_eq!(cost, 0, "client {n}");
    }
}

#[test]
fn an_accepted_basic_request_allocates_at_most_six_times() {
    let mut layered = layered(registered());
    for n in 0..CLIENTS {
        let cost = over_inner(&mut layered, || valid(TOKEN_PATH, n), StatusCode::OK);
        assert!(cost <= 6, "client {n}: {cost} allocations");
    }
}

#[test]
fn a_wrong_secret_allocates_at_most_twice() {
    let mut layered = layered(registered());
    for n in 0..CLIENTS {
        let request = || with(&client_id(n), &secret(n + 1));
        let cost = over_inner(&mut layered, request, StatusCode::UNAUTHORIZED);
        assert!(cost <= 2, "client {n}: {cost} allocations");
    }
}

/// It has more to compute than a digest, and more to look up.
#[test]
fn a_remembered_secret_allocates_at_most_three_times_more_than_a_digest() {
    let accept = |layered: &mut _, n| over_inner(layered, || valid(TOKEN_PATH, n), StatusCode::OK);
    let mut digests = layered(registered());
    let mut hashes = hashed::remembering(CLIENTS).layer(Inner);
    for n in 0..CLIENTS {
        let (digest, hash) = (accept(&mut digests, n), accept(&mut hashes, n));
        assert!(hash <= digest + 3, "client {n}: {hash} allocations");
    }
}

/// What an attacker could tell apart by the work of the allocator, too.
#[test]
fn every_failed_authentication_allocates_the_same() {
    let mut post_only = Client::builder("post").auth_method(AuthMethod::ClientSecretPost);
    let mut expired = Client::builder("expired");
    let yesterday = SystemTime::now() - Duration::from_secs(86_400);
    post_only = post_only
        .secret(ClientSecret::sha256_of(secret(0)))
        .grant_types([GrantType::ClientCredentials]);
    expired = expired
        .secret(ClientSecret::sha256_of(secret(0)).expires_at(yesterday))
        .grant_types([GrantType::ClientCredentials]);
    let known = Client::builder("known").secret(ClientSecret::sha256_of(secret(0)));
    let clients = [known, post_only, expired].map(|client| client.build().expect("valid"));
    let mut layered = layered(MemoryClientStore::new(clients).expect("no id twice"));

    let mut cost = |client_id, secret: &str| {
        let request = || with(client_id, secret);
        over_inner(&mut layered, request, StatusCode::UNAUTHORIZED)
    };
    let wrong_secret = cost("known", &secret(1));
    assert_eq!(cost("unknown", &secret(0)), wrong_secret, "unknown client");
    assert_eq!(
        cost("post", &secret(0)),
        wrong_secret,
        "method not registered"
    );
    assert_eq!(cost("expired", &secret(0)), wrong_secret, "expired secret");
}

/// Beyond what the library allocates to verify the bare signature.
#[test]
fn an_accepted_assertion_allocates_at_most_25_times_more_than_an_accepted_secret() {
    let posting = MemoryClientStore::new([post_client(0)]).expect("no id twice");
    let post = over_inner(
        &mut layered(posting),
        || posted(with_secret(0)),
        StatusCode::OK,
    );
    for algorithm in ALGORITHMS {
        let mut asserting = Asserting::new(algorithm);
        let signed = asserting.known.sign();
        let verifier = asserting.known.verifier();
        let signature = measure(|| assert!(verifier.verify(&signed))).count_total;
        for _ in 0..CLIENTS {
            let cost = asserting.cost(|it| it.known.sign(), StatusCode::OK);
            let more = cost.checked_sub(post + signature).expect("it takes more");
            assert!(more <= 25, "{algorithm:?}: {more} allocations");
        }
    }
}

#[test]
fn a_refused_assertion_allocates_no_more_than_an_accepted_one() {
    for algorithm in ALGORITHMS {
        let mut asserting = Asserting::new(algorithm);
        let accepted = asserting.cost(|it| it.known.sign(), StatusCode::OK);
        let wrong_signature = asserting.cost(
            |it| {
                let mut signed = it.known.sign();
                signed.spoil();
                signed
            },
            StatusCode::UNAUTHORIZED,
        );
        let unknown = asserting.cost(|it| it.unknown.sign(), StatusCode::UNAUTHORIZED);
        assert!(wrong_signature <= accepted, "{algorithm:?}");
        assert_eq!(unknown, wrong_signature, "{algorithm:?}: unknown client");
    }
}

#[test]
fn a_proof_allocates_at_most_25_times_more_than_a_request_without_one() {
    let clients = MemoryClientStore::new([post_client(0)]).expect("no id twice");
    let layer = TokenEndpointLayer::builder(clients, ISSUER)
        .path(TOKEN_PATH)
        .replay_store(MemoryReplayStore::new())
        .dpop(Dpop::new())
        .build()
        .expect("settings that agree");
    let mut layered = layer.layer(Inner);
    for algorithm in [Algorithm::Es256, Algorithm::Ed25519, Algorithm::Rs256] {
        let mut signer = Signer::new(algorithm, 0);
        for _ in 0..CLIENTS {
            let request = || posted(with_secret(0));
            let without = allocations(&mut layered, request(), StatusCode::OK);
            let request = proven(with_secret(0), &signer.prove());
            let cost = allocations(&mut layered, request, StatusCode::OK);
            let more = cost.checked_sub(without).expect("it takes more");
            assert!(more <= 25, "{algorithm:?}: {more} allocations");
        }
    }
}

/// What an attacker could tell apart by the work of the allocator, too.
#[test]
fn every_refused_certificate_allocates_the_same() {
    let mut by = Certified::new();
    let refused = StatusCode::UNAUTHORIZED;
    let good = by.good.clone();
    let unknown = by.cost("unknown", &good, refused);
    for client in ["other-name", "other-key", "public-key", "basic"] {
        assert_eq!(by.cost(client, &good, refused), unknown, "{client}");
    }
    let unverified = good.verified(false);
    assert_eq!(by.cost("unknown", &unverified, refused), unknown);
    assert_eq!(by.cost("own-name", &unverified, refused), unknown);
}

/// Also if none is presented.
#[test]
fn every_refused_id_allocates_the_same_without_a_certificate() {
    let mut by = Certified::new();
    let mut cost = |client: &str| {
        let form = format!("grant_type=client_credentials&client_id={client}");
        let request = || posted(form.clone());
        over_inner(&mut by.layered, request, StatusCode::UNAUTHORIZED)
    };
    let unknown = cost("unknown");
    for client in ["own-name", "own-key", "public-key", "basic"] {
        assert_eq!(cost(client), unknown, "{client}");
    }
}

#[test]
fn an_accepted_certificate_allocates_at_most_25_times_more_than_an_accepted_secret() {
    let mut by = Certified::new();
    let post = {
        let clients = MemoryClientStore::new([post_client(0)]).expect("no id twice");
        over_inner(
            &mut layered(clients),
            || posted(with_secret(0)),
            StatusCode::OK,
        )
    };
    let certificate = by.good.clone();
    for client in ["own-name", "own-key"] {
        let cost = by.cost(client, &certificate, StatusCode::OK);
        assert!(
            cost <= post + 25,
            "{client}: {cost} allocations, {post} with a secret"
        );
    }
}

/// A layer that knows clients by their certificates.
struct Certified {
    layered: TokenEndpoint<Inner, MemoryClientStore>,
    good: ClientCertificate,
}

impl Certified {
    fn new() -> Self {
        let certificate = |name: &str| {
            let key = rcgen::KeyPair::generate().expect("a key");
            let der = of_1_kb(name, &key).expect("a certificate");
            (der, jwks(&key))
        };
        let (der, own) = certificate("app");
        let (_, other) = certificate("other");
        let client = |id: &str, method, member: &str, value: serde_json::Value| {
            let client = Client::builder(id)
                .auth_method(method)
                .grant_types([GrantType::ClientCredentials])
                .metadata(member, value);
            client.build().expect("a client")
        };
        let subject = "tls_client_auth_subject_dn";
        let clients = MemoryClientStore::new([
            client(
                "own-name",
                AuthMethod::TlsClientAuth,
                subject,
                "CN=app,OU=Payments,O=Example GmbH,C=DE".into(),
            ),
            client(
                "other-name",
                AuthMethod::TlsClientAuth,
                subject,
                "CN=other,OU=Payments,O=Example GmbH,C=DE".into(),
            ),
            client(
                "own-key",
                AuthMethod::SelfSignedTlsClientAuth,
                "jwks",
                own.clone(),
            ),
            client(
                "other-key",
                AuthMethod::SelfSignedTlsClientAuth,
                "jwks",
                other,
            ),
            client("public-key", AuthMethod::PrivateKeyJwt, "jwks", own),
            Client::builder("basic")
                .secret(ClientSecret::sha256_of(secret(0)))
                .build()
                .expect("a client"),
        ]);
        let layer = TokenEndpointLayer::builder(clients.expect("no id twice"), ISSUER)
            .path(TOKEN_PATH)
            .client_certificates(ClientCertificates::from_acceptor())
            .build()
            .expect("settings that agree");
        let mut certified = Self {
            layered: layer.layer(Inner),
            good: ClientCertificate::from_der(der).verified(true),
        };
        // The first request makes what all share.
        let certificate = certified.good.clone();
        certified.cost("unknown", &certificate, StatusCode::UNAUTHORIZED);
        certified
    }

    /// Of the first request of a connection, for which the certificate is read.
    fn cost(&mut self, client: &str, certificate: &ClientCertificate, status: StatusCode) -> u64 {
        let form = format!("grant_type=client_credentials&client_id={client}");
        let request = || {
            let mut request = posted(form.clone());
            let own = ClientCertificate::from_der(certificate.der().to_vec());
            let own = own.verified(certificate.is_verified());
            request.extensions_mut().insert(own);
            request
        };
        over_inner(&mut self.layered, request, status)
    }
}

/// Nobody looks at the proof of a client that has not authenticated, and a layer that accepts proofs costs
/// nothing more without one.
#[test]
fn a_proof_costs_nothing_before_the_client_has_authenticated() {
    let clients = MemoryClientStore::new([post_client(0)]).expect("no id twice");
    let builder = TokenEndpointLayer::builder(clients, ISSUER).path(TOKEN_PATH);
    let plain = builder.clone().build().expect("settings that agree");
    let dpop = builder
        .replay_store(MemoryReplayStore::new())
        .dpop(Dpop::new());
    let dpop = dpop.build().expect("settings that agree");
    let [mut plain, mut dpop] = [plain, dpop].map(|layer| layer.layer(Inner));
    for (form, status) in [
        (with_secret(0), StatusCode::OK),
        (with_secret(1), StatusCode::UNAUTHORIZED),
    ] {
        let mut costs =
            || [&mut plain, &mut dpop].map(|it| allocations(it, posted(form.clone()), status));
        // The first request of a thread makes what all share.
        costs();
        let costs = costs();
        assert_eq!(costs[0], costs[1], "{status}");
    }
    let mut with_header = |name: &'static str, value: &str| {
        let mut request = posted(with_secret(1));
        let value = HeaderValue::from_str(value).expect("a header value");
        request.headers_mut().insert(name, value);
        allocations(&mut dpop, request, StatusCode::UNAUTHORIZED)
    };
    // The map of headers grows with one more of any name.
    let without = with_header("other", "x");
    let proof = Signer::new(Algorithm::Es256, 0).prove();
    for value in [&*proof.token, "x", "", "a,b", &"x".repeat(10_000)] {
        assert_eq!(with_header("dpop", value), without);
    }
}

const ALGORITHMS: [Algorithm; 4] = [
    Algorithm::Es256,
    Algorithm::Rs256,
    Algorithm::Ed25519,
    Algorithm::Hs256,
];

/// A layer that knows one of two clients that sign.
struct Asserting {
    layered: TokenEndpoint<Inner, MemoryClientStore>,
    known: Signer,
    unknown: Signer,
}

impl Asserting {
    fn new(algorithm: Algorithm) -> Self {
        let [known, unknown] = [0, 1].map(|n| Signer::new(algorithm, n));
        let clients = MemoryClientStore::new([known.client(0)]).expect("no id twice");
        let layer = TokenEndpointLayer::builder(clients, ISSUER)
            .path(TOKEN_PATH)
            .client_assertions(MemoryReplayStore::new())
            .build()
            .expect("settings that agree");
        let mut asserting = Self {
            layered: layer.layer(Inner),
            known,
            unknown,
        };
        // The tables of the store grow by doubling. No request pays for that.
        for _ in 0..CLIENTS {
            asserting.cost(|it| it.known.sign(), StatusCode::OK);
        }
        // And this makes what all refusals share.
        asserting.cost(|it| it.unknown.sign(), StatusCode::UNAUTHORIZED);
        asserting
    }

    /// Of one assertion, over the inner service.
    fn cost(&mut self, sign: impl Fn(&mut Self) -> Signed, status: StatusCode) -> u64 {
        let form = asserted(&sign(self).token);
        let ours = allocations(&mut self.layered, posted(form.clone()), status);
        let inner = allocations(&mut Inner, posted(form), StatusCode::OK);
        ours.checked_sub(inner)
            .expect("the layer takes nothing off")
    }
}

#[test]
fn a_registered_client_weighs_at_most_one_and_a_half_kib() {
    const CLIENTS: u64 = 100_000;
    let json = clients_json(usize::try_from(CLIENTS).expect("fits"));
    let mut clients = None;
    let info = measure(|| clients = Some(MemoryClientStore::from_json(&json).expect("valid")));
    assert_eq!(clients.map(|clients| clients.len() as u64), Some(CLIENTS));

    let kept = u64::try_from(info.bytes_current).expect("something is kept");
    assert!(kept / CLIENTS <= 1536, "{} bytes a client", kept / CLIENTS);
    // Loading must not need a multiple of what it leaves behind: a machine that can hold the
    // clients can load them, and replace them while the old ones still serve.
    let peak = info.bytes_max;
    assert!(peak <= 2 * kept, "{kept} bytes kept, {peak} at the peak");
}

/// The inner service of the bench: it issues a token in the cheapest way there is.
#[derive(Clone, Copy)]
struct Inner;

impl<B> Service<Request<B>> for Inner {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<B>) -> Self::Future {
        ready(Ok(issued()))
    }
}

/// Enough to see a cost that depends on the request.
const CLIENTS: usize = 64;

fn registered() -> MemoryClientStore {
    MemoryClientStore::from_json(&clients_json(CLIENTS)).expect("valid metadata")
}

#[test]
fn a_throttle_in_memory_allocates_nothing_more() {
    let peer = ThrottleSource::from_fn(|_| Some([192, 0, 2, 1].into()));
    let limit = ThrottleLimit::new(1_000, Duration::from_secs(60));
    let throttling = Throttling::new(MemoryThrottle::new()).source(peer);
    let throttling = throttling.per_source(limit).per_client(limit);
    let mut layered = TokenEndpointLayer::builder(registered(), ISSUER)
        .path(TOKEN_PATH)
        .throttle(throttling)
        .build()
        .expect("settings that agree")
        .layer(Inner);
    for n in 0..CLIENTS {
        let cost = over_inner(&mut layered, || valid(TOKEN_PATH, n), StatusCode::OK);
        assert!(cost <= 6, "client {n}: {cost} allocations");
        let request = || with(&client_id(n), &secret(n + 1));
        let cost = over_inner(&mut layered, request, StatusCode::UNAUTHORIZED);
        assert!(cost <= 3, "client {n}: {cost} allocations");
    }
}

fn layered(clients: MemoryClientStore) -> TokenEndpoint<Inner, MemoryClientStore> {
    TokenEndpointLayer::builder(clients, ISSUER)
        .path(TOKEN_PATH)
        .build()
        .expect("settings that agree")
        .layer(Inner)
}

fn valid(path: &'static str, n: usize) -> Request<Full<Bytes>> {
    request(path, &basic(&client_id(n), &secret(n)))
}

fn with(client_id: &str, secret: &str) -> Request<Full<Bytes>> {
    request(TOKEN_PATH, &basic(client_id, secret))
}

/// What `layered` allocates for a request that it answers with `status`, over what the inner
/// service allocates for the same request by itself.
fn over_inner<S, R>(
    layered: &mut S,
    request: impl Fn() -> Request<Full<Bytes>>,
    status: StatusCode,
) -> u64
where
    S: Service<Request<Full<Bytes>>, Response = Response<R>, Error = Infallible>,
{
    // What is made once, at the first request, is not a cost of any request.
    answer(layered, request(), status);
    let ours = allocations(layered, request(), status);
    let inner = allocations(&mut Inner, request(), StatusCode::OK);
    ours.checked_sub(inner)
        .expect("the layer takes nothing off")
}

fn allocations<S, R>(service: &mut S, request: Request<Full<Bytes>>, status: StatusCode) -> u64
where
    S: Service<Request<Full<Bytes>>, Response = Response<R>, Error = Infallible>,
{
    measure(|| answer(service, request, status)).count_total
}

fn answer<S, R>(service: &mut S, request: Request<Full<Bytes>>, status: StatusCode)
where
    S: Service<Request<Full<Bytes>>, Response = Response<R>, Error = Infallible>,
{
    let mut context = Context::from_waker(Waker::noop());
    assert!(service.poll_ready(&mut context).is_ready());
    let Poll::Ready(Ok(response)) = pin!(service.call(request)).poll(&mut context) else {
        panic!("nothing here has to wait");
    };
    assert_eq!(response.status(), status);
}
