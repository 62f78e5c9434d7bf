//! `none`: a public client proves nothing, and must not seem to.

use crate::protocol::{proof::Proof, reason::Reason};

pub(super) fn check(presented: &str) -> Result<Proof, Reason> {
    if presented.is_empty() {
        Ok(Proof::Lasting)
    } else {
        Err(Reason::WrongSecret)
    }
}
