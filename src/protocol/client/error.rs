//! Why a client is refused at registration.

use std::{borrow::Cow, fmt};

/// What a client cannot be registered with, and in which member it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientError {
    pub(super) field: Option<&'static str>,
    pub(super) problem: Cow<'static, str>,
}

impl ClientError {
    pub(super) fn new(field: &'static str, problem: impl Into<Cow<'static, str>>) -> Self {
        Self {
            field: Some(field),
            problem: problem.into(),
        }
    }

    /// The member of the metadata; `None` where the JSON itself is bad.
    #[must_use]
    pub const fn field(&self) -> Option<&'static str> {
        self.field
    }
}

impl fmt::Display for ClientError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.field {
            Some(field) => write!(f, "field `{field}`: {}", self.problem),
            None => f.write_str(&self.problem),
        }
    }
}

impl std::error::Error for ClientError {}
