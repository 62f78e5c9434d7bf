use std::{collections::HashMap, time::Duration};

use proptest::{collection::vec, prelude::*};

use super::{
    shard::{CounterId, Shard},
    shards::lock,
    *,
};
use crate::protocol::{
    gcra::{AllFree, Nanos},
    throttle::{ThrottleCounter, ThrottleLimit},
};

const SECOND: Nanos = 1_000_000_000;
const SOURCE: ThrottleLimit = ThrottleLimit::new(20, Duration::from_secs(3));
const CLIENT: ThrottleLimit = ThrottleLimit::new(5, Duration::from_secs(12));

fn number<const N: usize>(n: u32) -> [u8; N] {
    let mut bytes = [0; N];
    bytes[..4].copy_from_slice(&n.to_be_bytes());
    bytes
}

/// An attempt from this source, and at this client if its number is not 0.
fn attempt(source: u32, client: u32) -> ThrottleAttempt {
    let of_source = ThrottleCounter::new([0; 16], SOURCE);
    let of_client = (client > 0).then(|| ThrottleCounter::new(number(client), CLIENT));
    ThrottleAttempt::from_parts(number(source), [Some(of_source), of_client, None])
}

impl MemoryThrottle {
    fn fails(&self, source: u32, client: u32, now: Nanos) -> bool {
        self.shared.take(&attempt(source, client), now) == Slots::Taken
    }

    /// The slots that an attempt could take now, one after the other.
    fn slots(&self, source: u32, client: u32, now: Nanos) -> usize {
        let attempt = attempt(source, client);
        let taken = (0..100).take_while(|_| self.shared.take(&attempt, now) == Slots::Taken);
        let taken = taken.count();
        for _ in 0..taken {
            self.shared.give_back(&attempt);
        }
        taken
    }
}

#[test]
fn all_counters_of_an_attempt_have_a_slot_or_none_is_taken() {
    let throttle = MemoryThrottle::new();
    for _ in 0..5 {
        assert!(throttle.fails(1, 1, 0));
    }
    for _ in 0..100 {
        assert!(!throttle.fails(1, 1, 0), "the client has no slot");
    }
    // Nothing was taken of the source meanwhile.
    assert_eq!(throttle.slots(1, 0, 0), 15);
    for client in 2..17 {
        assert!(throttle.fails(1, client, 0), "{client}");
    }
    for client in [1, 2, 17, 18] {
        assert!(!throttle.fails(1, client, 0), "the source has no slot");
    }
    // Nor of a client.
    assert_eq!(throttle.slots(1, 17, 60 * SECOND), 5);
    assert_eq!(throttle.slots(2, 1, 0), 5, "another source");
}

#[test]
fn a_refusal_tells_the_time_until_each_counter_has_a_slot() {
    let throttle = MemoryThrottle::new();
    for _ in 0..5 {
        assert!(throttle.fails(1, 1, 0));
    }
    let wait = |client, now| match throttle.shared.take(&attempt(1, client), now) {
        Slots::Taken => None,
        Slots::Exhausted { retry_after, .. } => Some(retry_after.as_secs()),
    };
    assert_eq!(wait(1, 0), Some(12));
    assert_eq!(wait(1, 11 * SECOND), Some(1));
    for client in 2..17 {
        assert_eq!(wait(client, 0), None);
    }
    assert_eq!(wait(99, 0), Some(3), "the source");
    assert_eq!(wait(1, 0), Some(12), "the client waits for longer");
    assert_eq!(wait(1, 12 * SECOND), None);
}

#[test]
fn a_refusal_names_the_counter_that_has_to_wait_longest() {
    let throttle = MemoryThrottle::new();
    let full = |client| match throttle.shared.take(&attempt(1, client), 0) {
        Slots::Taken => None,
        Slots::Exhausted { counter, .. } => Some(counter),
    };
    let source = ThrottleCounter::new([0; 16], SOURCE);
    let client = ThrottleCounter::new(number(1), CLIENT);
    for _ in 0..5 {
        assert_eq!(full(1), None);
    }
    assert_eq!(full(1), Some(client), "the source has slots");
    for client in 2..17 {
        assert_eq!(full(client), None);
    }
    assert_eq!(full(99), Some(source), "the client has slots");
    assert_eq!(full(1), Some(client), "neither has a slot");
}

