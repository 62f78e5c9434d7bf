//! A server that stops for a moment, and then runs what it has not answered.

use std::time::{Duration, Instant};

use http::Request;
use tokio::task::JoinSet;
use tokio::time::sleep;
use tower_token_endpoint::client::ClientSecret;
use tower_token_endpoint::throttle::{RedisThrottle, ThrottleLimit, ThrottleSource, Throttling};
use tower_token_endpoint::{Client, GrantType, MemoryClientStore, TokenEndpointLayer};

use crate::common::redis_server::{FOREVER, RedisServer};
use crate::common::{Built as _, basic, builder, send};
use crate::setup::{HOUR, attempt, connect, key, number, take, take_all, until_it_answers};

/// A server that counts in this Redis: five failures of a client, and twenty of a source.
fn layer(throttle: RedisThrottle) -> TokenEndpointLayer<MemoryClientStore> {
    let client = Client::builder("svc")
        .grant_types([GrantType::ClientCredentials])
        .secret(ClientSecret::plain("right"));
    let settings = Throttling::new(throttle)
        .source(ThrottleSource::from_fn(|_| Some([192, 0, 2, 1].into())))
        .per_source(ThrottleLimit::new(20, HOUR))
        .per_client(ThrottleLimit::new(5, HOUR));
    let clients = vec![client.build().expect("a client")];
    builder(clients).throttle(settings).built()
}

async fn status(layer: &TokenEndpointLayer<MemoryClientStore>, secret: &str) -> u16 {
    let request: Request<_> = basic(format!("svc:{secret}")).request();
    send(layer, request).await.response.status().as_u16()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stall_of_redis_locks_nobody_out_afterwards() {
    let Some(server) = RedisServer::start(&[]) else {
        return;
    };
    // Another machine, which has counted nothing.
    let other = layer(connect(&server.url()).await);
    let layer = layer(connect(&server.url()).await);
    assert_eq!(status(&layer, "right").await, 200);
    server.pause();
    for n in 0..20 {
        assert_eq!(status(&layer, "right").await, 200, "{n}");
    }
    server.resume();
    for n in 0..20 {
        assert_eq!(status(&layer, "right").await, 200, "{n}");
        assert_eq!(status(&other, "right").await, 200, "{n}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_guesses_during_a_stall_are_counted_in_the_process() {
    let Some(server) = RedisServer::start(&[]) else {
        return;
    };
    let layer = layer(connect(&server.url()).await);
    for _ in 0..2 {
        assert_eq!(status(&layer, "wrong").await, 401);
    }
    server.pause();
    for expected in [401, 401, 401, 429, 429] {
        assert_eq!(status(&layer, "wrong").await, expected);
    }
    assert_eq!(status(&layer, "right").await, 429);
    server.resume();
}

/// As many at once as there are slots, and more than may wait.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_that_were_given_up_take_nothing_and_are_bounded() {
    let Some(server) = RedisServer::start(&[]) else {
        return;
    };
    let throttle = connect(&server.url()).await;
    let limit = 1500;
    let many = attempt(1, 1, limit, HOUR);
    server.pause();
    let mut tasks = JoinSet::new();
    for _ in 0..limit {
        let throttle = throttle.clone();
        tasks.spawn(async move { take(&throttle, &many).await });
    }
    let refused = tasks.join_all().await.into_iter().filter(|slots| {
        let error = slots.as_ref().expect_err("nobody answers");
        error.to_string().contains("too many calls")
    });
    assert_eq!(refused.count(), 1500 - 1024);
    server.resume();
    // There is nothing when all slots were given back.
    let start = Instant::now();
    until_it_answers(&throttle).await;
    while number(&server, &["EXISTS", &key(1)]) == 1 {
        assert!(start.elapsed() < FOREVER, "some were kept");
        sleep(Duration::from_millis(20)).await;
    }
    let few = attempt(2, 1, 5, HOUR);
    assert_eq!(take_all(&throttle, &few).await, 5);
}
