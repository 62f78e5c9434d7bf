//! A server that goes and comes back, is full, or is a replica.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use tokio::task::JoinSet;
use tokio::time::sleep;
use tower_token_endpoint::replay::{RedisReplayStore, Remembered};

use crate::common::redis_server::RedisServer;
use crate::setup::{connect, key, remember, until_it_answers, whole};

/// Nothing that was remembered is ever new, no value is new twice, and all goes on by itself.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_server_that_is_killed_costs_failures_and_no_replay() {
    let durable = ["--appendonly", "yes", "--appendfsync", "always"];
    let Some(mut server) = RedisServer::start(&durable) else {
        return;
    };
    let replays = connect(&server.url()).await;
    assert_eq!(
        remember(&replays, "known").await.expect("up"),
        Remembered::New
    );

    let ended = Arc::new(AtomicBool::new(false));
    let mut tasks = JoinSet::new();
    for task in 0..8 {
        let (replays, ended) = (replays.clone(), ended.clone());
        tasks.spawn(async move {
            let (mut answers, mut failures) = (0, 0);
            for n in 0.. {
                if ended.load(Ordering::Relaxed) {
                    break;
                }
                let known = remember(&replays, "known").await;
                assert!(!matches!(known, Ok(Remembered::New)), "task {task}, {n}");
                let jti = format!("{task} {n}");
                let mut news = 0;
                for _ in 0..2 {
                    match remember(&replays, &jti).await {
                        Ok(answer) => {
                            answers += 1;
                            news += usize::from(answer == Remembered::New);
                        }
                        Err(_) => failures += 1,
                    }
                }
                assert!(news <= 1, "task {task}: {jti} was new twice");
                sleep(Duration::from_millis(1)).await;
            }
            (answers, failures)
        });
    }
    for _ in 0..3 {
        sleep(Duration::from_millis(300)).await;
        server.kill();
        for n in 0..3 {
            let error = remember(&replays, &format!("down {n}")).await;
            assert!(error.is_err(), "{error:?}");
            assert!(remember(&replays, "known").await.is_err());
        }
        server.restart();
        until_it_answers(&replays, &format!("back {}", server.ask(&["DBSIZE"]))).await;
    }
    ended.store(true, Ordering::Relaxed);
    let (mut answers, mut failures) = (0, 0);
    for (answered, failed) in tasks.join_all().await {
        answers += answered;
        failures += failed;
    }
    assert!(
        answers > 0 && failures > 0,
        "{answers} answers, {failures} failures"
    );
    assert_eq!(
        remember(&replays, "known").await.expect("up"),
        Remembered::Known
    );
}

/// Of two stores over one server, in each of which half of the calls are made.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_machines_never_both_are_first_while_the_server_is_killed() {
    let durable = ["--appendonly", "yes", "--appendfsync", "always"];
    let Some(mut server) = RedisServer::start(&durable) else {
        return;
    };
    let replays = [connect(&server.url()).await, connect(&server.url()).await];
    let ended = Arc::new(AtomicBool::new(false));
    let news: Arc<Mutex<HashMap<usize, usize>>> = Arc::default();
    let mut tasks = JoinSet::new();
    for replays in replays.clone() {
        let (ended, news) = (ended.clone(), news.clone());
        tasks.spawn(async move {
            for n in 0.. {
                if ended.load(Ordering::Relaxed) {
                    break;
                }
                if let Ok(Remembered::New) = remember(&replays, &n.to_string()).await {
                    *news.lock().expect("whole").entry(n).or_default() += 1;
                }
            }
        });
    }
    for _ in 0..3 {
        sleep(Duration::from_millis(200)).await;
        server.kill();
        sleep(Duration::from_millis(50)).await;
        server.restart();
        for replays in &replays {
            until_it_answers(replays, &format!("back {}", server.ask(&["DBSIZE"]))).await;
        }
    }
    ended.store(true, Ordering::Relaxed);
    tasks.join_all().await;
    let news = news.lock().expect("whole");
    assert!(!news.is_empty());
    let twice: Vec<_> = news.iter().filter(|(_, times)| **times > 1).collect();
    assert!(twice.is_empty(), "{twice:?}");
}

#[tokio::test]
async fn a_server_without_memory_fails_and_forgets_nothing() {
    let Some(server) = RedisServer::start(&["--maxmemory-policy", "noeviction"]) else {
        return;
    };
    let replays = connect(&server.url()).await;
    assert_eq!(remember(&replays, "1").await.expect("up"), Remembered::New);
    assert_eq!(server.ask(&["CONFIG", "SET", "maxmemory", "1"]), "+OK");
    for jti in ["1", "2"] {
        let error = remember(&replays, jti).await.expect_err("it is full");
        assert!(whole(&error).contains("OOM"), "{}", whole(&error));
    }
    let error = RedisReplayStore::connect(&server.url())
        .await
        .expect_err("full");
    assert!(whole(&error).contains("OOM"), "{}", whole(&error));
    assert_eq!(server.ask(&["CONFIG", "SET", "maxmemory", "0"]), "+OK");
    assert_eq!(
        remember(&replays, "1").await.expect("up"),
        Remembered::Known
    );
    assert_eq!(remember(&replays, "2").await.expect("up"), Remembered::New);
}

#[tokio::test]
async fn a_replica_is_refused_and_a_key_of_another_kind_is_an_error() {
    let Some(server) = RedisServer::start(&[]) else {
        return;
    };
    let replays = connect(&server.url()).await;
    let name = format!(
        "token-endpoint:replay:{}",
        URL_SAFE_NO_PAD.encode(key("1").digest())
    );
    assert_eq!(server.ask(&["LPUSH", &name, "x"]), ":1");
    let error = remember(&replays, "1").await.expect_err("it is a list");
    assert!(whole(&error).contains("WRONGTYPE"), "{}", whole(&error));

    let Some(replica) = RedisServer::start(&[]) else {
        return;
    };
    let replays = connect(&replica.url()).await;
    assert_eq!(remember(&replays, "2").await.expect("up"), Remembered::New);
    let primary = server.port().to_string();
    assert_eq!(replica.ask(&["REPLICAOF", "127.0.0.1", &primary]), "+OK");
    for jti in ["2", "3"] {
        let error = remember(&replays, jti).await.expect_err("it is a replica");
        assert!(whole(&error).contains("read only"), "{}", whole(&error));
    }
    assert_eq!(replica.ask(&["REPLICAOF", "NO", "ONE"]), "+OK");
    until_it_answers(&replays, "promoted").await;
}
