//! Why there is no client at a URL, for all requests that asked for it.

use std::{error::Error, fmt, sync::Arc, time::Duration};

use crate::{error::BoxError, store::permits::Busy};

/// A source that takes longer has failed. This is shorter than the default deadline of the layer, so that
/// the request gets the error.
pub(super) const MAX_FETCH_TIME: Duration = Duration::from_secs(8);

/// Error returned when a document cannot be had at the moment, so that it is not known whether the client
/// exists.
#[derive(Clone, Debug)]
pub(crate) struct NotFetched(Arc<Cause>);

#[derive(Debug)]
pub(super) enum Cause {
    Source(BoxError),
    /// Nobody was asked.
    Busy(Busy),
    TooLong(usize),
    Hangs,
    Abandoned,
    NoRuntime,
}

impl NotFetched {
    /// Whether nobody was asked.
    pub(super) fn is_busy(&self) -> bool {
        matches!(*self.0, Cause::Busy(_))
    }
}

impl From<Cause> for NotFetched {
    fn from(cause: Cause) -> Self {
        Self(Arc::new(cause))
    }
}

impl fmt::Display for NotFetched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            Cause::Source(_) => f.write_str("the document of the client cannot be fetched"),
            Cause::Busy(_) => f.write_str("the document of the client is not fetched now"),
            Cause::TooLong(limit) => write!(
                f,
                "the document of the client is longer than {limit} bytes (`max_bytes`)"
            ),
            Cause::Hangs => {
                let seconds = MAX_FETCH_TIME.as_secs();
                write!(f, "the source of documents did not respond within {seconds} s")
            }
            Cause::Abandoned => f.write_str(
                "the fetch of a document was interrupted: the source panicked, or the runtime shut down",
            ),
            Cause::NoRuntime => {
                f.write_str("documents are fetched by tokio tasks: call the store in a tokio runtime")
            }
        }
    }
}

impl Error for NotFetched {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &*self.0 {
            Cause::Source(error) => Some(&**error),
            Cause::Busy(busy) => Some(busy),
            Cause::TooLong(_) | Cause::Hangs | Cause::Abandoned | Cause::NoRuntime => None,
        }
    }
}

/// Error that tells why the document at a client id makes no client.
#[derive(Clone, Debug)]
pub(crate) struct NoClient(Arc<BoxError>);

impl NoClient {
    pub(super) fn new(why: impl Into<BoxError>) -> Self {
        Self(Arc::new(why.into()))
    }
}

impl fmt::Display for NoClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the document of the client is refused")
    }
}

impl Error for NoClient {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&**self.0)
    }
}