#[test]
fn what_is_given_back_costs_nothing() {
    let throttle = MemoryThrottle::with_capacity(1);
    for n in 0..10_000 {
        // Also if the counter lost its place to another while it was under way.
        let (one, other) = (attempt(n, 1), attempt(n + 1, 1));
        assert_eq!(throttle.shared.take(&one, 0), Slots::Taken);
        assert_eq!(throttle.shared.take(&other, 0), Slots::Taken);
        throttle.shared.give_back(&one);
        throttle.shared.give_back(&other);
    }
    for n in 0..1000 {
        assert_eq!(throttle.slots(n, 1, 0), 5, "{n}");
    }
}

#[test]
fn who_is_over_the_limit_stays_refused_while_the_store_overflows() {
    for capacity in [1, 16, 300, 20_000] {
        let throttle = MemoryThrottle::with_capacity(capacity);
        for n in 0..20 {
            assert!(throttle.fails(7, 1 + n / 5, 0), "{capacity}: {n}");
        }
        let others = 10 * u32::try_from(capacity).expect("small").max(1000);
        for n in 0..others {
            let _either = throttle.fails(1000 + n, 1, SECOND);
            if n % 100 == 0 {
                assert!(!throttle.fails(7, 9, SECOND), "{capacity}: after {n}");
            }
        }
        assert!(!throttle.fails(7, 9, SECOND), "{capacity}");
        assert!(!throttle.fails(7, 9, 3 * SECOND - 1), "{capacity}");
    }
}

#[test]
fn what_comes_beyond_the_capacity_is_counted() {
    let throttle = MemoryThrottle::with_capacity(16);
    let sources = 3000;
    // Of all sources in turn, so that none is left in its place.
    let mut failures = vec![0; sources];
    for _ in 0..25 {
        for (source, failures) in (0..).zip(&mut failures) {
            *failures += usize::from(throttle.fails(source, 0, 0));
        }
    }
    assert!(failures.iter().all(|it| *it <= 20), "{failures:?}");
    let all: usize = failures.iter().sum();
    // Of 4,096 buckets, these sources are in half.
    assert!(all > 30_000, "{all}");
    for source in 0..3000 {
        assert!(!throttle.fails(source, 0, SECOND), "{source}");
    }
}

#[test]
fn in_many_threads_nobody_has_more_than_the_burst() {
    let throttle = MemoryThrottle::with_capacity(16);
    let taken: Vec<Vec<usize>> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    let fail = |source| (0..25).filter(|_| throttle.fails(source, 0, 0)).count();
                    (0..200).map(fail).collect()
                })
            })
            .collect();
        threads
            .into_iter()
            .map(|it| it.join().expect("no panic"))
            .collect()
    });
    for source in 0..200 {
        let taken: usize = taken.iter().map(|it| it[source]).sum();
        assert!(taken <= 20, "source {source} failed {taken} times");
    }
}

