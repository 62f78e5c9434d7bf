//! One-time values in Redis: used once however many machines ask, whatever is lost on the way, and
//! never accepted while it cannot be known.

#[path = "../common/mod.rs"]
mod common;

mod cluster;
mod connecting;
mod lost_replies;
mod one_server;
mod restarts;
mod setup;
