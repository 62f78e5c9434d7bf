//! The generic cell rate algorithm (GCRA): how a counter of failures counts.
//!
//! All that is kept of a counter is the moment at which all of its slots are free. To take a slot
//! puts this moment off by one period, and to give one back does the opposite. Time frees the
//! slots one after the other, so a counter that is not asked needs no work.
//!
//! From a moment at which all slots are free, at most `burst + t / period` failures are counted
//! as allowed in any time `t`, in any order of give-backs. If a slot is given back
//! after time has freed it, it frees another one instead. So in a time that begins later, there
//! may be one more failure for each attempt that was under way when it began.

use std::time::Duration;

use super::throttle::ThrottleLimit;

/// Moment in nanoseconds since any moment that stays the same.
pub(crate) type Nanos = u64;

/// Moment at which all slots of a counter are free. It may have passed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct AllFree(pub(crate) Nanos);

impl AllFree {
    pub(crate) fn has_come(self, now: Nanos) -> bool {
        self.0 <= now
    }

    /// The time until one slot is free. `None` if one is free now.
    pub(crate) fn wait(self, limit: ThrottleLimit, now: Nanos) -> Option<Duration> {
        let period = nanos(limit.period());
        let Some(others) = limit.burst().checked_sub(1) else {
            // With a burst of zero, there is never a slot.
            return Some(limit.period().max(Duration::from_nanos(1)));
        };
        let others = period.saturating_mul(others.into());
        let wait = self.0.saturating_sub(now).saturating_sub(others);
        (wait > 0).then(|| Duration::from_nanos(wait))
    }

    /// With one more slot taken, whether it is free or not.
    pub(crate) fn taken(self, limit: ThrottleLimit, now: Nanos) -> Self {
        Self(self.0.max(now).saturating_add(nanos(limit.period())))
    }

    /// With one slot given back.
    pub(crate) fn given_back(self, limit: ThrottleLimit) -> Self {
        // A moment that has passed means that all slots are free, however long ago it is.
        Self(self.0.saturating_sub(nanos(limit.period())))
    }

    /// With all slots that are taken of either counter.
    pub(crate) fn joined(self, other: Self, now: Nanos) -> Self {
        Self(self.0.max(now).saturating_add(other.0.saturating_sub(now)))
    }
}

