//! `none`: a public client proves nothing, and must not seem to.

use crate::protocol::{exchange::Candidate, rejection::Reason};

pub(super) fn check(candidate: &Candidate<'_>) -> Result<(), Reason> {
    if candidate.secret.is_empty() {
        Ok(())
    } else {
        Err(Reason::WrongSecret)
    }
}
