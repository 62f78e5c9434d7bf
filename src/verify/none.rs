//! `none`: a public client has nothing to prove.

use crate::protocol::{proof::Proof, reason::RejectionReason};

pub(super) fn check() -> Result<Proof, RejectionReason> {
    Ok(Proof::default())
}
