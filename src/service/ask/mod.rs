//! What is asked about an assertion of others than the store of clients: the
//! keys of its client, and whether it was used before.

use std::{pin::pin, sync::Arc};

use crate::service::deadline::{Deadline, Elapsed};
use crate::{
    protocol::{
        exchange::{Authenticated, KeysToFetch, Unspent},
        jwt::key_set::KeySet,
        reason::Reason,
        rejection::Rejection,
        settings::Settings,
    },
    store::{key_cache::KeyCache, replays::AnyReplayStore},
};

/// Shared by the layers of all endpoints.
#[derive(Clone, Default)]
pub(super) struct Assertions {
    /// There if the settings have assertions.
    pub(super) replays: Option<Arc<dyn AnyReplayStore>>,
    pub(super) keys: Option<Arc<KeyCache>>,
}

impl Assertions {
    /// `None` where the layer has no source.
    pub(super) async fn fetch(
        &self,
        wanted: KeysToFetch<'_>,
        deadline: &mut Deadline,
    ) -> Result<Option<Arc<KeySet>>, Rejection> {
        let Some(cache) = &self.keys else {
            return Ok(None);
        };
        let is_wanted = |keys: &KeySet| wanted.are_among(keys);
        let fetching = pin!(cache.keys(wanted.jwks_uri, is_wanted));
        match deadline.within(fetching).await {
            Ok(Ok(keys)) => Ok(Some(keys)),
            Ok(Err(error)) => {
                let rejection = Rejection::caused_by(Reason::KeySourceUnavailable, error);
                Err(wanted.refuse(rejection))
            }
            Err(Elapsed) => Err(wanted.refuse(Reason::DecisionTimeout.into())),
        }
    }

    pub(super) async fn spend<'b>(
        &self,
        unspent: Unspent<'b>,
        settings: &Settings,
        deadline: &mut Deadline,
    ) -> Result<Authenticated<'b>, Rejection> {
        let Some(replays) = &self.replays else {
            return Err(unspent.refuse(Reason::MethodNotVerifiable.into()));
        };
        let key = unspent.key(settings);
        let mut remembering = replays.remember(&key, unspent.until());
        let remembered = deadline.within(remembering.as_mut()).await;
        drop(remembering);
        match remembered {
            Ok(Ok(remembered)) => unspent.spend(remembered),
            Ok(Err(error)) => {
                let rejection = Rejection::caused_by(Reason::ReplayStoreUnavailable, error);
                Err(unspent.refuse(rejection))
            }
            Err(Elapsed) => Err(unspent.refuse(Reason::DecisionTimeout.into())),
        }
    }
}
