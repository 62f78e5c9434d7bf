//! The tower part, and the only place where protocol, verification and stores
//! meet: one request goes from `service` through `decision` to `future`.

#[cfg(feature = "jwt")]
mod ask;
pub(crate) mod body;
mod deadline;
mod decision;
pub(crate) mod future;
pub(crate) mod layer;
#[cfg(feature = "tracing")]
mod observe;
mod read;
#[expect(
    clippy::module_inception,
    reason = "layer, service, future, body: the names of every tower middleware"
)]
pub(crate) mod service;
