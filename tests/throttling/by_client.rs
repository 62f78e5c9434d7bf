//! `dangerously_throttle_by_client`.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicIsize, Ordering};

use tower_token_endpoint::throttle::{MemoryThrottle, Slots, Throttle, ThrottleAttempt};

use crate::common::{Built, basic, body, builder};
use crate::setup::*;

fn by_client(per_source: u32, per_client: u32) -> Layer {
    let settings = throttling(MemoryThrottle::new(), per_source, per_client);
    let settings = settings.dangerously_throttle_by_client();
    builder(cast()).throttle(settings).built()
}

#[tokio::test]
async fn failures_from_all_sources_count_for_a_client_together() {
    let layer = by_client(9, 3);
    for address in ["192.0.2.1", "192.0.2.2", "192.0.2.3"] {
        assert_eq!(
            status(&send_from(&layer, address, &basic("svc:x")).await),
            401
        );
    }
    let right = basic(format!("svc:{SECRET}"));
    assert!(is_throttled(&send_from(&layer, "192.0.2.4", &right).await));
    let other = basic(format!("other:{SECRET}"));
    assert_eq!(status(&send_from(&layer, "192.0.2.4", &other).await), 200);
}

#[tokio::test]
async fn the_limit_of_a_source_stays() {
    let layer = by_client(2, 9);
    for client_id in ["one", "two"] {
        let call = basic(format!("{client_id}:x"));
        assert_eq!(status(&send_from(&layer, HERE, &call).await), 401);
    }
    let right = basic(format!("svc:{SECRET}"));
    assert!(is_throttled(&send_from(&layer, HERE, &right).await));
    assert_eq!(status(&send_from(&layer, THERE, &right).await), 200);
}

#[tokio::test]
async fn a_client_over_its_limit_takes_no_slot_of_the_source() {
    let layer = by_client(2, 1);
    assert_eq!(status(&send_from(&layer, HERE, &basic("svc:x")).await), 401);
    for _ in 0..20 {
        assert!(is_throttled(
            &send_from(&layer, HERE, &basic("svc:x")).await
        ));
    }
    assert_eq!(
        status(&send_from(&layer, HERE, &basic("other:x")).await),
        401
    );
    assert!(is_throttled(
        &send_from(&layer, HERE, &basic("nobody:x")).await
    ));
}

#[tokio::test]
async fn slots_of_both_are_given_back() {
    let layer = by_client(1, 1);
    for _ in 0..20 {
        for call in [
            basic(format!("svc:{SECRET}")),
            basic(format!("a+b:{SECRET}")),
            body(&format!("client_id=other&client_secret={SECRET}&scope=a")),
        ] {
            let exchange = send_from(&layer, HERE, &call).await;
            assert!(matches!(status(&exchange), 200 | 400), "{exchange:?}");
        }
    }
}

#[tokio::test]
async fn two_readings_count_once_for_each_client() {
    let layer = by_client(9, 2);
    for _ in 0..2 {
        assert_eq!(status(&send_from(&layer, HERE, &basic("a+b:x")).await), 401);
    }
    for client_id in ["a+b", "a%20b", "a%2Bb"] {
        let call = body(&format!("client_id={client_id}&client_secret=x"));
        assert!(
            is_throttled(&send_from(&layer, THERE, &call).await),
            "{client_id}"
        );
    }
}

/// Takes at once for a source only, and always has to wait to give back. Counts what is taken.
#[derive(Default)]
struct Mixed(AtomicIsize);

impl Mixed {
    fn taken(&self) -> Slots {
        self.0.fetch_add(1, Ordering::SeqCst);
        Slots::Taken
    }
}

impl Throttle for Mixed {
    type Error = Infallible;

    async fn take(&self, _: &ThrottleAttempt) -> Result<Slots, Infallible> {
        tokio::task::yield_now().await;
        Ok(self.taken())
    }

    async fn give_back(&self, _: &ThrottleAttempt) -> Result<(), Infallible> {
        tokio::task::yield_now().await;
        self.0.fetch_sub(1, Ordering::SeqCst);
        Ok(())
    }

    fn take_now(&self, attempt: &ThrottleAttempt) -> Option<Result<Slots, Infallible>> {
        let mut counters = attempt.counters();
        counters.next().filter(|it| it.limit() == only(2))?;
        Some(Ok(self.taken()))
    }
}

#[tokio::test]
async fn what_was_taken_at_once_is_not_taken_again() {
    let store = Arc::new(Mixed::default());
    let settings = throttling(Arc::clone(&store), 2, 1).dangerously_throttle_by_client();
    let layer = builder(cast()).throttle(settings).built();
    let right = basic(format!("svc:{SECRET}"));
    assert_eq!(status(&send_from(&layer, HERE, &right).await), 200);
    assert_eq!(store.0.load(Ordering::SeqCst), 0);
    assert_eq!(status(&send_from(&layer, HERE, &basic("svc:x")).await), 401);
    assert_eq!(store.0.load(Ordering::SeqCst), 2);
}

/// Takes for a source only, at once, and has to wait to give back.
struct Full(Mixed);

impl Throttle for Full {
    type Error = Infallible;

    async fn take(&self, attempt: &ThrottleAttempt) -> Result<Slots, Infallible> {
        self.0.take(attempt).await
    }

    async fn give_back(&self, attempt: &ThrottleAttempt) -> Result<(), Infallible> {
        self.0.give_back(attempt).await
    }

    fn take_now(&self, attempt: &ThrottleAttempt) -> Option<Result<Slots, Infallible>> {
        let taken = self.0.take_now(attempt);
        let counter = attempt.counters().next()?;
        let retry_after = counter.limit().period();
        Some(taken.unwrap_or(Ok(Slots::Exhausted {
            retry_after,
            counter,
        })))
    }
}

#[tokio::test]
async fn what_was_taken_at_once_is_given_back_if_another_one_is_full() {
    let store = Arc::new(Full(Mixed::default()));
    let settings = throttling(Arc::clone(&store), 2, 1).dangerously_throttle_by_client();
    let layer = builder(cast()).throttle(settings).built();
    assert!(is_throttled(
        &send_from(&layer, HERE, &basic("svc:x")).await
    ));
    assert_eq!(store.0.0.load(Ordering::SeqCst), 0);
}
