//! What a failed authentication counts for, and how many failures there may be.

use std::{net::IpAddr, time::Duration};

use sha2::{Digest as _, Sha256};

/// Limit of the failed authentications that one counter counts.
///
/// It allows a number of failures at once, the *burst*. After that, it allows one more in each
/// period, until a whole burst is free again.
///
/// ```
/// use std::time::Duration;
/// use tower_token_endpoint::throttle::ThrottleLimit;
///
/// // Five failures at once, and then one more every 12 seconds.
/// let limit = ThrottleLimit::new(5, Duration::from_secs(12));
/// assert_eq!(limit.burst(), 5);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ThrottleLimit {
    burst: u32,
    period: Duration,
}

impl ThrottleLimit {
    /// Makes a limit of `burst` failures at once, and one more in each period.
    ///
    /// The layer refuses a limit of zero, or one that is too large, when it is built.
    #[must_use]
    pub const fn new(burst: u32, period: Duration) -> Self {
        Self { burst, period }
    }

    /// Returns the number of failures that may happen at once.
    #[must_use]
    pub fn burst(&self) -> u32 {
        self.burst
    }

    /// Returns the time after which one more failure may happen.
    #[must_use]
    pub fn period(&self) -> Duration {
        self.period
    }
}

/// Counter of failed authentications: that of a source, or that of a client.
///
/// See [`ThrottleAttempt`] for an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ThrottleCounter {
    name: [u8; 16],
    limit: ThrottleLimit,
}

impl ThrottleCounter {
    /// Makes a counter with this name and limit, for the tests of a store.
    #[must_use]
    pub const fn new(name: [u8; 16], limit: ThrottleLimit) -> Self {
        Self { name, limit }
    }

    /// Whether it counts for the origin itself, and not for a client from there.
    pub(crate) fn is_of_origin(&self) -> bool {
        self.name == OF_ORIGIN
    }

    /// Returns the name of the counter, which is unique within the
    /// [key](ThrottleAttempt::key) of its attempt. It is a digest.
    #[must_use]
    pub fn name(&self) -> [u8; 16] {
        self.name
    }

    /// Returns the limit of the counter.
    #[must_use]
    pub fn limit(&self) -> ThrottleLimit {
        self.limit
    }
}

/// Attempt to authenticate, as a [`Throttle`](crate::throttle::Throttle) counts it.
///
/// It has a key and at most three counters. All counters of one key belong together: they can
/// be kept in one place, and are changed together in one atomic step. Keys and names are
/// digests, so they have a fixed size and show neither addresses nor clients.
///
/// The layer makes the attempts. To test a store, make one yourself:
///
/// ```
/// use std::time::Duration;
/// use tower_token_endpoint::throttle::{
///     MemoryThrottle, Slots, Throttle, ThrottleAttempt, ThrottleCounter, ThrottleLimit,
/// };
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// // Twenty failures of a source, of which two may be for this client.
/// let source = ThrottleLimit::new(20, Duration::from_secs(3));
/// let client = ThrottleLimit::new(2, Duration::from_secs(12));
/// let counters = [([0; 16], source), ([1; 16], client)];
/// let [source, client] = counters.map(|(name, limit)| Some(ThrottleCounter::new(name, limit)));
/// let attempt = ThrottleAttempt::from_parts([7; 32], [source, client, None]);
///
/// let throttle = MemoryThrottle::new();
/// assert_eq!(throttle.take(&attempt).await?, Slots::Taken);
/// assert_eq!(throttle.take(&attempt).await?, Slots::Taken);
/// assert!(matches!(throttle.take(&attempt).await?, Slots::Exhausted { .. }));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ThrottleAttempt {
    key: [u8; 32],
    counters: [Option<ThrottleCounter>; 3],
}

/// What the counters of an attempt have in common.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Origin<'a> {
    /// An address, or the one place for all requests without an address.
    Source(Option<IpAddr>),
    /// A client, from wherever.
    Client(&'a str),
}

/// The name of the counter of the origin itself.
const OF_ORIGIN: [u8; 16] = [0; 16];

