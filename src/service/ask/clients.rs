//! Which clients are registered with the ids that a request names?

use std::pin::pin;

use http::request::Parts;

use super::late;
use crate::{
    error::BoxError,
    protocol::{
        candidates::Found, client::id_url::ClientIdUrl, exchange::Claimant,
        reason::RejectionReason, rejection::Rejection,
    },
    service::deadline::{Deadline, Elapsed},
    store::{ClientUnavailable, clients::ClientStore},
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
        *found = match deadline.within(pin!(store.find(client_id, request))).await {
            Ok(Ok(client)) => client,
            Ok(Err(error)) => return Err(unavailable(error)),
            // A stranger can make the fetch of a document slow.
            Err(Elapsed) if is_document(store, client_id) => {
                return Err(late(RejectionReason::ClientUnavailable));
            }
            Err(Elapsed) => return Err(late(RejectionReason::StoreUnavailable)),
        };
    }
    Ok(found)
}

fn is_document<C: ClientStore>(store: &C, client_id: &str) -> bool {
    store.accepts_client_documents() && ClientIdUrl::parse(client_id).is_ok()
}

fn unavailable(error: impl Into<BoxError>) -> Rejection {
    let error = error.into();
    let reason = match error.is::<ClientUnavailable>() {
        true => RejectionReason::ClientUnavailable,
        false => RejectionReason::StoreUnavailable,
    };
    Rejection::caused_by(reason, error)
}
