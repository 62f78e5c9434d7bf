//! What the test crates share, by subject.

#![allow(dead_code, unused_imports, reason = "no test crate uses all of it")]

mod bodies;
mod call;
mod connections;
mod exchange;
mod futures;
pub(crate) mod redis_server;
mod stores;
pub(crate) mod token_server;

pub(crate) use bodies::*;
pub(crate) use call::*;
pub(crate) use connections::*;
pub(crate) use exchange::*;
pub(crate) use futures::*;
pub(crate) use stores::*;
