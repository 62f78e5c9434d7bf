//! The reference server as a process: pushed authorization requests (RFC 9126).

#[path = "../common/mod.rs"]
mod common;

mod bounds;
mod pushed;

// They stand here because they import each other from the crate.
#[path = "../../examples/token_server/expiring.rs"]
#[expect(dead_code, reason = "the tests use half of it")]
mod expiring;
#[path = "../../examples/token_server/per_client.rs"]
#[expect(dead_code, reason = "the tests have a clock of their own")]
mod per_client;
