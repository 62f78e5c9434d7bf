//! What the test crates share, by subject.

#![allow(dead_code, unused_imports, reason = "no test crate uses all of it")]

mod app;
mod bodies;
mod call;
pub(crate) mod certificate;
mod connections;
pub(crate) mod draft;
mod exchange;
mod futures;
mod keys;
pub(crate) mod libraries;
mod log;
pub(crate) mod nginx;
mod pem;
pub(crate) mod programs;
pub(crate) mod proof;
pub(crate) mod proxy;
pub(crate) mod redis_server;
mod reply;
mod secrets;
pub(crate) mod sign;
mod stores;
mod tables;
pub(crate) mod token_server;

pub(crate) use app::*;
pub(crate) use bodies::*;
pub(crate) use call::*;
pub(crate) use connections::*;
pub(crate) use exchange::*;
pub(crate) use futures::*;
pub(crate) use keys::*;
pub(crate) use log::*;
pub(crate) use pem::*;
pub(crate) use reply::*;
pub(crate) use secrets::*;
pub(crate) use stores::*;
pub(crate) use tables::*;
