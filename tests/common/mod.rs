//! What the test crates share, by subject.

#![allow(dead_code, unused_imports, reason = "no test crate uses all of it")]

mod call;
mod exchange;
mod futures;
pub(crate) mod redis_server;
pub(crate) mod token_server;

pub(crate) use call::*;
pub(crate) use exchange::*;
pub(crate) use futures::*;
