//! The pages about the error codes: what they say, how they are served, and how a browser shows them.

#[path = "../common/mod.rs"]
mod common;

mod chromium;
mod content;
mod escaping;
mod headers;
mod html;
mod look_up;
mod looks;
mod served;
mod setup;
