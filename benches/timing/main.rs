//! What `scripts/timing` runs: whether the time of a refusal tells why it was refused, in the manner of
//! dudect. Requests of several classes take turns in a random order, and Welch's t-test compares the
//! times of each two classes, with the slowest cropped and without. All traffic stays on the loopback
//! interface.
//!
//! - `timing run [REQUESTS [CLIENTS [KIND...]]]` measures so many requests of each class (default:
//!   100,000) about so many clients of each class (default: 1, which is then in the caches, as it is for
//!   somebody who asks about one client again and again), for each kind of clients, in process and over
//!   HTTP/1.1, without and with a log.
//!
//! - `timing cached [REQUESTS]` compares a wrong secret with an unknown client, with a `CachedClientStore` in
//!   front of a store that takes the same time for both: for ids that it keeps (`hit`), ids of which the
//!   answer is no longer fresh (`old`) and ids that it does not keep (`new`). It calls the store alone, the
//!   service and a server. `memory` and `database` are the same without the cache.
//!
//! - `timing certificates [REQUESTS]` compares a client that nobody has registered with those that are registered
//!   for another certificate, or with a secret: each sends its id only, once with a certificate in the header of a proxy
//!   (`sent`) and once without one (`not sent`).
//!
//! The last column says `apart` if |t| is above 4.5 and the means differ by at least 25 ns, with all
//! times or with any of the croppings. The first row compares a class with itself: it shows the noise of
//! the machine.

mod cached;
#[path = "../token_endpoint/certificate.rs"]
mod certificate;
mod certificates;
mod classes;
mod in_process;
mod loopback;
mod random;
#[path = "../token_endpoint/requests.rs"]
#[expect(dead_code, reason = "what is refused needs the half of it")]
mod requests;
mod statistics;

use std::error::Error;
use std::io;

use tower_token_endpoint::store::ClientStore;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::cached::{CASES, CLASSES, Cached};
use crate::classes::{Bench, Class, KINDS};
use crate::statistics::{HEADING, Times, rows};

const USAGE: &str = "usage: timing run [REQUESTS [CLIENTS [KIND...]]]\n       timing cached [REQUESTS]\n       \
                     timing certificates [REQUESTS]";

type Result<T, E = Box<dyn Error + Send + Sync>> = std::result::Result<T, E>;

fn main() -> Result<()> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["run"] => run(100_000, 1, &[]),
        ["run", requests] => run(requests.parse()?, 1, &[]),
        ["run", requests, clients, ref kinds @ ..] => {
            run(requests.parse()?, clients.parse()?, kinds)
        }
        ["cached"] => run_cached(100_000),
        ["cached", requests] => run_cached(requests.parse()?),
        ["certificates"] => run_certificates(100_000),
        ["certificates", requests] => run_certificates(requests.parse()?),
        // `cargo bench` and `cargo test --all-targets` come here: it is asked for by name.
        _ => {
            eprintln!("{USAGE}");
            Ok(())
        }
    }
}

fn run(requests: usize, clients: usize, wanted: &[&str]) -> Result<()> {
    if let Some(unknown) = wanted
        .iter()
        .find(|it| KINDS.iter().all(|kind| kind.name != **it))
    {
        let names: Vec<_> = KINDS.iter().map(|kind| kind.name).collect();
        return Err(format!("no such kind: {unknown}; there are: {}", names.join(" ")).into());
    }
    println!(
        "times of refusals, {requests} requests of each class about {clients} clients of each, in ns\n\n\
         {HEADING}"
    );
    for kind in KINDS
        .iter()
        .filter(|kind| wanted.is_empty() || wanted.contains(&kind.name))
    {
        let bench = Bench::new(kind, clients)?;
        measure_both(kind.name, &bench, requests)?;
    }
    Ok(())
}

fn run_certificates(requests: usize) -> Result<()> {
    println!(
        "times of refusals of clients that send their id only, {requests} requests of each class, in ns\n\n\
         {HEADING}"
    );
    measure_both("sent", &certificates::sent()?, requests)?;
    measure_both("not sent", &certificates::not_sent()?, requests)
}

/// Without and with a log.
fn measure_both<C: ClientStore>(name: &str, bench: &Bench<C>, requests: usize) -> Result<()> {
    for is_logged in [false, true] {
        let log = if is_logged { "on" } else { "off" };
        let times = in_process::measure(bench, requests, is_logged)?;
        print(name, "in process", log, bench.classes, &times);
        let times = loopback::measure(bench, requests, is_logged)?;
        print(name, "loopback", log, bench.classes, &times);
    }
    Ok(())
}

fn run_cached(requests: usize) -> Result<()> {
    println!(
        "times of a cache in front of a store, {requests} requests of each class, in ns\n\n{HEADING}"
    );
    let without = Cached::new(&CASES[0])?;
    measure_cached("memory", &without.memory()?, requests, || Ok(()))?;
    measure_cached("database", &without.database()?, requests, || Ok(()))?;
    for case in &CASES {
        let cached = Cached::new(case)?;
        let times = cached.measure_store(requests)?;
        cached.check(case, requests)?;
        print(case.name, "store", "", &CLASSES, &times);
        let check = || cached.check(case, requests);
        measure_cached(case.name, &cached.bench()?, requests, check)?;
    }
    Ok(())
}

fn measure_cached<C: ClientStore>(
    name: &str,
    bench: &Bench<C>,
    requests: usize,
    check: impl Fn() -> Result<()>,
) -> Result<()> {
    let times = in_process::measure(bench, requests, false)?;
    check()?;
    print(name, "in process", "off", bench.classes, &times);
    let times = loopback::measure(bench, requests, false)?;
    check()?;
    print(name, "loopback", "off", bench.classes, &times);
    Ok(())
}

fn print(kind: &str, place: &str, log: &str, classes: &[Class], times: &Times) {
    for row in rows(classes, times) {
        println!("{kind:8} {place:10} {log:4} {row}");
    }
}

/// What the layer logs on this thread is formatted and thrown away, until this is dropped.
fn log_of_thread(is_logged: bool) -> Option<impl Sized> {
    is_logged.then(|| {
        let subscriber = tracing_subscriber::fmt().with_writer(io::sink).finish();
        subscriber.set_default()
    })
}
