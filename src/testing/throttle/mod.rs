//! The contract of [`Throttle`].

mod calls;
mod times;

use std::{
    future::Future as _,
    hash::{BuildHasher as _, RandomState},
    sync::Arc,
    task::{Context, Waker},
    time::Duration,
};

use tokio::task::yield_now;

use self::calls::{
    at_once, check, check_count, check_counter, counters, fail, give_back, limit, refuse, similar,
    take, take_all,
};
use crate::throttle::{Slots, Throttle, ThrottleAttempt, ThrottleCounter, ThrottleLimit};

/// Tests a store of failed authentications against the contract of [`Throttle`].
///
/// `handle` is called several times. Each call stands for one machine of the same server, so
/// it must return a new connection to the same counters. For a store in one process, return a
/// clone. The suite uses random keys, so the store does not have to be empty.
///
/// The suite measures times. A store may be late by a second, and early by 50 ms.
///
/// # Panics
///
/// Panics if the store breaks the contract, or returns an error.
///
/// ```
/// use tower_token_endpoint::{testing, throttle::MemoryThrottle};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// // In a `#[tokio::test]`:
/// let throttle = MemoryThrottle::new();
/// testing::throttle(async || throttle.clone()).await;
/// # }
/// ```
pub async fn throttle<T: Throttle>(handle: impl AsyncFn() -> T) {
    let suite = Suite {
        handles: [Arc::new(handle().await), Arc::new(handle().await)],
        random: RandomState::new(),
    };
    suite.burst().await;
    suite.shared().await;
    suite.keys().await;
    suite.names().await;
    suite.limits().await;
    suite.all_or_none().await;
    suite.given_back().await;
    suite.given_back_too_often().await;
    suite.refusal_takes_nothing().await;
    suite.now_agrees().await;
    suite.dropped().await;
    suite.many().await;
    suite.retry_after().await;
    suite.free_again().await;
}

const BURST: &str = "as many slots as the burst can be taken at once, and no more";
const SHARED: &str = "what one handle has taken is taken for every other";
const KEYS: &str = "counters of different keys are independent";
const NAMES: &str = "counters of different names are independent";
const LIMITS: &str = "any limit that a layer accepts can be counted";
const ALL_OR_NONE: &str = "one slot of each counter is taken, or none at all";
const GIVEN_BACK: &str = "a slot that is given back can be taken again";
const TOO_OFTEN: &str = "no give-back makes more slots than the burst";
const REFUSAL: &str = "a refused call takes nothing, and does not put off the next slot";
const NOW: &str = "`take_now` and `give_back_now` count as `take` and `give_back` do";
const DROPPED: &str = "a dropped call blocks nothing, and takes at most one slot";
const MANY: &str = "of any number of calls at a time, no more get a slot than there are";
const RETRY_AFTER: &str = "`retry_after` is the time until each of the counters has a free slot";
const COUNTER: &str = "a refusal names the counter that has to wait longest";
const FREE_AGAIN: &str = "after each period one more slot is free, up to the burst";

const ROUNDS: usize = 8;
const TASKS: usize = 200;

const HOUR: Duration = Duration::from_secs(3600);
/// By how much a store may be early, because of its clock or because it rounds.
const EARLY: Duration = Duration::from_millis(50);
/// By how much it may be late.
const LATE: Duration = Duration::from_secs(1);

struct Suite<T> {
    handles: [Arc<T>; 2],
    random: RandomState,
}

impl<T: Throttle> Suite<T> {
    async fn burst(&self) {
        let [first, _] = &self.handles;
        for burst in [1, 2, 5, 20, 100] {
            let attempt = self.attempt(&format!("burst {burst}"), [limit(burst, HOUR)]);
            let taken = take_all(&**first, &attempt, BURST).await;
            check_count(taken, burst, BURST);
        }
    }

    async fn shared(&self) {
        let [first, second] = &self.handles;
        let attempt = self.attempt("shared", [limit(4, HOUR)]);
        for handle in [first, second, second, first] {
            take(&**handle, &attempt, SHARED).await;
        }
        for handle in [first, second] {
            refuse(&**handle, &attempt, SHARED).await;
        }
    }

    /// Also of keys that a store may take for the same.
    async fn keys(&self) {
        let [first, second] = &self.handles;
        let key = self.key("keys");
        for key in similar(key) {
            let counter = ThrottleCounter::new([0; 16], limit(1, HOUR));
            let attempt = ThrottleAttempt::from_parts(key, [Some(counter), None, None]);
            take(&**first, &attempt, KEYS).await;
            refuse(&**second, &attempt, KEYS).await;
        }
    }

