//! Where it is remembered which one-time values were used.

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

/// Where the layer remembers the one-time values of assertions, so that none is
/// accepted twice (RFC 7523 §3).
///
/// All endpoints of a server, and all its machines, must share one store: a
/// value that one of them does not see is a replay that it accepts.
/// `testing::replay_store` (feature `testing`) holds a store to what is written here.
///
/// ```
/// use std::collections::{HashMap, hash_map::Entry};
/// use std::{convert::Infallible, sync::Mutex, time::SystemTime};
/// use tower_token_endpoint::{Remembered, ReplayKey, ReplayStore};
///
/// /// For one process, and without a bound: see `MemoryReplays`.
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
    message = "`{Self}` is no store of one-time values",
    label = "the layer must remember here which assertions were used",
    note = "use `MemoryReplays` or `RedisReplays`, or implement `ReplayStore` with one `async fn remember`"
)]
pub trait ReplayStore: Send + Sync + 'static {
    /// Why a value could not be remembered. The request is answered with 503:
    /// neither accepted nor refused. With feature `tracing` its text is logged,
    /// so it should quote nothing of the request.
    type Error: Into<BoxError>;

    /// Remembers the value until this time and tells whether it was new, in one
    /// atomic step: of any number of calls with one key, exactly one gets
    /// [`Remembered::New`], on whatever machine they are made.
    ///
    /// A value stays known at least until the time that it came with when it was
    /// new: who asks again, with whatever time, makes that no shorter. From then on
    /// it may be forgotten, and a store should forget it then, so
    /// that it does not grow. A store that is full fails; it never forgets a
    /// value before its time.
    ///
    /// The call is dropped at the
    /// [deadline](crate::TokenEndpointLayer::deadline); whether the value is
    /// remembered then is left open.
    ///
    /// # Errors
    ///
    /// Where it could not be found out, or not be remembered.
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

/// A [`ReplayStore`] of whatever type: the layer is not generic over it, since
/// only assertions meet it, and one box more for each of them does not count.
pub(crate) trait AnyReplayStore: Send + Sync {
    fn remember<'a>(&'a self, key: &'a ReplayKey<'a>, until: SystemTime) -> Remembering<'a>;
}

pub(crate) type Remembering<'a> =
    Pin<Box<dyn Future<Output = Result<Remembered, BoxError>> + Send + 'a>>;

impl<R: ReplayStore> AnyReplayStore for R {
    fn remember<'a>(&'a self, key: &'a ReplayKey<'a>, until: SystemTime) -> Remembering<'a> {
        Box::pin(async move { self.remember(key, until).await.map_err(Into::into) })
    }
}

/// Where no store was set. Nothing asks it, as long as no assertion is accepted.
pub(crate) struct NoReplayStore;

impl AnyReplayStore for NoReplayStore {
    fn remember<'a>(&'a self, _: &'a ReplayKey<'a>, _: SystemTime) -> Remembering<'a> {
        Box::pin(ready(Err("no store of one-time values was set".into())))
    }
}
