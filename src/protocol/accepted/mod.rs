//! What the inner service gets of an accepted request.

pub(crate) mod parameters;
pub(crate) mod request;
pub(crate) mod span;
