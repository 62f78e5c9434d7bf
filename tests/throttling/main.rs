//! The throttle of the layer: what counts, what a request over the limit gets, and that nothing a
//! stranger does refuses an honest client. The stores have tests of their own.

#[path = "../common/mod.rs"]
mod common;

mod at_once;
mod by_client;
mod compared;
mod counted;
mod faults;
mod give_back;
mod over_limit;
mod setup;
mod sources;
