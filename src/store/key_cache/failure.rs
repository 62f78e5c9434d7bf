//! Why a key set could not be fetched, for all who waited for it.

use std::{error::Error, fmt, sync::Arc, time::Duration};

use crate::{error::BoxError, protocol::jwt::key_set::KeySetError};

/// A source that takes longer has failed. It is less than the layer's deadline
/// by default, so that the request learns of it.
pub(super) const LONGEST_FETCH: Duration = Duration::from_secs(8);

/// Why there are no keys, for all who waited for them.
#[derive(Clone, Debug)]
pub(crate) struct FetchFailed {
    cause: Arc<Cause>,
    is_left_alone: bool,
}

#[derive(Debug)]
pub(super) enum Cause {
    Source(BoxError),
    Unusable(KeySetError),
    Hangs,
    Abandoned,
    NoRuntime,
}

impl FetchFailed {
    pub(super) fn of(cause: Cause) -> Self {
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
            Cause::Unusable(_) => f.write_str("the key set at the client's `jwks_uri` is no use"),
            Cause::Hangs => {
                let seconds = LONGEST_FETCH.as_secs();
                write!(f, "the key source gave no answer within {seconds} s")
            }
            Cause::Abandoned => f.write_str(
                "the fetch of a key set was cut off: the key source panicked, or the runtime shut down",
            ),
            Cause::NoRuntime => {
                f.write_str("key sets are fetched by tasks of tokio: call the service in its runtime")
            }
        }
    }
}

impl Error for FetchFailed {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &*self.cause {
            Cause::Source(error) => Some(&**error),
            Cause::Unusable(error) => Some(error),
            Cause::Hangs | Cause::Abandoned | Cause::NoRuntime => None,
        }
    }
}
