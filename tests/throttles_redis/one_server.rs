//! One server.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Barrier;
use tokio::task::JoinSet;
use tower_token_endpoint::replay::RedisReplayStore;
use tower_token_endpoint::testing;
use tower_token_endpoint::throttle::{
    RedisThrottle, Slots, Throttle as _, ThrottleAttempt, ThrottleCounter, ThrottleLimit,
};

use crate::common::redis_server::RedisServer;
use crate::setup::{HOUR, attempt, connect, number, take, take_all};

#[tokio::test]
async fn one_server_keeps_the_contract_in_one_thread() {
    let Some(server) = RedisServer::start(&[]) else {
        return;
    };
    testing::throttle(async || connect(&server.url()).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_server_keeps_the_contract_in_many_threads() {
    let Some(server) = RedisServer::start(&[]) else {
        return;
    };
    let throttle = connect(&format!("{}/?protocol=resp3", server.url())).await;
    testing::throttle(async || throttle.clone()).await;
}

/// By its name, of which Redis must not change a byte.
#[tokio::test]
async fn a_refusal_names_the_counter_that_has_to_wait_longest_in_redis() {
    let Some(server) = RedisServer::start(&[]) else {
        return;
    };
    let throttle = connect(&server.url()).await;
    let counter = |name, burst, period| {
        let limit = ThrottleLimit::new(burst, period);
        ThrottleCounter::new(name, limit)
    };
    let source = counter([0; 16], 3, HOUR);
    let brief = counter([0xff; 16], 2, HOUR / 2);
    let long = counter(*b"\n \r\0\xc3(12345678\r\n", 2, 2 * HOUR);
    for (key, counters, expected) in [
        (1, [Some(source), Some(brief), None], brief),
        (2, [Some(brief), None, Some(source)], brief),
        (3, [Some(source), Some(brief), Some(long)], long),
        (4, [Some(long), Some(source), Some(brief)], long),
        (5, [None, Some(brief), Some(long)], long),
    ] {
        let attempt = ThrottleAttempt::from_parts([key; 32], counters);
        assert_eq!(take_all(&throttle, &attempt).await, 2);
        let refused = take(&throttle, &attempt).await.expect("up");
        let Slots::Exhausted { counter, .. } = refused else {
            panic!("{key}: there are two slots");
        };
        assert_eq!(counter, expected, "{key}");
    }
}

/// As in an hour with the default limits, with a period of 100 ms instead of 12 s.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn guesses_that_never_stop_get_the_burst_and_one_in_each_period_over_two_machines() {
    const PERIOD: Duration = Duration::from_millis(100);
    let Some(server) = RedisServer::start(&[]) else {
        return;
    };
    let machines = [connect(&server.url()).await, connect(&server.url()).await];
    let start = Instant::now();
    let guessing = machines.map(|throttle| {
        tokio::spawn(async move {
            let mut taken = 0;
            while start.elapsed() < 20 * PERIOD {
                let slots = take(&throttle, &attempt(1, 1, 5, PERIOD)).await;
                taken += u128::from(slots.is_ok_and(|it| it == Slots::Taken));
            }
            taken
        })
    });
    let mut taken = 0;
    for guesses in guessing {
        taken += guesses.await.expect("no panic");
    }
    let periods = start.elapsed().as_millis() / PERIOD.as_millis();
    assert!(taken <= 5 + periods + 1, "{taken} in {periods} periods");
    assert!(taken > 10, "{taken} in {periods} periods");
}

/// 400 calls at once, of two machines.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_machines_share_one_limit() {
    let Some(server) = RedisServer::start(&[]) else {
        return;
    };
    let machines = [connect(&server.url()).await, connect(&server.url()).await];
    let mut complete = 0;
    // A machine that is busy may let a call run out of its time. Its slot is taken or not.
    for round in 0..100 {
        let start = Arc::new(Barrier::new(400));
        let mut tasks = JoinSet::new();
        for n in 0..400 {
            let (throttle, start) = (machines[n % 2].clone(), start.clone());
            tasks.spawn(async move {
                start.wait().await;
                take(&throttle, &attempt(round, 1, 5, HOUR)).await.ok()
            });
        }
        let answers = tasks.join_all().await;
        let taken = answers.iter().filter(|it| **it == Some(Slots::Taken));
        let (taken, failed) = (taken.count(), answers.iter().filter(|it| it.is_none()));
        let failed = failed.count();
        assert!(taken <= 5, "round {round}: {taken} were taken");
        if failed == 0 {
            assert_eq!(taken, 5, "round {round}");
            complete += 1;
            if complete == 10 {
                return;
            }
        }
    }
    panic!("{complete} rounds without a failure");
}

#[tokio::test]
async fn another_prefix_is_another_store() {
    let Some(server) = RedisServer::start(&[]) else {
        return;
    };
    let (one, other) = (connect(&server.url()).await, connect(&server.url()).await);
    let attempt = attempt(1, 1, 3, HOUR);
    assert_eq!(take_all(&one, &attempt).await, 3);
    assert_eq!(take_all(&other, &attempt).await, 0);
    let other = other.key_prefix("apart:");
    assert_eq!(take_all(&other, &attempt).await, 3);
}

#[tokio::test]
async fn two_stores_can_have_one_connection() {
    let Some(server) = RedisServer::start(&[]) else {
        return;
    };
    let before = number(&server, &["CLIENT", "ID"]);
    let replays = RedisReplayStore::connect(&server.url()).await.expect("up");
    let throttle = RedisThrottle::with_connection_of(&replays)
        .await
        .expect("up");
    assert_eq!(take_all(&throttle, &attempt(1, 1, 3, HOUR)).await, 3);
    testing::replay_store(async || replays.clone()).await;
    // The connection of the store, and that of this question.
    assert_eq!(number(&server, &["CLIENT", "ID"]), before + 2);
}

#[tokio::test]
async fn a_script_that_redis_has_forgotten_is_sent_again() {
    let Some(server) = RedisServer::start(&[]) else {
        return;
    };
    let throttle = connect(&server.url()).await;
    let attempt = attempt(1, 1, 3, HOUR);
    for n in 0..3 {
        assert_eq!(server.ask(&["SCRIPT", "FLUSH", "SYNC"]), "+OK");
        let taken = take(&throttle, &attempt).await.expect("up");
        assert_eq!(taken, Slots::Taken, "{n}");
        assert_eq!(server.ask(&["SCRIPT", "FLUSH", "SYNC"]), "+OK");
        throttle.give_back(&attempt).await.expect("up");
    }
    assert_eq!(take_all(&throttle, &attempt).await, 3);

    // Once it is known, its text is not sent.
    assert_eq!(server.ask(&["CONFIG", "RESETSTAT"]), "+OK");
    assert_eq!(take_all(&throttle, &attempt).await, 0);
    let calls = server.ask(&["INFO", "commandstats"]);
    assert!(calls.contains("cmdstat_evalsha:calls=1"), "{calls}");
    assert!(!calls.contains("cmdstat_eval:"), "{calls}");
}
