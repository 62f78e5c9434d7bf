//! What `scripts/ratios` counts the allocations of a request with: it prints the name of each
//! scenario, how many allocations one request of it makes, together with the making of the request,
//! and what that is counted over.
//!
//! A program of its own, because the allocator that counts takes time. `tests/allocations.rs` holds
//! what the layer may allocate.

#[path = "token_endpoint/assertions.rs"]
mod assertions;
#[path = "token_endpoint/certificate.rs"]
mod certificate;
#[path = "token_endpoint/contenders/mod.rs"]
mod contenders;
#[path = "token_endpoint/prepared.rs"]
mod prepared;
#[path = "token_endpoint/requests.rs"]
mod requests;
#[path = "token_endpoint/scenarios/mod.rs"]
mod scenarios;

use allocation_counter::measure;

use crate::scenarios::Scenario;

/// Enough to make what is made once and to let maps grow.
const FIRST: u64 = 500;
/// Enough for every busy client to have its turn.
const COUNTED: u64 = 100;

fn main() {
    // `cargo bench` and `cargo test --all-targets` come here: counts are asked for by name.
    if std::env::args().nth(1).as_deref() != Some("count") {
        return eprintln!("usage: allocation_counts count (see scripts/ratios)");
    }
    for scenario in Scenario::all() {
        let mut prepared = scenario.prepare();
        prepared.run(FIRST);
        let count = measure(|| {
            prepared.run(COUNTED);
        });
        let count = count.count_total as f64 / COUNTED as f64;
        let over = scenario.over().map_or("-".into(), Scenario::name);
        println!("{} {count} {over}", scenario.name());
    }
}
