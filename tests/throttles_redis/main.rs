//! Failed authentications in Redis: one limit however many machines count, an error at once if it
//! cannot be known, and nothing left behind.

#[path = "../common/mod.rs"]
mod common;

mod cluster;
mod connecting;
mod keys;
mod lost_replies;
mod one_server;
mod outages;
mod setup;
mod stalls;
