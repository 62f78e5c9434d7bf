//! What a row of a table says: a request, and what comes of it.

use std::fmt;

use tower_token_endpoint::client::AuthMethod;
use tower_token_endpoint::rejection::RejectionReason;
use tower_token_endpoint::rejection::RejectionReason::*;

use crate::common::Call;

pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) section: &'static str,
    pub(crate) call: Call,
    pub(crate) outcome: Outcome,
}

pub(crate) fn row(name: &'static str, section: &'static str, call: Call, outcome: Outcome) -> Row {
    Row {
        name,
        section,
        call,
        outcome,
    }
}

impl fmt::Display for Row {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} ({})", self.name, self.section)
    }
}

#[derive(Clone)]
pub(crate) enum Outcome {
    /// The inner service saw the request as if there were no layer.
    Passed,
    Accepted(Accepted),
    Rejected(Rejected),
}

#[derive(Clone)]
pub(crate) struct Accepted {
    pub(crate) client: &'static str,
    pub(crate) method: AuthMethod,
    /// None at an endpoint without grants.
    pub(crate) grant: Option<&'static str>,
    pub(crate) scope: Option<&'static str>,
    pub(crate) parameter: Option<(&'static str, &'static str)>,
}

#[derive(Clone)]
pub(crate) struct Rejected {
    pub(crate) status: u16,
    pub(crate) code: &'static str,
    /// None if it is left open which one it is.
    pub(crate) reason: Option<RejectionReason>,
    pub(crate) naming: Option<&'static str>,
}

pub(crate) const PASSED: Outcome = Outcome::Passed;
pub(crate) const BASIC: AuthMethod = AuthMethod::ClientSecretBasic;
pub(crate) const POST: AuthMethod = AuthMethod::ClientSecretPost;
pub(crate) const NONE: AuthMethod = AuthMethod::None;

pub(crate) fn accepted(client: &'static str, method: AuthMethod, grant: &'static str) -> Outcome {
    Outcome::Accepted(Accepted {
        client,
        method,
        grant: Some(grant),
        scope: None,
        parameter: None,
    })
}

pub(crate) fn authenticated(client: &'static str, method: AuthMethod) -> Outcome {
    Outcome::Accepted(Accepted {
        client,
        method,
        grant: None,
        scope: None,
        parameter: None,
    })
}

pub(crate) fn rejected(
    status: u16,
    code: &'static str,
    reason: impl Into<Option<RejectionReason>>,
) -> Outcome {
    Outcome::Rejected(Rejected {
        status,
        code,
        reason: reason.into(),
        naming: None,
    })
}

pub(crate) fn invalid_request(reason: RejectionReason) -> Outcome {
    rejected(400, "invalid_request", reason)
}

pub(crate) fn invalid_client(reason: impl Into<Option<RejectionReason>>) -> Outcome {
    rejected(401, "invalid_client", reason)
}

pub(crate) fn unauthorized_client(reason: RejectionReason) -> Outcome {
    rejected(400, "unauthorized_client", reason)
}

pub(crate) fn unsupported_grant() -> Outcome {
    rejected(400, "unsupported_grant_type", UnsupportedGrantType)
}

pub(crate) fn invalid_scope(reason: RejectionReason) -> Outcome {
    rejected(400, "invalid_scope", reason)
}

pub(crate) fn missing(parameter: &'static str) -> Outcome {
    invalid_request(MissingParameter).naming(parameter)
}

pub(crate) fn repeated(parameter: &'static str) -> Outcome {
    invalid_request(RepeatedParameter).naming(parameter)
}

pub(crate) fn in_query(parameter: &'static str) -> Outcome {
    invalid_request(ParameterInQuery).naming(parameter)
}

impl Outcome {
    /// An error whose description names this.
    pub(crate) fn naming(self, name: &'static str) -> Self {
        let Self::Rejected(rejected) = self else {
            unreachable!("only an error has a description")
        };
        let naming = Some(name);
        Self::Rejected(Rejected { naming, ..rejected })
    }

    pub(crate) fn scope(self, scope: &'static str) -> Self {
        let scope = Some(scope);
        self.but(|accepted| Accepted { scope, ..accepted })
    }

    pub(crate) fn with(self, name: &'static str, value: &'static str) -> Self {
        let parameter = Some((name, value));
        self.but(|accepted| Accepted {
            parameter,
            ..accepted
        })
    }

    fn but(self, change: impl FnOnce(Accepted) -> Accepted) -> Self {
        let Self::Accepted(accepted) = self else {
            unreachable!("only an accepted request has parameters")
        };
        Self::Accepted(change(accepted))
    }
}
