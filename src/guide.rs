//! Guide: how to put the layer into a server, and what to think of before it goes live.
//!
//! | page | what it answers |
//! |---|---|
//! | [`composing`] | Which order do the layers have? What does axum need? How do I guard the other endpoints? |
//! | [`hashed_secrets`] | How do I load the hashes that my database has, and what do slow hashes cost? |
//! | [`assertions`] | How do clients sign instead of sending a secret, and where do their keys come from? |
#![cfg_attr(
    feature = "client-documents",
    doc = "| [`mcp`] | How do I build an authorization server for clients of the Model Context Protocol? |"
)]
//! | [`profiles`] | How does a server follow OAuth 2.1 or FAPI 2.0? |
//! | [`deployment`] | What changes behind a proxy, or with several processes? What do I watch? |
//!
//! Other pages are at their modules: every decision in [`decisions`](crate::decisions), events and their
//! fields in [`rejection`](crate::rejection#events-feature-tracing), metrics in
//! [`rejection::metrics`](crate::rejection::metrics), limits on guesses in [`throttle`](crate::throttle).

pub mod assertions;
pub mod composing;
pub mod deployment;
pub mod hashed_secrets;
#[cfg(feature = "client-documents")]
pub mod mcp;
pub mod profiles;
