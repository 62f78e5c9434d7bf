//! One server.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use tokio::sync::Barrier;
use tokio::task::JoinSet;
use tower_token_endpoint::replay::{RedisReplayStore, Remembered, ReplayStore as _};
use tower_token_endpoint::testing;

use crate::common::redis_server::RedisServer;
use crate::setup::{connect, key, remember};

#[tokio::test]
async fn one_server_keeps_the_contract_in_one_thread() {
    let Some(server) = RedisServer::start(&[]) else {
        return;
    };
    testing::replay_store(async || connect(&server.url()).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_server_keeps_the_contract_in_many_threads() {
    let Some(server) = RedisServer::start(&[]) else {
        return;
    };
    let replays = connect(&server.url()).await;
    testing::replay_store(async || replays.clone()).await;
    let other = Arc::new(connect(&format!("{}/?protocol=resp3", server.url())).await);
    testing::replay_store(async || other.clone()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_200_tasks_over_two_connections_one_is_first() {
    let Some(server) = RedisServer::start(&[]) else {
        return;
    };
    one_is_first([connect(&server.url()).await, connect(&server.url()).await]).await;
}

pub(crate) async fn one_is_first(replays: [RedisReplayStore; 2]) {
    const TASKS: usize = 200;
    let mut complete = 0;
    // A machine that is busy may let a call run out of its time. Then nobody may be first.
    for round in 0..400 {
        let start = Arc::new(Barrier::new(TASKS));
        let mut tasks = JoinSet::new();
        for n in 0..TASKS {
            let (replays, start) = (replays[n % 2].clone(), start.clone());
            tasks.spawn(async move {
                start.wait().await;
                remember(&replays, &format!("round {round}")).await.ok()
            });
        }
        let answers = tasks.join_all().await;
        let count = |wanted| answers.iter().filter(|it| **it == wanted).count();
        let (new, failed) = (count(Some(Remembered::New)), count(None));
        assert!(new <= 1, "round {round}: {new} were first");
        if failed == 0 {
            assert_eq!(new, 1, "round {round}");
            complete += 1;
            if complete == 40 {
                return;
            }
        }
    }
    panic!("{complete} rounds without a failure");
}

#[tokio::test]
async fn what_one_has_remembered_another_knows() {
    let Some(server) = RedisServer::start(&[]) else {
        return;
    };
    let (one, other) = (connect(&server.url()).await, connect(&server.url()).await);
    assert_eq!(remember(&one, "1").await.expect("up"), Remembered::New);
    assert_eq!(remember(&other, "1").await.expect("up"), Remembered::Known);
    // Another prefix is another store.
    let apart = other.key_prefix("apart:");
    assert_eq!(remember(&apart, "1").await.expect("up"), Remembered::New);
}

#[tokio::test]
async fn a_key_is_the_prefix_and_the_digest_and_lasts_as_long_as_said() {
    let Some(server) = RedisServer::start(&[]) else {
        return;
    };
    let replays = connect(&server.url()).await;
    let name = |prefix: &str| format!("{prefix}{}", URL_SAFE_NO_PAD.encode(key("1").digest()));
    let lasts = |name: &str| {
        let reply = server.ask(&["PTTL", name]);
        let milliseconds = reply
            .strip_prefix(':')
            .and_then(|it| it.parse::<i64>().ok());
        milliseconds.unwrap_or_else(|| panic!("PTTL said {reply}"))
    };
    let by_default = name("token-endpoint:replay:");
    let start = Instant::now();
    assert_eq!(remember(&replays, "1").await.expect("up"), Remembered::New);
    let left = lasts(&by_default);
    let passed = i64::try_from(start.elapsed().as_millis()).expect("not long") + 1;
    assert!((3_600_000 - passed..=3_600_000).contains(&left), "{left}");

    // Asked again, it lasts no longer and no shorter.
    let later = SystemTime::now() + Duration::from_secs(9000);
    for until in [later, SystemTime::now(), SystemTime::UNIX_EPOCH] {
        let answer = replays.remember(&key("1"), until).await.expect("up");
        assert_eq!(answer, Remembered::Known);
    }
    let left = lasts(&by_default);
    assert!((3_500_000..=3_600_000).contains(&left), "{left}");

    let replays = replays.key_prefix("x:");
    assert_eq!(remember(&replays, "1").await.expect("up"), Remembered::New);
    assert!(lasts(&name("x:")) > 0);
}

#[tokio::test]
async fn any_time_is_taken() {
    let Some(server) = RedisServer::start(&[]) else {
        return;
    };
    let replays = connect(&server.url()).await;
    let centuries = |n: u64| SystemTime::UNIX_EPOCH + Duration::from_secs(n * 36_525 * 86_400);
    let mut latest = SystemTime::UNIX_EPOCH;
    for exponent in (0..63).rev() {
        let more = latest.checked_add(Duration::from_secs(1 << exponent));
        latest = more.unwrap_or(latest);
    }
    for (n, until) in [
        SystemTime::UNIX_EPOCH,
        centuries(30),
        centuries(3000),
        latest,
    ]
    .into_iter()
    .enumerate()
    {
        let jti = n.to_string();
        let answer = replays.remember(&key(&jti), until).await.expect("any time");
        assert_eq!(answer, Remembered::New, "{n}");
    }
    let answer = replays.remember(&key("3"), latest).await.expect("up");
    assert_eq!(answer, Remembered::Known);
}
