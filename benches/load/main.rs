//! What `scripts/load` runs: servers under keep-alive connections. All traffic stays on the loopback
//! interface, and only servers that this program started are ended.
//!
//! - `load reference SERVER [SECONDS]` starts the reference server and drives it as fast as it
//!   responds, a third of the requests wrong: no 5xx, no wrong response, no growth of memory.
//! - `load share [SECONDS] [RATE]` serves one axum handler, with the layer and without it, at the
//!   same rate of requests, and tells what share of the processor's time the layer adds.
//! - `load compare [REQUESTS]` serves the same handler in the three ways that people have: bare, with
//!   the layer, and with the same checks by hand. It tells the processor time of each for one accepted
//!   request, over HTTP/1.1 and over HTTP/2.
//! - `load overload SERVER [--hashes FILE] [--guesses N] [--sources N] [-- FLAG...]` sends 10,000 wrong
//!   guesses at once, five times, while good clients ask for tokens and somebody polls a page, and compares
//!   these with the quiet server. Line `n` of the file is the hash of the secret of client `n`.
//! - `load documents SERVER [MINUTES]` sends 10,000 invented client ids a minute, each the URL of a document,
//!   while good clients ask for tokens, and compares these with the quiet minutes between. It tells the memory,
//!   the threads and the open files of the server.
//! - `load soak SERVER [SECONDS] [-- FLAG...]` keeps 1,000 connections busy, good, wrong, malformed and
//!   slow, while the Redis of the server is restarted twice, and looks for what grows or fails.

mod app;
mod bystanders;
mod common;
mod compare;
mod connections;
mod counts;
mod documents;
#[path = "../token_endpoint/contenders/handler.rs"]
#[expect(dead_code, reason = "one of the handlers there is used here")]
mod handler;
mod overload;
mod reference;

#[path = "../token_endpoint/requests.rs"]
#[expect(dead_code, reason = "the requests here are bytes, not values")]
mod requests;
mod responses;
mod server;
mod share;
mod soak;
mod traffic;

use std::error::Error;
use std::process::ExitCode;

const USAGE: &str = "usage: load reference SERVER [SECONDS] | share [SECONDS] [RATE] | \
    compare [REQUESTS] | overload SERVER [--hashes FILE] [--guesses N] [--sources N] [-- FLAG...] | \
    documents SERVER [MINUTES] | soak SERVER [SECONDS] [-- FLAG...]";

type Result<T, E = Box<dyn Error + Send + Sync>> = std::result::Result<T, E>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        [app::SERVE, name] => app::serve(name).await?,
        ["reference", server] => return reference::run(server, 60).await,
        ["reference", server, seconds] => return reference::run(server, seconds.parse()?).await,
        ["overload", server, ref options @ ..] => return overload::run(server, options).await,
        ["documents", server] => return documents::run(server, 10).await,
        ["documents", server, minutes] => return documents::run(server, minutes.parse()?).await,
        ["soak", server, ref options @ ..] => return soak::run(server, options).await,
        ["share"] => share::run(30, 4_000).await?,
        ["share", seconds] => share::run(seconds.parse()?, 4_000).await?,
        ["share", seconds, rate] => share::run(seconds.parse()?, rate.parse()?).await?,
        ["compare"] => compare::run(20_000).await?,
        ["compare", requests] => compare::run(requests.parse()?).await?,
        // `cargo bench` and `cargo test --all-targets` come here: a load is asked for by name.
        _ => eprintln!("{USAGE}"),
    }
    Ok(ExitCode::SUCCESS)
}
