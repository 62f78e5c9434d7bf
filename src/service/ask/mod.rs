//! The questions to stores and other services between two steps of the exchange, with one
//! file for each question.

pub(super) mod clients;
pub(super) mod hashes;
pub(super) mod keys;
pub(super) mod replays;
pub(super) mod throttle;

use std::{future::Future, pin::pin};

use super::deadline::{Deadline, Elapsed};
use crate::{
    error::BoxError,
    protocol::{reason::RejectionReason, rejection::Rejection},
};

/// Names what was late by the reason of its failure, which operators can look up. What a stranger can make late
/// keeps its own reason, which is no outage.
fn late(unavailable: RejectionReason) -> Rejection {
    let cause = format!("no response before the deadline: {unavailable}");
    let reason = match unavailable == RejectionReason::ClientUnavailable {
        true => unavailable,
        false => RejectionReason::DecisionTimeout,
    };
    Rejection::caused_by(reason, cause.into())
}

/// Waits for the answer until the deadline. A failure becomes `unavailable`: no answer is
/// never the answer "no".
async fn ask<T, E: Into<BoxError>>(
    question: impl Future<Output = Result<T, E>>,
    unavailable: RejectionReason,
    deadline: &mut Deadline,
) -> Result<T, Rejection> {
    match deadline.within(pin!(question)).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => Err(Rejection::caused_by(unavailable, error.into())),
        Err(Elapsed) => Err(late(unavailable)),
    }
}