#[test]
fn the_counter_that_is_free_first_leaves_its_place() {
    let id = |n: u64| CounterId::new(n << 40 | n << 8, true);
    let owed = |shard: &mut Shard, n| shard.wait(id(n), ThrottleLimit::new(1, SOURCE.period()), 0);
    let seconds = |s| Some(Duration::from_secs(s));
    let mut shard = Shard::new(2, 1, 1);
    for n in [1, 1, 2, 2, 2] {
        shard.take(id(n), SOURCE, 0);
    }
    assert_eq!(owed(&mut shard, 1), seconds(6));
    assert_eq!(owed(&mut shard, 2), seconds(9));
    assert_eq!(owed(&mut shard, 3), None, "the bucket is empty");
    // The newcomer would be free first itself, so it is in the bucket.
    shard.take(id(3), SOURCE, 0);
    assert_eq!(owed(&mut shard, 4), seconds(3), "which they share");
    // From then on what is new is in the bucket as well.
    shard.take(id(4), SOURCE, 0);
    assert_eq!(owed(&mut shard, 3), seconds(6));
    assert_eq!(owed(&mut shard, 1), seconds(6));

    let mut shard = Shard::new(2, 1, 1);
    for n in [1, 1, 2, 2, 2] {
        shard.take(id(n), SOURCE, 0);
    }
    shard.take(id(3), SOURCE, 4 * SECOND);
    assert_eq!(owed(&mut shard, 3), seconds(7), "in the place of 1");
    assert_eq!(owed(&mut shard, 2), seconds(9), "which stays");
    assert_eq!(owed(&mut shard, 1), seconds(6), "in the bucket");
    assert_eq!(owed(&mut shard, 4), seconds(6), "which is the same");
    // What is free has no owner.
    shard.take(id(4), SOURCE, 9 * SECOND);
    shard.take(id(5), SOURCE, 9 * SECOND);
    assert_eq!(owed(&mut shard, 4), seconds(12));
    assert_eq!(owed(&mut shard, 5), seconds(12));
    assert_eq!(owed(&mut shard, 6), seconds(6), "the bucket as it was");
}

/// Beside those of sources, so that one kind cannot fill the buckets of the other.
#[test]
fn counters_of_clients_are_in_buckets_of_their_own() {
    let throttle = MemoryThrottle::with_capacity(1);
    for source in 0..40_000 {
        let _either = throttle.fails(source, 1, 0);
    }
    let shard = lock(&throttle.shared.shards[0]);
    let all = shard.taken_in_buckets(0);
    let full = |kind: usize, limit| {
        all[kind]
            .iter()
            .filter(|it| AllFree(**it).wait(limit, 0).is_some())
            .count()
    };
    // Each failure was one of both kinds.
    assert!(full(1, CLIENT) > 3000, "{}", full(1, CLIENT));
    assert!(full(0, SOURCE) < 100, "{}", full(0, SOURCE));
}

#[test]
fn a_stranger_who_fills_the_store_refuses_no_more_than_the_stated_share() {
    for (capacity, strangers) in [(256, 1500), (4096, 8000), (4096, 9000)] {
        let throttle = MemoryThrottle::with_capacity(capacity);
        let mut failures = 0_u64;
        for stranger in 0..strangers {
            while throttle.fails(stranger, 0, 0) {
                failures += 1;
            }
        }
        let (mut in_places, mut buckets, mut full) = (0, 0, 0);
        for shard in &throttle.shared.shards {
            let shard = lock(shard);
            in_places += shard.taken_in_places(0) / (3 * SECOND);
            let [of_sources, _] = shard.taken_in_buckets(0);
            buckets += of_sources.len();
            let is_full = |it: &&Nanos| AllFree(**it).wait(SOURCE, 0).is_some();
            full += of_sources.iter().filter(is_full).count();
        }
        let share = (failures - in_places) as f64 / (20.0 * buckets as f64);
        let really = full as f64 / buckets as f64;
        assert!(really > 0.05, "{capacity}: {really}, so it was not tested");
        assert!(really <= share, "{capacity}: {really} of {share}");

        let honest = 1_000_000..1_010_000;
        let refused = honest.filter(|&it| throttle.slots(it, 0, 0) == 0).count();
        let refused = refused as f64 / 10_000.0;
        assert!(refused <= share + 0.02, "{capacity}: {refused} of {share}");
    }
}

#[test]
fn a_store_that_is_half_full_has_less_than_one_percent_in_buckets() {
    let throttle = MemoryThrottle::with_capacity(65_536);
    for source in 0..32_768 {
        assert!(throttle.fails(source, 0, 0));
    }
    let in_buckets: u64 = throttle
        .shared
        .shards
        .iter()
        .map(|shard| {
            let shard = lock(shard);
            let [of_sources, _] = shard.taken_in_buckets(0);
            of_sources.iter().sum::<u64>() / (3 * SECOND)
        })
        .sum();
    assert!(in_buckets < 327, "{in_buckets}");
}

