//! Were the one-time values used before?

use super::ask;
use crate::{
    protocol::{
        exchange::{Authenticated, Proven},
        reason::RejectionReason,
        rejection::Rejection,
        settings::Settings,
    },
    service::deadline::Deadline,
    store::replays::AnyReplayStore,
};

/// Remembers the values one after the other.
pub(in crate::service) async fn spend(
    store: &dyn AnyReplayStore,
    mut proven: Proven,
    settings: &Settings,
    deadline: &mut Deadline,
) -> Result<Authenticated, Rejection> {
    loop {
        let unspent = match proven {
            Proven::Authenticated(authenticated) => return Ok(authenticated),
            Proven::Unspent(unspent) => unspent,
        };
        let key = unspent.key(settings);
        let question = store.remember(&key, unspent.until());
        proven = match ask(question, RejectionReason::ReplayStoreUnavailable, deadline).await {
            Ok(remembered) => unspent.spend(remembered)?,
            Err(rejection) => return Err(unspent.refuse(rejection)),
        };
    }
}
