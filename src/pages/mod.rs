//! Pages about the error codes. The public module is `rejection::pages`, with the decisions.
//!
//! `reasons/` and `codes.rs` have the texts, `route.rs` and `accept.rs` read a request, and `html/` and
//! `json.rs` write a page. `markup.rs` escapes.

mod accept;
pub(crate) mod body;
mod codes;
mod html;
mod json;
mod markup;
mod names;
mod reasons;
mod references;
mod route;
pub(crate) mod service;
mod site;
