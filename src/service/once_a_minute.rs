//! How often an event is repeated.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

const MINUTE: Duration = Duration::from_secs(60);

/// Lets the first call pass, and then one each minute.
#[derive(Debug, Default)]
pub(super) struct OnceAMinute {
    last: Mutex<Option<Instant>>,
}

impl OnceAMinute {
    pub(super) fn pass(&self) -> bool {
        let now = Instant::now();
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = last.is_none_or(|last| now.saturating_duration_since(last) >= MINUTE);
        if is_due {
            *last = Some(now);
        }
        is_due
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn one_call_a_minute_passes() {
        let event = OnceAMinute::default();
        let mut passed = Vec::new();
        for second in 0..150 {
            for _ in 0..3 {
                if event.pass() {
                    passed.push(second);
                }
            }
            advance(Duration::from_secs(1)).await;
        }
        assert_eq!(passed, [0, 60, 120]);
    }
}