    async fn names(&self) {
        let [first, second] = &self.handles;
        let key = self.key("names");
        let name = *key.first_chunk().expect("16 of 32 bytes");
        let others = [[0; 16], [b' '; 16], *b"0000000000000000", [0xff; 16]];
        for name in similar(name).into_iter().chain(others) {
            let counter = ThrottleCounter::new(name, limit(1, HOUR));
            let attempt = ThrottleAttempt::from_parts(key, [Some(counter), None, None]);
            take(&**first, &attempt, NAMES).await;
            refuse(&**second, &attempt, NAMES).await;
        }
    }

    async fn limits(&self) {
        let [first, _] = &self.handles;
        let day = 24 * HOUR;
        for (burst, period) in [
            (1, Duration::from_millis(1)),
            (100_000, Duration::from_millis(1)),
            (1_000_000, HOUR),
            (3, 365 * day),
        ] {
            let limit = limit(burst, period);
            let attempt = self.attempt(&format!("limits {limit:?}"), [limit]);
            take(&**first, &attempt, LIMITS).await;
            give_back(&**first, &attempt, LIMITS).await;
        }
        let attempt = self.attempt("a year", [limit(3, 365 * day)]);
        let taken = take_all(&**first, &attempt, LIMITS).await;
        check_count(taken, 3, LIMITS);
        let wait = refuse(&**first, &attempt, LIMITS).await;
        check(wait > 364 * day, &format!("{wait:?} for a year"), LIMITS);
    }

    async fn all_or_none(&self) {
        let [first, second] = &self.handles;
        let limits = [limit(9, HOUR), limit(3, HOUR), limit(6, HOUR)];
        let attempt = self.attempt("all or none", limits);
        let taken = take_all(&**first, &attempt, ALL_OR_NONE).await;
        check_count(taken, 3, ALL_OR_NONE);
        for _ in 0..20 {
            refuse(&**second, &attempt, ALL_OR_NONE).await;
        }
        // What is left of each by itself, in another order than before.
        let [Some(nine), Some(three), Some(six)] = counters(&attempt) else {
            unreachable!("it has three")
        };
        let only = |counters| ThrottleAttempt::from_parts(attempt.key(), counters);
        refuse(&**first, &only([Some(three), None, None]), ALL_OR_NONE).await;
        let two = only([Some(six), Some(nine), None]);
        let taken = take_all(&**first, &two, ALL_OR_NONE).await;
        check_count(taken, 3, ALL_OR_NONE);
        let taken = take_all(&**second, &only([None, None, Some(nine)]), ALL_OR_NONE).await;
        check_count(taken, 3, ALL_OR_NONE);
    }

    async fn given_back(&self) {
        let [first, second] = &self.handles;
        let attempt = self.attempt("given back", [limit(3, HOUR), limit(5, HOUR)]);
        for _ in 0..30 {
            take(&**first, &attempt, GIVEN_BACK).await;
            give_back(&**second, &attempt, GIVEN_BACK).await;
        }
        let taken = take_all(&**first, &attempt, GIVEN_BACK).await;
        check_count(taken, 3, GIVEN_BACK);
        for _ in 0..5 {
            give_back(&**first, &attempt, GIVEN_BACK).await;
            take(&**second, &attempt, GIVEN_BACK).await;
            refuse(&**first, &attempt, GIVEN_BACK).await;
        }
    }

    async fn given_back_too_often(&self) {
        let [first, second] = &self.handles;
        let attempt = self.attempt("too often", [limit(3, HOUR), limit(4, HOUR)]);
        // Nothing was taken, or it is free again already.
        for _ in 0..5 {
            give_back(&**first, &attempt, TOO_OFTEN).await;
        }
        take(&**first, &attempt, TOO_OFTEN).await;
        for _ in 0..5 {
            give_back(&**second, &attempt, TOO_OFTEN).await;
        }
        let taken = take_all(&**first, &attempt, TOO_OFTEN).await;
        check_count(taken, 3, TOO_OFTEN);
    }

