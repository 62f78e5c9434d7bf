//! What the layer is measured against: the least that has to be done, the handler that people write
//! by hand, the same decision without any HTTP types, and a layer of tower-http.

mod fused;
mod handler;
mod minimal;
mod tower_http;

pub(crate) use self::fused::Fused;
pub(crate) use self::handler::{Registrations, hand_written, hand_written_post, registrations};
pub(crate) use self::minimal::{Method, Minimal};
pub(crate) use self::tower_http::PassAll;
