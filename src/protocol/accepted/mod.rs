//! What the inner service gets of an accepted request.

pub(crate) mod attached;
pub(crate) mod authenticated;
pub(crate) mod backchannel_authentication;
pub(crate) mod binding;
pub(crate) mod device_authorization;
mod getters;
pub(crate) mod introspection;
pub(crate) mod parameters;
mod pkce;
pub(crate) mod pushed_authorization;
pub(crate) mod request;
pub(crate) mod revocation;
pub(crate) mod span;