#[test]
fn any_capacity_can_be_asked_for() {
    for (asked, capacity) in [
        (0, 1),
        (1, 1),
        (2, 2),
        (15, 15),
        (16, 16),
        (17, 32),
        (8192, 8192),
    ] {
        let throttle = MemoryThrottle::with_capacity(asked);
        assert_eq!(throttle.shared.capacity(), capacity, "{asked}");
        assert_eq!(throttle.slots(1, 1, 0), 5, "{asked}");
    }
    assert_eq!(MemoryThrottle::new().shared.capacity(), 524_288);
}

#[test]
fn a_poisoned_lock_is_no_end() {
    let throttle = MemoryThrottle::with_capacity(16);
    assert!(throttle.fails(1, 1, 0));
    let poison = std::thread::scope(|scope| {
        let locking = || {
            let _guard = lock(&throttle.shared.shards[0]);
            panic!("on purpose");
        };
        scope.spawn(locking).join().is_err()
    });
    assert!(poison && throttle.shared.shards[0].is_poisoned());
    assert_eq!(throttle.slots(1, 1, 0), 4);
}

#[test]
fn a_slot_given_back_from_a_bucket_frees_no_more_than_a_period() {
    let (one, other_of_its_bucket) = (CounterId::new(1 << 40, true), CounterId::new(2 << 40, true));
    let of_the_other_bucket = CounterId::new(3 << 40 | 1 << 31, true);
    let limit = ThrottleLimit::new(1, SOURCE.period());
    for (moved, free) in [(0, 3), (1, 2), (2, 1)] {
        let mut shard = Shard::new(1, 1, 2);
        // There is one place, so each counter moves into its bucket when the next one comes.
        shard.take(one, limit, 0);
        shard.take(other_of_its_bucket, limit, 0);
        shard.take(of_the_other_bucket, limit, moved * SECOND);
        shard.give_back(other_of_its_bucket, limit);
        let wait = shard.wait(one, limit, 0);
        assert_eq!(
            wait,
            Some(Duration::from_secs(free)),
            "moved after {moved} s"
        );
    }
}

#[derive(Clone, Copy, Debug)]
enum Step {
    /// By this key, of which the attempt may be given back after some steps.
    Attempt(u64, Option<usize>),
    Pass(Nanos),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        6 => (0_u64..8, prop::option::of(0_usize..12)).prop_map(|(key, back)| Step::Attempt(key, back)),
        1 => (0_u64..25).prop_map(Step::Pass),
    ];
    vec(step, 0..300)
}

const SMALL: ThrottleLimit = ThrottleLimit::new(3, Duration::from_nanos(10));

