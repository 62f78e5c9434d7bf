//! One-time values in Redis: used once however many machines ask, whatever is lost on the way, and
//! never accepted while it cannot be known.

#[path = "common/redis_server.rs"]
mod redis_server;

use std::collections::HashMap;
use std::error::Error as _;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant, SystemTime};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Barrier, Notify};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tower_token_endpoint::{
    RedisReplays, RedisReplaysError, Remembered, ReplayKey, ReplayStore as _, testing,
};

use crate::redis_server::{RedisCluster, RedisServer, Resp, free_port};

const ISSUER: &str = "https://as.example.com";
/// What ends sooner on any machine, and what hangs does not end at all.
const FOREVER: Duration = Duration::from_secs(60);

fn key(jti: &str) -> ReplayKey<'_> {
    ReplayKey::new(ISSUER, "s6BhdRkqt3", jti)
}

fn in_an_hour() -> SystemTime {
    SystemTime::now() + Duration::from_secs(3600)
}

async fn connect(url: &str) -> RedisReplays {
    RedisReplays::connect(url).await.expect("a server that can")
}

async fn remember(replays: &RedisReplays, jti: &str) -> Result<Remembered, RedisReplaysError> {
    let (key, until) = (key(jti), in_an_hour());
    let answer = timeout(FOREVER, replays.remember(&key, until)).await;
    answer.expect("a call does not hang")
}

/// Asks until there is an answer, with a new value for each call.
async fn until_it_answers(replays: &RedisReplays, prefix: &str) -> String {
    let start = Instant::now();
    for n in 0.. {
        let jti = format!("{prefix} {n}");
        match remember(replays, &jti).await {
            Ok(answer) => {
                assert_eq!(answer, Remembered::New, "{jti}");
                return jti;
            }
            Err(error) => assert!(start.elapsed() < FOREVER, "{error:?}"),
        }
        sleep(Duration::from_millis(20)).await;
    }
    unreachable!("it counts to no end")
}

fn whole(error: &RedisReplaysError) -> String {
    let source = error.source().map(ToString::to_string);
    format!("{error}: {}", source.unwrap_or_default())
}

// ---- one server -----------------------------------------------------------------------------

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

async fn one_is_first(replays: [RedisReplays; 2]) {
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

// ---- what is lost on the way ----------------------------------------------------------------

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
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let proxy = Self {
            port: listener.local_addr().expect("has one").port(),
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
    let silent = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = silent.local_addr().expect("has one").port();
    let url = format!("redis://127.0.0.1:{port}");
    let connecting = RedisReplays::connect(&url);
    let error = timeout(FOREVER, connecting).await.expect("it ends");
    let error = error.expect_err("nobody answers");
    assert!(error.to_string().contains("reached"), "{}", whole(&error));
    let connecting = RedisReplays::connect_cluster([&url]);
    let error = timeout(FOREVER, connecting).await.expect("it ends");
    assert!(error.is_err());
}

// ---- a server that goes and comes back ------------------------------------------------------

/// Nothing that was remembered is ever new, no value is new twice, and all goes on by itself.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_server_that_is_killed_costs_failures_and_no_replay() {
    let durable = ["--appendonly", "yes", "--appendfsync", "always"];
    let Some(mut server) = RedisServer::start(&durable) else {
        return;
    };
    let replays = connect(&server.url()).await;
    assert_eq!(
        remember(&replays, "known").await.expect("up"),
        Remembered::New
    );

    let ended = Arc::new(AtomicBool::new(false));
    let mut tasks = JoinSet::new();
    for task in 0..8 {
        let (replays, ended) = (replays.clone(), ended.clone());
        tasks.spawn(async move {
            let (mut answers, mut failures) = (0, 0);
            for n in 0.. {
                if ended.load(Ordering::Relaxed) {
                    break;
                }
                let known = remember(&replays, "known").await;
                assert!(!matches!(known, Ok(Remembered::New)), "task {task}, {n}");
                let jti = format!("{task} {n}");
                let mut news = 0;
                for _ in 0..2 {
                    match remember(&replays, &jti).await {
                        Ok(answer) => {
                            answers += 1;
                            news += usize::from(answer == Remembered::New);
                        }
                        Err(_) => failures += 1,
                    }
                }
                assert!(news <= 1, "task {task}: {jti} was new twice");
                sleep(Duration::from_millis(1)).await;
            }
            (answers, failures)
        });
    }
    for _ in 0..3 {
        sleep(Duration::from_millis(300)).await;
        server.kill();
        for n in 0..3 {
            let error = remember(&replays, &format!("down {n}")).await;
            assert!(error.is_err(), "{error:?}");
            assert!(remember(&replays, "known").await.is_err());
        }
        server.restart();
        until_it_answers(&replays, &format!("back {}", server.ask(&["DBSIZE"]))).await;
    }
    ended.store(true, Ordering::Relaxed);
    let (mut answers, mut failures) = (0, 0);
    for (answered, failed) in tasks.join_all().await {
        answers += answered;
        failures += failed;
    }
    assert!(
        answers > 0 && failures > 0,
        "{answers} answers, {failures} failures"
    );
    assert_eq!(
        remember(&replays, "known").await.expect("up"),
        Remembered::Known
    );
}

