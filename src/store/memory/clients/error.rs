//! Why a set of clients was refused.

use std::fmt;

use crate::protocol::client::error::ClientMetadataError;

/// Error returned when a set of clients cannot be loaded.
///
/// It names the entry and the wrong member of its metadata.
///
/// ```
/// use tower_token_endpoint::MemoryClientStore;
///
/// let json = br#"[{"client_id": "a", "client_secret": "s"}, {"client_id": "b"}]"#;
/// let error = MemoryClientStore::from_json(json).unwrap_err();
/// assert_eq!(error.entry(), Some(1));
/// assert_eq!(error.client_id(), Some("b"));
/// assert_eq!(error.field(), Some("client_secret"));
/// ```
#[derive(Clone, Debug)]
pub struct LoadClientsError {
    pub(super) entry: Option<usize>,
    pub(super) client_id: Option<Box<str>>,
    pub(super) cause: Cause,
}

#[derive(Clone, Debug)]
pub(super) enum Cause {
    Json(String),
    Client(ClientMetadataError),
    Duplicate,
}

impl LoadClientsError {
    /// Returns the position of the entry, from 0. `None` if the JSON is not an array.
    #[must_use]
    pub fn entry(&self) -> Option<usize> {
        self.entry
    }

    /// Returns the `client_id` of the entry, if it has one.
    #[must_use]
    pub fn client_id(&self) -> Option<&str> {
        self.client_id.as_deref()
    }

    /// Returns the name of the wrong member of the metadata. `None` if the JSON itself is not
    /// valid.
    #[must_use]
    pub fn field(&self) -> Option<&str> {
        match &self.cause {
            Cause::Json(_) => None,
            Cause::Client(error) => error.field(),
            Cause::Duplicate => Some("client_id"),
        }
    }
}

impl fmt::Display for LoadClientsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(entry) = self.entry {
            write!(f, "entry {entry}")?;
            if let Some(client_id) = &self.client_id {
                write!(f, " (client_id {client_id:?})")?;
            }
            f.write_str(": ")?;
        }
        match &self.cause {
            Cause::Json(error) => f.write_str(error),
            Cause::Client(error) => error.fmt(f),
            Cause::Duplicate => f.write_str(
                "field `client_id`: an earlier entry has the same id: give each client its own",
            ),
        }
    }
}

impl std::error::Error for LoadClientsError {}
