//! One assertion by many tasks at once, and what they are answered.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::Barrier;
use tokio::task::JoinSet;

use crate::common::token_server::*;

/// How many of the answers had which status.
pub(crate) type Statuses = BTreeMap<u16, usize>;

/// Sends one assertion by 200 tasks at once, to the servers in turn.
pub(crate) async fn by_200_tasks_at_once(servers: &[Arc<Server>], assertion: &str) -> Statuses {
    const TASKS: usize = 200;
    let barrier = Arc::new(Barrier::new(TASKS));
    let mut tasks = JoinSet::new();
    for server in servers.iter().cycle().take(TASKS) {
        let (server, barrier) = (Arc::clone(server), Arc::clone(&barrier));
        let assertion = assertion.to_owned();
        tasks.spawn(async move {
            barrier.wait().await;
            server.token_for(&assertion).await.status.as_u16()
        });
    }
    let mut statuses = Statuses::new();
    for status in tasks.join_all().await {
        *statuses.entry(status).or_default() += 1;
    }
    statuses
}

/// Counts tokens. A server that knows answers 200 or 401, and 503 if Redis was too slow for it.
#[track_caller]
pub(crate) fn at_most_one_token(statuses: &Statuses) -> usize {
    let of = |status| statuses.get(&status).copied().unwrap_or_default();
    let all: usize = statuses.values().sum();
    assert_eq!(of(200) + of(401) + of(503), all, "{statuses:?}");
    assert!(of(200) <= 1, "{statuses:?}");
    of(200)
}

pub(crate) async fn by_four_at_once(servers: &[Arc<Server>; 2], assertion: &str) -> Statuses {
    let [first, second] = servers;
    let answers = tokio::join!(
        first.token_for(assertion),
        second.token_for(assertion),
        second.token_for(assertion),
        first.token_for(assertion),
    );
    let mut statuses = Statuses::new();
    for answer in [answers.0, answers.1, answers.2, answers.3] {
        *statuses.entry(answer.status.as_u16()).or_default() += 1;
    }
    statuses
}
