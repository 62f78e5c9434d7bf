//! The rounds in which all scenarios take turns, and what came of them.

use std::collections::HashMap;
use std::process::Command;

use rand::seq::SliceRandom as _;

use crate::prepared::Prepared;
use crate::scenarios::Scenario;

/// Odd, so that there is a median.
const ROUNDS: usize = 151;
/// How often that many rounds are run. The median of their medians is what counts.
const TIMES: usize = 3;
/// A round of these takes less than half a millisecond. That must be well below the slice of time that
/// a scheduler gives: on a busy machine the median round is one that was not interrupted.
const REQUESTS_A_ROUND: u32 = 250;
/// Before the clock starts, since the scenario before has emptied the caches: every busy client has had
/// its turn.
const WARM_UP: u64 = 250;

/// What one request of each scenario costs, in one unit or another.
pub(crate) struct Costs(Vec<(Scenario, f64)>);

impl Costs {
    /// Nanoseconds a request.
    pub(crate) fn measure() -> Self {
        let scenarios = Scenario::all().filter(|&scenario| !is_signed(scenario));
        let mut scenarios: Vec<_> = scenarios
            .map(|scenario| (scenario, scenario.prepare(), Vec::new()))
            .collect();
        // In another order each time: what a scenario leaves behind in the processor's caches and in
        // the allocator is not always the same other's to pay for.
        let mut order: Vec<_> = (0..scenarios.len()).collect();
        for _ in 0..TIMES {
            let mut rounds = vec![Vec::with_capacity(ROUNDS); scenarios.len()];
            for _ in 0..ROUNDS {
                order.shuffle(&mut rand::rng());
                for &n in &order {
                    rounds[n].push(round(&mut scenarios[n].1));
                }
            }
            for ((_, _, medians), rounds) in scenarios.iter_mut().zip(rounds) {
                medians.push(median(rounds));
            }
        }
        let medians = scenarios.into_iter();
        Self(medians.map(|it| (it.0, median(it.2))).collect())
    }

    /// Allocations a request, from the program that `ALLOCATIONS` names: the allocator that counts
    /// takes time itself, so it is none for this one.
    pub(crate) fn allocations() -> Option<Self> {
        let counts = std::env::var_os("ALLOCATIONS")?;
        let output = Command::new(counts).arg("count").output();
        let output = output.expect("a program to run");
        let output = String::from_utf8(output.stdout).expect("names and numbers");
        let counts: HashMap<_, _> = output
            .lines()
            .filter_map(|line| {
                let mut words = line.split(' ');
                Some((words.next()?, words.next()?))
            })
            .collect();
        let counted = Scenario::all().filter_map(|scenario| {
            let count = counts.get(&*scenario.name())?;
            Some((scenario, count.parse().expect("a number")))
        });
        Some(Self(counted.collect()))
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (Scenario, f64)> {
        self.0.iter().copied()
    }

    fn total(&self, scenario: Scenario) -> f64 {
        let found = self.0.iter().find(|(of, _)| *of == scenario);
        found.expect("it was measured").1
    }

    pub(crate) fn over_inner(&self, scenario: Scenario) -> f64 {
        self.total(scenario) - scenario.over().map_or(0.0, |inner| self.total(inner))
    }
}

/// Those that are measured turn by turn.
fn is_signed(scenario: Scenario) -> bool {
    matches!(
        scenario,
        Scenario::AcceptedAssertion(_)
            | Scenario::Verify(_)
            | Scenario::WrongSignature(_)
            | Scenario::UnknownSubject(_)
    )
}

fn round(prepared: &mut Prepared) -> f64 {
    prepared.run(WARM_UP);
    let spent = prepared.run(REQUESTS_A_ROUND.into());
    spent.as_secs_f64() * 1e9 / f64::from(REQUESTS_A_ROUND)
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}

/// How the numbers were taken, for the head of a table.
pub(crate) fn method() -> String {
    format!("median of {TIMES} medians of {ROUNDS} rounds in which all take turns")
}

/// The cargo profile that this program was built with, by the folder it is in. Cargo keeps `bench`
/// in the folder of `release`.
pub(crate) fn profile() -> String {
    let program = std::env::current_exe().ok();
    let folder = program.as_deref().and_then(|it| it.ancestors().nth(2));
    let name = folder.and_then(|folder| folder.file_name());
    name.map_or("unknown".into(), |name| name.to_string_lossy().into())
}
