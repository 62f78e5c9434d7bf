//! Which slow hashes match the presented secret?

use super::ask;
use crate::{
    protocol::{exchange::Candidates, reason::RejectionReason, secret_hash::Work},
    service::deadline::Deadline,
};

/// Computes all hashes, without stopping at one that matches or fails. A failure counts
/// only if no other secret matches.
pub(in crate::service) async fn check(candidates: &mut Candidates<'_>, deadline: &mut Deadline) {
    let mut outcomes = Vec::new();
    let mut failure = None;
    for check in candidates.slow_checks() {
        let matches = match check.into_work() {
            Work::Blocking(matches) => Ok(matches()),
            Work::Future(matches) => {
                ask(matches, RejectionReason::SecretHashUnavailable, deadline).await
            }
        };
        outcomes.push(matches.unwrap_or_else(|rejection| {
            failure.get_or_insert(rejection);
            false
        }));
    }
    candidates.set_checked(outcomes, failure);
}
