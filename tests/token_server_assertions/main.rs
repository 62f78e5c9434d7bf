//! The reference server as a process, and clients that prove themselves by assertions (RFC 7523):
//! on one server and on two that share a Redis, which ends and comes back.

#[path = "../common/mod.rs"]
mod common;

mod at_once;
mod keys_by_uri;
mod one_server;
mod shared_redis;
mod signers;
