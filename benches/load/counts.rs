//! Responses by kind of request and status, and how long they took.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Counts for all connections. A clone shares them.
#[derive(Clone, Default)]
pub(crate) struct Counts(Arc<Mutex<BTreeMap<(&'static str, u16), u64>>>);

impl Counts {
    /// The status of a response, or 0 if the connection ended without one.
    pub(crate) fn add(&self, kind: &'static str, status: u16) {
        *self.lock().entry((kind, status)).or_default() += 1;
    }

    /// How many of them are not expected.
    pub(crate) fn unexpected(&self, is_expected: impl Fn(&str, u16) -> bool) -> u64 {
        let counts = self.lock();
        let unexpected = counts
            .iter()
            .filter(|&(&(kind, status), _)| !is_expected(kind, status));
        unexpected.map(|(_, count)| count).sum()
    }

    pub(crate) fn of(&self, wanted: &str) -> u64 {
        let counts = self.lock();
        let of = counts.iter().filter(|((kind, _), _)| *kind == wanted);
        of.map(|(_, count)| count).sum()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<(&'static str, u16), u64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut last = "";
        for (&(kind, status), count) in self.lock().iter() {
            if kind != last {
                let start = if last.is_empty() { "" } else { "\n" };
                write!(formatter, "{start}  {kind}:")?;
                last = kind;
            }
            match status {
                0 => write!(formatter, " {count} closed")?,
                _ => write!(formatter, " {count} x {status}")?,
            }
        }
        Ok(())
    }
}

/// This part of the times, of which none is left out: 0.99 for the 99th percentile.
pub(crate) fn percentile(times: &mut [Duration], part: f64) -> Duration {
    times.sort_unstable();
    let last = times.len().saturating_sub(1);
    let place = (times.len() as f64 * part) as usize;
    times.get(place.min(last)).copied().unwrap_or_default()
}
