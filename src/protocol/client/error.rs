//! The error of a client that cannot be registered.

use std::{borrow::Cow, fmt};

/// Error returned when a client cannot be registered.
///
/// It names the member of the metadata (RFC 7591 §2).
///
/// ```
/// use tower_token_endpoint::Client;
///
/// let error = Client::from_json(br#"{"client_id": "s6BhdRkqt3"}"#).unwrap_err();
/// assert_eq!(error.field(), Some("client_secret"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientMetadataError {
    pub(super) field: Option<&'static str>,
    pub(super) problem: Cow<'static, str>,
}

impl ClientMetadataError {
    pub(super) fn new(field: &'static str, problem: impl Into<Cow<'static, str>>) -> Self {
        Self {
            field: Some(field),
            problem: problem.into(),
        }
    }

    /// Returns the name of the wrong member of the metadata. `None` if the JSON itself is not
    /// valid.
    #[must_use]
    pub fn field(&self) -> Option<&'static str> {
        self.field
    }
}

impl fmt::Display for ClientMetadataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.field {
            Some(field) => write!(f, "field `{field}`: {}", self.problem),
            None => f.write_str(&self.problem),
        }
    }
}

impl std::error::Error for ClientMetadataError {}
