//! Were the one-time values used before?

use std::error::Error as _;

use super::ask;
use crate::{
    protocol::{
        client::Client,
        exchange::{Authenticated, Proven},
        reason::RejectionReason,
        rejection::Rejection,
        settings::Settings,
    },
    service::deadline::Deadline,
    store::{full::ReplayStoreFull, replays::AnyReplayStore},
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
            Err(rejection) => {
                let rejection = of_document(rejection, unspent.client());
                return Err(unspent.refuse(rejection));
            }
        };
    }
}

/// Strangers publish documents, so that their share is used up is no outage.
fn of_document(rejection: Rejection, client: &Client) -> Rejection {
    let full = rejection.source().and_then(|error| error.downcast_ref());
    match full {
        Some(&full @ ReplayStoreFull::ClientShare) if client.is_from_document() => {
            Rejection::caused_by(RejectionReason::ClientUnavailable, full.into())
        }
        Some(_) | None => rejection,
    }
}