impl ThrottleAttempt {
    /// An attempt at the server with this issuer identifier.
    pub(crate) fn new(issuer: &str, origin: Origin<'_>) -> Self {
        let key = match origin {
            Origin::Source(None) => digest([issuer.as_bytes(), b"no source"]),
            Origin::Source(Some(IpAddr::V4(address))) => {
                digest([issuer.as_bytes(), &address.octets()])
            }
            Origin::Source(Some(IpAddr::V6(address))) => {
                digest([issuer.as_bytes(), &address.octets()])
            }
            Origin::Client(client_id) => {
                digest([issuer.as_bytes(), b"client", client_id.as_bytes()])
            }
        };
        Self {
            key,
            counters: [None; 3],
        }
    }

    /// Also counts for the origin itself.
    pub(crate) fn for_origin(self, limit: ThrottleLimit) -> Self {
        self.counting(OF_ORIGIN, limit)
    }

    /// Also counts for this client from this origin.
    pub(crate) fn for_client(self, client_id: &str, limit: ThrottleLimit) -> Self {
        let digest = digest([b"client".as_slice(), client_id.as_bytes()]);
        let (name, _) = digest.split_first_chunk().expect("16 of 32 bytes");
        self.counting(*name, limit)
    }

    /// A counter that is there already counts once.
    fn counting(mut self, name: [u8; 16], limit: ThrottleLimit) -> Self {
        if self.counters().any(|counter| counter.name == name) {
            return self;
        }
        let counter = ThrottleCounter { name, limit };
        // The two readings of a request name at most two clients, and there is one origin.
        let free = self.counters.iter_mut().find(|it| it.is_none());
        *free.expect("an origin and two clients") = Some(counter);
        self
    }

    /// Makes an attempt with this key and these counters, whose names must differ.
    #[must_use]
    pub const fn from_parts(key: [u8; 32], counters: [Option<ThrottleCounter>; 3]) -> Self {
        Self { key, counters }
    }

    /// Returns the key that all counters of this attempt belong to.
    #[must_use]
    pub fn key(&self) -> [u8; 32] {
        self.key
    }

    /// Returns the counters: at least one, and at most three.
    pub fn counters(&self) -> impl Iterator<Item = ThrottleCounter> {
        self.counters.into_iter().flatten()
    }
}

/// Result of [`Throttle::take`](crate::throttle::Throttle::take).
///
/// See [`Throttle`](crate::throttle::Throttle) for an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[must_use = "a request over the limit must be refused"]
pub enum Slots {
    /// Each counter had a free slot. One slot of each is now taken.
    Taken,
    /// At least one counter had no free slot. None was taken.
    Exhausted {
        /// Time until each of the counters has a free slot.
        retry_after: Duration,
        /// Counter that has no free slot until then. If there are several, any of them.
        counter: ThrottleCounter,
    },
}

/// Limit of failed authentications that a request was over.
///
/// [`exceeded_limit`](crate::rejection::Rejection::exceeded_limit) of a rejection returns it. If a
/// request was over several limits, it is the one that will be exceeded for the longest time.
///
/// ```
/// use tower_token_endpoint::rejection::Rejection;
///
/// fn count(rejection: &Rejection) {
///     if let Some(exceeded) = rejection.exceeded_limit() {
///         println!("token_requests_throttled{{limit=\"{}\"}}", exceeded.as_str());
///     }
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ExceededLimit {
    /// The limit of all failures from the source of the request.
    Source(ThrottleLimit),
    /// The limit of the failures that are for the client: from its source, or from all sources if
    /// [`dangerously_throttle_by_client`] is set.
    ///
    /// [`dangerously_throttle_by_client`]: crate::throttle::Throttling::dangerously_throttle_by_client
    Client(ThrottleLimit),
}

impl ExceededLimit {
    /// Returns a stable name for logs and metrics: `source` or `client`.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Source(_) => "source",
            Self::Client(_) => "client",
        }
    }

    /// Returns the limit, as it is set.
    #[must_use]
    pub fn limit(&self) -> ThrottleLimit {
        match *self {
            Self::Source(limit) | Self::Client(limit) => limit,
        }
    }
}

/// A SHA-256 of the parts, each with its length in front.
fn digest<const N: usize>(parts: [&[u8]; N]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exceeded_limit_has_a_stable_name() {
        let limit = ThrottleLimit::new(5, Duration::from_secs(12));
        for (exceeded, name) in [
            (ExceededLimit::Source(limit), "source"),
            (ExceededLimit::Client(limit), "client"),
        ] {
            assert_eq!(exceeded.as_str(), name);
            assert_eq!(exceeded.limit(), limit);
        }
    }
}
