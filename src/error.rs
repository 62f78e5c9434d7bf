//! The error that is of any type.

/// An error of any type: of a store, a source of keys, or a body.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;
