//! The files of `tests/common/` that the assertions use.
#![allow(dead_code, unused_imports, reason = "the targets use little of it")]

#[path = "../../tests/common/call.rs"]
mod call;
#[path = "../../tests/common/exchange.rs"]
mod exchange;
#[path = "../../tests/common/futures.rs"]
mod futures;
#[path = "../../tests/common/reply.rs"]
mod reply;

pub(crate) use call::*;
pub(crate) use exchange::*;
pub(crate) use futures::*;