    async fn refusal_takes_nothing(&self) {
        let [first, second] = &self.handles;
        let attempt = self.attempt("refusal", [limit(2, HOUR)]);
        let taken = take_all(&**first, &attempt, REFUSAL).await;
        check_count(taken, 2, REFUSAL);
        for _ in 0..50 {
            let wait = refuse(&**second, &attempt, REFUSAL).await;
            check(wait <= HOUR + LATE, &format!("{wait:?}"), REFUSAL);
        }
        give_back(&**first, &attempt, REFUSAL).await;
        take(&**second, &attempt, REFUSAL).await;
        refuse(&**first, &attempt, REFUSAL).await;
    }

    async fn now_agrees(&self) {
        let [first, second] = &self.handles;
        let attempt = self.attempt("now", [limit(4, HOUR), limit(6, HOUR)]);
        let taken_now = || {
            let answer = first.take_now(&attempt)?;
            Some(answer.unwrap_or_else(|error| fail(error.into(), NOW)))
        };
        let Some(answer) = taken_now() else {
            // Then `take_now` is never asked.
            return;
        };
        check(answer == Slots::Taken, "the first slot was refused", NOW);
        take(&**second, &attempt, NOW).await;
        for _ in 0..3 {
            let given_back = first.give_back_now(&attempt);
            let Some(given_back) = given_back else {
                return check(false, "`give_back_now` is `None`", NOW);
            };
            given_back.unwrap_or_else(|error| fail(error.into(), NOW));
            let answer = taken_now();
            check(answer == Some(Slots::Taken), "a slot was refused", NOW);
        }
        take(&**second, &attempt, NOW).await;
        let answer = taken_now();
        check(answer == Some(Slots::Taken), "the last was refused", NOW);
        let answer = taken_now();
        let Some(Slots::Exhausted { counter, .. }) = answer else {
            return check(false, "one slot too many was taken", NOW);
        };
        let [Some(four), ..] = counters(&attempt) else {
            unreachable!("it has two")
        };
        check_counter(counter, four, COUNTER);
        refuse(&**second, &attempt, NOW).await;
    }

    /// The layer drops a call after 100 ms, or with the request.
    async fn dropped(&self) {
        let [first, second] = &self.handles;
        for polls in 0..4 {
            let name = format!("dropped {polls}");
            let attempt = self.attempt(&name, [limit(3, HOUR), limit(4, HOUR)]);
            let mut call = Box::pin(first.take(&attempt));
            let mut is_done = false;
            for _ in 0..polls {
                let mut context = Context::from_waker(Waker::noop());
                is_done = is_done || call.as_mut().poll(&mut context).is_ready();
                yield_now().await;
            }
            drop(call);
            // The dropped call may have been in time or not, or may be so still.
            let taken = take_all(&**second, &attempt, DROPPED).await;
            let told = format!("{taken} slots of 3 were taken after it");
            check((2..=3).contains(&taken), &told, DROPPED);
        }
    }

    async fn many(&self) {
        let mut complete = 0;
        let mut last_error = None;
        // A store may fail under so many calls. Then the slot of a failed call is taken or not.
        for round in 0..4 * ROUNDS {
            let limits = [limit(20, HOUR), limit(5, HOUR)];
            let attempt = self.attempt(&format!("many {round}"), limits);
            let (mut taken, mut failed) = (0, false);
            for answer in at_once(&self.handles, attempt, TASKS).await {
                match answer {
                    Ok(Slots::Taken) => taken += 1,
                    Ok(Slots::Exhausted { .. }) => {}
                    Err(error) => {
                        failed = true;
                        last_error = Some(error);
                    }
                }
            }
            if !failed || taken > 5 {
                check_count(taken, 5, MANY);
                complete += 1;
            }
            if complete == ROUNDS {
                return;
            }
        }
        if let Some(error) = last_error {
            fail(error, MANY);
        }
    }

    fn key(&self, key: &str) -> [u8; 32] {
        let mut bytes = [0; 32];
        for (n, part) in bytes.chunks_mut(8).enumerate() {
            part.copy_from_slice(&self.random.hash_one((key, n)).to_be_bytes());
        }
        bytes
    }

    /// An attempt with one counter for each limit.
    fn attempt<const N: usize>(&self, key: &str, limits: [ThrottleLimit; N]) -> ThrottleAttempt {
        let mut counters = [None; 3];
        for (n, (counter, limit)) in counters.iter_mut().zip(limits).enumerate() {
            let name = self.key(&format!("{key} {n}"));
            let name = *name.first_chunk().expect("16 of 32 bytes");
            *counter = Some(ThrottleCounter::new(name, limit));
        }
        ThrottleAttempt::from_parts(self.key(key), counters)
    }
}
