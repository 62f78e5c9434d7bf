//! The error of a store that works, and does not know one client at the moment.

use std::{error::Error, fmt};

use crate::error::BoxError;

/// Error returned when one client cannot be looked up now, although the store itself works.
///
/// If the error of a [`ClientStore`](crate::store::ClientStore) is this type in a [`BoxError`], the request
/// gets a 503 for the reason
/// [`ClientUnavailable`](crate::rejection::RejectionReason::ClientUnavailable) instead of
/// [`StoreUnavailable`](crate::rejection::RejectionReason::StoreUnavailable). It is not logged as an outage:
/// return it if a stranger can cause it, such as by an id that names somebody else's server.
///
/// ```
/// use tower_token_endpoint::{BoxError, store::ClientUnavailable};
///
/// let error: BoxError = ClientUnavailable::new("its registration cannot be fetched").into();
/// assert!(error.is::<ClientUnavailable>());
/// ```
#[derive(Debug)]
pub struct ClientUnavailable(BoxError);

impl ClientUnavailable {
    /// Makes the error from its cause, which is logged and should not quote the request.
    pub fn new(cause: impl Into<BoxError>) -> Self {
        Self(cause.into())
    }
}

impl fmt::Display for ClientUnavailable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Error for ClientUnavailable {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source()
    }
}