fn nanos(duration: Duration) -> Nanos {
    Nanos::try_from(duration.as_nanos()).unwrap_or(Nanos::MAX)
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use proptest::{collection::vec, prelude::*};

    use super::*;

    const SECOND: Nanos = 1_000_000_000;
    const FIVE: ThrottleLimit = ThrottleLimit::new(5, Duration::from_secs(12));

    fn seconds(wait: Option<Duration>) -> Option<u64> {
        wait.map(|it| it.as_secs())
    }

    #[test]
    fn a_burst_is_free_at_once_and_then_one_slot_in_each_period() {
        let mut counter = AllFree::default();
        let mut now = 7 * SECOND;
        for _ in 0..5 {
            assert_eq!(counter.wait(FIVE, now), None);
            counter = counter.taken(FIVE, now);
        }
        assert_eq!(seconds(counter.wait(FIVE, now)), Some(12));
        for _ in 0..3 {
            now += 12 * SECOND - 1;
            assert_eq!(
                counter.wait(FIVE, now),
                Some(Duration::from_nanos(1)),
                "{now}"
            );
            now += 1;
            assert_eq!(counter.wait(FIVE, now), None);
            counter = counter.taken(FIVE, now);
            assert_eq!(seconds(counter.wait(FIVE, now)), Some(12));
        }
        assert!(!counter.has_come(now + 60 * SECOND - 1));
        assert!(counter.has_come(now + 60 * SECOND));
    }

    /// RFC 6749 §2.3.1: how many guesses an attacker has who never stops, by the default limits.
    #[test]
    fn the_default_limits_allow_305_failures_of_a_client_in_an_hour_and_1220_of_a_source() {
        for (limit, first_hour, each_hour) in [
            (FIVE, 305, 300),
            (ThrottleLimit::new(20, Duration::from_secs(3)), 1220, 1200),
        ] {
            let mut counter = AllFree::default();
            let taken = [0, 1, 2].map(|hour| {
                let guesses = (hour * 3600 * 50..(hour + 1) * 3600 * 50).map(|it| it * SECOND / 50);
                let taken = guesses.filter(|&now| {
                    let is_free = counter.wait(limit, now).is_none();
                    if is_free {
                        counter = counter.taken(limit, now);
                    }
                    is_free
                });
                taken.count()
            });
            // The very first moment of the first hour is one of the burst.
            assert_eq!(taken, [first_hour - 1, each_hour, each_hour], "{limit:?}");
        }
    }

    #[test]
    fn a_slot_given_back_late_grants_no_more_than_the_burst() {
        let now = 1000 * SECOND;
        let taken = AllFree::default().taken(FIVE, 0);
        let mut counter = taken.given_back(FIVE).given_back(FIVE);
        for _ in 0..5 {
            assert_eq!(counter.wait(FIVE, now), None);
            counter = counter.taken(FIVE, now);
        }
        assert_eq!(seconds(counter.wait(FIVE, now)), Some(12));
    }

    #[test]
    fn limits_at_the_edges_do_not_overflow() {
        let ever = Duration::MAX;
        for now in [0, 1, Nanos::MAX - 1, Nanos::MAX] {
            for (burst, period) in [(1, ever), (u32::MAX, ever), (u32::MAX, Duration::ZERO)] {
                let limit = ThrottleLimit::new(burst, period);
                let counter = AllFree::default();
                assert_eq!(counter.wait(limit, now), None, "{burst} {period:?} {now}");
                let taken = counter.taken(limit, now).taken(limit, now);
                assert!(taken.given_back(limit) <= taken);
                assert!(taken.joined(taken, now) >= taken);
            }
            let none = ThrottleLimit::new(0, Duration::ZERO);
            assert!(AllFree::default().wait(none, now).is_some());
        }
        let once = ThrottleLimit::new(1, ever);
        assert!(AllFree::default().taken(once, 0).wait(once, 1).is_some());
    }

    /// Slots that stand in a queue, of which the first is on its way to be free.
    #[derive(Default)]
    struct Queue {
        left: VecDeque<u64>,
    }

    impl Queue {
        fn pass(&mut self, mut time: u64) {
            while let Some(first) = self.left.front_mut() {
                let part = time.min(*first);
                *first -= part;
                time -= part;
                if *first > 0 {
                    break;
                }
                self.left.pop_front();
            }
        }

        /// Of the slots, the time that was waited already is kept by those that stay.
        fn give_back(&mut self) {
            let Some(first) = self.left.pop_front() else {
                return;
            };
            if let Some(next) = self.left.front_mut() {
                *next = first;
            }
        }
    }

    #[derive(Clone, Copy, Debug)]
    enum Step {
        Take,
        /// Of the slots that are held, the one with this number.
        GiveBack(usize),
        Pass(u64),
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let step = prop_oneof![
            4 => Just(Step::Take),
            2 => any::<usize>().prop_map(Step::GiveBack),
            2 => (0_u64..40).prop_map(Step::Pass),
        ];
        vec(step, 0..300)
    }

    fn limits() -> impl Strategy<Value = ThrottleLimit> {
        (1_u32..7, 1_u64..20)
            .prop_map(|(burst, period)| ThrottleLimit::new(burst, Duration::from_nanos(period)))
    }

    proptest! {
        #[test]
        fn it_counts_as_a_queue_of_slots_does(limit in limits(), steps in steps()) {
            let (mut counter, mut queue, mut now) = (AllFree::default(), Queue::default(), 50);
            let period = nanos(limit.period());
            for step in steps {
                match step {
                    Step::Take => {
                        let owed: u64 = queue.left.iter().sum();
                        let room = period * u64::from(limit.burst());
                        let wait = (owed + period).saturating_sub(room);
                        let expected = (wait > 0).then(|| Duration::from_nanos(wait));
                        prop_assert_eq!(counter.wait(limit, now), expected);
                        if expected.is_none() {
                            queue.left.push_back(period);
                            counter = counter.taken(limit, now);
                        }
                    }
                    Step::GiveBack(_) => {
                        queue.give_back();
                        counter = counter.given_back(limit);
                    }
                    Step::Pass(time) => {
                        queue.pass(time);
                        now += time;
                    }
                }
                prop_assert_eq!(counter.has_come(now), queue.left.is_empty());
            }
        }

        /// The property of the module: also of each time that begins in the middle.
        #[test]
        fn no_order_of_give_backs_allows_more_failures(limit in limits(), steps in steps()) {
            let (mut counter, mut now) = (AllFree::default(), 50);
            // When each slot was taken, and when it was given back.
            let mut attempts: Vec<(u64, Option<u64>)> = Vec::new();
            for step in steps {
                let held = |at: &usize| attempts[*at].1.is_none();
                match step {
                    Step::Take if counter.wait(limit, now).is_none() => {
                        counter = counter.taken(limit, now);
                        attempts.push((now, None));
                    }
                    Step::Take => {}
                    Step::GiveBack(n) => {
                        let held: Vec<_> = (0..attempts.len()).filter(held).collect();
                        if let Some(&at) = held.get(n % held.len().max(1)) {
                            attempts[at].1 = Some(now);
                            counter = counter.given_back(limit);
                        }
                    }
                    Step::Pass(time) => now += time,
                }
            }
            let failures: Vec<u64> = attempts.iter().filter(|it| it.1.is_none()).map(|it| it.0).collect();
            let period = nanos(limit.period());
            for (n, &begin) in failures.iter().enumerate() {
                let under_way = |it: &&(u64, Option<u64>)| it.0 < begin && it.1.is_some_and(|end| end >= begin);
                let more = attempts.iter().filter(under_way).count() as u64;
                for (count, &end) in (1..).zip(&failures[n..]) {
                    let allowed = u64::from(limit.burst()) + (end - begin) / period + more;
                    prop_assert!(count <= allowed, "{count} failures from {begin} to {end}");
                }
            }
            let first = attempts.first().map_or(0, |it| it.0);
            for (count, &end) in (1..).zip(&failures) {
                prop_assert!(count <= u64::from(limit.burst()) + (end - first) / period);
            }
        }
    }
}
