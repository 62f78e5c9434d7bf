//! A cluster.

use std::time::{Duration, Instant};

use tokio::time::sleep;
use tower_token_endpoint::replay::{RedisReplayStore, Remembered};
use tower_token_endpoint::testing;

use crate::common::redis_server::{FOREVER, RedisCluster, RedisServer};
use crate::one_server::one_is_first;
use crate::setup::{remember, whole};

#[tokio::test]
async fn a_node_of_a_cluster_is_refused_at_the_start_and_told_what_it_is() {
    let Some(cluster) = RedisCluster::start() else {
        return;
    };
    for url in cluster.urls() {
        let error = RedisReplayStore::connect(&url).await.expect_err("a node");
        assert!(error.to_string().contains("connect_cluster"), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_cluster_keeps_the_contract() {
    let Some(cluster) = RedisCluster::start() else {
        return;
    };
    testing::replay_store(async || {
        let first = &cluster.urls()[..1];
        RedisReplayStore::connect_cluster(first)
            .await
            .expect("a cluster")
    })
    .await;
    let replays = RedisReplayStore::connect_cluster(cluster.urls())
        .await
        .expect("a cluster");
    one_is_first([replays.clone(), replays]).await;
    for node in &cluster.nodes {
        assert_ne!(node.ask(&["DBSIZE"]), ":0", "a node has nothing");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_cluster_that_has_changed_is_followed() {
    let Some(cluster) = RedisCluster::start() else {
        return;
    };
    let replays = RedisReplayStore::connect_cluster(cluster.urls())
        .await
        .expect("a cluster");
    for node in &cluster.nodes {
        assert_eq!(node.ask(&["FLUSHALL"]), "+OK");
    }
    cluster.move_slots(0..5461, 1);
    for n in 0..60 {
        let jti = n.to_string();
        let (start, mut failures) = (Instant::now(), 0);
        let answer = loop {
            match remember(&replays, &jti).await {
                Ok(answer) => break answer,
                Err(error) => assert!(start.elapsed() < FOREVER, "{error:?}"),
            }
            failures += 1;
        };
        // A call that failed may have been remembered.
        assert!(answer == Remembered::New || failures > 0, "{jti}");
        let again = remember(&replays, &jti).await.expect("up");
        assert_eq!(again, Remembered::Known, "{jti}");
    }
    let errors = cluster.nodes[0].ask(&["INFO", "errorstats"]);
    assert!(errors.contains("errorstat_MOVED"), "{errors}");
    assert_eq!(cluster.nodes[0].ask(&["DBSIZE"]), ":0");
    assert_ne!(cluster.nodes[1].ask(&["DBSIZE"]), ":0");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_node_that_is_killed_costs_failures_and_no_replay() {
    let Some(mut cluster) = RedisCluster::start() else {
        return;
    };
    let replays = RedisReplayStore::connect_cluster(cluster.urls())
        .await
        .expect("a cluster");
    let jtis: Vec<_> = (0..30).map(|n| n.to_string()).collect();
    for jti in &jtis {
        assert_eq!(remember(&replays, jti).await.expect("up"), Remembered::New);
    }
    let held = |node: &RedisServer| -> usize {
        node.ask(&["DBSIZE"])
            .trim_start_matches(':')
            .parse()
            .expect("a number")
    };
    assert!(held(&cluster.nodes[2]) > 0);
    cluster.nodes[2].kill();
    let mut failures = 0;
    for jti in &jtis {
        match remember(&replays, jti).await {
            Ok(answer) => assert_eq!(answer, Remembered::Known, "{jti}"),
            Err(_) => failures += 1,
        }
    }
    assert!(failures > 0);
    cluster.nodes[2].restart();
    let start = Instant::now();
    for n in 0..90 {
        while let Err(error) = remember(&replays, &format!("back {n}")).await {
            assert!(start.elapsed() < FOREVER, "{error:?}");
            sleep(Duration::from_millis(20)).await;
        }
    }
    assert!(held(&cluster.nodes[2]) > 0);
}

#[tokio::test]
async fn one_server_is_no_cluster() {
    let Some(server) = RedisServer::start(&[]) else {
        return;
    };
    let error = RedisReplayStore::connect_cluster([server.url()]).await;
    let error = error.expect_err("it is none");
    assert!(whole(&error).contains("cluster"), "{}", whole(&error));
    let error = RedisReplayStore::connect_cluster([""; 0]).await;
    let error = error.expect_err("there is no node");
    assert!(error.to_string().contains("URL"), "{}", whole(&error));
}
