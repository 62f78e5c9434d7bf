//! What `scripts/instructions` runs under callgrind: one scenario of the bench, so many times.
//!
//! `instructions SCENARIO COUNT` answers that many requests; `instructions list` prints the
//! scenarios and what each is counted over. Two runs with different counts, subtracted and
//! divided, give the instructions of a request without those of the start.

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

use crate::scenarios::Scenario;

const USAGE: &str = "usage: instructions list | SCENARIO COUNT (see scripts/instructions)";

fn main() {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["list"] => {
            for scenario in Scenario::all() {
                let over = scenario.over().map_or("-".into(), Scenario::name);
                println!("{} {over}", scenario.name());
            }
        }
        [name, count] => {
            let scenario = Scenario::all().find(|scenario| scenario.name() == name);
            let (Some(scenario), Ok(count)) = (scenario, count.parse()) else {
                eprintln!("{USAGE}");
                std::process::exit(2);
            };
            scenario.prepare().run(count);
        }
        // `cargo bench` and `cargo test --all-targets` come here: nothing to measure without
        // callgrind around.
        _ => eprintln!("{USAGE}"),
    }
}