/// Of two stores over one server, in each of which half of the calls are made.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_machines_never_both_are_first_while_the_server_is_killed() {
    let durable = ["--appendonly", "yes", "--appendfsync", "always"];
    let Some(mut server) = RedisServer::start(&durable) else {
        return;
    };
    let replays = [connect(&server.url()).await, connect(&server.url()).await];
    let ended = Arc::new(AtomicBool::new(false));
    let news: Arc<Mutex<HashMap<usize, usize>>> = Arc::default();
    let mut tasks = JoinSet::new();
    for replays in replays.clone() {
        let (ended, news) = (ended.clone(), news.clone());
        tasks.spawn(async move {
            for n in 0.. {
                if ended.load(Ordering::Relaxed) {
                    break;
                }
                if let Ok(Remembered::New) = remember(&replays, &n.to_string()).await {
                    *news.lock().expect("whole").entry(n).or_default() += 1;
                }
            }
        });
    }
    for _ in 0..3 {
        sleep(Duration::from_millis(200)).await;
        server.kill();
        sleep(Duration::from_millis(50)).await;
        server.restart();
        for replays in &replays {
            until_it_answers(replays, &format!("back {}", server.ask(&["DBSIZE"]))).await;
        }
    }
    ended.store(true, Ordering::Relaxed);
    tasks.join_all().await;
    let news = news.lock().expect("whole");
    assert!(!news.is_empty());
    let twice: Vec<_> = news.iter().filter(|(_, times)| **times > 1).collect();
    assert!(twice.is_empty(), "{twice:?}");
}

#[tokio::test]
async fn a_server_without_memory_fails_and_forgets_nothing() {
    let Some(server) = RedisServer::start(&["--maxmemory-policy", "noeviction"]) else {
        return;
    };
    let replays = connect(&server.url()).await;
    assert_eq!(remember(&replays, "1").await.expect("up"), Remembered::New);
    assert_eq!(server.ask(&["CONFIG", "SET", "maxmemory", "1"]), "+OK");
    for jti in ["1", "2"] {
        let error = remember(&replays, jti).await.expect_err("it is full");
        assert!(whole(&error).contains("OOM"), "{}", whole(&error));
    }
    let error = RedisReplays::connect(&server.url())
        .await
        .expect_err("full");
    assert!(whole(&error).contains("OOM"), "{}", whole(&error));
    assert_eq!(server.ask(&["CONFIG", "SET", "maxmemory", "0"]), "+OK");
    assert_eq!(
        remember(&replays, "1").await.expect("up"),
        Remembered::Known
    );
    assert_eq!(remember(&replays, "2").await.expect("up"), Remembered::New);
}

