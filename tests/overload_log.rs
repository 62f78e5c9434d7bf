//! What the operator is told when too many slow hashes are wanted. A file of its own, since the log
//! is that of the whole process.

mod common;

use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};

use tower_token_endpoint::Client;
use tower_token_endpoint::client::hashing::HashPool;
use tower_token_endpoint::client::{ClientSecret, Secret, SecretCheck, SecretHash};
use tower_token_endpoint::rejection::RejectionReason::HashingOverloaded;
use tracing_subscriber::filter::LevelFilter;

use common::{Built, Log, basic, builder};

/// Matches nothing, once the other end of the channel is gone.
#[derive(Debug)]
struct Gated(Mutex<Receiver<()>>);

impl SecretHash for Gated {
    fn kind(&self) -> &str {
        "gated"
    }

    fn check(self: Arc<Self>, _: Secret) -> SecretCheck {
        SecretCheck::blocking(move || {
            let gate = self.0.lock().expect("no panic before");
            gate.recv().is_ok()
        })
    }
}

#[tokio::test]
async fn an_overload_is_one_warning_with_both_sides() {
    let log = Log::default();
    log.of_process(LevelFilter::INFO);
    let (let_go, gate) = channel();
    let secret = ClientSecret::hashed(Arc::new(Gated(Mutex::new(gate))));
    let client = Client::builder("hashed").secret(secret);
    let pool = HashPool::new().permits(1).queue(0);
    let layer = builder([client.build().expect("a client")])
        .hash_pool(pool.clone())
        .built();
    let running = {
        let layer = layer.clone();
        tokio::spawn(async move { basic("hashed:x").send(&layer).await })
    };
    while pool.running() == 0 {
        tokio::task::yield_now().await;
    }
    let exchange = basic("hashed:s3cret").send(&layer).await;
    exchange.rejected(503, "temporarily_unavailable", HashingOverloaded);
    let lines = log.take();
    assert_eq!(lines.len(), 1, "{lines:?}");
    for part in [
        "WARN tower_token_endpoint: token request",
        r#"reason="hashing_overloaded""#,
        r#"client_id="hashed""#,
        "hashes running: 1 (at most 1), requests waiting: 0 (at most 0)",
    ] {
        assert!(lines[0].contains(part), "{lines:?}");
    }
    assert!(!lines[0].contains("s3cret"), "{lines:?}");
    drop(let_go);
    running.await.expect("no panic").error();
}
