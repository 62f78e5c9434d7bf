//! Failed authentications.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::task::yield_now;
use tower_token_endpoint::testing;
use tower_token_endpoint::throttle::{
    MemoryThrottle, Slots, Throttle, ThrottleAttempt, ThrottleCounter,
};

use crate::judge::judge;

#[tokio::test]
async fn memory_throttles_keep_the_contract_in_one_thread() {
    let throttle = MemoryThrottle::new();
    testing::throttle(async || throttle.clone()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn memory_throttles_keep_the_contract_in_many_threads() {
    let throttle = Arc::new(MemoryThrottle::new());
    testing::throttle(|| async { throttle.clone() }).await;
}

#[derive(Clone, Copy, Debug)]
enum Flaw {
    None,
    NoLimit,
    OneTooFew,
    ReadsThenWrites,
    NotShared,
    OneKey,
    KeyCutAtNul,
    OneName,
    NameIsText,
    PeriodsOfAMonth,
    TakesWhereItCan,
    ChecksTheFirst,
    NoGiveBack,
    GivesBackOne,
    OwesLessThanNothing,
    RefusalCounts,
    NowTakesNothing,
    NowOnlyTakes,
    StaysBusy,
    WaitsForTheFirst,
    NamesTheFirst,
    NamesTheFirstFull,
    NamesTheLast,
    NamesAnother,
    NowNamesTheLast,
    FreeTooSoon,
    NeverFree,
}

/// For each counter, when all slots are free.
type Counters = HashMap<(Vec<u8>, Vec<u8>), Instant>;

#[derive(Clone)]
struct Throttles {
    flaw: Flaw,
    kept: Arc<Mutex<Counters>>,
    busy: Arc<AtomicBool>,
}

impl Throttles {
    fn id(&self, attempt: &ThrottleAttempt, counter: &ThrottleCounter) -> (Vec<u8>, Vec<u8>) {
        let (key, name) = (attempt.key().to_vec(), counter.name().to_vec());
        match self.flaw {
            Flaw::OneKey => (vec![], name),
            Flaw::KeyCutAtNul => (cut_at_nul(&key), name),
            Flaw::OneName => (key, vec![]),
            Flaw::NameIsText => (key, String::from_utf8_lossy(&name).into_owned().into()),
            _ => (key, name),
        }
    }

    fn period(&self, counter: &ThrottleCounter) -> Duration {
        match self.flaw {
            Flaw::NeverFree if counter.limit().period() < SHORT => MONTH,
            Flaw::PeriodsOfAMonth => counter.limit().period().min(MONTH),
            _ => counter.limit().period(),
        }
    }

    /// The time until a slot is free.
    fn wait(
        &self,
        kept: &Counters,
        attempt: &ThrottleAttempt,
        counter: &ThrottleCounter,
    ) -> Duration {
        let now = Instant::now();
        let all_free = kept.get(&self.id(attempt, counter)).copied();
        let owed = all_free.map_or(Duration::ZERO, |it| it.saturating_duration_since(now));
        let (period, burst) = (self.period(counter), counter.limit().burst());
        let others = match self.flaw {
            Flaw::NoLimit => u32::MAX,
            Flaw::OneTooFew if burst > 1 => burst - 2,
            _ => burst - 1,
        };
        owed.saturating_sub(period.saturating_mul(others))
    }

    fn charge(&self, kept: &mut Counters, attempt: &ThrottleAttempt, counter: &ThrottleCounter) {
        let now = Instant::now();
        let all_free = kept.entry(self.id(attempt, counter)).or_insert(now);
        let is_short = counter.limit().period() < SHORT;
        let from = match self.flaw {
            Flaw::OwesLessThanNothing => *all_free,
            Flaw::FreeTooSoon if is_short => now.max(*all_free) - self.period(counter) / 2,
            _ => now.max(*all_free),
        };
        *all_free = from + self.period(counter);
    }

    fn take_at_once(&self, attempt: &ThrottleAttempt) -> Slots {
        let kept = &mut *self.kept.lock().expect("whole");
        let waits: Vec<_> = attempt
            .counters()
            .map(|it| self.wait(kept, attempt, &it))
            .collect();
        let longest = match self.flaw {
            Flaw::ChecksTheFirst => waits.first().copied(),
            Flaw::WaitsForTheFirst => waits.iter().copied().find(|it| !it.is_zero()),
            _ => waits.iter().copied().max(),
        };
        let longest = longest.unwrap_or_default();
        if longest.is_zero() {
            for counter in attempt.counters() {
                self.charge(kept, attempt, &counter);
            }
            return Slots::Taken;
        }
        for (counter, wait) in attempt.counters().zip(&waits) {
            let takes = match self.flaw {
                Flaw::TakesWhereItCan => wait.is_zero(),
                Flaw::RefusalCounts => !wait.is_zero() && waits.len() == 1,
                _ => false,
            };
            if takes {
                self.charge(kept, attempt, &counter);
            }
        }
        Slots::Exhausted {
            retry_after: longest,
            counter: self.named(attempt, &waits),
        }
    }

    /// The counter that a refusal names.
    fn named(&self, attempt: &ThrottleAttempt, waits: &[Duration]) -> ThrottleCounter {
        let counters: Vec<_> = attempt.counters().collect();
        let longest = (0..waits.len()).max_by_key(|at| waits[*at]);
        let first_full = waits.iter().position(|it| !it.is_zero());
        let named = match self.flaw {
            Flaw::NamesTheFirst => Some(0),
            Flaw::NamesTheFirstFull => first_full,
            Flaw::NamesTheLast => Some(counters.len() - 1),
            _ => longest,
        };
        let named = counters[named.expect("at least one")];
        match self.flaw {
            Flaw::NamesAnother => ThrottleCounter::new([0xaa; 16], named.limit()),
            _ => named,
        }
    }

    fn give_back_at_once(&self, attempt: &ThrottleAttempt) {
        let kept = &mut *self.kept.lock().expect("whole");
        let counters = match self.flaw {
            Flaw::NoGiveBack => 0,
            Flaw::GivesBackOne => 1,
            _ => 3,
        };
        for counter in attempt.counters().take(counters) {
            let now = Instant::now();
            let all_free = kept.entry(self.id(attempt, &counter)).or_insert(now);
            let earlier = all_free.checked_sub(self.period(&counter));
            *all_free = earlier.unwrap_or(now);
        }
    }
}

impl Throttle for Throttles {
    type Error = String;

    async fn take(&self, attempt: &ThrottleAttempt) -> Result<Slots, String> {
        match self.flaw {
            Flaw::StaysBusy => {
                if self.busy.swap(true, Ordering::SeqCst) {
                    return Err("busy".to_owned());
                }
                yield_now().await;
                self.busy.store(false, Ordering::SeqCst);
            }
            Flaw::ReadsThenWrites => {
                let before = self.kept.lock().expect("whole").clone();
                yield_now().await;
                let waits = attempt
                    .counters()
                    .map(|it| self.wait(&before, attempt, &it));
                let waits: Vec<_> = waits.collect();
                if let Some(&retry_after) = waits.iter().max().filter(|it| !it.is_zero()) {
                    let counter = self.named(attempt, &waits);
                    return Ok(Slots::Exhausted {
                        retry_after,
                        counter,
                    });
                }
                let kept = &mut *self.kept.lock().expect("whole");
                for counter in attempt.counters() {
                    self.charge(kept, attempt, &counter);
                }
                return Ok(Slots::Taken);
            }
            _ => {}
        }
        Ok(self.take_at_once(attempt))
    }

    async fn give_back(&self, attempt: &ThrottleAttempt) -> Result<(), String> {
        self.give_back_at_once(attempt);
        Ok(())
    }

    fn take_now(&self, attempt: &ThrottleAttempt) -> Option<Result<Slots, String>> {
        match self.flaw {
            Flaw::NowTakesNothing => Some(Ok(Slots::Taken)),
            Flaw::NowOnlyTakes | Flaw::None => Some(Ok(self.take_at_once(attempt))),
            Flaw::NowNamesTheLast => Some(Ok(match self.take_at_once(attempt) {
                Slots::Taken => Slots::Taken,
                Slots::Exhausted { retry_after, .. } => Slots::Exhausted {
                    retry_after,
                    counter: attempt.counters().last().expect("at least one"),
                },
            })),
            _ => None,
        }
    }

    fn give_back_now(&self, attempt: &ThrottleAttempt) -> Option<Result<(), String>> {
        if let Flaw::NowOnlyTakes = self.flaw {
            return None;
        }
        self.give_back_at_once(attempt);
        Some(Ok(()))
    }
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

#[test]
#[rustfmt::skip]
fn throttles_that_break_a_clause_are_told_which() {
    use Flaw::*;
    judge(&[
        (None,                ""),
        (NoLimit,             BURST),
        (OneTooFew,           BURST),
        (NotShared,           SHARED),
        (OneKey,              KEYS),
        (KeyCutAtNul,         KEYS),
        (OneName,             NAMES),
        (NameIsText,          NAMES),
        (PeriodsOfAMonth,     LIMITS),
        (TakesWhereItCan,     ALL_OR_NONE),
        (ChecksTheFirst,      ALL_OR_NONE),
        (NoGiveBack,          GIVEN_BACK),
        (GivesBackOne,        GIVEN_BACK),
        (OwesLessThanNothing, TOO_OFTEN),
        (RefusalCounts,       REFUSAL),
        (NowTakesNothing,     NOW),
        (NowOnlyTakes,        NOW),
        (StaysBusy,           DROPPED),
        (ReadsThenWrites,     MANY),
        (WaitsForTheFirst,    RETRY_AFTER),
        (NamesTheFirst,       COUNTER),
        (NamesTheFirstFull,   COUNTER),
        (NamesTheLast,        COUNTER),
        (NamesAnother,        COUNTER),
        (NowNamesTheLast,     COUNTER),
        (FreeTooSoon,         FREE_AGAIN),
        (NeverFree,           FREE_AGAIN),
    ], |flaw| async move {
        let (kept, busy) = (Arc::default(), Arc::default());
        testing::throttle(async || Throttles {
            flaw,
            busy: Arc::clone(&busy),
            kept: if let NotShared = flaw { Arc::default() } else { Arc::clone(&kept) },
        }).await;
    });
}

/// Only of these, so that it does not show in another clause.
const SHORT: Duration = Duration::from_secs(10);
const MONTH: Duration = Duration::from_secs(30 * 86_400);

fn cut_at_nul(bytes: &[u8]) -> Vec<u8> {
    bytes
        .split(|it| *it == 0)
        .next()
        .unwrap_or_default()
        .to_vec()
}
