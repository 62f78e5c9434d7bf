//! What `-- ratios` prints: all contenders side by side, and the numbers that the project holds
//! itself to.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;
use std::time::Instant;

use tower_token_endpoint::MemoryClientStore;

use crate::costs::{self, Costs};
use crate::requests::clients_json;
use crate::scenarios::{Case, Contender, MANY, Scenario};

const ACCEPTED: Scenario = Scenario::Of(Contender::Layer, Case::Accepted);
const WRONG_SECRET: Scenario = Scenario::Of(Contender::Layer, Case::WrongSecret);
const OTHER_PATH: Scenario = Scenario::Of(Contender::Layer, Case::OtherPath);

/// The most that a ratio may be.
const BOUNDS: [(Scenario, Scenario, f64); 16] = [
    (ACCEPTED, of(Contender::Minimal, Case::Accepted), 1.3),
    (WRONG_SECRET, of(Contender::Minimal, Case::WrongSecret), 1.4),
    (ACCEPTED, of(Contender::HandWritten, Case::Accepted), 0.65),
    (
        WRONG_SECRET,
        of(Contender::HandWritten, Case::WrongSecret),
        0.5,
    ),
    (
        Scenario::AcceptedAxum,
        of(Contender::HandWritten, Case::Accepted),
        0.8,
    ),
    (in_router(Case::Accepted), routed(Case::Accepted), 0.95),
    (
        in_router(Case::WrongSecret),
        routed(Case::WrongSecret),
        0.75,
    ),
    (around_router(Case::Accepted), routed(Case::Accepted), 0.8),
    (
        around_router(Case::WrongSecret),
        routed(Case::WrongSecret),
        0.5,
    ),
    (of(Contender::Layer, Case::Post), ACCEPTED, 1.2),
    (Scenario::AcceptedMany, ACCEPTED, 1.3),
    (Scenario::WrongSecretMany, WRONG_SECRET, 1.3),
    (Scenario::Remembered, ACCEPTED, 1.5),
    (ACCEPTED, Scenario::Fused, 4.0),
    // No bound: to wait for memory is what these measure, and anything has to.
    (Scenario::AcceptedCold, ACCEPTED, f64::INFINITY),
    (Scenario::FusedCold, Scenario::Fused, f64::INFINITY),
];

const MAX_OTHER_PATH_NANOS: f64 = 45.0;

const fn of(contender: Contender, case: Case) -> Scenario {
    Scenario::Of(contender, case)
}

const fn routed(case: Case) -> Scenario {
    of(Contender::HandWrittenRouted, case)
}

const fn in_router(case: Case) -> Scenario {
    of(Contender::InRouter, case)
}

const fn around_router(case: Case) -> Scenario {
    of(Contender::AroundRouter, case)
}

pub(crate) fn print() {
    let allocations = Costs::allocations();
    let costs = Costs::measure();
    println!("\nprofile: {}; {}\n", costs::profile(), costs::method());
    print_table(&costs, allocations.as_ref());
    if let (Some(results), Some(allocations)) = (std::env::var_os("RESULTS"), &allocations) {
        append(Path::new(&results), &costs, allocations).expect("a file to append to");
    }

    println!("\nall of them, ns a request:\n");
    println!("{:35}{:>9}{:>16}", "", "in all", "over the inner");
    for (scenario, total) in costs.iter() {
        let over = costs.over_inner(scenario);
        println!("{:35}{total:>9.0}{over:>16.0}", scenario.name());
    }

    println!("\nratios, over the inner service:\n");
    for (scenario, other, bound) in BOUNDS {
        let ratio = costs.over_inner(scenario) / costs.over_inner(other);
        let ratio_of = format!("{} / {}", scenario.name(), other.name());
        println!("{ratio_of:66}{ratio:>6.2}  {}", verdict(ratio, bound));
    }
    let nanos = costs.over_inner(OTHER_PATH);
    println!(
        "{:66}{nanos:>6.0}  {}",
        "ns of other-path",
        verdict(nanos, MAX_OTHER_PATH_NANOS)
    );
    print_loading();
}

