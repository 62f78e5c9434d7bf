//! The trait for stores that count failed authentications.

use std::{future::Future, pin::Pin, sync::Arc};

use crate::{
    error::BoxError,
    protocol::throttle::{Slots, ThrottleAttempt},
};

/// Store in which the layer counts failed authentications, to stop attackers that guess
/// secrets (RFC 6749 §2.3.1).
///
/// A request takes a slot before anything about it is verified. The slot is given back, unless the
/// request is a failed guess. It is also kept if the client goes away before the result is known. So
/// a slot that is taken is a failure, a request that was given up, or a request that is not decided
/// yet.
///
/// Each counter has as many slots as the [burst](crate::throttle::ThrottleLimit::burst) of its
/// limit. In each period, one slot becomes free again.
///
/// All endpoints of a server share one store. For a server that is one process, use
/// [`MemoryThrottle`](crate::throttle::MemoryThrottle). To share the counters between machines, use
/// `RedisThrottle` (feature `redis`) or implement this trait.
///
/// Of each counter, a store only has to keep one moment: when all of its slots are free. Each taken
/// slot puts it off by one [period](crate::throttle::ThrottleLimit::period). Once that moment has
/// passed, the store may forget the counter. If several machines share the store, use the clock of the
/// database, not that of each machine. This is the generic cell rate algorithm (GCRA):
///
/// ```
/// use std::{
///     collections::HashMap,
///     convert::Infallible,
///     sync::{Arc, Mutex},
///     time::Instant,
/// };
/// use tower_token_endpoint::throttle::{Slots, Throttle, ThrottleAttempt};
///
/// /// When all slots are free, for each counter. A real store also forgets counters.
/// #[derive(Clone, Default)]
/// struct Counters(Arc<Mutex<HashMap<([u8; 32], [u8; 16]), Instant>>>);
///
/// impl Throttle for Counters {
///     type Error = Infallible;
///
///     async fn take(&self, attempt: &ThrottleAttempt) -> Result<Slots, Infallible> {
///         let mut counters = self.0.lock().expect("no panic while it is locked");
///         let now = Instant::now();
///         let waits = attempt.counters().filter_map(|counter| {
///             let all_free = counters.get(&(attempt.key(), counter.name()))?;
///             let others = counter.limit().period() * (counter.limit().burst() - 1);
///             let wait = all_free.saturating_duration_since(now).checked_sub(others)?;
///             (!wait.is_zero()).then_some((wait, counter))
///         });
///         if let Some((retry_after, counter)) = waits.max_by_key(|(wait, _)| *wait) {
///             return Ok(Slots::Exhausted { retry_after, counter });
///         }
///         for counter in attempt.counters() {
///             let all_free = counters.entry((attempt.key(), counter.name())).or_insert(now);
///             *all_free = now.max(*all_free) + counter.limit().period();
///         }
///         Ok(Slots::Taken)
///     }
///
///     async fn give_back(&self, attempt: &ThrottleAttempt) -> Result<(), Infallible> {
///         let mut counters = self.0.lock().expect("no panic while it is locked");
///         for counter in attempt.counters() {
///             if let Some(all_free) = counters.get_mut(&(attempt.key(), counter.name())) {
///                 let earlier = all_free.checked_sub(counter.limit().period());
///                 *all_free = earlier.unwrap_or_else(Instant::now);
///             }
///         }
///         Ok(())
///     }
/// }
///
/// # #[cfg(feature = "testing")]
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// // Test it with feature `testing`, in a `#[tokio::test]`:
/// let counters = Counters::default();
/// tower_token_endpoint::testing::throttle(async || counters.clone()).await;
/// # }
/// # #[cfg(not(feature = "testing"))]
/// # fn main() {}
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a store of failed authentications",
    label = "the layer must count here",
    note = "use `MemoryThrottle` or `RedisThrottle`, or implement `Throttle` with `take` and `give_back`"
)]
pub trait Throttle: Send + Sync + 'static {
    /// Error returned when the store cannot count.
    type Error: Into<BoxError>;

    /// Takes one slot of each counter of the attempt, or none at all.
    ///
    /// This must be one atomic step: of any number of calls at once, on any number of machines,
    /// no more may get [`Slots::Taken`] than there are free slots.
    ///
    /// The future is dropped after 100 ms. The slots may or may not be taken then. Give your database
    /// a shorter time limit, so that a connection that is silent is replaced.
    /// If it may take them later, the store should give them back by itself: the layer counts in memory
    /// instead, and does not call [`give_back`](Self::give_back).
    ///
    /// # Errors
    ///
    /// Returns an error if the store cannot count. The layer then counts in the memory of this
    /// process.
    fn take(
        &self,
        attempt: &ThrottleAttempt,
    ) -> impl Future<Output = Result<Slots, Self::Error>> + Send;

    /// Gives back the slots that [`take`](Self::take) took for the same attempt.
    ///
    /// This never makes more slots than the burst, also if the slots are free again already.
    ///
    /// # Errors
    ///
    /// Returns an error if the store cannot count. The slots are then free again after their
    /// periods.
    fn give_back(
        &self,
        attempt: &ThrottleAttempt,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send;

    /// Takes the slots at once. `None` if the store has to wait for something.
    ///
    /// **Default: `None`.** A store that counts in memory returns what [`take`](Self::take)
    /// would return: then a decision that needs nothing else allocates no future.
    fn take_now(&self, _attempt: &ThrottleAttempt) -> Option<Result<Slots, Self::Error>> {
        None
    }

    /// Gives back the slots at once. `None` if the store has to wait for something.
    ///
    /// **Default: `None`.** It must return `Some` if [`take_now`](Self::take_now) does: otherwise, the
    /// slots may stay taken.
    fn give_back_now(&self, _attempt: &ThrottleAttempt) -> Option<Result<(), Self::Error>> {
        None
    }
}

