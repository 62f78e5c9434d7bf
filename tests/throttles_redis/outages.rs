//! A server that goes and comes back, is silent, is full, or is a replica.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::io::copy_bidirectional;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tower_token_endpoint::throttle::{RedisThrottle, Slots};

use crate::common::listen;
use crate::common::redis_server::{FOREVER, RedisServer};
use crate::setup::{HOUR, attempt, connect, key, take, take_all, until_it_answers, whole};

/// Under load, it fails while the server is away, goes on by itself, and never allows more.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_server_that_is_killed_costs_errors_and_allows_nothing_more() {
    let durable = ["--appendonly", "yes", "--appendfsync", "always"];
    let Some(mut server) = RedisServer::start(&durable) else {
        return;
    };
    let throttle = connect(&server.url()).await;
    let full = attempt(1, 1, 5, HOUR);
    assert_eq!(take_all(&throttle, &full).await, 5);

    let ended = Arc::new(AtomicBool::new(false));
    let mut tasks = JoinSet::new();
    for task in 2..10 {
        let (throttle, ended) = (throttle.clone(), ended.clone());
        tasks.spawn(async move {
            let (mut taken, mut failures) = (0, 0);
            while !ended.load(Ordering::Relaxed) {
                match take(&throttle, &attempt(task, 1, 50, HOUR)).await {
                    Ok(Slots::Taken) => taken += 1,
                    Ok(Slots::Exhausted { .. }) => {}
                    Err(_) => failures += 1,
                }
                let refused = take(&throttle, &full).await;
                assert!(!matches!(refused, Ok(Slots::Taken)), "task {task}");
                sleep(Duration::from_millis(5)).await;
            }
            assert!(taken <= 50, "task {task}: {taken}");
            (taken, failures)
        });
    }
    for _ in 0..3 {
        sleep(Duration::from_millis(200)).await;
        server.kill();
        for _ in 0..3 {
            let error = take(&throttle, &full).await;
            assert!(error.is_err(), "{error:?}");
        }
        server.restart();
        until_it_answers(&throttle).await;
    }
    ended.store(true, Ordering::Relaxed);
    let (mut taken, mut failures) = (0, 0);
    for (of_task, failed) in tasks.join_all().await {
        taken += of_task;
        failures += failed;
    }
    assert!(taken > 0 && failures > 0, "{taken}, {failures} failures");
    assert_eq!(take_all(&throttle, &full).await, 0);
}

/// Without its data it has forgotten the scripts as well.
#[tokio::test]
async fn a_server_that_comes_back_empty_counts_from_the_start() {
    let Some(mut server) = RedisServer::start(&[]) else {
        return;
    };
    let throttle = connect(&server.url()).await;
    let attempt = attempt(1, 1, 5, HOUR);
    assert_eq!(take_all(&throttle, &attempt).await, 5);
    server.kill();
    assert!(take(&throttle, &attempt).await.is_err());
    server.restart();
    until_it_answers(&throttle).await;
    assert_eq!(take_all(&throttle, &attempt).await, 5);
}

/// A server that can become silent, with the number of connections to it.
async fn that_can_be_silent(server: &RedisServer) -> (String, Arc<AtomicBool>, Arc<AtomicUsize>) {
    let (listener, address) = listen().await;
    let (silent, connections) = (Arc::<AtomicBool>::default(), Arc::<AtomicUsize>::default());
    let (is_silent, count, port) = (silent.clone(), connections.clone(), server.port());
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            count.fetch_add(1, Ordering::Relaxed);
            let is_silent = is_silent.clone();
            tokio::spawn(async move {
                let server = TcpStream::connect(("127.0.0.1", port)).await;
                let mut server = server.expect("it is up");
                let becomes_silent = async {
                    while !is_silent.load(Ordering::Relaxed) {
                        sleep(Duration::from_millis(1)).await;
                    }
                };
                tokio::select! {
                    _ = copy_bidirectional(&mut client, &mut server) => return,
                    () = becomes_silent => {}
                }
                // Both ends stay open, and this connection never speaks again.
                std::future::pending::<()>().await;
            });
        }
    });
    (format!("redis://{address}"), silent, connections)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_is_silent_is_an_error_and_is_replaced_although_calls_are_dropped() {
    let Some(server) = RedisServer::start(&[]) else {
        return;
    };
    let (url, silent, connections) = that_can_be_silent(&server).await;
    let throttle = connect(&url).await;
    let attempt = attempt(1, 1, 1_000_000, HOUR);
    // A young connection is not given up.
    sleep(Duration::from_millis(1100)).await;
    assert!(take(&throttle, &attempt).await.is_ok());
    assert_eq!(connections.load(Ordering::Relaxed), 1);
    silent.store(true, Ordering::Relaxed);
    sleep(Duration::from_millis(50)).await;
    let error = take(&throttle, &attempt).await.expect_err("nothing comes");
    assert!(error.to_string().contains("in time"), "{}", whole(&error));
    silent.store(false, Ordering::Relaxed);

    // As the layer does it.
    let start = Instant::now();
    loop {
        let call = timeout(Duration::from_millis(100), take(&throttle, &attempt)).await;
        if let Ok(Ok(_)) = call {
            break;
        }
        assert!(start.elapsed() < FOREVER, "it never answers again");
        sleep(Duration::from_millis(10)).await;
    }
    assert!(connections.load(Ordering::Relaxed) >= 2);
}

#[tokio::test]
async fn a_server_without_memory_is_an_error() {
    let Some(server) = RedisServer::start(&["--maxmemory-policy", "noeviction"]) else {
        return;
    };
    let throttle = connect(&server.url()).await;
    let attempt = attempt(1, 1, 5, HOUR);
    assert!(take(&throttle, &attempt).await.is_ok());
    assert_eq!(server.ask(&["CONFIG", "SET", "maxmemory", "1"]), "+OK");
    let error = take(&throttle, &attempt).await.expect_err("it is full");
    assert!(whole(&error).contains("OOM"), "{}", whole(&error));
    let error = RedisThrottle::connect(&server.url()).await;
    let error = error.expect_err("full");
    assert!(whole(&error).contains("OOM"), "{}", whole(&error));
    assert_eq!(server.ask(&["CONFIG", "SET", "maxmemory", "0"]), "+OK");
    assert_eq!(take_all(&throttle, &attempt).await, 4);
}

#[tokio::test]
async fn a_replica_and_a_key_of_another_kind_are_errors() {
    let Some(server) = RedisServer::start(&[]) else {
        return;
    };
    let throttle = connect(&server.url()).await;
    let attempt = attempt(1, 1, 5, HOUR);
    assert_eq!(server.ask(&["LPUSH", &key(1), "x"]), ":1");
    let error = take(&throttle, &attempt).await.expect_err("it is a list");
    assert!(whole(&error).contains("WRONGTYPE"), "{}", whole(&error));

    let Some(replica) = RedisServer::start(&[]) else {
        return;
    };
    let throttle = connect(&replica.url()).await;
    let primary = server.port().to_string();
    assert_eq!(replica.ask(&["REPLICAOF", "127.0.0.1", &primary]), "+OK");
    let error = take(&throttle, &attempt).await.expect_err("a replica");
    assert!(whole(&error).contains("read only"), "{}", whole(&error));
    assert_eq!(replica.ask(&["REPLICAOF", "NO", "ONE"]), "+OK");
    until_it_answers(&throttle).await;
}
