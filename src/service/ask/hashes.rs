//! Which slow hashes match the presented secret?

use std::time::SystemTime;

use super::ask;
use crate::{
    protocol::{exchange::Candidates, reason::RejectionReason, secret_hash::Work},
    service::deadline::Deadline,
    verify,
};

/// Computes the hashes, without stopping at one that fails. A failure counts only if no
/// other secret matches. Only the hash that the client is accepted by is the last one.
pub(in crate::service) async fn check(candidates: &mut Candidates<'_>, deadline: &mut Deadline) {
    let mut outcomes = Vec::new();
    let mut failure = None;
    for check in verify::slow_checks(candidates, SystemTime::now) {
        let matches = match check.work() {
            Work::Blocking(matches) => Ok(matches()),
            Work::Future(matches) => {
                ask(matches, RejectionReason::SecretHashUnavailable, deadline).await
            }
        };
        let matches = matches.unwrap_or_else(|rejection| {
            failure.get_or_insert(rejection);
            false
        });
        outcomes.push(matches);
        if matches && check.is_accepted_by {
            break;
        }
    }
    candidates.set_checked(outcomes, failure);
}
