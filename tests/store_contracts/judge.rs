//! Runs a suite over stores that break it.

use std::any::Any;
use std::thread;

use tokio::runtime::Builder;

/// Runs the suite over each flaw, in one thread and in several, and wants each to be told.
pub(crate) fn judge<F, S>(flaws: &[(F, &str)], suite: impl Fn(F) -> S + Copy + Send + Sync)
where
    F: Copy + std::fmt::Debug + Send + Sync,
    S: Future<Output = ()>,
{
    let told = |flaw: F, mut runtime: Builder| {
        let runtime = runtime.enable_all().build().expect("a runtime");
        let broken = thread::scope(|scope| scope.spawn(|| runtime.block_on(suite(flaw))).join());
        broken.err().map_or_else(String::new, text)
    };
    let mut wrong = Vec::new();
    thread::scope(|scope| {
        let runs = flaws.iter().map(|&(flaw, clause)| {
            scope.spawn(move || {
                let mut several = Builder::new_multi_thread();
                several.worker_threads(2);
                let told = [Builder::new_current_thread(), several].map(|it| told(flaw, it));
                let holds = |told: &String| match clause {
                    "" => told.is_empty(),
                    _ => told.starts_with(clause),
                };
                (!told.iter().all(holds)).then(|| format!("{flaw:?}: {told:#?}"))
            })
        });
        let runs: Vec<_> = runs.collect();
        wrong.extend(
            runs.into_iter()
                .filter_map(|run| run.join().expect("caught")),
        );
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn text(panic: Box<dyn Any + Send>) -> String {
    match panic.downcast::<String>() {
        Ok(text) => *text,
        Err(panic) => panic
            .downcast::<&str>()
            .map_or_else(|_| "?".into(), |it| (*it).into()),
    }
}
