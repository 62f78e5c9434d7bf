//! The response for a reason, and the texts that several reasons have.

use http::StatusCode;

use crate::protocol::outgoing::error_code::ErrorCode;

/// The response for a reason.
pub(crate) struct Row {
    pub(super) name: &'static str,
    pub(crate) code: ErrorCode,
    pub(crate) status: StatusCode,
    /// The text for the client's developer. [`PARAMETER`] stands for the name of the
    /// parameter at fault.
    pub(crate) description: &'static str,
}

/// Stands for the name of the parameter at fault in a description.
pub(crate) const PARAMETER: &str = "{parameter}";

pub(super) fn row(name: &'static str, code: ErrorCode, description: &'static str) -> Row {
    Row {
        name,
        code,
        status: code.status(),
        description,
    }
}

impl Row {
    pub(super) const fn with_status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }
}

/// One text for every cause of a 401, since a stranger must not learn the cause.
pub(crate) const AUTHENTICATION_FAILED: &str = "client authentication failed: send the credentials of \
     a registered client, with a method that it is registered for";

pub(super) const STORE_DOWN: &str = "the server cannot authenticate clients at the moment: send the request again later, with a new client_assertion and a new DPoP proof if it has them";

pub(super) const CLIENT_UNAVAILABLE: &str = "the registration of the client cannot be fetched at the moment: keep it, and send the request again later, with a new client_assertion and a new DPoP proof if it has them";
