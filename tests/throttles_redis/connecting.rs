//! Connecting.

use std::pin::pin;
use std::task::Poll;

use tokio::time::timeout;
use tower_token_endpoint::throttle::RedisThrottle;

use crate::common::poll_once;
use crate::common::programs::free_port;
use crate::common::redis_server::{FOREVER, RedisServer};
use crate::setup::{HOUR, attempt, connect, take_all, whole};

#[test]
fn outside_of_a_runtime_it_fails_and_does_not_panic() {
    let connecting = pin!(RedisThrottle::connect("redis://127.0.0.1:1"));
    let Poll::Ready(Err(error)) = poll_once(connecting) else {
        panic!("nothing to wait for");
    };
    assert!(error.to_string().contains("tokio"), "{error}");
}

#[tokio::test]
async fn what_cannot_be_reached_is_an_error_at_once_and_tells_no_password() {
    let port = free_port();
    let urls = [
        (format!("redis://user:c4n4ry@127.0.0.1:{port}"), "reached"),
        (format!("redis://user:c4n4ry@127.0.0.1:{port}/x"), "URL"),
        ("http://user:c4n4ry@127.0.0.1".to_owned(), "URL"),
        ("rediss://user:c4n4ry@127.0.0.1".to_owned(), "URL"),
        (String::new(), "URL"),
    ];
    for (url, wanted) in urls {
        let error = timeout(FOREVER, RedisThrottle::connect(&url)).await;
        let error = error.expect("it ends").expect_err("nobody is there");
        let told = format!("{} {error:?}", whole(&error));
        assert!(error.to_string().contains(wanted), "{url}: {told}");
        assert!(!told.contains("c4n4ry"), "{told}");
        let error = timeout(FOREVER, RedisThrottle::connect_cluster([&url])).await;
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
    let set = ["CONFIG", "SET", "requirepass", "c4n4ry"];
    assert_eq!(server.ask(&set), "+OK");
    let url = format!("redis://:c4n4ry@127.0.0.1:{}", server.port());
    let throttle = connect(&url).await;
    assert_eq!(take_all(&throttle, &attempt(1, 1, 3, HOUR)).await, 3);
    let shown = format!("{throttle:?}");
    assert!(!shown.contains("c4n4ry"), "{shown}");
    let error = RedisThrottle::connect(&server.url()).await;
    let told = whole(&error.expect_err("not let in"));
    assert!(told.contains("NOAUTH"), "{told}");
}
