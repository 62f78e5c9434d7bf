//! Which clients are registered with the ids that a request names?

use http::request::Parts;

use super::ask;
use crate::{
    protocol::{
        candidates::Found, exchange::Claimant, reason::RejectionReason, rejection::Rejection,
    },
    service::deadline::Deadline,
    store::clients::ClientStore,
};

/// Finds the clients without waiting. `None` if the store has to wait.
pub(in crate::service) fn find_now<C: ClientStore>(
    store: &C,
    claimant: &Claimant,
    request: &Parts,
) -> Option<Result<Found, Rejection>> {
    let mut found = Found::default();
    for (client_id, found) in claimant.client_ids().zip(&mut found) {
        match store.find_now(client_id, request)? {
            Ok(client) => *found = client,
            Err(error) => return Some(Err(unavailable(error))),
        }
    }
    Some(Ok(found))
}

pub(in crate::service) async fn find<C: ClientStore>(
    store: &C,
    claimant: &Claimant,
    request: &Parts,
    deadline: &mut Deadline,
) -> Result<Found, Rejection> {
    let mut found = Found::default();
    for (client_id, found) in claimant.client_ids().zip(&mut found) {
        let question = store.find(client_id, request);
        *found = ask(question, RejectionReason::StoreUnavailable, deadline).await?;
    }
    Ok(found)
}

fn unavailable(error: impl Into<crate::error::BoxError>) -> Rejection {
    Rejection::caused_by(RejectionReason::StoreUnavailable, error.into())
}
