//! The store of clients whose ids are the URLs of their documents: what is fetched, what is kept, and what a request
//! gets.

#[path = "../common/mod.rs"]
mod common;

mod answers;
mod cache;
#[path = "../key_sources/certificates.rs"]
#[expect(dead_code, reason = "these tests need no PEM")]
mod certificates;
mod contract;
mod fetching;
mod headers;
mod hosts;
mod key_limits;
mod keys;
mod law;
mod limits;
mod log;
mod names;
mod outages;
mod room;
mod runtimes;
mod served;
mod server;
mod settings;
mod shares;
mod source;
mod wins;
mod wrappers;
