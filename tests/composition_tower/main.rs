//! The layer among bare hyper, tower's own layers and `tower_test::mock`: who is called, when, with what.

#[path = "../common/mod.rs"]
mod common;

mod calls;
mod deadline;
mod preflight;
mod readiness;
mod setup;
mod store;
mod tcp;
mod tower_layers;
mod two_layers;
mod untouched;
