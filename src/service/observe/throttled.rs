//! How many sources have to wait, for a gauge that also falls if none of them comes back.

use std::{
    collections::HashMap,
    net::IpAddr,
    panic::catch_unwind,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use tokio::{
    runtime::Handle,
    task::JoinHandle,
    time::{Instant, sleep},
};

use super::metrics::{count, throttled_sources};
use crate::protocol::rejection::Rejection;

/// Further sources are not counted, so that an attacker with many addresses needs no more memory.
/// The docs of the gauge have this number.
const MAX_SOURCES: usize = 10_000;

/// How often those that may try again are removed.
const TICK: Duration = Duration::from_secs(1);

/// The sources that a 429 told to wait. A clone shares them.
#[derive(Clone, Default)]
pub(super) struct ThrottledSources(Arc<Mutex<Waiting>>);

#[derive(Default)]
struct Waiting {
    /// When each source may try again. `None` is that of all requests without an address.
    until: HashMap<Option<IpAddr>, Instant>,
    /// The task that removes them. It is there as long as there is something to remove.
    sweeper: Option<JoinHandle<()>>,
    /// Whether the runtime has no timer, so that a task could not wait. Then they are removed when the
    /// next one comes.
    is_without_timer: bool,
}

impl ThrottledSources {
    /// Notes the source of a throttled request. Outside of a tokio runtime nothing would remove it
    /// again, so nothing is noted.
    pub(super) fn note(&self, rejection: &Rejection) {
        let Some(retry_after) = rejection.retry_after() else {
            return;
        };
        let Ok(runtime) = Handle::try_current() else {
            return;
        };
        let removed = self.sweep_without_timer();
        let is_new = self.add(rejection.throttled_address(), retry_after, &runtime);
        let more = f64::from(u8::from(is_new)) - count(removed);
        if more != 0.0 {
            throttled_sources(more);
        }
    }

    /// How many were removed.
    fn sweep_without_timer(&self) -> usize {
        let mut waiting = lock(&self.0);
        let is_due = waiting.is_without_timer;
        if is_due {
            waiting.sweep(Instant::now()).0
        } else {
            0
        }
    }

    /// Whether it is a source that was not there.
    fn add(&self, address: Option<IpAddr>, retry_after: Duration, runtime: &Handle) -> bool {
        let Some(until) = Instant::now().checked_add(retry_after) else {
            return false;
        };
        let mut waiting = lock(&self.0);
        if let Some(before) = waiting.until.get_mut(&address) {
            *before = until.max(*before);
            return false;
        }
        if waiting.until.len() >= MAX_SOURCES {
            return false;
        }
        waiting.until.insert(address, until);
        // It has ended if its runtime has.
        let is_wanted = waiting.sweeper.as_ref().is_none_or(JoinHandle::is_finished);
        if is_wanted && !waiting.is_without_timer {
            waiting.is_without_timer = !has_timer();
            if !waiting.is_without_timer {
                waiting.sweeper = Some(runtime.spawn(sweep(Arc::downgrade(&self.0))));
            }
        }
        true
    }
}

/// tokio cannot be asked, and panics without one. So this is asked once.
fn has_timer() -> bool {
    catch_unwind(|| drop(sleep(TICK))).is_ok()
}

/// Ends when no source is left, or no layer.
async fn sweep(sources: Weak<Mutex<Waiting>>) {
    loop {
        sleep(TICK).await;
        let Some(sources) = sources.upgrade() else {
            return;
        };
        let (removed, is_empty) = lock(&sources).sweep(Instant::now());
        if removed > 0 {
            throttled_sources(-count(removed));
        }
        if is_empty {
            return;
        }
    }
}

impl Waiting {
    /// How many sources may try again, and whether none is left.
    fn sweep(&mut self, now: Instant) -> (usize, bool) {
        let before = self.until.len();
        self.until.retain(|_, until| *until > now);
        let left = self.until.len();
        if left == 0 {
            // Also gives the memory back. The next source starts another task.
            self.until = HashMap::new();
            self.sweeper = None;
        }
        (before - left, left == 0)
    }
}

/// When the last layer is gone, with the task that would remove them.
impl Drop for Waiting {
    fn drop(&mut self) {
        if !self.until.is_empty() {
            throttled_sources(-count(self.until.len()));
        }
    }
}

/// The locked data is consistent at every step, so a panic elsewhere does no harm.
fn lock(sources: &Mutex<Waiting>) -> MutexGuard<'_, Waiting> {
    sources.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use tokio::{runtime::Builder, time::advance};

    use super::*;

    /// Notes the sources from `from` up to `to`, and returns how many of them were new.
    fn add(sources: &ThrottledSources, range: std::ops::Range<u32>, seconds: u64) -> usize {
        let runtime = Handle::current();
        let wait = Duration::from_secs(seconds);
        let addresses = range.map(|it| Some(IpAddr::from(it.to_be_bytes())));
        addresses
            .filter(|&it| sources.add(it, wait, &runtime))
            .count()
    }

    fn len(sources: &ThrottledSources) -> usize {
        lock(&sources.0).until.len()
    }

    #[tokio::test(start_paused = true)]
    async fn a_hundred_thousand_sources_need_no_more_memory_than_ten_thousand() {
        let sources = ThrottledSources::default();
        assert_eq!(add(&sources, 0..100_000, 60), MAX_SOURCES);
        // Those that are there are still put off.
        assert_eq!(add(&sources, 0..100_000, 100), 0);
        sleep(Duration::from_secs(99)).await;
        assert_eq!(len(&sources), MAX_SOURCES);
        sleep(Duration::from_secs(3)).await;
        let waiting = lock(&sources.0);
        assert_eq!((waiting.until.len(), waiting.until.capacity()), (0, 0));
    }

    #[tokio::test(start_paused = true)]
    async fn a_source_goes_when_the_longest_of_its_times_is_over() {
        let sources = ThrottledSources::default();
        for seconds in [10, 30, 20] {
            add(&sources, 0..1, seconds);
        }
        add(&sources, 1..2, 10);
        for (seconds, left) in [(9, 2), (3, 1), (17, 1), (3, 0)] {
            sleep(Duration::from_secs(seconds)).await;
            assert_eq!(len(&sources), left, "after {seconds} more seconds");
        }
        // The task has ended, and there is another one for the next source.
        assert!(lock(&sources.0).sweeper.is_none());
        add(&sources, 0..1, 10);
        sleep(Duration::from_secs(12)).await;
        assert_eq!(len(&sources), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn the_task_ends_with_the_last_layer() {
        let sources = ThrottledSources::default();
        add(&sources, 0..1, 3600);
        let task = lock(&sources.0).sweeper.take().expect("a task");
        drop(sources);
        advance(TICK).await;
        task.await.expect("no panic");
    }

    #[test]
    fn another_runtime_goes_on_when_one_has_ended() {
        let sources = ThrottledSources::default();
        for (range, seconds) in [(0..1, 0), (1..2, 0), (2..3, 12)] {
            let mut runtime = Builder::new_current_thread();
            let runtime = runtime.enable_time().start_paused(true).build();
            runtime.expect("a runtime").block_on(async {
                assert_eq!(add(&sources, range, 10), 1);
                sleep(Duration::from_secs(seconds)).await;
            });
        }
        assert_eq!(len(&sources), 0);
    }

    /// Then no task could wait. A panic in one would end it, and leave the sources there forever.
    #[test]
    fn without_a_timer_sources_go_when_the_next_one_comes() {
        let runtime = Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(async {
            let sources = ThrottledSources::default();
            for (address, seconds, removed, left) in [
                (1_u32, 3600, 0, 1),
                (2, 0, 0, 2),
                (3, 0, 1, 2),
                (2, 3600, 1, 2),
                (3, 0, 0, 3),
                (4, 3600, 1, 3),
            ] {
                assert_eq!(sources.sweep_without_timer(), removed, "{address}");
                assert_eq!(add(&sources, address..address + 1, seconds), 1);
                assert_eq!(len(&sources), left, "{address}");
            }
            assert_eq!(Handle::current().metrics().num_alive_tasks(), 0);
        });
    }

    /// `Retry-After` is at most seven days, but a store may say anything.
    #[tokio::test]
    async fn a_time_that_never_comes_is_not_noted() {
        let sources = ThrottledSources::default();
        assert!(!sources.add(None, Duration::MAX, &Handle::current()));
        assert_eq!(len(&sources), 0);
    }
}
