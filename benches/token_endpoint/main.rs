//! What the layer costs, in process and without a runtime, beside what people would use instead.
//!
//! `cargo bench --bench token_endpoint` runs criterion over every scenario, each from readiness to
//! the finished, dropped response, and then prints the numbers below. They come from rounds in which
//! all scenarios take turns: a machine that gets slower or faster meanwhile does so for all of them.
//!
//! - `-- ratios` prints all contenders side by side and the bounds that the project holds itself to;
//!   `scripts/ratios` does so in two profiles, with allocations.
//! - `-- assertions` prints what an assertion costs: at most 5 us more than an accepted
//!   `client_secret_post` and the bare verification of its signature, and with ES256 in all at most
//!   1.25 of that verification; and what a DPoP proof adds: at most 1.25 of the same.
//! - `-- certificates` prints what a certificate of 1 KB costs: at most 3 us more than an accepted
//!   `client_secret_post`.
//! - `-- chart` draws the chart of the README; `scripts/chart` measures before that.
//! - Another filter after the `--` runs only what it names.
//!
//! Allocations and memory are held by `tests/allocations.rs`, instructions by
//! `scripts/instructions`.

mod assertions;
mod certificate;
mod certified;
mod chart;
mod contenders;
mod costs;
mod prepared;
mod ratios;
mod requests;
mod scenarios;
mod signed;

use std::{fs, time::Duration};

use criterion::{BenchmarkGroup, Criterion, Throughput, measurement::WallTime};
use tower_token_endpoint::MemoryClientStore;

use crate::chart::{RESULTS, THEMES};
use crate::requests::clients_json;
use crate::scenarios::{MANY, Scenario};

fn main() {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    if arguments.iter().any(|argument| argument == "ratios") {
        return ratios::print();
    }
    if arguments.iter().any(|argument| argument == "assertions") {
        return signed::print();
    }
    if arguments.iter().any(|argument| argument == "certificates") {
        return certified::print();
    }
    if arguments.iter().any(|argument| argument == "chart") {
        return draw_chart();
    }

    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(3))
        .configure_from_args();

    let mut group = criterion.benchmark_group("request");
    group.throughput(Throughput::Elements(1));
    for scenario in Scenario::all() {
        request(&mut group, scenario);
    }
    group.finish();
    load(&mut criterion);
    criterion.final_summary();

    // Cargo passes `--bench` and no more unless the user wants something else, a filter or a test run.
    if arguments == ["--bench"] {
        ratios::print();
        signed::print();
        certified::print();
    }
}

fn draw_chart() {
    let results = fs::read_to_string(RESULTS).expect("results, which scripts/chart makes");
    for theme in &THEMES {
        fs::write(theme.file, chart::draw(&results, theme)).expect("a folder to write to");
    }
}

fn request(group: &mut BenchmarkGroup<'_, WallTime>, scenario: Scenario) {
    // Prepared at the first call, which a filter may leave out.
    let mut prepared = None;
    group.bench_function(scenario.name(), |bencher| {
        let prepared = prepared.get_or_insert_with(|| scenario.prepare());
        bencher.iter_custom(|iterations| prepared.run(iterations));
    });
}

/// Loads [`MANY`] clients from RFC 7591 metadata; dropping them is not counted.
fn load(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("load");
    group.sample_size(10).throughput(Throughput::Elements(
        u64::try_from(MANY).expect("fits 64 bits"),
    ));
    let mut json = None;
    group.bench_function("from-json-100k", |bencher| {
        let json = json.get_or_insert_with(|| clients_json(MANY));
        bencher
            .iter_with_large_drop(|| MemoryClientStore::from_json(json).expect("valid metadata"));
    });
    group.finish();
}
