//! Where used client assertions and DPoP proofs are remembered.

use std::time::SystemTime;

use tower_token_endpoint::{
    BoxError,
    replay::{MemoryReplayStore, RedisReplayStore, Remembered, ReplayKey, ReplayStore},
};

use crate::{assertions::chain, cli::Options};

/// The one store of the layers and of the protected resource.
#[derive(Clone)]
pub(crate) enum Replays {
    Memory(MemoryReplayStore),
    Redis(RedisReplayStore),
}

impl Replays {
    pub(crate) async fn of(options: &Options) -> Result<Self, String> {
        let Some(url) = &options.redis else {
            // A load generator sends all of its assertions in the name of one client.
            let store = MemoryReplayStore::new().client_share(1 << 18);
            return Ok(Self::Memory(store));
        };
        let store = RedisReplayStore::connect(url).await;
        // The URL may contain a password, so the message does not repeat it.
        let store = store.map_err(|error| format!("--redis: {}", chain(&error)))?;
        Ok(Self::Redis(store))
    }
}

impl ReplayStore for Replays {
    type Error = BoxError;

    async fn remember(
        &self,
        key: &ReplayKey<'_>,
        until: SystemTime,
    ) -> Result<Remembered, BoxError> {
        Ok(match self {
            Self::Memory(store) => store.remember(key, until).await?,
            Self::Redis(store) => store.remember(key, until).await?,
        })
    }
}
