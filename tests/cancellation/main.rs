//! A client may go away at any time. Then the server drops the future of the response, wherever it
//! waits. These tests drop it after each of its polls, and look for what is left.
//!
//! A crate of its own, because the allocator that looks at freed memory is the allocator of the
//! whole test program.

#[path = "../common/mod.rs"]
mod common;

mod limits;
mod outside;
mod requests;
mod situation;
