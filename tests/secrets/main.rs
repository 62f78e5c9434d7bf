//! A canary sings in every secret of these tests; nothing that can be read may repeat it.

#[path = "../common/mod.rs"]
mod common;

mod answers;
mod canary;
mod debug;
mod header;
mod loading;
mod log;
mod requests;
