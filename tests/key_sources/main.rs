//! What `HttpJwksSource` and its `GuardedFetch` fetch, and all that it does not: sources that lie, hang, flood or point
//! elsewhere, on this machine's loopback.

#[path = "../common/mod.rs"]
mod common;

mod addresses;
mod answers;
mod certificates;
mod endless;
mod environment;
mod internal;
mod proxy;
mod requests;
mod server;
mod setup;
mod tls;
