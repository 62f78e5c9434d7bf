//! Which keys are at the `jwks_uri` of the client?

use std::{error::Error as _, sync::Arc, time::SystemTime};

use super::ask;
use crate::{
    protocol::{
        candidates::Candidates, jwt::key_set::KeySet, reason::RejectionReason,
        rejection::Rejection, settings::Settings,
    },
    service::deadline::Deadline,
    store::key_cache::{KeyCache, budget::Pausing},
};

/// Fetches the keys if they are wanted and there is a source: that of the client, or that of the layer.
pub(in crate::service) async fn fetch(
    cache: Option<&KeyCache>,
    candidates: &mut Candidates<'_>,
    settings: &Settings,
    deadline: &mut Deadline,
) -> Result<(), Rejection> {
    let Some(wanted) = candidates.keys_to_fetch(settings, SystemTime::now) else {
        return Ok(());
    };
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
        (None, None) => return Ok(()),
    };
    let stale_for = settings.assertions.stale_keys_for;
    let are_wanted = |keys: &KeySet| wanted.are_among(keys);
    let question = cache.keys(wanted.jwks_uri, stale_for, are_wanted);
    let keys = ask(question, unavailable, deadline)
        .await
        .map_err(|rejection| wanted.refuse(paused(rejection)))?;
    candidates.set_keys(keys);
    Ok(())
}

/// Nothing is down, and a stranger can cause it, so it does not count as an outage.
fn paused(rejection: Rejection) -> Rejection {
    let source = rejection.source();
    match source.and_then(|error| error.downcast_ref::<Pausing>()) {
        Some(&pausing) => Rejection::caused_by(RejectionReason::KeyFetchPaused, pausing.into()),
        None => rejection,
    }
}
