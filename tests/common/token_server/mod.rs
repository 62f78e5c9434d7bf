//! The reference server as a process, and a client that drives it over HTTP.

mod client;
mod process;

pub(crate) use client::*;
pub(crate) use process::*;
