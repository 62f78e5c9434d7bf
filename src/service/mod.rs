//! The tower part, and the only place where protocol, verification and stores
//! meet: one request goes from `service` through `decision` to `future`.

mod ask;
pub(crate) mod body;
mod deadline;
mod decision;
pub(crate) mod future;
pub(crate) mod layer;
mod observe;
mod read;
#[expect(
    clippy::module_inception,
    reason = "layer, service, future, body: the names of every tower middleware"
)]
pub(crate) mod service;
