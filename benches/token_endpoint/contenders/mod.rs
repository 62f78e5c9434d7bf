//! What the layer is measured against: the handler that people write by hand, the same decision
//! without any HTTP types, and a layer of tower-http.

mod fused;
mod handler;
mod tower_http;

pub(crate) use self::fused::Fused;
pub(crate) use self::handler::{hand_written, registrations};
pub(crate) use self::tower_http::PassAll;
