//! How often a set is fetched for a key that it does not have.

use std::{error::Error, fmt, time::Duration};

use tokio::time::Instant;

/// After two fetches, the time between two more. So there are at most five in a minute, and
/// somebody who uses them up delays a rotation by no more than this.
const PAUSE: Duration = Duration::from_secs(15);

/// Error returned when a fresh set does not have the key, and is not fetched again so soon.
/// Nothing is down: anybody can ask for a key that does not exist.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pausing;

impl fmt::Display for Pausing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = PAUSE.as_secs();
        write!(
            f,
            "the key set does not have the key, and was fetched so often that it is fetched again \
             only after a pause of up to {seconds} s"
        )
    }
}

impl Error for Pausing {}

/// Two fetches at once, and then one in each [`PAUSE`].
#[derive(Default)]
pub(super) struct Budget {
    /// When both fetches are there again.
    whole_at: Option<Instant>,
}

impl Budget {
    /// Whether there may be a fetch now.
    pub(super) fn spend(&mut self, now: Instant) -> bool {
        let whole_at = self.whole_at.unwrap_or(now).max(now);
        let is_there = whole_at <= now + PAUSE;
        if is_there {
            self.whole_at = Some(whole_at + PAUSE);
        }
        is_there
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_a_minute_and_never_a_long_wait() {
        let start = Instant::now();
        let second = Duration::from_secs(1);
        // Somebody asks every second, from any second on, after any time of rest.
        for rest in [0, 1, 14, 15, 29, 30, 31, 600] {
            let mut budget = Budget::default();
            assert!(budget.spend(start) && budget.spend(start));
            let mut fetches = vec![0, 0];
            for at in rest..rest + 300 {
                if budget.spend(start + second * at) {
                    fetches.push(at);
                }
            }
            for minute in fetches.windows(6) {
                assert!(minute[5] - minute[0] >= 60, "{rest}: {fetches:?}");
            }
            let last = fetches.iter().filter(|at| **at >= rest);
            let last: Vec<_> = last.collect();
            assert!(last.windows(2).all(|two| two[1] - two[0] <= 15), "{last:?}");
            assert!(fetches.len() >= 20, "{rest}: {fetches:?}");
        }
    }

    #[test]
    fn one_stray_request_a_minute_leaves_a_fetch_for_others() {
        let start = Instant::now();
        let mut budget = Budget::default();
        for minute in 0..5 {
            let now = start + Duration::from_secs(60 * minute);
            assert!(budget.spend(now), "the stray one");
            assert!(budget.spend(now), "{minute}");
            assert!(!budget.spend(now), "{minute}");
        }
    }
}
