//! One assertion many times at once, and what is answered.

use std::sync::Arc;

use crate::common::token_server::*;

/// Sends one assertion by 200 tasks at once, to the servers in turn.
pub(crate) async fn by_200_tasks_at_once(servers: &[Arc<Server>], assertion: &str) -> Statuses {
    by_200_tasks(servers, |server| {
        let assertion = assertion.to_owned();
        async move { server.token_for(&assertion).await.status.as_u16() }
    })
    .await
}

/// Counts tokens.
#[track_caller]
pub(crate) fn at_most_one_token(statuses: &Statuses) -> usize {
    at_most_one_granted(statuses, 401)
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
