//! Two servers that share a Redis, which ends and comes back.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use reqwest::{StatusCode, header};

use crate::at_once::{at_most_one_token, by_200_tasks_at_once, by_four_at_once};
use crate::common::ISSUER;
use crate::common::redis_server::{FOREVER, RedisServer};
use crate::common::token_server::*;
use crate::signers::{ENDPOINTS, Signer, demo_signers};

/// Both are the same server to their clients: they have one issuer.
fn two_servers(redis: &RedisServer) -> [Arc<Server>; 2] {
    let url = redis.url();
    let server = || Arc::new(start(&["--issuer", ISSUER, "--redis", &url]));
    [server(), server()]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn assertion_sent_by_200_tasks_at_once_to_two_servers_gets_one_token() {
    let Some(redis) = RedisServer::start(&[]) else {
        return;
    };
    let servers = two_servers(&redis);
    let signer = Signer::demo_private_key();
    let mut undisturbed = 0;
    for _ in 0..30 {
        let statuses = by_200_tasks_at_once(&servers, &signer.assertion(ISSUER)).await;
        let granted = at_most_one_token(&statuses);
        if !statuses.contains_key(&503) {
            assert_eq!(granted, 1, "{statuses:?}");
            undisturbed += 1;
            if undisturbed == 3 {
                return;
            }
        }
    }
    panic!("Redis was too slow in nearly every round");
}

#[tokio::test]
async fn what_one_server_took_the_other_refuses() {
    let Some(redis) = RedisServer::start(&[]) else {
        return;
    };
    let servers = two_servers(&redis);
    for signer in demo_signers() {
        for (first, then) in [(0, 1), (1, 0)] {
            let assertion = taken(&servers[first], &signer).await;
            refused_in_the_end(&servers[then], &assertion).await;
        }
    }
}

/// An assertion that got a token.
async fn taken(server: &Server, signer: &Signer) -> String {
    let start = Instant::now();
    while start.elapsed() < FOREVER {
        let assertion = signer.assertion(ISSUER);
        let answer = server.token_for(&assertion).await;
        if answer.status == StatusCode::OK {
            return assertion;
        }
        // Whether it was remembered is left open: never the same one again.
        answer.refused(503, "temporarily_unavailable");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("no token within {FOREVER:?}");
}

/// Until then, 503 says that Redis was too slow.
async fn refused_in_the_end(server: &Server, assertion: &str) {
    let start = Instant::now();
    while start.elapsed() < FOREVER {
        let answer = server.token_for(assertion).await;
        if answer.status != StatusCode::SERVICE_UNAVAILABLE {
            return answer.refused(401, "invalid_client");
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("no answer within {FOREVER:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn redis_killed_in_the_middle_is_503_without_a_replay_and_recovery_needs_no_restart() {
    // What it has acknowledged, it has on disk.
    let options = ["--appendonly", "yes", "--appendfsync", "always"];
    let Some(mut redis) = RedisServer::start(&options) else {
        return;
    };
    let servers = two_servers(&redis);
    let signer = Signer::demo_private_key();
    let mut used = vec![
        taken(&servers[0], &signer).await,
        taken(&servers[1], &signer).await,
    ];

    // Each assertion goes to both servers twice, before, while and after Redis is killed.
    let killed = Arc::new(AtomicUsize::new(0));
    let sending = tokio::spawn({
        let (servers, killed) = (servers.clone(), Arc::clone(&killed));
        let assertions: Vec<_> = (0..10_000).map(|_| signer.assertion(ISSUER)).collect();
        async move {
            let (mut granted, mut after) = (Vec::new(), 0);
            for assertion in assertions {
                let was_killed = killed.load(Ordering::SeqCst) == 1;
                let statuses = by_four_at_once(&servers, &assertion).await;
                if at_most_one_token(&statuses) == 1 {
                    assert!(!was_killed, "a token without Redis");
                    granted.push(assertion);
                }
                after += usize::from(was_killed);
                if after == 20 {
                    return granted;
                }
            }
            panic!("Redis was never killed");
        }
    });
    used.push(taken(&servers[0], &signer).await);
    redis.kill();
    killed.store(1, Ordering::SeqCst);
    used.extend(sending.await.expect("at most one token each"));

    for server in &servers {
        for path in ENDPOINTS {
            let new = signer.assertion(ISSUER);
            for assertion in [&new, &used[0], &used[1]] {
                let answer = server.authenticate(path, assertion).await;
                answer.refused(503, "temporarily_unavailable");
                assert!(answer.headers.contains_key(header::RETRY_AFTER));
            }
        }
        // Who has no assertion does not need Redis.
        server.token(BASIC, &[CLIENT_CREDENTIALS]).await.granted();
    }

    redis.restart();
    for server in &servers {
        taken(server, &signer).await;
    }
    for assertion in &used {
        for server in &servers {
            refused_in_the_end(server, assertion).await;
        }
    }
}
