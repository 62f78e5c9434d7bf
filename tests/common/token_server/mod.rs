//! The reference server as a process, and a client that drives it over HTTP.

mod at_once;
mod client;
mod process;

pub(crate) use at_once::*;
pub(crate) use client::*;
pub(crate) use process::*;
