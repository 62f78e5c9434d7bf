//! The tower part, and the only place that uses protocol, verification and stores. A
//! request goes from `service` through `decision` to `future`.

mod ask;
pub(crate) mod body;
mod deadline;
mod decision;
mod decoys;
#[cfg(feature = "client-documents")]
mod documents;
pub(crate) mod future;
pub(crate) mod hash_pool;
mod jitter;
pub(crate) mod layer;
mod observe;
mod once_a_minute;
mod read;
#[expect(
    clippy::module_inception,
    reason = "layer, service, future, body: the names of every tower middleware"
)]
pub(crate) mod service;
pub(crate) mod throttle;
mod trace_ids;
