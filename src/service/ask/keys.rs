//! Which keys are at the `jwks_uri` of the clients?

use std::{error::Error as _, sync::Arc, time::SystemTime};

use super::ask;
use crate::{
    protocol::{
        candidate::KeysToFetch, candidates::Candidates, jwt::key_set::KeySet,
        reason::RejectionReason, rejection::Rejection, settings::Settings,
    },
    service::deadline::Deadline,
    store::key_cache::{KeyCache, budget::Pausing},
    verify,
};

/// Fetches the keys of the client, if they are wanted. If the request may be of a second client, its keys are fetched only if
/// the first client is not proven. So a set that cannot be fetched refuses no client that does not need it.
pub(in crate::service) async fn fetch(
    cache: Option<&KeyCache>,
    candidates: &mut Candidates<'_>,
    settings: &Settings,
    deadline: &mut Deadline,
) -> Result<(), Rejection> {
    for at in [0, 1] {
        let Some(wanted) = candidates.keys_to_fetch(at, settings, SystemTime::now) else {
            continue;
        };
        if at == 1 && verify::is_preferred_proven(candidates, settings, SystemTime::now) {
            break;
        }
        if let Some(keys) = fetch_one(cache, &wanted, settings, deadline).await? {
            candidates.set_keys(at, keys);
        }
    }
    Ok(())
}

/// `None` if neither the client nor the layer has a source.
async fn fetch_one(
    cache: Option<&KeyCache>,
    wanted: &KeysToFetch<'_>,
    settings: &Settings,
    deadline: &mut Deadline,
) -> Result<Option<Arc<KeySet>>, Rejection> {
    // Strangers choose where the keys of documents are.
    let own = wanted.client().extensions().get::<Arc<KeyCache>>();
    let (cache, unavailable) = match (own, cache) {
        (Some(own), _) => (&**own, RejectionReason::ClientUnavailable),
        (None, _) if wanted.client().is_from_document() => {
            let why = "the key set of a document is fetched only if the document was found by `ClientDocuments`";
            let rejection = Rejection::caused_by(RejectionReason::ClientUnavailable, why.into());
            return Err(wanted.refuse(rejection));
        }
        (None, Some(cache)) => (cache, RejectionReason::KeySourceUnavailable),
        (None, None) => return Ok(None),
    };
    let stale_for = settings.assertions.stale_keys_for;
    let are_wanted = |keys: &KeySet| wanted.are_among(keys);
    let question = cache.keys(wanted.jwks_uri, stale_for, are_wanted);
    let keys = ask(question, unavailable, deadline).await;
    keys.map(Some)
        .map_err(|rejection| wanted.refuse(paused(rejection)))
}

/// Nothing is down, and a stranger can cause it, so it does not count as an outage.
fn paused(rejection: Rejection) -> Rejection {
    let source = rejection.source();
    match source.and_then(|error| error.downcast_ref::<Pausing>()) {
        Some(&pausing) => Rejection::caused_by(RejectionReason::KeyFetchPaused, pausing.into()),
        None => rejection,
    }
}
