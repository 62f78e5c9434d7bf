//! Nonce secrets that are replaced while clients send requests to both of two processes.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, RwLock};

use crate::common::ISSUER;
use crate::common::draft::quoted;
use crate::common::proof::{nonce_of, proof_for};
use crate::common::sign::P256;
use crate::common::token_server::*;

const CLIENTS: usize = 12;

/// The processes that a balancer in front of them knows.
type Balancer = RwLock<[Arc<Server>; 2]>;

fn process(secrets: &[&str]) -> Arc<Server> {
    let secrets = secrets.iter();
    let secrets = secrets.flat_map(|secret| ["--dpop-nonce-secret", secret]);
    let flags: Vec<_> = ["--issuer", ISSUER].into_iter().chain(secrets).collect();
    Arc::new(start(&flags))
}

/// A client that keeps the last nonce that it was offered, as RFC 9449 §8.2 says.
#[derive(Default)]
struct Client {
    nonce: Option<String>,
    sent: usize,
    challenged: usize,
}

impl Client {
    /// Gets a token, from the processes in turn.
    async fn token(&mut self, balancer: &Balancer) {
        for _ in 0..3 {
            let server = balancer.read().expect("no panic")[self.sent % 2].clone();
            self.sent += 1;
            let url = format!("{ISSUER}/token");
            let mut proof = proof_for("ES256", &P256, "POST", &url);
            if let Some(nonce) = &self.nonce {
                proof = proof.claim("nonce", quoted(nonce));
            }
            let reply = server
                .token_with(BASIC, &[CLIENT_CREDENTIALS], &proof)
                .await;
            self.nonce = nonce_of(&reply.headers).or(self.nonce.take());
            if reply.status == 200 {
                return;
            }
            reply.refused(400, "use_dpop_nonce");
            self.challenged += 1;
        }
        panic!("three challenges in a row");
    }
}

/// Replaces the secrets step by step under load. Returns how often each client was challenged: those that
/// send all the time, and those that sent nothing between the first step and the last.
async fn rotate(steps: &[[&[&str]; 2]]) -> [Vec<usize>; 2] {
    let [first, rest @ ..] = steps else {
        panic!("no steps");
    };
    let balancer = Arc::new(RwLock::new(first.map(process)));
    let is_over = Arc::new(AtomicBool::new(false));
    let sent = Arc::new(AtomicUsize::new(0));
    let busy = (0..CLIENTS).map(|_| {
        let (balancer, is_over) = (Arc::clone(&balancer), Arc::clone(&is_over));
        let sent = Arc::clone(&sent);
        tokio::spawn(async move {
            let mut client = Client::default();
            while !is_over.load(Ordering::SeqCst) {
                client.token(&balancer).await;
                sent.fetch_add(1, Ordering::SeqCst);
            }
            client.challenged
        })
    });
    let busy: Vec<_> = busy.collect();
    let mut idle: Vec<_> = (0..CLIENTS).map(|_| Client::default()).collect();
    for client in &mut idle {
        client.token(&balancer).await;
    }
    // Long enough for each client to have been at both processes.
    let load = async |more: usize| {
        let until = sent.load(Ordering::SeqCst) + more;
        while sent.load(Ordering::SeqCst) < until {
            assert!(!busy.iter().any(tokio::task::JoinHandle::is_finished));
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    };
    load(CLIENTS * 10).await;
    for step in rest {
        for (at, secrets) in step.iter().enumerate() {
            let next = process(secrets);
            let old = std::mem::replace(&mut balancer.write().expect("no panic")[at], next);
            load(CLIENTS * 10).await;
            drop(old);
        }
    }
    is_over.store(true, Ordering::SeqCst);
    let mut challenged = Vec::new();
    for client in busy {
        challenged.push(client.await.expect("a client that gets its tokens"));
    }
    for client in &mut idle {
        for _ in 0..4 {
            client.token(&balancer).await;
        }
    }
    [
        challenged,
        idle.iter().map(|client| client.challenged).collect(),
    ]
}

const OLD: &str = "0101010101010101010101010101010101010101010101010101010101010101";
const NEW: &str = "0202020202020202020202020202020202020202020202020202020202020202";

/// As `DpopNonces::from_secrets` advises: first every process accepts the new secret, then they make
/// nonces with it, then the old one goes. The first challenge of a client is that for its first nonce.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_busy_client_sees_a_challenge_more_and_no_idle_one_more_than_one() {
    let [busy, idle] = rotate(&[
        [&[OLD], &[OLD]],
        [&[OLD, NEW], &[OLD, NEW]],
        [&[NEW, OLD], &[NEW, OLD]],
        [&[NEW], &[NEW]],
    ])
    .await;
    assert_eq!(busy, [1; CLIENTS]);
    assert_eq!(idle, [2; CLIENTS]);
}

/// Without the last step, even a client that was away keeps its nonce.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn as_long_as_the_old_secret_is_accepted_no_client_sees_a_challenge_more() {
    let [busy, idle] = rotate(&[
        [&[OLD], &[OLD]],
        [&[OLD, NEW], &[OLD, NEW]],
        [&[NEW, OLD], &[NEW, OLD]],
    ])
    .await;
    assert_eq!(busy, [1; CLIENTS]);
    assert_eq!(idle, [1; CLIENTS]);
}
