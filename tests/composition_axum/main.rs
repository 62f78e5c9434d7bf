//! The layer among axum's routers, middleware and server, and tower-http's layers, with real requests.

#[path = "../common/mod.rs"]
mod common;

mod answers;
mod cors;
mod extractors;
mod from_fn;
mod limits;
mod nest;
mod placement;
mod setup;
mod tcp;
mod tower_http;
