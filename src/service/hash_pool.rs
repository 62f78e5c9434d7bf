//! Where slow hashes run: on blocking threads of the runtime, with a permit for each that runs.

use std::{
    error::Error,
    fmt,
    future::Future,
    num::NonZero,
    panic::resume_unwind,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread::available_parallelism,
    time::Duration,
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    task::spawn_blocking,
    time::{Instant, timeout},
};

use super::observe::{CountedHash, HashState};
use crate::{error::BoxError, protocol::secret_hash::Computing};

/// Permits for slow hashes, which run on the blocking threads of the tokio runtime and never on
/// the task that serves the request.
///
/// A hash such as Argon2 takes milliseconds of a core and some memory. Anybody can make the server
/// compute one, so the pool limits how many run at the same time. A hash takes a permit before it
/// is handed to a thread, and holds it until it has ended, even if the request was dropped in the
/// meantime. If there is no free permit, the request waits. It gets a 503 with the reason
/// [`HashingOverloaded`] if it has waited too long, or if too many others wait already.
///
/// A clone shares the permits. Layers of [`for_endpoint`] also share them. To share them between
/// other layers, pass a clone to [`hash_pool`] of each.
///
/// # How to choose
///
/// Measure how long one hash takes on your machine. In its [`wait`](Self::wait), the pool serves
/// permits × wait / time requests. A longer [`queue`](Self::queue) only makes the others wait for a
/// 503. For example, with 4 cores and an Argon2 of 64 MiB that takes 100 ms, the default of 2
/// permits needs 128 MiB and computes 20 hashes a second, and `queue(40)` is enough for a wait of 2
/// seconds.
///
/// A refusal costs one hash for each secret of the client that has the most, and twice as many if
/// the Basic credentials have two readings.
///
/// ```
/// use std::time::Duration;
/// use tower_token_endpoint::{MemoryClientStore, TokenEndpointLayer, client::hashing::HashPool};
///
/// # let clients = MemoryClientStore::from_json(b"[]")?;
/// let pool = HashPool::new().permits(4).queue(100).wait(Duration::from_secs(1));
/// let layer = TokenEndpointLayer::builder(clients, "https://as.example.com")
///     .hash_pool(pool.clone())
///     .build()?;
/// assert_eq!(pool.running(), 0);
/// # Ok::<_, tower_token_endpoint::BoxError>(())
/// ```
///
/// [`HashingOverloaded`]: crate::rejection::RejectionReason::HashingOverloaded
/// [`for_endpoint`]: crate::TokenEndpointLayer::for_endpoint
/// [`hash_pool`]: crate::layer::TokenEndpointLayerBuilder::hash_pool
#[derive(Clone)]
#[must_use]
pub struct HashPool(Arc<Shared>);

struct Shared {
    limits: Limits,
    permits: Arc<Semaphore>,
    waiting: AtomicUsize,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) permits: usize,
    pub(super) queue: usize,
    pub(super) wait: Duration,
}

impl HashPool {
    /// Makes a pool with the default settings.
    pub fn new() -> Self {
        let cores = available_parallelism().map_or(1, NonZero::get);
        Self::with(Limits {
            permits: (cores / 2).max(1),
            queue: 256,
            wait: Duration::from_secs(2),
        })
    }

    /// Sets how many hashes run at the same time.
    ///
    /// **Default: half of the cores, and at least one.** Zero, or more than 4,294,967,295, is a
    /// [`ConfigError`](crate::layer::ConfigError) when a layer is built.
    ///
    /// The hashes that run at the same time need at most this many times the memory of one. If one
    /// of Argon2 needs up to 32 MiB, its memory is wiped and kept for the next one.
    ///
    /// This makes a new pool. Clones that were made before are not changed.
    ///
    /// RFC 6749 §10.2.
    pub fn permits(self, permits: usize) -> Self {
        let limits = self.limits();
        Self::with(Limits { permits, ..limits })
    }

    /// Sets how many requests may wait for a permit, in addition to those whose hash runs. Further
    /// requests get a 503 at once.
    ///
    /// **Default: 256.** If it is zero, no request waits.
    ///
    /// This makes a new pool. Clones that were made before are not changed.
    ///
    /// RFC 6749 §10.2.
    pub fn queue(self, queue: usize) -> Self {
        let limits = self.limits();
        Self::with(Limits { queue, ..limits })
    }

    /// Sets how long a request waits for permits in total. After that, it gets a 503.
    ///
    /// **Default: 2 seconds.** Zero is a [`ConfigError`](crate::layer::ConfigError) when a layer is
    /// built. The [deadline] of the layer also limits the time.
    ///
    /// This makes a new pool. Clones that were made before are not changed.
    ///
    /// RFC 6749 §10.2.
    ///
    /// [deadline]: crate::layer::TokenEndpointLayerBuilder::deadline
    pub fn wait(self, wait: Duration) -> Self {
        let limits = self.limits();
        Self::with(Limits { wait, ..limits })
    }

