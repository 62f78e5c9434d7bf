//! The example `proxy`: what a deployment must hold.

#[path = "../common/mod.rs"]
mod common;

mod authlib;
mod flags;
mod printed;
mod requests;
mod responses;
mod setup;
