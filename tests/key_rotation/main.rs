//! Keys at a `jwks_uri`, through the layer: they rotate without a restart, and the last ones go on
//! while their source is down.
#![cfg(feature = "jwks-http")]

#[path = "../common/mod.rs"]
mod common;

mod gauge;
mod log;
mod outages;
mod rotation;
mod settings;
mod source;
mod wrapping;
