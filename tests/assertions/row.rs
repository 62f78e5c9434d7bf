//! What a row of a table says: how an assertion is made, and what comes of it.

use std::fmt;

use tower_token_endpoint::client::AuthMethod;
use tower_token_endpoint::rejection::RejectionReason;

use crate::common::Call;

pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) section: &'static str,
    /// Made when it is sent, so that no time in it is old by then.
    pub(crate) call: Box<dyn Fn() -> Call + Send + Sync>,
    pub(crate) outcome: Outcome,
}

pub(crate) fn row(
    name: impl Into<String>,
    section: &'static str,
    call: impl Fn() -> Call + Send + Sync + 'static,
    outcome: Outcome,
) -> Row {
    Row {
        name: name.into(),
        section,
        call: Box::new(call),
        outcome,
    }
}

impl fmt::Display for Row {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} ({})", self.name, self.section)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Accepted(&'static str, AuthMethod),
    /// 401, the same for all. None if it is left open which reason it is.
    Refused(Option<RejectionReason>),
    /// 401 for a claim that is not there.
    Missing(&'static str),
    /// 400 `invalid_request`.
    Invalid(RejectionReason),
    /// 503.
    Down(RejectionReason),
}

pub(crate) const BASIC: AuthMethod = AuthMethod::ClientSecretBasic;
pub(crate) const PRIVATE_KEY_JWT: AuthMethod = AuthMethod::PrivateKeyJwt;
pub(crate) const CLIENT_SECRET_JWT: AuthMethod = AuthMethod::ClientSecretJwt;

pub(crate) fn by_key(client: &'static str) -> Outcome {
    Outcome::Accepted(client, PRIVATE_KEY_JWT)
}

pub(crate) fn by_secret(client: &'static str) -> Outcome {
    Outcome::Accepted(client, CLIENT_SECRET_JWT)
}

pub(crate) fn refused(reason: impl Into<Option<RejectionReason>>) -> Outcome {
    Outcome::Refused(reason.into())
}

pub(crate) fn missing(claim: &'static str) -> Outcome {
    Outcome::Missing(claim)
}

pub(crate) fn invalid(reason: RejectionReason) -> Outcome {
    Outcome::Invalid(reason)
}

pub(crate) fn down(reason: RejectionReason) -> Outcome {
    Outcome::Down(reason)
}
