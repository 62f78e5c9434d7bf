//! The reference server as a process, and clients whose `client_id` is the URL of their metadata document.
//! The documents are on this machine.

#[path = "../common/mod.rs"]
mod common;

#[path = "../key_sources/certificates.rs"]
#[expect(dead_code, reason = "a process reads PEM")]
mod certificates;
mod failures;
mod flags;
mod flow;
mod keys;
mod shares;
#[path = "../token_server_assertions/signers.rs"]
#[expect(dead_code, reason = "only key pairs are used")]
mod signers;
mod site;
mod tls;
mod trap;

// They stand here because they import each other from the crate.
#[path = "../../examples/token_server/binding.rs"]
#[expect(dead_code, reason = "the vault uses half of it")]
mod binding;
#[path = "../../examples/token_server/expiring.rs"]
mod expiring;
#[path = "../../examples/token_server/per_client.rs"]
#[expect(dead_code, reason = "the tests use what is for documents")]
mod per_client;
#[path = "../../examples/token_server/recent.rs"]
mod recent;
#[path = "../../examples/token_server/refuse.rs"]
mod refuse;
#[path = "../../examples/token_server/scope.rs"]
#[expect(dead_code, reason = "the vault uses half of it")]
mod scope;
#[path = "../../examples/token_server/vault.rs"]
#[expect(dead_code, reason = "the tests use what the vaults need")]
mod vault;
#[path = "../../examples/token_server/vaults.rs"]
mod vaults;
