//! The reference server as a process, and tokens that are bound to a key by DPoP (RFC 9449): how
//! clients get them and use them, on one server and on two that share a Redis or nonce secrets.

#[path = "../common/mod.rs"]
mod common;

mod codes;
mod fapi;
mod keyed;
mod nonces;
mod refresh;
mod resource;
mod rotation;
mod shared_redis;
mod tokens;
