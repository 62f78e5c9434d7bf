//! What is in Redis, for how long, and what an ACL must allow.

use std::time::{Duration, Instant};

use tokio::time::sleep;
use tower_token_endpoint::throttle::{RedisThrottle, Slots, Throttle as _, ThrottleLimit};
use tower_token_endpoint::throttle::{ThrottleAttempt, ThrottleCounter};

use crate::common::redis_server::{FOREVER, RedisServer};
use crate::setup::{HOUR, attempt, connect, key, number, take, take_all, whole};

#[tokio::test]
async fn a_key_expires_when_all_slots_are_free() {
    let Some(server) = RedisServer::start(&[]) else {
        return;
    };
    let throttle = connect(&server.url()).await;
    let minute = Duration::from_secs(60);
    for taken in 1..=3 {
        let slots = take(&throttle, &attempt(1, 1, 3, minute)).await;
        assert_eq!(slots.expect("up"), Slots::Taken);
        let left = number(&server, &["PTTL", &key(1)]);
        let all = taken * 60_000;
        assert!((all - 20_000..=all + 2).contains(&left), "{left} of {all}");
    }
    // A shorter counter of the same source does not make it shorter.
    let short = attempt(1, 0, 30, Duration::from_millis(1));
    let other = ThrottleCounter::new([9; 16], ThrottleLimit::new(3, Duration::from_millis(1)));
    let short_only = ThrottleAttempt::from_parts(short.key(), [Some(other), None, None]);
    assert_eq!(
        take(&throttle, &short_only).await.expect("up"),
        Slots::Taken
    );
    let left = number(&server, &["PTTL", &key(1)]);
    assert!(left > 120_000, "{left}");

    let brief = attempt(2, 1, 3, Duration::from_millis(100));
    assert_eq!(take(&throttle, &brief).await.expect("up"), Slots::Taken);
    let start = Instant::now();
    while number(&server, &["EXISTS", &key(2)]) == 1 {
        assert!(start.elapsed() < FOREVER, "it never expires");
        sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn what_is_given_back_leaves_nothing() {
    let Some(server) = RedisServer::start(&[]) else {
        return;
    };
    let throttle = connect(&server.url()).await;
    assert_eq!(number(&server, &["DBSIZE"]), 0, "of connecting");
    for source in 1..50 {
        let attempt = attempt(source, 1, 5, HOUR);
        assert_eq!(take(&throttle, &attempt).await.expect("up"), Slots::Taken);
        assert_eq!(number(&server, &["DBSIZE"]), 1);
        throttle.give_back(&attempt).await.expect("up");
        assert_eq!(number(&server, &["DBSIZE"]), 0);
    }
    // A refusal leaves nothing either.
    let attempt = attempt(1, 1, 0, HOUR);
    assert_ne!(take(&throttle, &attempt).await.expect("up"), Slots::Taken);
    assert_eq!(number(&server, &["DBSIZE"]), 0);
}

/// The defaults of the layer: 20 failures of a source, each at another client.
#[tokio::test]
async fn a_source_takes_no_more_memory_than_is_stated() {
    let Some(server) = RedisServer::start(&[]) else {
        return;
    };
    let throttle = connect(&server.url()).await;
    let of_source = ThrottleLimit::new(20, Duration::from_secs(3));
    let of_client = ThrottleLimit::new(5, Duration::from_secs(12));
    let fails = async |client: u8| {
        let source = ThrottleCounter::new([0; 16], of_source);
        let client = ThrottleCounter::new([client; 16], of_client);
        let attempt = ThrottleAttempt::from_parts([1; 32], [Some(source), Some(client), None]);
        take(&throttle, &attempt).await.expect("up") == Slots::Taken
    };
    assert!(fails(1).await);
    let one = number(&server, &["MEMORY", "USAGE", &key(1)]);
    assert!(one <= 220, "{one} bytes");
    for client in 2..=200 {
        let _either = fails(client).await;
    }
    let fields = number(&server, &["HLEN", &key(1)]);
    assert!((21..=24).contains(&fields), "{fields} fields");
    let all = number(&server, &["MEMORY", "USAGE", &key(1)]);
    assert!(all <= 1024, "{all} bytes");
}

#[tokio::test]
async fn counters_whose_slots_are_free_are_dropped() {
    let Some(server) = RedisServer::start(&[]) else {
        return;
    };
    let throttle = connect(&server.url()).await;
    let long = ThrottleCounter::new([0; 16], ThrottleLimit::new(1000, HOUR));
    for client in 1..=40 {
        let limit = ThrottleLimit::new(5, Duration::from_millis(1));
        let short = ThrottleCounter::new([client; 16], limit);
        let attempt = ThrottleAttempt::from_parts([1; 32], [Some(long), Some(short), None]);
        assert_eq!(take(&throttle, &attempt).await.expect("up"), Slots::Taken);
        sleep(Duration::from_millis(3)).await;
    }
    assert_eq!(number(&server, &["HLEN", &key(1)]), 2);
}

/// Redis does nothing else while it runs a script.
#[tokio::test]
async fn a_source_with_many_clients_costs_a_call_no_more_than_one_with_few() {
    let Some(server) = RedisServer::start(&[]) else {
        return;
    };
    let throttle = connect(&server.url()).await;
    let full = attempt(1, 1, 1, HOUR);
    assert_eq!(take(&throttle, &full).await.expect("up"), Slots::Taken);
    let stale = |from: u32, to: u32| {
        for n in from..to {
            let name = format!("{n:016}");
            let set = ["HSET", &key(1), &name, "1000000000000000"];
            assert_eq!(server.ask(&set), ":1");
        }
    };
    let fields = || number(&server, &["HLEN", &key(1)]);
    stale(0, 600);
    assert_eq!(server.ask(&["CONFIG", "RESETSTAT"]), "+OK");
    let refused = take(&throttle, &full).await.expect("up");
    assert!(matches!(refused, Slots::Exhausted { .. }), "{refused:?}");
    assert_eq!(fields(), 602);
    let calls = server.ask(&["INFO", "commandstats"]);
    let of_script = [
        "time",
        "hmget",
        "evalsha",
        "hlen",
        "config|resetstat",
        "info",
    ];
    for line in calls.lines().filter(|it| it.starts_with("cmdstat_")) {
        let known = |it: &&str| line.starts_with(&format!("cmdstat_{it}:calls=1,"));
        assert!(of_script.iter().any(known), "{line}");
    }

    // A slot that is taken drops some of them, and more than it adds.
    let other = ThrottleCounter::new([9; 16], ThrottleLimit::new(1_000_000, HOUR));
    let other = ThrottleAttempt::from_parts(full.key(), [Some(other), None, None]);
    assert_eq!(take(&throttle, &other).await.expect("up"), Slots::Taken);
    let left = fields();
    assert!((595..=602).contains(&left), "{left}");
    for _ in 0..1000 {
        assert_eq!(take(&throttle, &other).await.expect("up"), Slots::Taken);
    }
    assert_eq!(fields(), 3);
}

/// As if the clock of Redis was set back by a day.
#[tokio::test]
async fn a_clock_that_is_set_back_refuses_nobody_for_longer_than_the_limit() {
    let Some(server) = RedisServer::start(&[]) else {
        return;
    };
    let throttle = connect(&server.url()).await;
    let minute = Duration::from_secs(60);
    let attempt = attempt(1, 0, 3, minute);
    assert_eq!(take_all(&throttle, &attempt).await, 3);
    let name = "\0".repeat(16);
    let set_back = || {
        let moment = server.ask(&["HGET", &key(1), &name])[..16].to_owned();
        let moment: u64 = moment.parse().expect("digits alone");
        let later = (moment + 86_400_000_000).to_string();
        assert_eq!(server.ask(&["HSET", &key(1), &name, &later]), ":0");
    };
    set_back();
    let refused = take(&throttle, &attempt).await.expect("up");
    let Slots::Exhausted { retry_after, .. } = refused else {
        panic!("it was full");
    };
    assert!(retry_after <= minute, "{retry_after:?}");
    throttle.give_back(&attempt).await.expect("up");
    assert_eq!(take_all(&throttle, &attempt).await, 1);
    set_back();
    for _ in 0..3 {
        throttle.give_back(&attempt).await.expect("up");
    }
    assert_eq!(number(&server, &["DBSIZE"]), 0);
}

/// Exactly what the documentation states.
#[tokio::test]
async fn an_acl_needs_to_allow_what_is_stated_and_no_more() {
    let Some(server) = RedisServer::start(&[]) else {
        return;
    };
    let commands = [
        "evalsha",
        "eval",
        "time",
        "hmget",
        "hrandfield",
        "hset",
        "hdel",
        "pttl",
        "pexpire",
    ];
    let allow = |commands: &[&str]| {
        let mut acl = ["ACL", "SETUSER", "throttle", "reset", "on", ">secret"].to_vec();
        acl.extend(["~token-endpoint:throttle:*", "~token-endpoint:probe:*"]);
        let commands: Vec<_> = commands.iter().map(|it| format!("+{it}")).collect();
        acl.extend(commands.iter().map(String::as_str));
        assert_eq!(server.ask(&acl), "+OK");
    };
    let url = format!("redis://throttle:secret@127.0.0.1:{}", server.port());
    allow(&commands);
    let throttle = connect(&url).await;
    let attempt = attempt(1, 1, 3, HOUR);
    for _ in 0..3 {
        assert_eq!(take(&throttle, &attempt).await.expect("up"), Slots::Taken);
        throttle.give_back(&attempt).await.expect("up");
    }
    assert_eq!(take_all(&throttle, &attempt).await, 3);
    let error = throttle.key_prefix("other:").take(&attempt).await;
    let error = whole(&error.expect_err("another key"));
    assert!(error.contains("permission"), "{error}");

    // Without any of them, it is found out when connecting. Only `EVAL` is not needed, if the server
    // knows the scripts.
    for missing in commands.into_iter().filter(|it| *it != "eval") {
        let others: Vec<_> = commands.into_iter().filter(|it| *it != missing).collect();
        allow(&others);
        let error = RedisThrottle::connect(&url).await.expect_err(missing);
        let error = whole(&error);
        let told = error.contains("permission") || error.contains("can't run this command");
        assert!(told, "{missing}: {error}");
    }
}

#[tokio::test]
async fn what_is_in_redis_is_exact_to_the_microsecond() {
    let Some(server) = RedisServer::start(&[]) else {
        return;
    };
    let throttle = connect(&server.url()).await;
    let attempt = attempt(1, 0, 3, HOUR);
    assert_eq!(take(&throttle, &attempt).await.expect("up"), Slots::Taken);
    let name = String::from_utf8(vec![0; 16]).expect("ASCII");
    let moment = || server.ask(&["HGET", &key(1), &name])[..16].to_owned();
    let first: u64 = moment().parse().expect("digits alone");
    assert_eq!(take(&throttle, &attempt).await.expect("up"), Slots::Taken);
    assert_eq!(moment(), (first + 3_600_000_000).to_string());
    throttle.give_back(&attempt).await.expect("up");
    assert_eq!(moment(), first.to_string());
}
