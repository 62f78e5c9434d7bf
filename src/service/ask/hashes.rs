//! Which slow hashes match what was presented?

use super::ask;
use crate::{
    protocol::{exchange::Candidates, reason::Reason, rejection::Rejection, secret_hash::Work},
    service::deadline::Deadline,
};

/// Computes all of them, without stopping at one that matches.
pub(in crate::service) async fn check(
    candidates: &mut Candidates,
    deadline: &mut Deadline,
) -> Result<(), Rejection> {
    let mut outcomes = Vec::new();
    for check in candidates.slow_checks() {
        outcomes.push(match check.into_work() {
            Work::Blocking(matches) => matches(),
            Work::Future(matches) => ask(matches, Reason::SecretHashUnavailable, deadline)
                .await
                .map_err(|rejection| candidates.refuse(rejection))?,
        });
    }
    candidates.set_checked(outcomes);
    Ok(())
}
