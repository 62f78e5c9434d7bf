//! Stores of failed authentications that fail or hang.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::time::Instant;
use tower::BoxError;
use tower_token_endpoint::throttle::{MemoryThrottle, Slots, Throttle, ThrottleAttempt};
use tracing_subscriber::filter::LevelFilter;

use crate::common::{Built, basic, builder};
use crate::setup::*;

const FAULTS: [Fault; 2] = [Fault::Fails, Fault::Hangs];

fn layer_over(store: impl Throttle, per_client: u32) -> Layer {
    let settings = throttling(store, 99, per_client);
    builder(cast()).throttle(settings).built()
}

#[tokio::test(start_paused = true)]
async fn a_store_that_is_down_opens_nothing_and_refuses_nobody() {
    for fault in FAULTS {
        let layer = layer_over(Remote::new(fault), 3);
        let right = basic(format!("svc:{SECRET}"));
        for expected in [401, 401, 401, 429, 429] {
            let exchange = send_from(&layer, HERE, &basic("svc:x")).await;
            assert_eq!(status(&exchange), expected, "{exchange:?}");
        }
        assert!(is_throttled(&send_from(&layer, HERE, &right).await));
        for _ in 0..10 {
            assert_eq!(status(&send_from(&layer, THERE, &right).await), 200);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_silent_store_is_given_up_after_100_ms() {
    let remote = Remote::new(Fault::Hangs);
    let layer = layer_over(Arc::clone(&remote), 3);
    let start = Instant::now();
    assert_eq!(status(&send_from(&layer, HERE, &basic("svc:x")).await), 401);
    let waited = start.elapsed().as_millis();
    assert!((100..=102).contains(&waited), "{waited} ms");
    // The call is dropped, so that silent calls do not pile up.
    assert_eq!((remote.calls(), remote.running()), ((1, 0), 0));
}

#[tokio::test(start_paused = true)]
async fn what_was_counted_before_still_counts() {
    for fault in FAULTS {
        let remote = Remote::new(Fault::None);
        let layer = layer_over(Arc::clone(&remote), 3);
        let right = basic(format!("svc:{SECRET}"));
        for _ in 0..10 {
            assert_eq!(status(&send_from(&layer, HERE, &right).await), 200);
        }
        for _ in 0..2 {
            assert_eq!(status(&send_from(&layer, HERE, &basic("svc:x")).await), 401);
        }
        remote.set(fault);
        assert_eq!(status(&send_from(&layer, HERE, &right).await), 200);
        assert_eq!(status(&send_from(&layer, HERE, &basic("svc:x")).await), 401);
        assert!(is_throttled(
            &send_from(&layer, HERE, &basic("svc:x")).await
        ));
        // The failures in between are in the memory of this process alone.
        remote.set(Fault::None);
        assert_eq!(status(&send_from(&layer, HERE, &right).await), 200);
    }
}

#[tokio::test(start_paused = true)]
async fn slots_that_cannot_be_given_back_refuse_nobody_at_once() {
    for fault in FAULTS {
        let remote = Remote::new(Fault::None);
        let layer = layer_over(GivesLate(Arc::clone(&remote), fault), 3);
        let right = basic(format!("svc:{SECRET}"));
        for _ in 0..3 {
            assert_eq!(status(&send_from(&layer, HERE, &right).await), 200);
        }
    }
}

/// A store that can take and cannot give back.
struct GivesLate(Arc<Remote>, Fault);

impl Throttle for GivesLate {
    type Error = BoxError;

    async fn take(&self, attempt: &ThrottleAttempt) -> Result<Slots, BoxError> {
        self.0.take(attempt).await
    }

    async fn give_back(&self, attempt: &ThrottleAttempt) -> Result<(), BoxError> {
        self.0.set(self.1);
        let given = self.0.give_back(attempt);
        let given = tokio::time::timeout(Duration::from_secs(60), given).await;
        self.0.set(Fault::None);
        given?
    }
}

/// A store that may be empty after a restart, and that gives back at once if asked to.
struct Restarts {
    /// `None` if it is down.
    running: Mutex<Option<MemoryThrottle>>,
    gives_back_now: bool,
}

impl Restarts {
    fn new(gives_back_now: bool) -> Arc<Self> {
        Arc::new(Self {
            running: Mutex::new(Some(MemoryThrottle::new())),
            gives_back_now,
        })
    }

    fn stop(&self) {
        *self.running.lock().expect("no panic before") = None;
    }

    fn restart(&self) {
        *self.running.lock().expect("no panic before") = Some(MemoryThrottle::new());
    }

    fn running(&self) -> Result<MemoryThrottle, BoxError> {
        let running = self.running.lock().expect("no panic before");
        running.clone().ok_or_else(|| "down".into())
    }
}

impl Throttle for Restarts {
    type Error = BoxError;

    async fn take(&self, attempt: &ThrottleAttempt) -> Result<Slots, BoxError> {
        Ok(self.running()?.take(attempt).await?)
    }

    async fn give_back(&self, attempt: &ThrottleAttempt) -> Result<(), BoxError> {
        Ok(self.running()?.give_back(attempt).await?)
    }

    fn give_back_now(&self, attempt: &ThrottleAttempt) -> Option<Result<(), BoxError>> {
        let give_back = |running: MemoryThrottle| {
            let given = running.give_back_now(attempt);
            given.expect("it does not wait").map_err(Into::into)
        };
        self.gives_back_now
            .then(|| self.running().and_then(give_back))
    }
}

/// The memory of the process is full, and the store has forgotten why.
#[tokio::test(start_paused = true)]
async fn a_success_frees_no_slot_of_a_failure_in_this_process() {
    for gives_back_now in [false, true] {
        let store = Restarts::new(gives_back_now);
        let layer = layer_over(Arc::clone(&store), 3);
        let (right, wrong) = (basic(format!("svc:{SECRET}")), basic("svc:x"));
        for _ in 0..3 {
            assert_eq!(status(&send_from(&layer, HERE, &wrong).await), 401);
        }
        store.restart();
        for _ in 0..10 {
            assert_eq!(status(&send_from(&layer, HERE, &right).await), 200);
        }
        store.stop();
        assert!(is_throttled(&send_from(&layer, HERE, &wrong).await));
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_store_gives_back_at_once_is_also_given_back_in_this_process() {
    let store = Restarts::new(true);
    let layer = layer_over(Arc::clone(&store), 3);
    let right = basic(format!("svc:{SECRET}"));
    for _ in 0..10 {
        store.restart();
        assert_eq!(status(&send_from(&layer, HERE, &right).await), 200);
    }
    store.stop();
    for expected in [401, 401, 401, 429] {
        let exchange = send_from(&layer, HERE, &basic("svc:x")).await;
        assert_eq!(status(&exchange), expected);
    }
}

/// A store that answers at once, and always fails.
struct Broken;

impl Throttle for Broken {
    type Error = BoxError;

    async fn take(&self, _: &ThrottleAttempt) -> Result<Slots, BoxError> {
        Err("broken".into())
    }

    async fn give_back(&self, _: &ThrottleAttempt) -> Result<(), BoxError> {
        Err("broken".into())
    }

    fn take_now(&self, _: &ThrottleAttempt) -> Option<Result<Slots, BoxError>> {
        Some(Err("broken".into()))
    }

    fn give_back_now(&self, _: &ThrottleAttempt) -> Option<Result<(), BoxError>> {
        Some(Err("broken".into()))
    }
}

#[tokio::test]
async fn a_store_that_fails_at_once_opens_nothing() {
    let layer = layer_over(Broken, 3);
    let right = basic(format!("svc:{SECRET}"));
    for _ in 0..10 {
        assert_eq!(status(&send_from(&layer, HERE, &right).await), 200);
    }
    for expected in [401, 401, 401, 429] {
        let exchange = send_from(&layer, HERE, &basic("svc:x")).await;
        assert_eq!(status(&exchange), expected);
    }
}

#[tokio::test(start_paused = true)]
async fn an_event_says_so_once_a_minute() {
    let (log, guard) = logged(LevelFilter::WARN);
    for (fault, cause) in [
        (Fault::Fails, "connection refused"),
        (Fault::Hangs, "within 100 ms"),
    ] {
        let layer = layer_over(Remote::new(fault), 99);
        for _ in 0..10 {
            send_from(&layer, HERE, &basic("svc:x")).await;
        }
        let lines = log.take();
        let [line] = &lines[..] else {
            panic!("{lines:?}");
        };
        for part in ["WARN ", "does not count", cause] {
            assert!(line.contains(part), "{line}");
        }
        tokio::time::advance(Duration::from_secs(61)).await;
        for _ in 0..10 {
            send_from(&layer, HERE, &basic(format!("svc:{SECRET}"))).await;
        }
        assert_eq!(log.take().len(), 1);
    }
    drop(guard);
}
