//! The error that is of any type.

/// Boxed error of any type, such as the error of a store, of a source of keys, or of a body.
///
/// [`MemoryClientStore`](crate::MemoryClientStore) has an example in which `?` makes one.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;