    /// Returns the number of hashes that run at the moment, for metrics.
    #[must_use]
    pub fn running(&self) -> usize {
        let free = self.0.permits.available_permits();
        self.0.limits.permits.saturating_sub(free)
    }

    /// Returns the number of requests that wait for a permit at the moment, for metrics.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.0.waiting.load(Ordering::Relaxed)
    }

    fn with(limits: Limits) -> Self {
        let permits = limits.permits.min(Semaphore::MAX_PERMITS);
        Self(Arc::new(Shared {
            limits,
            permits: Arc::new(Semaphore::new(permits)),
            waiting: AtomicUsize::new(0),
        }))
    }

    pub(super) fn limits(&self) -> Limits {
        self.0.limits
    }

    /// Starts a request, which may wait for permits for some time in total.
    pub(super) fn turn(&self) -> Turn<'_> {
        Turn {
            pool: self,
            left: self.0.limits.wait,
        }
    }

    fn overloaded(&self, waited: Option<Duration>) -> Overloaded {
        Overloaded {
            limits: self.0.limits,
            running: self.running(),
            waiting: self.waiting(),
            waited,
        }
    }
}

/// The part of a pool that one request uses.
pub(super) struct Turn<'a> {
    pool: &'a HashPool,
    /// How long the request may still wait.
    left: Duration,
}

impl Turn<'_> {
    /// Waits for a permit.
    ///
    /// # Errors
    ///
    /// Returns an error if the request has waited too long, or if too many others wait.
    pub(super) async fn permit(&mut self) -> Result<HashPermit, Overloaded> {
        let pool = self.pool;
        let permits = Arc::clone(&pool.0.permits);
        if let Ok(permit) = Arc::clone(&permits).try_acquire_owned() {
            return Ok(HashPermit::new(permit));
        }
        let place = Place::take(&pool.0);
        let place = place.ok_or_else(|| pool.overloaded(None))?;
        let start = Instant::now();
        let acquired = timeout(self.left, permits.acquire_owned()).await;
        self.left = self.left.saturating_sub(start.elapsed());
        // The semaphore fails if it is closed, which it never is.
        let Ok(Ok(permit)) = acquired else {
            return Err(pool.overloaded(Some(pool.0.limits.wait)));
        };
        drop(place);
        Ok(HashPermit::new(permit))
    }
}

/// A place in the queue.
struct Place<'a> {
    shared: &'a Shared,
    _waits: CountedHash,
}

impl<'a> Place<'a> {
    /// `None` if all places are taken.
    fn take(shared: &'a Shared) -> Option<Self> {
        let one_more = |waiting| (waiting < shared.limits.queue).then_some(waiting + 1);
        shared
            .waiting
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more)
            .ok()
            .map(|_| Self {
                shared,
                _waits: CountedHash::new(HashState::Waiting),
            })
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.shared.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Permit to compute one hash.
pub(super) struct HashPermit {
    _permit: OwnedSemaphorePermit,
    _runs: CountedHash,
}

impl HashPermit {
    fn new(permit: OwnedSemaphorePermit) -> Self {
        Self {
            _permit: permit,
            _runs: CountedHash::new(HashState::Running),
        }
    }

    /// Computes the hash on a blocking thread. The permit goes with it, also if the caller is
    /// dropped. A panic goes on in the caller.
    ///
    /// # Errors
    ///
    /// Returns an error if the hash cannot be computed, or if the runtime shuts down.
    pub(super) fn compute(
        self,
        matches: Computing,
    ) -> impl Future<Output = Result<bool, BoxError>> {
        let computing = spawn_blocking(move || {
            let _permit = self;
            matches()
        });
        async {
            match computing.await {
                Err(error) if error.is_panic() => resume_unwind(error.into_panic()),
                outcome => outcome?,
            }
        }
    }
}

/// Error returned when a request got no permit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Overloaded {
    limits: Limits,
    running: usize,
    waiting: usize,
    /// `None` if too many others waited.
    waited: Option<Duration>,
}

impl fmt::Display for Overloaded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Limits { permits, queue, .. } = self.limits;
        match self.waited {
            Some(waited) => write!(f, "waited {waited:?} for a permit to compute a hash")?,
            None => f.write_str("too many requests wait for a permit to compute a hash")?,
        }
        let Self {
            running, waiting, ..
        } = self;
        write!(
            f,
            ": hashes running: {running} (at most {permits}), requests waiting: {waiting} (at most {queue})"
        )
    }
}

impl Error for Overloaded {}

impl Default for HashPool {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for HashPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Limits {
            permits,
            queue,
            wait,
        } = self.limits();
        f.debug_struct("HashPool")
            .field("permits", &permits)
            .field("queue", &queue)
            .field("wait", &wait)
            .field("running", &self.running())
            .field("waiting", &self.waiting())
            .finish()
    }
}
