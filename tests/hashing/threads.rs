//! Which thread computes a slow hash, and what becomes of a panic there.

use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::thread;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use tower::{BoxError, Layer, ServiceExt, service_fn};
use tower_http::catch_panic::CatchPanicLayer;
use tower_token_endpoint::client::hashing::HashPool;
use tower_token_endpoint::client::{ClientSecret, Secret, SecretCheck, SecretHash};
use tower_token_endpoint::rejection::RejectionReason::WrongSecret;

use crate::common::{Built, basic, builder, layer, poll_once};
use crate::setup::{Watch, built, client, eventually, slow};

/// The runtime has one thread, which a hash must not hold.
#[tokio::test]
async fn a_slow_hash_does_not_stop_the_thread_that_serves() {
    let watch = Watch::new();
    let layer = layer(built([
        client("hashed", slow(&watch, "right")),
        client("digest", "right"),
    ]));
    let closed = watch.closed();
    let waiting = {
        let layer = layer.clone();
        tokio::spawn(async move { basic("hashed:right").send(&layer).await })
    };
    eventually("a hash runs", || watch.running() == 1).await;
    basic("digest:right").send(&layer).await.inner_request();
    basic("digest:right")
        .to("/health")
        .send(&layer)
        .await
        .inner_request();
    assert!(!waiting.is_finished());
    drop(closed);
    waiting.await.expect("no panic").inner_request();
    assert!(!watch.threads().contains(&thread::current().id()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_hash_runs_on_no_thread_of_the_workers() {
    let watch = Watch::new();
    let layer = layer(built([client("hashed", slow(&watch, "right"))]));
    for _ in 0..20 {
        let layer = layer.clone();
        let worker = tokio::spawn(async move {
            let before = thread::current().id();
            basic("hashed:right").send(&layer).await.inner_request();
            [before, thread::current().id()]
        });
        for worker in worker.await.expect("no panic") {
            assert!(!watch.threads().contains(&worker));
        }
    }
    assert_eq!(watch.computed(), 20);
}

#[test]
fn outside_of_a_runtime_a_slow_hash_runs_in_place() {
    let watch = Watch::new();
    let layer = layer(built([client("hashed", slow(&watch, "right"))]));
    let right = basic("hashed:right");
    let Poll::Ready(exchange) = poll_once(pin!(right.send(&layer))) else {
        panic!("nothing has to wait");
    };
    exchange.inner_request();
    let wrong = basic("hashed:wrong");
    let Poll::Ready(exchange) = poll_once(pin!(wrong.send(&layer))) else {
        panic!("nothing has to wait");
    };
    exchange.rejected(401, "invalid_client", WrongSecret);
    assert_eq!(watch.threads(), [thread::current().id()].into());
}

/// A hash with a fault.
#[derive(Debug)]
struct Panicking;

impl SecretHash for Panicking {
    fn kind(&self) -> &str {
        "panicking"
    }

    fn check(self: Arc<Self>, _: Secret) -> SecretCheck {
        SecretCheck::blocking(|| panic!("a fault of the hash"))
    }

    fn stored(&self) -> Option<&[u8]> {
        Some(b"$panicking$")
    }
}

#[tokio::test]
async fn a_panic_of_a_slow_hash_reaches_catch_panic_and_gives_its_permit_back() {
    let pool = HashPool::new().permits(1);
    let secret = ClientSecret::hashed(Arc::new(Panicking));
    let layer = builder(built([client("hashed", secret)]))
        .hash_pool(pool.clone())
        .built();
    for id in ["hashed", "nobody", "hashed"] {
        let call = basic(format!("{id}:right"));
        let sent = {
            let (call, layer) = (call.clone(), layer.clone());
            tokio::spawn(async move { call.send(&layer).await.inner.len() })
        };
        let panic = sent.await.expect_err("a panic").into_panic();
        assert_eq!(panic.downcast_ref(), Some(&"a fault of the hash"));
        assert_eq!((pool.running(), pool.waiting()), (0, 0));

        let inner = service_fn(|_: Request<_>| async {
            Ok::<_, BoxError>(Response::new(Full::new(Bytes::from("accepted"))))
        });
        let caught = CatchPanicLayer::new().layer(layer.layer(inner));
        let response = caught.oneshot(call.request()).await.expect("a response");
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!((pool.running(), pool.waiting()), (0, 0));
    }
}
