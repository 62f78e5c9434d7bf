//! Which clients are registered with the ids that a request names?

use std::{error::Error, iter, pin::pin};

use http::request::Parts;

use super::late;
use crate::{
    error::BoxError,
    protocol::{
        candidates::Found, exchange::Claimant, reason::RejectionReason, rejection::Rejection,
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
            Err(Elapsed) => {
                return Err(late(match store.why_unknown(client_id, request) {
                    Some(why) if is_of_client(&*why) => RejectionReason::ClientUnavailable,
                    Some(_) | None => RejectionReason::StoreUnavailable,
                }));
            }
        };
    }
    Ok(found)
}

/// Whether the store works, and only this client is not known. A store that wraps another one may have an error of
/// its own.
pub(in crate::service) fn is_of_client(error: &(dyn Error + 'static)) -> bool {
    let mut causes = iter::successors(Some(error), |&error| error.source());
    causes.any(|it| it.is::<ClientUnavailable>())
}

fn unavailable(error: impl Into<BoxError>) -> Rejection {
    let error = error.into();
    let reason = match is_of_client(&*error) {
        true => RejectionReason::ClientUnavailable,
        false => RejectionReason::StoreUnavailable,
    };
    Rejection::caused_by(reason, error)
}
