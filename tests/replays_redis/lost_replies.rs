//! What is lost on the way.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::time::timeout;
use tower_token_endpoint::replay::{RedisReplayStore, Remembered};

use crate::common::listen;
use crate::common::redis_server::{FOREVER, RedisServer};
use crate::setup::{connect, remember, until_it_answers, whole};

/// What stands between the store and Redis.
struct Proxy {
    port: u16,
    /// What happens to the next reply to a `SET`.
    mishap: Arc<Mutex<Mishap>>,
    /// How many `SET`s it has passed on.
    sets: Arc<AtomicUsize>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Mishap {
    None,
    /// The reply is lost, and the connection with it.
    Cut,
    /// The reply waits for the next command.
    Late,
    /// The connection is silent from now on, and only this one.
    Silent,
}

impl Proxy {
    async fn to(server: u16) -> Self {
        let (listener, address) = listen().await;
        let proxy = Self {
            port: address.port(),
            mishap: Arc::new(Mutex::new(Mishap::None)),
            sets: Arc::default(),
        };
        let (mishap, sets) = (proxy.mishap.clone(), proxy.sets.clone());
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(("127.0.0.1", server)).await;
                if let Ok(server) = server {
                    tokio::spawn(pass(client, server, mishap.clone(), sets.clone()));
                }
            }
        });
        proxy
    }

    fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    fn next(&self, mishap: Mishap) {
        *self.mishap.lock().expect("whole") = mishap;
    }
}

async fn pass(
    client: TcpStream,
    server: TcpStream,
    mishap: Arc<Mutex<Mishap>>,
    sets: Arc<AtomicUsize>,
) {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let asked_again = Arc::new(Notify::new());
    let asked = asked_again.clone();
    let up = async move {
        let mut chunk = [0; 4096];
        while let Ok(len @ 1..) = from_client.read(&mut chunk).await {
            if to_server.write_all(&chunk[..len]).await.is_err() {
                break;
            }
            let is_set = chunk[..len].windows(7).any(|it| it == b"\r\nSET\r\n");
            sets.fetch_add(usize::from(is_set), Ordering::Relaxed);
            asked.notify_one();
        }
    };
    let down = async move {
        let mut chunk = [0; 4096];
        while let Ok(len @ 1..) = from_server.read(&mut chunk).await {
            // The replies to what sets a connection up are others.
            let mishap = match chunk[0] {
                b'$' => std::mem::replace(&mut *mishap.lock().expect("whole"), Mishap::None),
                _ => Mishap::None,
            };
            match mishap {
                Mishap::None => {}
                Mishap::Cut => break,
                Mishap::Late => {
                    // The command that this answers has been told already.
                    asked_again.notified().await;
                    asked_again.notified().await;
                }
                Mishap::Silent => std::future::pending().await,
            }
            if to_client.write_all(&chunk[..len]).await.is_err() {
                break;
            }
        }
    };
    tokio::select! {
        () = up => {}
        () = down => {}
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_was_first_and_did_not_hear_it_is_told_by_the_second_try() {
    let Some(server) = RedisServer::start(&[]) else {
        return;
    };
    for mishap in [Mishap::Cut, Mishap::Late] {
        let proxy = Proxy::to(server.port()).await;
        let replays = connect(&proxy.url()).await;
        let mut told = false;
        // A machine that is busy may let the second try run out of its time as well.
        for n in 0..100 {
            let jti = format!("{mishap:?} {n}");
            let before = proxy.sets.load(Ordering::Relaxed);
            proxy.next(mishap);
            let answer = remember(&replays, &jti).await;
            proxy.next(Mishap::None);
            let Ok(answer) = answer else {
                until_it_answers(&replays, "recovered").await;
                continue;
            };
            assert_eq!(answer, Remembered::New, "{jti}");
            let tries = proxy.sets.load(Ordering::Relaxed) - before;
            assert_eq!(tries, 2, "{jti}");
            let again = connect(&server.url()).await;
            assert_eq!(remember(&again, &jti).await.expect("up"), Remembered::Known);
            told = true;
            break;
        }
        assert!(told, "{mishap:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_was_second_and_did_not_hear_it_is_not_told_to_be_first() {
    let Some(server) = RedisServer::start(&[]) else {
        return;
    };
    let direct = connect(&server.url()).await;
    for mishap in [Mishap::Cut, Mishap::Late, Mishap::Silent] {
        let proxy = Proxy::to(server.port()).await;
        let replays = connect(&proxy.url()).await;
        for n in 0..10 {
            let jti = format!("{mishap:?} {n}");
            assert_eq!(remember(&direct, &jti).await.expect("up"), Remembered::New);
            proxy.next(mishap);
            let answer = remember(&replays, &jti).await;
            assert!(!matches!(answer, Ok(Remembered::New)), "{jti}");
            proxy.next(Mishap::None);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_nobody_answers_on_is_given_up() {
    let Some(server) = RedisServer::start(&[]) else {
        return;
    };
    let proxy = Proxy::to(server.port()).await;
    let replays = connect(&proxy.url()).await;
    assert_eq!(remember(&replays, "1").await.expect("up"), Remembered::New);
    proxy.next(Mishap::Silent);
    let error = remember(&replays, "2").await.expect_err("it is silent");
    assert!(whole(&error).contains("in time"), "{}", whole(&error));
    let jti = until_it_answers(&replays, "renewed").await;
    assert_eq!(
        remember(&replays, &jti).await.expect("up"),
        Remembered::Known
    );
}

#[tokio::test]
async fn who_never_answers_is_not_waited_for() {
    let (_silent, address) = listen().await;
    let url = format!("redis://{address}");
    let connecting = RedisReplayStore::connect(&url);
    let error = timeout(FOREVER, connecting).await.expect("it ends");
    let error = error.expect_err("nobody answers");
    assert!(error.to_string().contains("reached"), "{}", whole(&error));
    let connecting = RedisReplayStore::connect_cluster([&url]);
    let error = timeout(FOREVER, connecting).await.expect("it ends");
    assert!(error.is_err());
}
