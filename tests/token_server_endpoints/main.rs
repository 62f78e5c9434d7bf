//! The reference server as a process: pushed authorization requests, devices, backchannel
//! authentication and token exchange.

#[path = "../common/mod.rs"]
mod common;

mod backchannel;
mod bounds;
mod device;
mod exchange;
mod polls;
mod pushed;

// They stand here because they import each other from the crate.
#[path = "../../examples/token_server/binding.rs"]
#[expect(dead_code, reason = "only the vault needs it")]
mod binding;
#[path = "../../examples/token_server/expiring.rs"]
mod expiring;
#[path = "../../examples/token_server/per_client.rs"]
#[expect(dead_code, reason = "the tests have a clock of their own")]
mod per_client;
#[path = "../../examples/token_server/polled.rs"]
#[expect(dead_code, reason = "the tests have no clients")]
mod polled;
#[path = "../../examples/token_server/recent.rs"]
mod recent;
#[path = "../../examples/token_server/refuse.rs"]
mod refuse;
#[path = "../../examples/token_server/scope.rs"]
#[expect(dead_code, reason = "only the vault needs it")]
mod scope;
#[path = "../../examples/token_server/vault.rs"]
#[expect(dead_code, reason = "only what makes codes is used")]
mod vault;
