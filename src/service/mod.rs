//! The tower part, and the only place where protocol, verification and stores
//! meet: one request goes from `service` through `decision` to `future`.

#[cfg(feature = "jwt")]
mod assertions;
mod body;
mod config;
mod deadline;
mod decision;
mod future;
mod layer;
#[cfg(feature = "jwt")]
mod layer_assertions;
mod read;
#[expect(
    clippy::module_inception,
    reason = "layer, service, future, body: the names of every tower middleware"
)]
mod service;
#[cfg(feature = "tracing")]
mod trace;

#[cfg(feature = "axum")]
pub use self::body::AxumBody;
pub use self::{
    body::{LayerBody, RequestBody, ResponseBody, WrapRequestBody, WrapResponseBody},
    config::ConfigError,
    future::ResponseFuture,
    layer::TokenEndpointLayer,
    service::TokenEndpoint,
};
