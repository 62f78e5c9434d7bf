//! One-time values in memory: used once however many ask at a time, never at the cost of another
//! client, never forgotten, and within the memory that the documentation states.
//!
//! A file of its own, because the counting allocator is the allocator of the whole test program.

mod common;

use std::fmt::Write as _;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::SystemTime;

use allocation_counter::measure;
use tokio::{sync::Barrier, task::JoinSet};
use tower_token_endpoint::replay::{
    MemoryReplayStore, Remembered, ReplayKey, ReplayPurpose, ReplayStore as _, ReplayStoreFull,
};

use common::{ISSUER, in_an_hour, poll_once};

fn remember(
    replays: &MemoryReplayStore,
    client_id: &str,
    jti: &str,
    until: SystemTime,
) -> Result<Remembered, ReplayStoreFull> {
    let key = ReplayKey::new(ReplayPurpose::ClientAssertion, ISSUER, client_id, jti);
    let Poll::Ready(answer) = poll_once(pin!(replays.remember(&key, until))) else {
        panic!("memory has nothing to wait for");
    };
    answer
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_200_tasks_at_once_one_is_first() {
    const TASKS: usize = 200;
    let replays = MemoryReplayStore::new();
    for round in 0..50 {
        let start = Arc::new(Barrier::new(TASKS));
        let mut tasks = JoinSet::new();
        for _ in 0..TASKS {
            let (replays, start) = (replays.clone(), start.clone());
            tasks.spawn(async move {
                start.wait().await;
                let jti = round.to_string();
                let key =
                    ReplayKey::new(ReplayPurpose::ClientAssertion, ISSUER, "s6BhdRkqt3", &jti);
                replays.remember(&key, in_an_hour()).await
            });
        }
        let answers = tasks.join_all().await;
        let of = |wanted| answers.iter().filter(|it| **it == Ok(wanted)).count();
        assert_eq!(of(Remembered::New), 1, "round {round}");
        assert_eq!(of(Remembered::Known), TASKS - 1, "round {round}");
    }
}

#[test]
fn a_client_cannot_fill_the_store_for_another() {
    let replays = MemoryReplayStore::with_capacity(100_000);
    let until = in_an_hour();
    let (mut jti, mut news) = (String::new(), 0);
    for n in 0..100_000 {
        jti.clear();
        write!(jti, "{n}").expect("a string takes it");
        match remember(&replays, "greedy", &jti, until) {
            Ok(answer) => {
                assert_eq!(answer, Remembered::New);
                news += 1;
            }
            Err(full) => assert_eq!(full, ReplayStoreFull::ClientShare),
        }
    }
    assert_eq!(news, 781);
    assert_eq!(
        remember(&replays, "modest", "1", until),
        Ok(Remembered::New)
    );
    assert_eq!(
        remember(&replays, "modest", "1", until),
        Ok(Remembered::Known)
    );
}

#[test]
fn a_hundred_clients_that_fill_their_shares_leave_room_for_all_others() {
    for capacity in [None, Some(1000), Some(10_000), Some(100_000)] {
        let replays =
            capacity.map_or_else(MemoryReplayStore::new, MemoryReplayStore::with_capacity);
        let until = in_an_hour();
        let (mut client_id, mut jti) = (String::new(), String::new());
        for n in 0..100 {
            client_id.clear();
            write!(client_id, "greedy {n}").expect("a string takes it");
            for value in 0.. {
                jti.clear();
                write!(jti, "{value}").expect("a string takes it");
                match remember(&replays, &client_id, &jti, until) {
                    Ok(answer) => assert_eq!(answer, Remembered::New),
                    Err(full) => {
                        assert_eq!(full, ReplayStoreFull::ClientShare, "{capacity:?}: {n}");
                        break;
                    }
                }
            }
        }
        for n in 0..200 {
            let answer = remember(&replays, &format!("modest {n}"), "1", until);
            assert_eq!(answer, Ok(Remembered::New), "{capacity:?}: {n}");
        }
    }
}

#[test]
fn a_full_store_refuses_what_is_new_and_knows_what_it_knew() {
    let replays = MemoryReplayStore::with_capacity(1000).client_share(1000);
    let until = in_an_hour();
    for n in 0..1000 {
        assert_eq!(
            remember(&replays, "a", &n.to_string(), until),
            Ok(Remembered::New)
        );
    }
    for n in 1000..2000 {
        let answer = remember(&replays, "b", &n.to_string(), until);
        assert_eq!(answer, Err(ReplayStoreFull::Store));
    }
    for n in 0..1000 {
        assert_eq!(
            remember(&replays, "a", &n.to_string(), until),
            Ok(Remembered::Known)
        );
    }
}

#[test]
fn ten_million_values_of_one_client_take_27_megabytes() {
    let replays = MemoryReplayStore::new().client_share(usize::MAX);
    let cost = send(&replays, 10_000_000, |client_id, _| client_id.push('a'));
    assert!(cost.bytes_max <= 27_000_000, "{cost:?}");
    assert!(cost.kept >= CAPACITY * 19 / 20, "{cost:?}");
}

/// How many of the tables of clients have doubled is chance, since places are: 46 MB if all have.
#[test]
fn values_that_each_have_another_client_take_46_megabytes_at_most() {
    let replays = MemoryReplayStore::new();
    let cost = send(&replays, 1_100_000, |client_id, n| {
        write!(client_id, "client {n}").expect("a string takes it");
    });
    assert!(cost.bytes_max <= 46_000_000, "{cost:?}");
    assert!(cost.kept >= CAPACITY * 19 / 20, "{cost:?}");
}

/// A table is largest, for what is in it, just after it has doubled.
#[test]
fn no_capacity_takes_more_than_128_bytes_a_value() {
    for capacity in [0, 1, 29, 449, 7169, 8192, 14_337, 28_673, 100_000, 229_377] {
        let mut replays = None;
        let new = measure(|| replays = Some(MemoryReplayStore::with_capacity(capacity)));
        let replays = replays.expect("was made");
        let sent = u64::try_from(capacity).expect("fits") * 5 / 4 + 1;
        let cost = send(&replays, sent, |client_id, n| {
            write!(client_id, "client {n}").expect("a string takes it");
        });
        let bound = 128 * capacity as u64 + 16 * 1024;
        assert!(
            new.bytes_max + cost.bytes_max <= bound,
            "{capacity}: {new:?} {cost:?}"
        );
    }
}

const CAPACITY: u64 = 7 << 17;

#[derive(Debug)]
#[expect(dead_code, reason = "shown where a test fails")]
struct Cost {
    bytes_max: u64,
    kept: u64,
    refused: u64,
}

/// Sends values that differ, and finds the most that was allocated at any time.
fn send(replays: &MemoryReplayStore, count: u64, client: impl Fn(&mut String, u64)) -> Cost {
    let until = in_an_hour();
    let (mut client_id, mut jti) = (String::with_capacity(64), String::with_capacity(64));
    let (mut kept, mut refused) = (0, 0);
    let cost = measure(|| {
        for n in 0..count {
            client_id.clear();
            client(&mut client_id, n);
            jti.clear();
            write!(jti, "{n}").expect("a string takes it");
            match remember(replays, &client_id, &jti, until) {
                Ok(Remembered::New) => kept += 1,
                Ok(Remembered::Known) => panic!("{jti} was never sent"),
                Err(_) => refused += 1,
            }
        }
    });
    Cost {
        bytes_max: cost.bytes_max,
        kept,
        refused,
    }
}
