//! One-time values in Redis: used once however many machines ask, whatever is lost on the way, and
//! never accepted while it cannot be known.

#[path = "../common/redis_server.rs"]
mod redis_server;

mod cluster;
mod connecting;
mod lost_replies;
mod one_server;
mod restarts;
mod setup;
