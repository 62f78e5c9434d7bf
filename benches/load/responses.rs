//! What came back.

use std::time::Duration;

/// What came back from one connection, or from all.
#[derive(Default)]
pub(crate) struct Responses {
    pub(crate) total: u64,
    pub(crate) accepted: u64,
    pub(crate) rejected: u64,
    /// A 5xx, or any status but the one that the request deserves.
    pub(crate) unexpected: u64,
    /// Microseconds each took.
    pub(crate) micros: Vec<u32>,
    pub(crate) spent: Duration,
}

impl Responses {
    pub(crate) fn add(&mut self, other: Self) {
        self.total += other.total;
        self.accepted += other.accepted;
        self.rejected += other.rejected;
        self.unexpected += other.unexpected;
        self.micros.extend(other.micros);
        self.spent += other.spent;
    }
}

impl std::fmt::Display for Responses {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut micros = self.micros.clone();
        micros.sort_unstable();
        let at = |part: f64| {
            micros
                .get((micros.len() as f64 * part) as usize)
                .unwrap_or(&0)
        };
        write!(
            formatter,
            "{} responses ({:.0} a second): {} accepted, {} rejected, {} unexpected; \
             median {} µs, 99th percentile {} µs, slowest {} µs",
            self.total,
            self.total as f64 / self.spent.as_secs_f64(),
            self.accepted,
            self.rejected,
            self.unexpected,
            at(0.5),
            at(0.99),
            micros.last().unwrap_or(&0),
        )
    }
}