proptest! {
    /// As long as there are places, each counter is as if it were the only one.
    #[test]
    fn it_counts_as_if_each_counter_were_alone(steps in steps()) {
        let throttle = MemoryThrottle::with_capacity(4096);
        let mut model: HashMap<u64, AllFree> = HashMap::new();
        let (mut now, mut back) = (5, Vec::new());
        for (n, step) in steps.into_iter().enumerate() {
            back.retain(|&(when, attempt, key): &(usize, ThrottleAttempt, u64)| {
                if when <= n {
                    throttle.shared.give_back(&attempt);
                    let counter = model.entry(key).or_default();
                    *counter = counter.given_back(SMALL);
                }
                when > n
            });
            match step {
                Step::Attempt(key, given_back) => {
                    let counter = ThrottleCounter::new(number(1), SMALL);
                    let attempt = ThrottleAttempt::from_parts(number(key as u32), [None, Some(counter), None]);
                    let alone = model.entry(key).or_default();
                    let expected = match alone.wait(SMALL, now) {
                        Some(retry_after) => Slots::Exhausted { retry_after, counter },
                        None => {
                            *alone = alone.taken(SMALL, now);
                            back.extend(given_back.map(|it| (n + it + 1, attempt, key)));
                            Slots::Taken
                        }
                    };
                    prop_assert_eq!(throttle.shared.take(&attempt, now), expected);
                }
                Step::Pass(time) => now += time,
            }
        }
    }

    /// If there are too few places, a counter may have fewer slots, and never more.
    #[test]
    fn no_overflow_allows_a_failure_more(steps in steps()) {
        let mut shard = Shard::new(2, 1, 2);
        let mut model: HashMap<u64, AllFree> = HashMap::new();
        let mut now = 5;
        for step in steps {
            match step {
                Step::Attempt(key, given_back) => {
                    let id = hashed(key);
                    if shard.wait(id, SMALL, now).is_some() {
                        continue;
                    }
                    shard.take(id, SMALL, now);
                    let alone = model.entry(key).or_default();
                    prop_assert_eq!(alone.wait(SMALL, now), None, "{}", key);
                    if given_back.is_some() {
                        shard.give_back(id, SMALL);
                    } else {
                        *alone = alone.taken(SMALL, now);
                    }
                }
                Step::Pass(time) => now += time,
            }
        }
    }

    /// Nor do give-backs that come later, apart from the time for which their attempts were under
    /// way, which is a period at most: a bucket may have freed this time already, to all of its
    /// counters at once. An attempt that was under way when the failures began counts as a period.
    #[test]
    fn no_overflow_and_no_order_of_give_backs_allows_more(steps in steps()) {
        let mut shard = Shard::new(2, 1, 2);
        let mut now = 5;
        let mut attempts: Vec<Attempted> = Vec::new();
        for (n, step) in steps.into_iter().enumerate() {
            for attempt in &mut attempts {
                if attempt.ended.is_none() && attempt.ends_at_step.is_some_and(|at| at <= n) {
                    shard.give_back(hashed(attempt.key), SMALL);
                    attempt.ended = Some(now);
                }
            }
            match step {
                Step::Attempt(key, given_back) => {
                    if shard.wait(hashed(key), SMALL, now).is_none() {
                        shard.take(hashed(key), SMALL, now);
                        let ends_at_step = given_back.map(|it| n + it + 1);
                        attempts.push(Attempted { key, began: now, ends_at_step, ended: None });
                    }
                }
                Step::Pass(time) => now += time,
            }
        }
        prop_assert_eq!(more_than_allowed(&attempts), None);
    }
}

fn hashed(key: u64) -> CounterId {
    CounterId::new(key.wrapping_mul(0x9e37_79b9_7f4a_7c15), true)
}

struct Attempted {
    key: u64,
    began: Nanos,
    /// Of an attempt that is given back.
    ends_at_step: Option<usize>,
    ended: Option<Nanos>,
}

/// The key and the number of the failures that were too many in the time that they took.
fn more_than_allowed(attempts: &[Attempted]) -> Option<(u64, u64)> {
    const PERIOD: Nanos = 10;
    (0..8).find_map(|key| {
        let failed = |it: &&Attempted| it.key == key && it.ended.is_none();
        let failures: Vec<_> = attempts.iter().filter(failed).map(|it| it.began).collect();
        failures.iter().enumerate().find_map(|(n, &begin)| {
            let freed_twice = |end| -> Nanos {
                let given_back = attempts.iter().filter_map(|it| {
                    let ended = it.ended.filter(|it| (begin..=end).contains(it))?;
                    let was_under_way = it.began < begin;
                    Some(if was_under_way {
                        PERIOD
                    } else {
                        PERIOD.min(ended - it.began)
                    })
                });
                given_back.sum()
            };
            let mut counts = (1..).zip(&failures[n..]);
            let too_many = counts
                .find(|&(count, &end)| count > 3 + (end - begin + freed_twice(end)) / PERIOD)?;
            Some((key, too_many.0))
        })
    })
}