impl<T: Throttle> Throttle for Arc<T> {
    type Error = T::Error;

    fn take(
        &self,
        attempt: &ThrottleAttempt,
    ) -> impl Future<Output = Result<Slots, Self::Error>> + Send {
        T::take(self, attempt)
    }

    fn give_back(
        &self,
        attempt: &ThrottleAttempt,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send {
        T::give_back(self, attempt)
    }

    fn take_now(&self, attempt: &ThrottleAttempt) -> Option<Result<Slots, Self::Error>> {
        T::take_now(self, attempt)
    }

    fn give_back_now(&self, attempt: &ThrottleAttempt) -> Option<Result<(), Self::Error>> {
        T::give_back_now(self, attempt)
    }
}

/// Type-erased [`Throttle`]. The layer is not generic over it, since most layers have none.
pub(crate) trait AnyThrottle: Send + Sync {
    fn take<'a>(&'a self, attempt: &'a ThrottleAttempt) -> Answer<'a, Slots>;
    fn give_back<'a>(&'a self, attempt: &'a ThrottleAttempt) -> Answer<'a, ()>;
    fn take_now(&self, attempt: &ThrottleAttempt) -> Option<Result<Slots, BoxError>>;
    fn give_back_now(&self, attempt: &ThrottleAttempt) -> Option<Result<(), BoxError>>;
}

pub(crate) type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, BoxError>> + Send + 'a>>;

impl<T: Throttle> AnyThrottle for T {
    fn take<'a>(&'a self, attempt: &'a ThrottleAttempt) -> Answer<'a, Slots> {
        Box::pin(async move { self.take(attempt).await.map_err(Into::into) })
    }

    fn give_back<'a>(&'a self, attempt: &'a ThrottleAttempt) -> Answer<'a, ()> {
        Box::pin(async move { self.give_back(attempt).await.map_err(Into::into) })
    }

    fn take_now(&self, attempt: &ThrottleAttempt) -> Option<Result<Slots, BoxError>> {
        Some(self.take_now(attempt)?.map_err(Into::into))
    }

    fn give_back_now(&self, attempt: &ThrottleAttempt) -> Option<Result<(), BoxError>> {
        Some(self.give_back_now(attempt)?.map_err(Into::into))
    }
}
