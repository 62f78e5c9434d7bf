//! The trait for stores of one-time values.

use std::{
    future::{Future, ready},
    pin::Pin,
    sync::Arc,
    time::SystemTime,
};

use crate::{
    error::BoxError,
    protocol::replay::{Remembered, ReplayKey},
};

/// Store in which the layer remembers one-time values, so that no assertion and no DPoP proof is accepted
/// twice (RFC 7523 §3).
///
/// All endpoints and all machines of a server must share one store. Otherwise a value
/// that was used at one of them is accepted again at another. To test a store of your
/// own, use `testing::replay_store` (feature `testing`).
///
/// ```
/// use std::collections::{HashMap, hash_map::Entry};
/// use std::{convert::Infallible, sync::Mutex, time::SystemTime};
/// use tower_token_endpoint::replay::{Remembered, ReplayKey, ReplayStore};
///
/// /// For one process, and without a limit: see `MemoryReplayStore`.
/// #[derive(Default)]
/// struct Replays(Mutex<HashMap<[u8; 32], SystemTime>>);
///
/// impl ReplayStore for Replays {
///     type Error = Infallible;
///
///     async fn remember(
///         &self,
///         key: &ReplayKey<'_>,
///         until: SystemTime,
///     ) -> Result<Remembered, Infallible> {
///         let mut seen = self.0.lock().expect("no panic while it is locked");
///         seen.retain(|_, until| *until > SystemTime::now());
///         Ok(match seen.entry(key.digest()) {
///             Entry::Occupied(_) => Remembered::Known,
///             Entry::Vacant(new) => {
///                 new.insert(until);
///                 Remembered::New
///             }
///         })
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a store of one-time values",
    label = "the layer must remember here which assertions and proofs were used",
    note = "use `MemoryReplayStore` or `RedisReplayStore`, or implement `ReplayStore` with one `async fn remember`"
)]
pub trait ReplayStore: Send + Sync + 'static {
    /// Error returned when a value cannot be remembered.
    ///
    /// The request gets a 503, never a token or a 401. With feature `tracing`, the text of
    /// the error is logged, so it should not quote the request.
    type Error: Into<BoxError>;

    /// Remembers the value until this time and returns whether it was new.
    ///
    /// This must be one atomic step: of any number of calls with one key, on any number
    /// of machines, exactly one gets [`Remembered::New`].
    ///
    /// The store must keep a value at least until the `until` of the call that got
    /// [`Remembered::New`]. A later call with the same key must not make this time shorter,
    /// even if its `until` is earlier. After this time, the store should forget the value, so
    /// that it does not grow. If the store is full, it must return an error and never forget
    /// a value before its time.
    ///
    /// The future is dropped at the
    /// [deadline](crate::layer::TokenEndpointLayerBuilder::deadline). The value may or may
    /// not be remembered then.
    ///
    /// # Errors
    ///
    /// Returns an error if the store cannot tell whether the value is new, or cannot
    /// remember it.
    fn remember(
        &self,
        key: &ReplayKey<'_>,
        until: SystemTime,
    ) -> impl Future<Output = Result<Remembered, Self::Error>> + Send;
}

impl<R: ReplayStore> ReplayStore for Arc<R> {
    type Error = R::Error;

    fn remember(
        &self,
        key: &ReplayKey<'_>,
        until: SystemTime,
    ) -> impl Future<Output = Result<Remembered, Self::Error>> + Send {
        R::remember(self, key, until)
    }
}

/// Type-erased [`ReplayStore`]. The layer is not generic over it: only assertions and proofs need
/// it, and for these one more box does not count.
pub(crate) trait AnyReplayStore: Send + Sync {
    fn remember<'a>(&'a self, key: &'a ReplayKey<'a>, until: SystemTime) -> Remembering<'a>;

    /// Whether somebody has set it.
    fn is_set(&self) -> bool {
        true
    }
}

pub(crate) type Remembering<'a> =
    Pin<Box<dyn Future<Output = Result<Remembered, BoxError>> + Send + 'a>>;

impl<R: ReplayStore> AnyReplayStore for R {
    fn remember<'a>(&'a self, key: &'a ReplayKey<'a>, until: SystemTime) -> Remembering<'a> {
        Box::pin(async move { self.remember(key, until).await.map_err(Into::into) })
    }
}

/// Store that is used if none was set. It is not asked, since no assertion and no proof is accepted.
pub(crate) struct NoReplayStore;

impl AnyReplayStore for NoReplayStore {
    fn remember<'a>(&'a self, _: &'a ReplayKey<'a>, _: SystemTime) -> Remembering<'a> {
        Box::pin(ready(Err("no store of one-time values was set".into())))
    }

    fn is_set(&self) -> bool {
        false
    }
}
