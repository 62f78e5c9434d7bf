//! What is asked of something outside between two steps of the exchange, one file
//! for each question.

pub(super) mod clients;
pub(super) mod hashes;
pub(super) mod keys;
pub(super) mod replays;

use std::{future::Future, pin::pin};

use super::deadline::{Deadline, Elapsed};
use crate::{
    error::BoxError,
    protocol::{reason::Reason, rejection::Rejection},
};

/// Waits for the answer, and no longer than there is time. A failure becomes
/// `unavailable`: what is asked is never "no" because nobody answers.
async fn ask<T, E: Into<BoxError>>(
    question: impl Future<Output = Result<T, E>>,
    unavailable: Reason,
    deadline: &mut Deadline,
) -> Result<T, Rejection> {
    match deadline.within(pin!(question)).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => Err(Rejection::caused_by(unavailable, error.into())),
        Err(Elapsed) => Err(Reason::DecisionTimeout.into()),
    }
}
