//! Which slow hashes match the presented secret?

use std::{
    cell::OnceCell,
    time::{Instant, SystemTime},
};

use tokio::runtime::Handle;

use super::ask;
use crate::{
    protocol::{
        candidates::Candidates,
        reason::RejectionReason,
        rejection::Rejection,
        secret_hash::{Computing, Work},
        settings::Settings,
    },
    service::{
        deadline::Deadline,
        hash_pool::{HashPool, Turn},
    },
    store::memory::remembered::{Mark, RememberedSecrets},
    verify,
};

/// Finds a secret that matched before. Returns whether the client is accepted by one.
///
/// As many MACs are computed as hashes would be, whoever the client is. Only who sent the right
/// secret by the right method can measure that no more are.
pub(in crate::service) fn recall(
    remembered: Option<&RememberedSecrets>,
    candidates: &mut Candidates<'_>,
    settings: &Settings,
) -> bool {
    let Some(remembered) = remembered else {
        return false;
    };
    // The clock is read once, or not at all for a secret that does not expire and is found.
    let read = OnceCell::new();
    let now = || *read.get_or_init(SystemTime::now);
    let monotonic = Instant::now();
    let found = verify::slow_checks(candidates, now).position(|check| {
        let mark = check.matched(settings).and_then(|it| remembered.mark(it));
        let is_kept = mark.is_some_and(|mark| remembered.has(&mark, monotonic));
        is_kept && check.is_accepted_by && check.may_be_recalled
    });
    match found {
        Some(found) => candidates.set_recalled(found),
        None => drop(now()),
    }
    found.is_some()
}

/// Computes the hashes, without stopping at one that fails. A failure counts only if no
/// other secret matches. Only the hash that the client is accepted by is the last one.
///
/// Returns what to remember if the client is really accepted.
pub(in crate::service) async fn check(
    pool: &HashPool,
    remembered: Option<&RememberedSecrets>,
    candidates: &mut Candidates<'_>,
    settings: &Settings,
    deadline: &mut Deadline,
) -> Option<Mark> {
    if !candidates.have_slow_hashes() {
        return None;
    }
    // With a store that had to wait, this is the first time.
    if recall(remembered, candidates, settings) {
        return None;
    }
    let now = SystemTime::now();
    let now = || now;
    let mut outcomes = Vec::new();
    let mut failure = None;
    let mut was_compared = false;
    let mut matched = None;
    let mut turn = pool.turn();
    // Listed, so that the future stays small: what it does not use of its memory was on the stack
    // before, and may be a secret.
    let checks: Vec<_> = verify::slow_checks(candidates, now).collect();
    for check in checks {
        let matches = match check.work() {
            Work::Blocking(matches) => compute(&mut turn, matches, deadline).await,
            Work::Future(matches) => {
                ask(matches, RejectionReason::SecretHashUnavailable, deadline).await
            }
        };
        let matches = match matches {
            Ok(matches) => {
                was_compared = true;
                matches
            }
            Err(rejection) => {
                let is_over = is_over(&rejection);
                failure.get_or_insert(rejection);
                if is_over {
                    break;
                }
                false
            }
        };
        outcomes.push(matches);
        if matches && check.is_accepted_by {
            matched = check
                .matched(settings)
                .zip(remembered)
                .and_then(|(secret, remembered)| remembered.mark(secret));
            break;
        }
    }
    let failure = failure.map(|failure| {
        let is_wrong = was_compared
            || candidates.have_live_digests(now)
            || was_remembered_asked(remembered, candidates, settings, now);
        match is_wrong {
            true => failure.of_wrong_secret(),
            false => failure,
        }
    });
    candidates.set_checked(outcomes, failure);
    matched
}

/// Whether a secret that is remembered would have been accepted, if there is one. It must not
/// depend on whether there is: an unknown client never has one.
fn was_remembered_asked(
    remembered: Option<&RememberedSecrets>,
    candidates: &Candidates<'_>,
    settings: &Settings,
    now: impl Fn() -> SystemTime + Copy,
) -> bool {
    let checks = |_| verify::slow_checks(candidates, now);
    let mut checks = remembered.into_iter().flat_map(checks);
    checks.any(|check| check.matched(settings).is_some())
}

/// Computes a hash on a blocking thread or, outside of a runtime, in place.
async fn compute(
    turn: &mut Turn<'_>,
    matches: Computing,
    deadline: &mut Deadline,
) -> Result<bool, Rejection> {
    let unavailable = RejectionReason::SecretHashUnavailable;
    if Handle::try_current().is_err() {
        return matches().map_err(|error| Rejection::caused_by(unavailable, error));
    }
    let overloaded = RejectionReason::HashingOverloaded;
    let permit = ask(turn.permit(), overloaded, deadline).await?;
    ask(permit.compute(matches), unavailable, deadline).await
}

/// Whether the time of the request is used up, so that no other hash may be started.
fn is_over(rejection: &Rejection) -> bool {
    matches!(
        rejection.reason(),
        RejectionReason::HashingOverloaded | RejectionReason::DecisionTimeout
    )
}

#[cfg(test)]
mod tests {
    use std::{
        error::Error as _,
        future::Future as _,
        pin::pin,
        sync::Arc,
        task::{Context, Poll, Waker},
        time::Duration,
    };

    use super::*;
    use crate::client::{Secret, SecretCheck, SecretHash};

    /// As a hash that was read and still cannot be computed. No text is read as such a hash.
    #[derive(Debug)]
    struct Uncomputable;

    impl SecretHash for Uncomputable {
        fn kind(&self) -> &str {
            "uncomputable"
        }

        fn check(self: Arc<Self>, _: Secret) -> SecretCheck {
            SecretCheck::fallible(|| Err("no memory".into()))
        }
    }

    async fn reason() -> RejectionReason {
        let Work::Blocking(matches) = Arc::new(Uncomputable).check("a".into()).into_work() else {
            panic!("nobody else is asked here");
        };
        let pool = HashPool::new();
        let mut deadline = Deadline::new(Duration::from_secs(10));
        let computed = compute(&mut pool.turn(), matches, &mut deadline).await;
        let rejection = computed.expect_err("no outcome");
        assert_eq!(
            rejection.source().map(ToString::to_string).as_deref(),
            Some("no memory")
        );
        rejection.reason()
    }

    #[tokio::test]
    async fn a_hash_that_cannot_be_computed_is_not_a_wrong_secret() {
        assert_eq!(reason().await, RejectionReason::SecretHashUnavailable);
    }

    #[test]
    fn nor_is_it_outside_of_a_runtime() {
        let mut context = Context::from_waker(Waker::noop());
        let Poll::Ready(reason) = pin!(reason()).poll(&mut context) else {
            panic!("nothing to wait for");
        };
        assert_eq!(reason, RejectionReason::SecretHashUnavailable);
    }
}
