//! Why a key set could not be fetched, for all requests that waited for it.

use std::{error::Error, fmt, sync::Arc, time::Duration};

use crate::{error::BoxError, protocol::jwt::key_set::KeySetError, store::permits::Busy};

/// A source that takes longer has failed. This is shorter than the default deadline of
/// the layer, so that the request gets the error.
pub(super) const MAX_FETCH_TIME: Duration = Duration::from_secs(8);

/// Error returned when there are no keys, for all requests that waited for them.
#[derive(Clone, Debug)]
pub(crate) struct FetchFailed {
    cause: Arc<Cause>,
    is_left_alone: bool,
}

#[derive(Debug)]
pub(super) enum Cause {
    Source(BoxError),
    Unusable(KeySetError),
    Busy(Busy),
    Hangs,
    Abandoned,
    NoRuntime,
}

impl FetchFailed {
    pub(super) fn new(cause: Cause) -> Self {
        Self {
            cause: Arc::new(cause),
            is_left_alone: false,
        }
    }

    pub(super) fn not_again(&self) -> Self {
        Self {
            cause: Arc::clone(&self.cause),
            is_left_alone: true,
        }
    }
}

impl fmt::Display for FetchFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_left_alone {
            f.write_str("not fetched again so soon after a failure: ")?;
        }
        match &*self.cause {
            Cause::Source(_) => f.write_str("the key source failed"),
            Cause::Unusable(_) => f.write_str("the key set at the client's `jwks_uri` cannot be used"),
            Cause::Busy(_) => f.write_str("too many key sets are fetched at the same time"),
            Cause::Hangs => {
                let seconds = MAX_FETCH_TIME.as_secs();
                write!(f, "the key source did not respond within {seconds} s")
            }
            Cause::Abandoned => f.write_str(
                "the fetch of a key set was interrupted: the key source panicked, or the runtime shut down",
            ),
            Cause::NoRuntime => {
                f.write_str("key sets are fetched by tokio tasks: call the service in a tokio runtime")
            }
        }
    }
}

impl Error for FetchFailed {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &*self.cause {
            Cause::Source(error) => Some(&**error),
            Cause::Unusable(error) => Some(error),
            Cause::Busy(busy) => Some(busy),
            Cause::Hangs | Cause::Abandoned | Cause::NoRuntime => None,
        }
    }
}
