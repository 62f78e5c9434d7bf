//! The reference server as a process, driven over HTTP. Each fact that holds for
//! `examples/token_server` is a test here, except those about client assertions.

#[path = "../common/mod.rs"]
mod common;

mod authorization_code;
mod authorize;
mod client_credentials;
mod connections;
mod discovery;
mod end;
mod examples;
mod flags;
mod introspect_and_revoke;
mod memory;
mod observability;
mod output;
mod paths;
mod readme;
mod refresh_token;
mod scopes;
mod servers;
mod throttle;

// They stand here because the `vault` of the example imports them from the root of the crate.
#[path = "../../examples/token_server/binding.rs"]
#[expect(dead_code, reason = "the vault uses half of it")]
mod binding;
#[path = "../../examples/token_server/expiring.rs"]
mod expiring;
#[path = "../../examples/token_server/per_client.rs"]
#[expect(dead_code, reason = "the vault uses half of it")]
mod per_client;
#[path = "../../examples/token_server/recent.rs"]
mod recent;
#[path = "../../examples/token_server/refuse.rs"]
mod refuse;
#[path = "../../examples/token_server/scope.rs"]
#[expect(dead_code, reason = "the vault uses half of it")]
mod scope;
#[path = "../../examples/token_server/vault.rs"]
#[expect(
    dead_code,
    reason = "the example uses all of it, the tests of `memory` what needs a clock"
)]
mod vault;
