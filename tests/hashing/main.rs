//! Where slow hashes run, how many of them a request costs, and which are remembered.

#[path = "../common/mod.rs"]
mod common;

mod numbers;
mod pool;
mod remembered;
mod setup;
mod threads;
