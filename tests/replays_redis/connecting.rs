//! Connecting.

use std::pin::pin;
use std::task::Poll;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::timeout;
use tower_token_endpoint::replay::{RedisReplayStore, Remembered};

use crate::common::programs::free_port;
use crate::common::redis_server::{FOREVER, RedisServer, Resp};
use crate::common::{listen, poll_once};
use crate::setup::{connect, remember, until_it_answers, whole};

#[test]
fn outside_of_a_runtime_it_fails_and_does_not_panic() {
    let connecting = pin!(RedisReplayStore::connect("redis://127.0.0.1:1"));
    let Poll::Ready(Err(error)) = poll_once(connecting) else {
        panic!("nothing to wait for");
    };
    assert!(error.to_string().contains("tokio"), "{error}");
}

/// A server that answers `SET` with this.
async fn answering_set_with(answer: &'static [u8]) -> String {
    let (listener, address) = listen().await;
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut chunk = [0; 4096];
                while let Ok(len @ 1..) = stream.read(&mut chunk).await {
                    let text = String::from_utf8_lossy(&chunk[..len]).into_owned();
                    let setup = text.matches("SETINFO").count();
                    let reply = if setup > 0 {
                        b"+OK\r\n".repeat(setup)
                    } else {
                        answer.into()
                    };
                    if stream.write_all(&reply).await.is_err() {
                        break;
                    }
                }
            });
        }
    });
    format!("redis://{address}")
}

#[tokio::test]
async fn a_server_that_cannot_do_it_is_found_out_when_connecting() {
    let too_old = "Redis 7.0 or later";
    for (answer, wanted) in [
        (&b"-ERR syntax error\r\n"[..], too_old),
        (b"+OK\r\n", too_old),
        // Takes the value, and never tells that it has it.
        (b"$-1\r\n", too_old),
        (b":1\r\n", too_old),
        (b"$5\r\nother\r\n", too_old),
        (b"*0\r\n", too_old),
        (b"-NOAUTH Authentication required.\r\n", "NOAUTH"),
        (
            b"-READONLY You can't write against a read only replica.\r\n",
            "read only",
        ),
        (
            b"-MISCONF Redis is configured to save RDB snapshots\r\n",
            "MISCONF",
        ),
        (
            b"-LOADING Redis is loading the dataset in memory\r\n",
            "loading",
        ),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "reached"),
    ] {
        let url = answering_set_with(answer).await;
        let connecting = timeout(FOREVER, RedisReplayStore::connect(&url)).await;
        let error = connecting.expect("it ends").expect_err("it cannot");
        assert!(
            whole(&error).contains(wanted),
            "{wanted}: {}",
            whole(&error)
        );
    }
}

#[tokio::test]
async fn what_cannot_be_reached_is_an_error_at_once_and_tells_no_password() {
    let port = free_port();
    let urls = [
        (format!("redis://user:c4n4ry@127.0.0.1:{port}"), "reached"),
        (format!("redis://user:c4n4ry@127.0.0.1:{port}/x"), "URL"),
        (
            format!("redis://user:c4n4ry@127.0.0.1:{port}?protocol=9"),
            "URL",
        ),
        ("redis://user:c4n4ry@127.0.0.1:99999".to_owned(), "URL"),
        ("http://user:c4n4ry@127.0.0.1".to_owned(), "URL"),
        ("rediss://user:c4n4ry@127.0.0.1".to_owned(), "URL"),
        ("redis://user:c4n4ry@".to_owned(), "URL"),
        ("user:c4n4ry@127.0.0.1".to_owned(), "URL"),
        ("c4n4ry".to_owned(), "URL"),
        (String::new(), "URL"),
    ];
    for (url, wanted) in urls {
        let error = timeout(FOREVER, RedisReplayStore::connect(&url)).await;
        let error = error.expect("it ends").expect_err("nobody is there");
        let told = format!("{} {error:?}", whole(&error));
        assert!(error.to_string().contains(wanted), "{url}: {told}");
        assert!(!told.contains("c4n4ry"), "{told}");
        let error = timeout(FOREVER, RedisReplayStore::connect_cluster([&url])).await;
        let error = error.expect("it ends").expect_err("nobody is there");
        let told = format!("{} {error:?}", whole(&error));
        assert!(!told.contains("c4n4ry"), "{told}");
    }
}

#[tokio::test]
async fn a_password_is_used_and_not_shown() {
    let Some(server) = RedisServer::start(&[]) else {
        return;
    };
    assert_eq!(
        server.ask(&["CONFIG", "SET", "requirepass", "c4n4ry"]),
        "+OK"
    );
    let url = |password: &str| format!("redis://:{password}@127.0.0.1:{}", server.port());
    let replays = connect(&url("c4n4ry")).await;
    assert_eq!(remember(&replays, "1").await.expect("up"), Remembered::New);
    let shown = format!("{replays:?}");
    assert!(!shown.contains("c4n4ry"), "{shown}");

    for url in [server.url(), url("wrong-c4n4ry")] {
        let error = RedisReplayStore::connect(&url)
            .await
            .expect_err("not let in");
        let told = format!("{} {error:?}", whole(&error));
        assert!(!told.contains("c4n4ry"), "{told}");
    }
    // Let in again, once the password is right again.
    let mut resp = Resp::connect(server.port()).expect("up");
    assert_eq!(resp.ask(&["AUTH", "c4n4ry"]), "+OK");
    assert_eq!(resp.ask(&["CONFIG", "SET", "requirepass", "other"]), "+OK");
    assert_eq!(
        resp.ask(&["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"]),
        ":1"
    );
    for n in 0..3 {
        assert!(remember(&replays, &format!("kept out {n}")).await.is_err());
    }
    assert_eq!(resp.ask(&["CONFIG", "SET", "requirepass", "c4n4ry"]), "+OK");
    until_it_answers(&replays, "let in").await;
}
