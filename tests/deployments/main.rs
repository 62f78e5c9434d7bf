//! The examples `proxy` and `multi_tenant`: what a deployment must hold.

#[path = "../common/mod.rs"]
mod common;

mod authlib;
mod flags;
mod multi_tenant;
mod oidc_provider;
mod printed;
mod requests;
mod responses;
mod rows;
mod setup;

#[path = "../../examples/multi_tenant.rs"]
#[expect(dead_code, reason = "the tests do not call `main`")]
mod example;
