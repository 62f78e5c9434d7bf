//! Calls of a store, each with the clause that a wrong answer breaks.

use std::{sync::Arc, time::Duration};

use tokio::{sync::Barrier, task::JoinSet};

use crate::{
    BoxError,
    throttle::{Slots, Throttle, ThrottleAttempt, ThrottleCounter, ThrottleLimit},
};

/// The bytes, and others of which a store may not tell them apart.
pub(super) fn similar<const N: usize>(bytes: [u8; N]) -> Vec<[u8; N]> {
    let last = [0, b' ', b'\n', b'a', b'A', b'%', 0x7f, 0x80, 0xff];
    let ends = last.map(|last| {
        let mut bytes = bytes;
        bytes[N - 1] = last;
        bytes
    });
    // What follows a NUL may be cut off, and what is not UTF-8 may be replaced.
    let inside = [[0, 1], [0, 2], [0xfe, 1], [0xff, 1], [b'a', 1], [b'A', 1]].map(|inside| {
        let mut bytes = bytes;
        bytes[N / 2..N / 2 + 2].copy_from_slice(&inside);
        bytes[N - 1] = 3;
        bytes
    });
    ends.into_iter().chain(inside).collect()
}

pub(super) fn limit(burst: u32, period: Duration) -> ThrottleLimit {
    ThrottleLimit::new(burst, period)
}

pub(super) fn counters(attempt: &ThrottleAttempt) -> [Option<ThrottleCounter>; 3] {
    let mut counters = attempt.counters();
    std::array::from_fn(|_| counters.next())
}

/// Asks from many tasks, which start at the same time.
pub(super) async fn at_once<T: Throttle>(
    handles: &[Arc<T>],
    attempt: ThrottleAttempt,
    count: usize,
) -> Vec<Result<Slots, BoxError>> {
    let start = Arc::new(Barrier::new(count));
    let mut tasks = JoinSet::new();
    for handle in handles.iter().cycle().take(count) {
        let (handle, start) = (handle.clone(), start.clone());
        tasks.spawn(async move {
            start.wait().await;
            handle.take(&attempt).await.map_err(Into::into)
        });
    }
    tasks.join_all().await
}

/// Takes slots until it is refused, or until they are too many.
pub(super) async fn take_all(
    store: &impl Throttle,
    attempt: &ThrottleAttempt,
    clause: &str,
) -> u32 {
    for taken in 0..150 {
        if ask(store, attempt, clause).await != Slots::Taken {
            return taken;
        }
    }
    150
}

pub(super) async fn take(store: &impl Throttle, attempt: &ThrottleAttempt, clause: &str) {
    let answer = ask(store, attempt, clause).await;
    let told = format!("{answer:?}, and each counter had a free slot");
    check(answer == Slots::Taken, &told, clause);
}

pub(super) async fn refuse(
    store: &impl Throttle,
    attempt: &ThrottleAttempt,
    clause: &str,
) -> Duration {
    let (retry_after, _) = refusal(store, attempt, clause).await;
    retry_after
}

/// The time that is told, and the counter.
pub(super) async fn refusal(
    store: &impl Throttle,
    attempt: &ThrottleAttempt,
    clause: &str,
) -> (Duration, ThrottleCounter) {
    let answer = ask(store, attempt, clause).await;
    let Slots::Exhausted {
        retry_after,
        counter,
    } = answer
    else {
        panic!("{clause}: a slot was taken, and a counter had no free one");
    };
    check(
        retry_after > Duration::ZERO,
        "a refused call may be repeated at once",
        clause,
    );
    (retry_after, counter)
}

pub(super) fn check_counter(named: ThrottleCounter, expected: ThrottleCounter, clause: &str) {
    let told = format!("{named:?} was named instead of {expected:?}");
    check(named == expected, &told, clause);
}

pub(super) async fn give_back(store: &impl Throttle, attempt: &ThrottleAttempt, clause: &str) {
    let given_back = store.give_back(attempt).await;
    given_back.unwrap_or_else(|error| fail(error.into(), clause));
}

pub(super) async fn ask(store: &impl Throttle, attempt: &ThrottleAttempt, clause: &str) -> Slots {
    let answer = store.take(attempt).await;
    answer.unwrap_or_else(|error| fail(error.into(), clause))
}

pub(super) fn fail(error: BoxError, clause: &str) -> ! {
    panic!("{clause}: the store failed: {error:?}")
}

pub(super) fn check_count(taken: u32, expected: u32, clause: &str) {
    let told = format!("{taken} slots were taken instead of {expected}");
    check(taken == expected, &told, clause);
}

pub(super) fn check(holds: bool, told: &str, clause: &str) {
    assert!(holds, "{clause}: {told}");
}
