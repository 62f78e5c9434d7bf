//! How often something may be done that a stranger can cause.

use std::time::Duration;

use tokio::time::Instant;

/// So many times at once, and then once in each pause.
pub(super) struct Rate {
    pub(super) at_once: u32,
    pub(super) pause: Duration,
}

#[derive(Clone, Copy, Default)]
pub(super) struct Budget {
    /// When all of it is there again.
    whole_at: Option<Instant>,
}

impl Budget {
    /// Whether it may be done now. If so, it is spent.
    pub(super) fn spend(&mut self, rate: &Rate, now: Instant) -> bool {
        let is_left = self.is_left(rate, now);
        if is_left {
            self.whole_at = Some(self.whole_at(now) + rate.pause);
        }
        is_left
    }

    /// Whether it may be done now.
    pub(super) fn is_left(&self, rate: &Rate, now: Instant) -> bool {
        self.whole_at(now) <= now + rate.pause * rate.at_once.saturating_sub(1)
    }

    fn whole_at(&self, now: Instant) -> Instant {
        self.whole_at.unwrap_or(now).max(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// Two at once and one in 15 s, and 21 at once and one in 6 s.
    const RATES: [(Rate, usize); 2] = [
        (
            Rate {
                at_once: 2,
                pause: Duration::from_secs(15),
            },
            5,
        ),
        (
            Rate {
                at_once: 21,
                pause: Duration::from_secs(6),
            },
            30,
        ),
    ];

    #[test]
    fn no_minute_has_more_and_nobody_waits_longer_than_a_pause() {
        let start = Instant::now();
        // Somebody asks every second, from any second on, after any time of rest.
        for (rate, a_minute) in RATES {
            for rest in [0, 1, 5, 6, 7, 14, 15, 29, 30, 31, 125, 126, 600] {
                let mut budget = Budget::default();
                let at_once = (0..100).filter(|_| budget.spend(&rate, start)).count();
                assert_eq!(at_once, rate.at_once as usize);
                let mut spent = vec![0; at_once];
                for at in rest..rest + 300 {
                    if budget.spend(&rate, start + SECOND * at) {
                        spent.push(at);
                    }
                }
                for minute in spent.windows(a_minute + 1) {
                    assert!(minute[a_minute] - minute[0] >= 60, "{rest}: {spent:?}");
                }
                let pause = u32::try_from(rate.pause.as_secs()).expect("a few seconds");
                let last: Vec<_> = spent.iter().filter(|at| **at >= rest).collect();
                let waits = last.windows(2).map(|two| two[1] - two[0]);
                assert!(waits.max() <= Some(pause), "{rest}: {spent:?}");
                assert!(
                    last.len() + 2 >= (300 / pause) as usize,
                    "{rest}: {spent:?}"
                );
            }
        }
    }

    #[test]
    fn one_stray_request_a_minute_leaves_one_for_others() {
        let start = Instant::now();
        let (rate, _) = &RATES[0];
        let mut budget = Budget::default();
        for minute in 0..5 {
            let now = start + SECOND * (60 * minute);
            assert!(budget.spend(rate, now), "the stray one");
            assert!(budget.spend(rate, now), "{minute}");
            assert!(!budget.spend(rate, now), "{minute}");
        }
    }
}
