//! What `-- assertions` prints.

use crate::assertions::Algorithm;
use crate::ratios::verdict;
use crate::scenarios::{ALGORITHMS, Case, Contender, Scenario};

const TURNS: usize = 4_001;

/// Here they take turns request by request: the arithmetic of a signature empties the caches for
/// whatever comes next, an accepted secret as well.
pub(crate) fn print() {
    println!("\nassertions, us a request, median of {TURNS} turns:\n");
    for algorithm in ALGORITHMS {
        let scenarios = [
            Scenario::Of(Contender::Layer, Case::Post),
            Scenario::Verify(algorithm),
            Scenario::AcceptedAssertion(algorithm),
            Scenario::WrongSignature(algorithm),
            Scenario::UnknownSubject(algorithm),
        ];
        let [post, verified, accepted, ..] = medians(scenarios);
        let around = accepted - post - verified;
        let what = "what is not the signature";
        println!("{what:45}{around:>6.2}  {}", verdict(around, 5.0));
        let ratio = accepted / verified;
        // The others are verified sooner, and an HMAC is no work to measure anything by.
        let held = match algorithm {
            Algorithm::Es256 => verdict(ratio, 1.25),
            Algorithm::Rs256 | Algorithm::Ed25519 | Algorithm::Hs256 => String::new(),
        };
        println!("{:45}{ratio:>6.2}  {held}\n", "accepted / verify");
    }
    print_proof();
}

/// What a DPoP proof adds to a request that is accepted without one.
fn print_proof() {
    let medians = medians([
        Scenario::Of(Contender::Layer, Case::Post),
        Scenario::Verify(Algorithm::Es256),
        Scenario::AcceptedProof,
    ]);
    let [post, verified, accepted] = medians;
    let added = (accepted - post) / verified;
    let what = "what a proof adds / verify";
    println!("{what:45}{added:>6.2}  {}\n", verdict(added, 1.25));
}

/// In microseconds a request, which are printed as well.
pub(crate) fn medians<const N: usize>(scenarios: [Scenario; N]) -> [f64; N] {
    let mut turns = scenarios.map(|scenario| (scenario.prepare(), Vec::new()));
    for _ in 0..TURNS {
        for (prepared, spent) in &mut turns {
            spent.push(prepared.run(1));
        }
    }
    let medians = turns.map(|(_, mut spent)| {
        spent.sort();
        spent[TURNS / 2].as_secs_f64() * 1e6
    });
    for (scenario, median) in scenarios.iter().zip(medians) {
        println!("{:45}{median:>6.2}", scenario.name());
    }
    medians
}
