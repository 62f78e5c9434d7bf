//! A cluster.

use std::time::{Duration, Instant};

use tokio::task::JoinSet;
use tokio::time::sleep;
use tower_token_endpoint::testing;
use tower_token_endpoint::throttle::RedisThrottle;

use crate::common::redis_server::{FOREVER, RedisCluster};
use crate::setup::{HOUR, attempt, take, take_all};

#[tokio::test]
async fn a_node_of_a_cluster_is_refused_at_the_start_and_told_what_it_is() {
    let Some(cluster) = RedisCluster::start() else {
        return;
    };
    for url in cluster.urls() {
        let error = RedisThrottle::connect(&url).await.expect_err("a node");
        assert!(error.to_string().contains("connect_cluster"), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_cluster_keeps_the_contract() {
    let Some(cluster) = RedisCluster::start() else {
        return;
    };
    testing::throttle(async || {
        let first = &cluster.urls()[..1];
        RedisThrottle::connect_cluster(first)
            .await
            .expect("a cluster")
    })
    .await;
    for node in &cluster.nodes {
        assert_ne!(node.ask(&["DBSIZE"]), ":0", "a node has nothing");
    }
}

/// The other nodes do not know the scripts by name at first.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_cluster_that_has_changed_is_followed() {
    let Some(cluster) = RedisCluster::start() else {
        return;
    };
    let throttle = RedisThrottle::connect_cluster(cluster.urls())
        .await
        .expect("a cluster");
    for node in &cluster.nodes {
        assert_eq!(node.ask(&["FLUSHALL"]), "+OK");
        assert_eq!(node.ask(&["SCRIPT", "FLUSH", "SYNC"]), "+OK");
    }
    cluster.move_slots(0..5461, 1);
    for source in 1..60 {
        let attempt = attempt(source, 1, 5, HOUR);
        let start = Instant::now();
        while let Err(error) = take(&throttle, &attempt).await {
            assert!(start.elapsed() < FOREVER, "{error:?}");
        }
        // A call that failed may have taken a slot.
        assert!(take_all(&throttle, &attempt).await <= 4, "{source}");
    }
    assert_eq!(cluster.nodes[0].ask(&["DBSIZE"]), ":0");
    assert_ne!(cluster.nodes[1].ask(&["DBSIZE"]), ":0");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_stall_of_a_node_takes_nothing() {
    let Some(cluster) = RedisCluster::start() else {
        return;
    };
    let throttle = RedisThrottle::connect_cluster(cluster.urls())
        .await
        .expect("a cluster");
    let node = &cluster.nodes[0];
    node.pause();
    let mut tasks = JoinSet::new();
    for source in 1..60 {
        let throttle = throttle.clone();
        tasks.spawn(async move { take(&throttle, &attempt(source, 1, 5, HOUR)).await });
    }
    let answers = tasks.join_all().await;
    assert!(answers.iter().any(Result::is_err));
    node.resume();
    let start = Instant::now();
    while node.ask(&["DBSIZE"]) != ":0" {
        assert!(start.elapsed() < FOREVER, "some were kept");
        sleep(Duration::from_millis(20)).await;
    }
}
