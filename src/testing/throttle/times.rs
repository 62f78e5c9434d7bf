//! The clauses about times.

use std::time::{Duration, Instant};

use tokio::time::sleep;

use super::{
    COUNTER, EARLY, FREE_AGAIN, HOUR, LATE, RETRY_AFTER, Suite,
    calls::{ask, check, check_count, check_counter, limit, refusal, take, take_all},
};
use crate::throttle::{Slots, Throttle};

impl<T: Throttle> Suite<T> {
    pub(super) async fn retry_after(&self) {
        let [first, second] = &self.handles;
        let hundred = Duration::from_secs(100);
        // Each with the number of slots to take, the wait for the next, and who has to wait.
        for (n, (limits, taken, expected, full)) in [
            ([limit(2, hundred), limit(9, HOUR)], 2, hundred, 0),
            ([limit(9, HOUR), limit(2, hundred)], 2, hundred, 1),
            ([limit(3, hundred), limit(3, HOUR)], 3, HOUR, 1),
            ([limit(3, HOUR), limit(3, hundred)], 3, HOUR, 0),
        ]
        .into_iter()
        .enumerate()
        {
            let attempt = self.attempt(&format!("retry after {n}"), limits);
            let begin = Instant::now();
            for _ in 0..taken {
                take(&**first, &attempt, RETRY_AFTER).await;
            }
            let (wait, counter) = refusal(&**second, &attempt, RETRY_AFTER).await;
            let earliest = expected.saturating_sub(begin.elapsed() + EARLY);
            let told = format!("{wait:?} instead of {expected:?}");
            let is_right = (earliest..=expected + LATE).contains(&wait);
            check(is_right, &told, RETRY_AFTER);
            let full = attempt.counters().nth(full).expect("one of two");
            check_counter(counter, full, COUNTER);
        }
    }

    /// Takes less than ten seconds.
    pub(super) async fn free_again(&self) {
        const PERIOD: Duration = Duration::from_secs(2);
        let [first, second] = &self.handles;
        let attempt = self.attempt("free again", [limit(2, PERIOD)]);
        let begin = Instant::now();
        for _ in 0..2 {
            take(&**first, &attempt, FREE_AGAIN).await;
        }
        let all_taken = Instant::now();
        for periods in 1..=2 {
            loop {
                // The slot is free not earlier than after so many periods, whichever moment of the
                // calls counts.
                let before = Instant::now();
                let answer = ask(&**second, &attempt, FREE_AGAIN).await;
                let passed = begin.elapsed();
                if answer == Slots::Taken {
                    let told = format!("slot {periods} was free after {passed:?}");
                    check(passed + EARLY >= PERIOD * periods, &told, FREE_AGAIN);
                    break;
                }
                let passed = before - all_taken;
                let told = format!("slot {periods} was not free after {passed:?}");
                check(passed <= PERIOD * periods + LATE, &told, FREE_AGAIN);
                sleep(Duration::from_millis(20)).await;
            }
        }
        // The whole burst, and nothing more for the time that nobody asked.
        sleep(2 * PERIOD + EARLY).await;
        let begin = Instant::now();
        let taken = take_all(&**first, &attempt, FREE_AGAIN).await;
        if begin.elapsed() + EARLY < PERIOD {
            check_count(taken, 2, FREE_AGAIN);
        }
    }
}