#[tokio::test]
async fn a_replica_is_refused_and_a_key_of_another_kind_is_an_error() {
    let Some(server) = RedisServer::start(&[]) else {
        return;
    };
    let replays = connect(&server.url()).await;
    let name = format!(
        "token-endpoint:replay:{}",
        URL_SAFE_NO_PAD.encode(key("1").digest())
    );
    assert_eq!(server.ask(&["LPUSH", &name, "x"]), ":1");
    let error = remember(&replays, "1").await.expect_err("it is a list");
    assert!(whole(&error).contains("WRONGTYPE"), "{}", whole(&error));

    let Some(replica) = RedisServer::start(&[]) else {
        return;
    };
    let replays = connect(&replica.url()).await;
    assert_eq!(remember(&replays, "2").await.expect("up"), Remembered::New);
    let primary = server.port().to_string();
    assert_eq!(replica.ask(&["REPLICAOF", "127.0.0.1", &primary]), "+OK");
    for jti in ["2", "3"] {
        let error = remember(&replays, jti).await.expect_err("it is a replica");
        assert!(whole(&error).contains("read only"), "{}", whole(&error));
    }
    assert_eq!(replica.ask(&["REPLICAOF", "NO", "ONE"]), "+OK");
    until_it_answers(&replays, "promoted").await;
}

// ---- a cluster ------------------------------------------------------------------------------

#[tokio::test]
async fn a_node_of_a_cluster_is_refused_at_the_start_and_told_what_it_is() {
    let Some(cluster) = RedisCluster::start() else {
        return;
    };
    for url in cluster.urls() {
        let error = RedisReplays::connect(&url).await.expect_err("a node");
        assert!(error.to_string().contains("connect_cluster"), "{error}");
    }
}

#[test]
fn outside_of_a_runtime_it_fails_and_does_not_panic() {
    let mut connecting = pin!(RedisReplays::connect("redis://127.0.0.1:1"));
    let mut context = Context::from_waker(Waker::noop());
    let Poll::Ready(Err(error)) = Future::poll(connecting.as_mut(), &mut context) else {
        panic!("nothing to wait for");
    };
    assert!(error.to_string().contains("tokio"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_cluster_keeps_the_contract() {
    let Some(cluster) = RedisCluster::start() else {
        return;
    };
    testing::replay_store(async || {
        let first = &cluster.urls()[..1];
        RedisReplays::connect_cluster(first)
            .await
            .expect("a cluster")
    })
    .await;
    let replays = RedisReplays::connect_cluster(cluster.urls())
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
    let replays = RedisReplays::connect_cluster(cluster.urls())
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
    let replays = RedisReplays::connect_cluster(cluster.urls())
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
    let error = RedisReplays::connect_cluster([server.url()]).await;
    let error = error.expect_err("it is none");
    assert!(whole(&error).contains("cluster"), "{}", whole(&error));
    let error = RedisReplays::connect_cluster([""; 0]).await;
    let error = error.expect_err("there is no node");
    assert!(error.to_string().contains("URL"), "{}", whole(&error));
}

// ---- connecting -----------------------------------------------------------------------------

/// A server that answers `SET` with this.
async fn answering_set_with(answer: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("has one").port();
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
    format!("redis://127.0.0.1:{port}")
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
        let connecting = timeout(FOREVER, RedisReplays::connect(&url)).await;
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
        let error = timeout(FOREVER, RedisReplays::connect(&url)).await;
        let error = error.expect("it ends").expect_err("nobody is there");
        let told = format!("{} {error:?}", whole(&error));
        assert!(error.to_string().contains(wanted), "{url}: {told}");
        assert!(!told.contains("c4n4ry"), "{told}");
        let error = timeout(FOREVER, RedisReplays::connect_cluster([&url])).await;
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
        let error = RedisReplays::connect(&url).await.expect_err("not let in");
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
