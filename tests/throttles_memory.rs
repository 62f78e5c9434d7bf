//! Failed authentications in memory: counted within the memory that the documentation states, and
//! without allocation, whoever comes.
//!
//! A file of its own, because the counting allocator is the allocator of the whole test program.

mod common;

use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use allocation_counter::measure;
use tokio::{sync::Barrier, task::JoinSet};
use tower_token_endpoint::throttle::{
    MemoryThrottle, Slots, Throttle as _, ThrottleAttempt, ThrottleCounter, ThrottleLimit,
};

use common::poll_once;

const SOURCE: ThrottleLimit = ThrottleLimit::new(20, Duration::from_secs(3));
const CLIENT: ThrottleLimit = ThrottleLimit::new(5, Duration::from_secs(12));
/// In which no slot becomes free while a test runs.
const DAY: Duration = Duration::from_secs(86_400);

fn number<const N: usize>(n: u32) -> [u8; N] {
    let mut bytes = [0; N];
    bytes[..4].copy_from_slice(&n.to_be_bytes());
    bytes
}

fn attempt(source: u32, client: u32) -> ThrottleAttempt {
    with_limits(source, SOURCE, client, CLIENT)
}

fn with_limits(
    source: u32,
    of_source: ThrottleLimit,
    client: u32,
    of_client: ThrottleLimit,
) -> ThrottleAttempt {
    let of_source = ThrottleCounter::new([0; 16], of_source);
    let of_client = ThrottleCounter::new(number(client), of_client);
    ThrottleAttempt::from_parts(number(source), [Some(of_source), Some(of_client), None])
}

fn is_taken(throttle: &MemoryThrottle, attempt: &ThrottleAttempt) -> bool {
    let Poll::Ready(Ok(slots)) = poll_once(pin!(throttle.take(attempt))) else {
        panic!("memory has nothing to wait for");
    };
    slots == Slots::Taken
}

#[test]
fn no_capacity_takes_more_than_32_bytes_a_counter_and_64_kib() {
    for capacity in [0, 1, 17, 4096, 4097, 100_000, 524_288, 1_000_000] {
        let mut throttle = None;
        let new = measure(|| throttle = Some(MemoryThrottle::with_capacity(capacity)));
        let bound = 32 * capacity as u64 + 64 * 1024;
        // Of the shards themselves, and of the sets that are rounded up.
        let shards = 64 * 1024;
        assert!(new.bytes_max <= bound + shards, "{capacity}: {new:?}");
    }
    let new = measure(|| drop(MemoryThrottle::new()));
    assert!(new.bytes_max <= 17_000_000, "{new:?}");
}

/// Four times as many sources and clients as there are places, and as many ids of one source.
#[test]
fn no_number_of_sources_and_clients_takes_more_memory() {
    let throttle = MemoryThrottle::with_capacity(1 << 16);
    let (mut taken, mut refused) = (0, 0);
    let cost = measure(|| {
        for source in 0..1 << 17 {
            for client in 1..3 {
                match is_taken(&throttle, &attempt(source, client)) {
                    true => taken += 1,
                    false => refused += 1,
                }
            }
        }
        for client in 1..1 << 18 {
            refused += u32::from(!is_taken(&throttle, &attempt(u32::MAX, client)));
        }
    });
    assert_eq!(cost.count_total, 0, "{cost:?}");
    // They are far more than can be counted one by one.
    assert!(taken > 1 << 17, "{taken} taken, {refused} refused");
    assert!(refused > 250_000, "{taken} taken, {refused} refused");
}

#[test]
fn a_source_over_its_limit_stays_refused_while_many_times_the_capacity_come() {
    let throttle = MemoryThrottle::with_capacity(1 << 15);
    let once = |source| {
        let of_source = ThrottleLimit::new(20, DAY);
        with_limits(source, of_source, 1, ThrottleLimit::new(40, DAY))
    };
    // Some are over their limits before the store overflows, and some while it does.
    for round in 0..10 {
        let (greedy, first) = (u32::MAX - round, round * 20_000);
        let taken = (0..100).filter(|_| is_taken(&throttle, &once(greedy)));
        let taken = taken.count();
        assert!(taken == 20 || round > 0 && taken <= 20, "{round}: {taken}");
        for source in first..first + 20_000 {
            let _either = is_taken(&throttle, &once(source));
        }
        for greedy in 0..=round {
            assert!(!is_taken(&throttle, &once(u32::MAX - greedy)), "{greedy}");
        }
    }
}

#[test]
fn slots_at_once_are_the_slots_of_the_future() {
    let throttle = MemoryThrottle::new();
    let attempt = attempt(1, 1);
    for n in 0..5 {
        let answer = throttle.take_now(&attempt);
        assert_eq!(answer, Some(Ok(Slots::Taken)), "{n}");
    }
    assert!(!is_taken(&throttle, &attempt));
    assert_eq!(throttle.give_back_now(&attempt), Some(Ok(())));
    assert!(is_taken(&throttle, &attempt));
    let Some(Ok(Slots::Exhausted { counter, .. })) = throttle.take_now(&attempt) else {
        panic!("there are five slots");
    };
    assert_eq!(counter.limit(), CLIENT);
    // A clone has the same counters.
    assert!(!is_taken(&throttle.clone(), &attempt));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_200_tasks_at_once_as_many_as_the_burst_fail() {
    const TASKS: usize = 200;
    let throttle = MemoryThrottle::with_capacity(64);
    let mut complete = 0;
    for round in 0..50 {
        let start = Arc::new(Barrier::new(TASKS));
        let mut tasks = JoinSet::new();
        for n in 0..TASKS {
            let (throttle, start) = (throttle.clone(), start.clone());
            tasks.spawn(async move {
                start.wait().await;
                // At several clients, all of one source.
                let client = u32::try_from(n).expect("small") % 8;
                let limit = ThrottleLimit::new(20, DAY);
                is_taken(&throttle, &with_limits(round, limit, 1 + client, limit))
            });
        }
        let answers = tasks.join_all().await;
        let taken = answers.iter().filter(|it| **it).count();
        assert!(taken <= 20, "round {round}: {taken}");
        complete += u32::from(taken == 20);
    }
    // The store overflows, so some share a bucket.
    assert!(complete >= 40, "{complete} of 50");
}
