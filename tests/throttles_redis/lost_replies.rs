//! Replies that are lost, and calls that are sent twice.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::sleep;
use tower_token_endpoint::throttle::{Slots, Throttle as _};

use crate::common::listen;
use crate::common::redis_server::{FOREVER, RedisServer};
use crate::setup::{HOUR, attempt, connect, key, number, take, take_all, until_it_answers};

/// What stands between the store and Redis.
#[derive(Clone, Default)]
struct Proxy {
    /// Whether the next reply is lost, and the connection with it.
    loses: Arc<AtomicBool>,
    /// The last call of a script that it has passed on.
    last: Arc<Mutex<Vec<u8>>>,
}

impl Proxy {
    async fn to(server: &RedisServer) -> (Self, String) {
        let (listener, address) = listen().await;
        let (proxy, port) = (Self::default(), server.port());
        let all = proxy.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(("127.0.0.1", port)).await;
                tokio::spawn(all.clone().pass(client, server.expect("it is up")));
            }
        });
        (proxy, format!("redis://{address}"))
    }

    async fn pass(self, mut client: TcpStream, mut server: TcpStream) {
        let (mut call, mut reply) = ([0; 4096], [0; 4096]);
        loop {
            tokio::select! {
                Ok(len @ 1..) = client.read(&mut call) => {
                    let call = &call[..len];
                    if call.windows(4).any(|it| it == b"EVAL") {
                        *self.last.lock().expect("no panic before") = call.to_vec();
                    }
                    server.write_all(call).await.expect("it is up");
                }
                Ok(len @ 1..) = server.read(&mut reply) => {
                    if self.loses.swap(false, Ordering::Relaxed) {
                        return;
                    }
                    let _ = client.write_all(&reply[..len]).await;
                }
                else => return,
            }
        }
    }

    /// Sends the last call once more, as the library may do in a cluster.
    async fn send_again(&self, server: &RedisServer) -> Vec<u8> {
        let call = self.last.lock().expect("no panic before").clone();
        let server = TcpStream::connect(("127.0.0.1", server.port())).await;
        let mut server = server.expect("it is up");
        server.write_all(&call).await.expect("it is up");
        let mut reply = vec![0; 64];
        let len = server.read(&mut reply).await.expect("it is up");
        reply.truncate(len);
        reply
    }
}

/// Redis has run the call. If it fails, the failure counts in the memory of the process.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_whose_reply_was_lost_takes_nothing() {
    let Some(server) = RedisServer::start(&[]) else {
        return;
    };
    let (proxy, url) = Proxy::to(&server).await;
    let throttle = connect(&url).await;
    let attempt = attempt(1, 1, 5, HOUR);
    for taken in [0, 2] {
        for _ in 0..taken {
            assert_eq!(take(&throttle, &attempt).await.expect("up"), Slots::Taken);
        }
        let before = server.ask(&["HGET", &key(1), &"\0".repeat(16)]);
        proxy.loses.store(true, Ordering::Relaxed);
        take(&throttle, &attempt).await.expect_err("it is lost");
        let start = Instant::now();
        while server.ask(&["HGET", &key(1), &"\0".repeat(16)]) != before {
            assert!(start.elapsed() < FOREVER, "{taken}: it stays taken");
            sleep(std::time::Duration::from_millis(20)).await;
        }
        // Once more, it gives back nothing of what others took.
        proxy.send_again(&server).await;
        until_it_answers(&throttle).await;
        let direct = connect(&server.url()).await;
        assert_eq!(take_all(&direct, &attempt).await, 5 - taken);
        for _ in taken..5 {
            direct.give_back(&attempt).await.expect("up");
        }
    }
}

#[tokio::test]
async fn a_call_that_is_sent_twice_takes_one_slot() {
    let Some(server) = RedisServer::start(&[]) else {
        return;
    };
    let (proxy, url) = Proxy::to(&server).await;
    let throttle = connect(&url).await;
    let attempt = attempt(1, 1, 5, HOUR);
    assert_eq!(take(&throttle, &attempt).await.expect("up"), Slots::Taken);
    for _ in 0..3 {
        assert_eq!(proxy.send_again(&server).await, b":0\r\n");
    }
    assert_eq!(take_all(&throttle, &attempt).await, 4);
    // Also the one that took the last slot.
    assert_eq!(
        take(&throttle, &attempt)
            .await
            .ok()
            .map(|it| it == Slots::Taken),
        Some(false)
    );
    throttle.give_back(&attempt).await.expect("up");
    assert_eq!(take_all(&throttle, &attempt).await, 1);
    assert_eq!(number(&server, &["DBSIZE"]), 1);
}
