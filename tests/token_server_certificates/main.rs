//! The reference server as a process, and clients with certificates (RFC 8705): over its own TLS, and with the
//! headers of a proxy.

#[path = "../common/mod.rs"]
mod common;

mod authentication;
mod chains;
mod clients;
mod connections;
mod curl;
mod discovery;
mod examples;
mod flags;
mod headers;
mod https;
mod identity;
mod libraries;
mod refresh;
mod resumption;
mod tokens;
