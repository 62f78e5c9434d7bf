//! How often something is done within a minute.

use std::{collections::VecDeque, time::Duration};

use tokio::time::Instant;

const MINUTE: Duration = Duration::from_secs(60);

/// At most `MAX` times in any minute.
#[derive(Default)]
pub(super) struct Window<const MAX: usize> {
    /// The last times, the oldest first.
    last: VecDeque<Instant>,
}

impl<const MAX: usize> Window<MAX> {
    /// Whether it may be done now.
    pub(super) fn is_open(&self, now: Instant) -> bool {
        let is_old = |first: &Instant| now.saturating_duration_since(*first) >= MINUTE;
        self.last.len() < MAX || self.last.front().is_some_and(is_old)
    }

    /// Notes that it is done now.
    pub(super) fn note(&mut self, now: Instant) {
        if self.last.len() >= MAX {
            self.last.pop_front();
        }
        self.last.push_back(now);
    }

    /// Forgets the last time, which came to nothing.
    pub(super) fn forget_last(&mut self) {
        self.last.pop_back();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_minute_has_more_and_every_minute_has_as_many() {
        let start = Instant::now();
        // Somebody asks ten times a second, from any second on.
        for rest in [0, 1, 30, 59, 60, 61, 600] {
            let mut window = Window::<5>::default();
            let mut done = Vec::new();
            for at in (0..2).chain(rest * 10..rest * 10 + 3000) {
                let now = start + Duration::from_millis(100) * at;
                if window.is_open(now) {
                    window.note(now);
                    done.push(at);
                }
            }
            assert!(done.windows(6).all(|it| it[5] - it[0] >= 600), "{done:?}");
            assert!(done.len() >= 25, "{rest}: {done:?}");
        }
    }

    #[test]
    fn what_came_to_nothing_does_not_count() {
        let now = Instant::now();
        let mut window = Window::<2>::default();
        for _ in 0..10 {
            assert!(window.is_open(now));
            window.note(now);
            window.forget_last();
        }
        window.note(now);
        window.note(now);
        assert!(!window.is_open(now));
    }
}
