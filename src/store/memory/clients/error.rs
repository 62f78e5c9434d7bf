//! Why a set of clients was refused.

use std::fmt;

use crate::protocol::client::error::ClientError;

/// Why a set of clients was refused, and which entry it was.
#[derive(Clone, Debug)]
pub struct LoadError {
    pub(super) entry: Option<usize>,
    pub(super) client_id: Option<Box<str>>,
    pub(super) cause: Cause,
}

#[derive(Clone, Debug)]
pub(super) enum Cause {
    Json(String),
    Client(ClientError),
    Duplicate,
}

impl LoadError {
    /// The position in the array, from 0; `None` where it is no array.
    #[must_use]
    pub const fn entry(&self) -> Option<usize> {
        self.entry
    }

    /// The `client_id` of the entry, where it has one.
    #[must_use]
    pub fn client_id(&self) -> Option<&str> {
        self.client_id.as_deref()
    }

    /// The member of the metadata; `None` where the JSON itself is bad.
    #[must_use]
    pub const fn field(&self) -> Option<&str> {
        match &self.cause {
            Cause::Json(_) => None,
            Cause::Client(error) => error.field(),
            Cause::Duplicate => Some("client_id"),
        }
    }
}

impl fmt::Display for LoadError {
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
            Cause::Duplicate => {
                f.write_str("field `client_id`: an entry before has the same: give each its own")
            }
        }
    }
}

impl std::error::Error for LoadError {}