/// All contenders side by side, over the inner service.
fn print_table(costs: &Costs, allocations: Option<&Costs>) {
    println!(
        "ns a request over the bare inner service; what needs axum is counted over the same service \
         with axum's body:\n"
    );
    print!("{:52}", "");
    for case in Case::ALL {
        print!("{:>14}", heading(case));
    }
    println!(
        "{}",
        allocations.map_or("", |_| "   allocations accepted / wrong")
    );
    for contender in Contender::ALL {
        print!("{:52}", label(contender));
        for case in Case::ALL {
            print!("{:>14}", cell(costs, contender, case));
        }
        if let Some(allocations) = allocations {
            print!("{:>23}", cell(allocations, contender, Case::Accepted));
            print!(" / {:<5}", cell(allocations, contender, Case::WrongSecret));
        }
        println!();
        if contender == Contender::HandWrittenRouted {
            print_fused(costs, allocations);
        }
    }
    if allocations.is_none() {
        println!("\n(scripts/ratios counts allocations as well)");
    }
}

/// Appends what the table shows to the file that [`chart`](crate::chart) draws.
fn append(results: &Path, costs: &Costs, allocations: &Costs) -> io::Result<()> {
    let mut results = File::options().append(true).open(results)?;
    let profile = costs::profile();
    for contender in Contender::ALL {
        for case in Case::ALL.into_iter().filter(|&case| contender.takes(case)) {
            let [nanos, allocations] =
                [costs, allocations].map(|costs| cell(costs, contender, case));
            let (contender, case) = (contender.name(), case.name());
            writeln!(
                results,
                "{profile}\t{contender}\t{case}\t{nanos}\t{allocations}"
            )?;
        }
    }
    Ok(())
}

/// It is asked one thing only.
fn print_fused(costs: &Costs, allocations: Option<&Costs>) {
    print!("{:52}", "the function without http types (fused)");
    print!("{:>14.0}", costs.over_inner(Scenario::Fused));
    for _ in 1..Case::ALL.len() {
        print!("{:>14}", "-");
    }
    if let Some(allocations) = allocations {
        print!("{:>23.0} / -", allocations.over_inner(Scenario::Fused));
    }
    println!();
}

fn cell(costs: &Costs, contender: Contender, case: Case) -> String {
    if !contender.takes(case) {
        return "-".into();
    }
    format!("{:.0}", costs.over_inner(of(contender, case)))
}

const fn heading(case: Case) -> &'static str {
    match case {
        Case::Accepted => "accepted Basic",
        Case::Post => "post",
        Case::WrongSecret => "wrong secret",
        Case::OtherPath => "another path",
    }
}

const fn label(contender: Contender) -> &'static str {
    match contender {
        Contender::Layer => "our layer",
        Contender::Minimal => "a minimal tower service",
        Contender::HandWritten => "the usual handler by hand, without its router",
        Contender::HandWrittenRouted => "the usual handler by hand, with its router",
        Contender::InRouter => "our layer in an axum Router",
        Contender::AroundRouter => "our layer around a whole Router, by .axum_body()",
        Contender::RouterOnly => "an axum Router only, with the bare handler",
    }
}

/// Loads [`MANY`] clients from RFC 7591 metadata.
fn print_loading() {
    let json = clients_json(MANY);
    let start = Instant::now();
    let clients = MemoryClientStore::from_json(&json).expect("valid metadata");
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "{:66}{seconds:>6.2}  {}",
        format!("seconds to load {} clients", clients.len()),
        verdict(seconds, 1.0)
    );
}

pub(crate) fn verdict(measured: f64, bound: f64) -> String {
    if bound.is_infinite() {
        return String::new();
    }
    let verdict = if measured <= bound { "held" } else { "MISSED" };
    format!("{verdict} (at most {bound})")
}
