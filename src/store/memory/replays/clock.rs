//! The clock that values expire by.
//!
//! It follows the monotonic clock, so a wall clock that leaps ahead forgets no value. If the
//! wall clock is set back, this clock goes back by the same time: a value that came while
//! the wall clock was ahead is then valid for so much longer.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

/// A moment by both clocks.
#[derive(Clone, Copy)]
pub(super) struct Now {
    pub(super) wall: SystemTime,
    /// Since any moment that stays the same.
    pub(super) monotonic: Duration,
}

pub(super) struct Clock {
    made: Instant,
    set_back: Mutex<SetBack>,
}

/// By how much the wall clock was set back so far.
#[derive(Default)]
struct SetBack {
    /// By how much the wall clock was ahead of the monotonic one when it was last read, in
    /// milliseconds.
    lead: Option<i64>,
    /// When that was, by the monotonic clock.
    read_at: Duration,
    total: u32,
}

/// Seconds of a [`Clock`].
pub(super) type Seconds = u32;

/// Later than any time that [`Clock::seconds`] returns.
pub(super) const NEVER: Seconds = Seconds::MAX;

/// Where a clock starts. It may be set back, or go on, by 68 years.
const START: Seconds = 1 << 31;

/// Smaller differences come from reading two clocks one after the other. A clock that is
/// slowed down over a longer time adds up to this much.
const TOLERANCE: i64 = 1000;

/// How far apart the two clocks may be read.
const MAX_READING: Duration = Duration::from_millis(100);

impl Clock {
    pub(super) fn new() -> Self {
        Self {
            made: Instant::now(),
            set_back: Mutex::default(),
        }
    }

    pub(super) fn now(&self) -> Now {
        let mut before = self.made.elapsed();
        loop {
            let wall = SystemTime::now();
            let monotonic = self.made.elapsed();
            // If the thread had to wait between the two, it would look like a clock set back.
            if monotonic.saturating_sub(before) < MAX_READING {
                return Now { wall, monotonic };
            }
            before = monotonic;
        }
    }

    /// The time of this clock, in whole seconds.
    pub(super) fn seconds(&self, now: Now) -> Seconds {
        let set_back = self.set_back.lock();
        let set_back = set_back
            .unwrap_or_else(PoisonError::into_inner)
            .observe(now);
        let passed = Seconds::try_from(now.monotonic.as_secs()).unwrap_or(NEVER);
        START
            .saturating_add(passed)
            .saturating_sub(set_back)
            .min(NEVER - 1)
    }

    /// The time of this clock at which `until` has passed, rounded up to whole seconds.
    ///
    /// `seconds` is the time of this clock now.
    pub(super) fn when(seconds: Seconds, until: SystemTime, now: Now) -> Seconds {
        let Ok(lasting) = until.duration_since(now.wall) else {
            return seconds;
        };
        let begun = Duration::from_nanos(now.monotonic.subsec_nanos().into());
        let lasting = lasting.saturating_add(begun);
        let lasting = lasting.as_secs() + u64::from(lasting.subsec_nanos() > 0);
        Seconds::try_from(lasting).map_or(NEVER, |lasting| seconds.saturating_add(lasting))
    }
}

impl SetBack {
    /// Returns the seconds by which the wall clock was set back in total, rounded up.
    fn observe(&mut self, now: Now) -> Seconds {
        // Another thread has read the clocks later, and was faster to come here. What was read
        // before the wall clock was set back must not count as that it went ahead again.
        if now.monotonic < self.read_at {
            return self.total;
        }
        self.read_at = now.monotonic;
        let lead = since_1970(now.wall).saturating_sub(milliseconds(now.monotonic));
        match self.lead {
            Some(before) if before.saturating_sub(lead) > TOLERANCE => {
                let by = before.saturating_sub(lead).unsigned_abs().div_ceil(1000);
                let by = Seconds::try_from(by).unwrap_or(NEVER);
                self.total = self.total.saturating_add(by);
                self.lead = Some(lead);
            }
            // It is not lowered by less, or a slow clock would never be seen.
            Some(before) => self.lead = Some(before.max(lead)),
            None => self.lead = Some(lead),
        }
        self.total
    }
}

fn since_1970(wall: SystemTime) -> i64 {
    match wall.duration_since(UNIX_EPOCH) {
        Ok(after) => milliseconds(after),
        Err(before) => -milliseconds(before.duration()),
    }
}

fn milliseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
