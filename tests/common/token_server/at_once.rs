//! Many requests at once, and what they are answered.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::Barrier;
use tokio::task::JoinSet;

use super::process::Server;

/// How many of the answers had which status.
pub(crate) type Statuses = BTreeMap<u16, usize>;

/// Sends a request by 200 tasks at once, to the servers in turn.
pub(crate) async fn by_200_tasks<F>(
    servers: &[Arc<Server>],
    send: impl Fn(Arc<Server>) -> F,
) -> Statuses
where
    F: Future<Output = u16> + Send + 'static,
{
    const TASKS: usize = 200;
    let barrier = Arc::new(Barrier::new(TASKS));
    let mut tasks = JoinSet::new();
    for server in servers.iter().cycle().take(TASKS) {
        let (barrier, sent) = (Arc::clone(&barrier), send(Arc::clone(server)));
        tasks.spawn(async move {
            barrier.wait().await;
            sent.await
        });
    }
    let mut statuses = Statuses::new();
    for status in tasks.join_all().await {
        *statuses.entry(status).or_default() += 1;
    }
    statuses
}

/// Counts tokens. A server that knows answers 200, or `refused`, and 503 if Redis was too slow for it.
#[track_caller]
pub(crate) fn at_most_one_granted(statuses: &Statuses, refused: u16) -> usize {
    let of = |status| statuses.get(&status).copied().unwrap_or_default();
    let all: usize = statuses.values().sum();
    assert_eq!(of(200) + of(refused) + of(503), all, "{statuses:?}");
    assert!(of(200) <= 1, "{statuses:?}");
    of(200)
}
